/* Making the parts of a profile members of their own: their records, what came in with these, and
 * the ties and reviews that these asked for. */

#include "server/identity/merge.h"
#include "server/identity/reapply.h"
#include "server/identity/spelling.h"

/* One part under way. */
struct separation {
    const struct reapply_context *context;
    struct reapply_row *row;
    struct members *members;
    size_t part; /* By its number. */
    bool *moves; /* Whether a record is of it. */
    struct id to;
};

static const struct history_record *first_record(const struct separation *separation) {
    size_t first = 0;
    while (!separation->moves[first]) {
        first++;
    }
    return &separation->row->history.records[first];
}

static bool moves(const struct separation *separation, struct id decision) {
    const struct history *history = &separation->row->history;
    const size_t record = history_find(history, decision);
    return record < history->count && separation->moves[record];
}

/* A tie that one of the records asked for is one of the part's, or where `alone` is set lies with
 * it. */
static struct status move_ties(const struct separation *separation, bool alone) {
    struct store_view *view = separation->context->members.view;
    const struct id from = separation->row->id;
    for (size_t i = 0; i < separation->row->decided_count; i++) {
        struct store_merge merge;
        TRY(merge_read(view, separation->row->decided[i], &merge));
        if (!moves(separation, merge.decision)) {
            continue;
        }
        const bool was_one = !alone && id_equal(merge.one, from);
        merge.decision_member = separation->to;
        merge.one = was_one ? separation->to : merge.one;
        TRY(store_merge_put(view, &merge));
        if (was_one) {
            store_merge_forget(view, &merge, from);
        }
        for (size_t k = 0; k < separation->members->merge_count; k++) {
            struct profile_merge *tie = &separation->members->merges[k];
            if (id_equal(tie->id, merge.id)) {
                tie->one = merge.one;
            }
        }
    }
    return OK;
}

static struct status move_review(const struct separation *separation, struct store_review *review) {
    struct store_view *view = separation->context->members.view;
    const struct id from = separation->row->id;
    const struct id rest = id_equal(review->one, from) ? review->other : review->one;
    const bool is_less = id_compare(separation->to, rest) < 0;
    TRY(store_review_delete(view, review->one, review->other));
    review->one = is_less ? separation->to : rest;
    review->other = is_less ? rest : separation->to;
    review->decision_member = separation->to;
    return store_review_put(view, review);
}

static struct status move_reviews(const struct separation *separation) {
    struct store_view *view = separation->context->members.view;
    for (size_t i = 0; i < separation->row->review_count; i++) {
        struct store_review_place *place = &separation->row->reviews[i];
        bool found = false;
        struct store_review review;
        TRY(store_review_get(view, place->one, place->other, &found, &review));
        if (found && id_equal(review.decision_member, separation->row->id) &&
            moves(separation, review.decision)) {
            TRY(move_review(separation, &review));
            place->one = review.one;
            place->other = review.other;
        }
    }
    return OK;
}

/* The tie by which the part was, until now, one with the rest: it is yet to be judged. */
static struct status put_tie(const struct separation *separation, struct profile *part) {
    const struct members_context *context = &separation->context->members;
    const struct history_record *first = first_record(separation);
    struct store_merge merge = {
        .one = part->id,
        .other = separation->row->id,
        .survivor = separation->row->id,
        .absorbed = part->id,
        .decision_absorbed = part->id,
        .merge_us = id_time_us(first->id),
        .method = merge_method_rules,
        .decision = first->id,
        .decision_member = part->id,
        .rule_version = first->decision.rule_version,
        .parted = true,
    };
    merge.id = id_make(merge.merge_us, separation->context->random);
    TRY(store_merge_put(context->view, &merge));
    struct arena *arena = store_view_arena(context->view);
    members_join(separation->members, members_new(part, arena),
                 &(struct profile_merge){merge.id, merge.one, merge.other}, arena);
    return OK;
}

/* Takes one part out, as a member, or where `alone` is set as a person of its own. */
static struct status separate(struct separation *separation, struct members **alone) {
    const struct members_context *context = &separation->context->members;
    const struct reapply_row *row = separation->row;
    const struct history_record *first = first_record(separation);
    struct arena *arena = store_view_arena(context->view);
    struct profile *member = members_change(separation->members, row->id);
    struct profile *part = NULL;
    part_take(context, member, &row->history, &row->parts, separation->part, separation->to, &part);
    part->create_us = id_time_us(first->id);
    TRY(move_ties(separation, alone != NULL));
    if (alone == NULL) {
        TRY(put_tie(separation, part));
    } else {
        *alone = members_new(part, arena);
    }
    /* Its records are to lie under it. It is found by nothing yet: others may have what it tells.
     */
    struct profile *bare = profile_copy(part, arena);
    bare->identity_count = alone == NULL ? bare->identity_count : 0;
    TRY(store_profile_put(context->view, bare));
    TRY(history_move(context->view, &row->history, separation->moves, separation->to));
    return move_reviews(separation);
}

static struct status separate_all(const struct reapply_context *context, struct reapply_row *row,
                                  struct members *members, struct id *made,
                                  struct members **alone) {
    struct arena *arena = store_view_arena(context->members.view);
    struct profile *member = members_change(members, row->id);
    const struct profile *before = profile_copy(member, arena);
    spellings_part(member, arena);
    for (size_t part = 1; part < row->parts.count; part++) {
        struct separation separation = {
            .context = context,
            .row = row,
            .members = members,
            .part = part,
            .moves = arena_array(arena, row->history.count, sizeof(bool)),
        };
        for (size_t i = 0; i < row->history.count; i++) {
            separation.moves[i] = row->parts.record[i] == part;
        }
        /* The records of a batch are decided at one time: their ids tell their order. */
        separation.to = id_make(id_time_us(first_record(&separation)->id), context->random);
        if (made != NULL) {
            made[part - 1] = separation.to;
        }
        TRY(separate(&separation, alone == NULL ? NULL : &alone[part - 1]));
    }
    spellings_join(member, arena);
    part_free_limits(member, before);
    return OK;
}

struct status parts_separate(const struct reapply_context *context, struct reapply_row *row,
                             struct members *members, struct id *made) {
    return separate_all(context, row, members, made, NULL);
}

struct status parts_take_away(const struct reapply_context *context, struct reapply_row *row,
                              struct members *members, struct members **made) {
    return separate_all(context, row, members, NULL, made);
}
