/* Merges and their undoing. All that a merge is: a tie between two members, and a record of it. */

#include "server/identity/merge.h"

#include <assert.h>

#include <string.h>

#include "server/identity/review.h"

enum { MERGES_READ_MAX = 1000 }; /* Of one profile. */

const char merge_method_rules[] = "ApplyIdentityTypes";
const char merge_method_undone[] = "UnmergeProfiles";

bool merge_is_by_rules(const struct store_merge *merge) {
    return strcmp(merge->method, merge_method_rules) == 0 ||
           strcmp(merge->method, merge_method_undone) == 0;
}

struct status merge_make(const struct members_context *context, const struct random *random,
                         struct members *members, const struct members *other,
                         struct store_merge *merge) {
    const bool survives = profile_is_older(members->items[0], other->items[0]);
    merge->id = id_make(context->now_us + store_view_tick(context->view), random);
    merge->survivor = survives ? members->items[0]->id : other->items[0]->id;
    merge->absorbed = survives ? other->items[0]->id : members->items[0]->id;
    merge->decision_absorbed = merge->absorbed;
    merge->merge_us = context->now_us;
    merge->undo_us = 0;
    TRY(store_merge_put(context->view, merge));
    TRY(review_settle(context->view, merge->one, merge->other, STORE_REVIEW_JOINED, merge->id,
                      context->now_us));
    members_join(members, other, &(struct profile_merge){merge->id, merge->one, merge->other},
                 store_view_arena(context->view));
    return OK;
}

struct status merge_let_go(const struct members_context *context, struct store_merge *merge) {
    merge->undo_us = context->now_us;
    merge->undo_rule_version = merge->undone_by_rules ? context->rules->version : 0;
    TRY(store_merge_put(context->view, merge));
    return review_reopen(context->view, merge);
}

struct status merge_stand_again(const struct members_context *context, struct members *members,
                                const struct members *others, struct store_merge *merge) {
    merge->undo_us = 0;
    merge->undone_by_rules = false;
    merge->undo_rule_version = 0;
    TRY(store_merge_put(context->view, merge));
    TRY(review_settle(context->view, merge->one, merge->other, STORE_REVIEW_JOINED, merge->id,
                      context->now_us));
    members_join(members, others, &(struct profile_merge){merge->id, merge->one, merge->other},
                 store_view_arena(context->view));
    return OK;
}

/* The merge of the least id, thus the earliest, that is not yet done. */
static size_t earliest(const struct members *members, const bool *done) {
    size_t first = members->merge_count;
    for (size_t i = 0; i < members->merge_count; i++) {
        if (!done[i] && (first == members->merge_count ||
                         id_compare(members->merges[i].id, members->merges[first].id) < 0)) {
            first = i;
        }
    }
    return first;
}

static size_t position_of(const struct members *members, struct id id) {
    size_t at = 0;
    while (at < members->count && !id_equal(members->items[at]->id, id)) {
        at++;
    }
    assert(at < members->count);
    return at;
}

struct status merge_read(struct store_view *view, struct id id, struct store_merge *out) {
    bool found = false;
    TRY(store_merge_get(view, id, &found, out));
    return found ? OK : status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "a merge has no record");
}

struct status merge_find_part(struct store_view *view, struct id part, struct merged_part *out) {
    size_t count = 0;
    struct id ids[MERGES_READ_MAX];
    *out = (struct merged_part){.is_part = false};
    TRY(store_merge_scan(view, &part, 1, (struct id){{0}}, MERGES_READ_MAX, ids, &count));
    for (size_t i = 0; i < count; i++) {
        struct store_merge merge;
        TRY(merge_read(view, ids[i], &merge));
        if (merge.parted && id_equal(merge.one, part)) {
            out->is_part = true;
            out->whole = merge.other;
        }
        const bool is_by_hand = id_is_zero(merge.decision) && !merge_is_by_rules(&merge);
        out->is_joined_by_hand = out->is_joined_by_hand || (merge.undo_us == 0 && is_by_hand);
    }
    return OK;
}

struct status merge_check(const struct store_merge *merge, const struct members *ones,
                          const struct members *others) {
    return members_have(ones, merge->one) && members_have(others, merge->other)
               ? OK
               : status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                           "a merge is of others than those whom it ties");
}

static struct status revise(struct store_view *view, struct id id, struct id survivor,
                            struct id absorbed) {
    struct store_merge merge;
    TRY(merge_read(view, id, &merge));
    if (id_equal(merge.survivor, survivor) && id_equal(merge.absorbed, absorbed)) {
        return OK;
    }
    merge.survivor = survivor;
    merge.absorbed = absorbed;
    return store_merge_put(view, &merge);
}

struct status merges_revise(struct store_view *view, const struct members *members) {
    struct arena *arena = store_view_arena(view);
    bool *done = arena_array(arena, members->merge_count, sizeof *done);
    /* The position of the member that answers for each: the oldest come first. */
    size_t *answers = arena_array(arena, members->count, sizeof *answers);
    for (size_t i = 0; i < members->count; i++) {
        answers[i] = i;
    }
    for (size_t i = 0; i < members->merge_count; i++) {
        const size_t next = earliest(members, done);
        const struct profile_merge *tie = &members->merges[next];
        const size_t one = answers[position_of(members, tie->one)];
        const size_t other = answers[position_of(members, tie->other)];
        const size_t survivor = one < other ? one : other;
        const size_t absorbed = one < other ? other : one;
        TRY(revise(view, tie->id, members->items[survivor]->id, members->items[absorbed]->id));
        for (size_t k = 0; k < members->count; k++) {
            answers[k] = answers[k] == absorbed ? survivor : answers[k];
        }
        done[next] = true;
    }
    return OK;
}

static void set_apart(struct profile *member, struct id other, struct arena *arena) {
    for (size_t i = 0; i < member->apart_count; i++) {
        if (id_equal(member->apart[i], other)) {
            return;
        }
    }
    struct id *apart = arena_append(arena, member->apart, member->apart_count, sizeof *apart);
    apart[member->apart_count++] = other;
    member->apart = apart;
}

void never_join_forget(struct profile *member, struct id other) {
    struct id *apart = (struct id *)(uintptr_t)member->apart; /* The state is a copy. */
    size_t kept = 0;
    for (size_t i = 0; i < member->apart_count; i++) {
        if (!id_equal(apart[i], other)) {
            apart[kept++] = apart[i];
        }
    }
    member->apart_count = kept;
}

static struct profile *member_of_either(struct members *members, struct members *others,
                                        struct id id) {
    struct profile *member = members_change(members, id);
    return member != NULL ? member : members_change(others, id);
}

struct status never_join_make(struct store_view *view, struct members *members,
                              struct members *others, const struct store_never_join *never) {
    struct profile *one = member_of_either(members, others, never->one);
    struct profile *other = member_of_either(members, others, never->other);
    assert(one != NULL && other != NULL);
    set_apart(one, other->id, store_view_arena(view));
    set_apart(other, one->id, store_view_arena(view));
    TRY(review_settle(view, never->one, never->other, STORE_REVIEW_KEPT_APART, (struct id){{0}},
                      never->create_us));
    return store_never_join_put(view, never);
}

struct status merge_undo(const struct members_context *context, const struct profile *profile,
                         struct store_merge *merge, const struct profile **survivor,
                         const struct profile **restored) {
    struct members *members = NULL;
    struct members *others = NULL;
    TRY(members_read(context->view, profile, &members));
    if (!members_split(members, merge->id, store_view_arena(context->view), &others)) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a merge that stands is not among those of its profile");
    }
    const struct store_never_join never = {
        .one = merge->one, .other = merge->other, .create_us = context->now_us, .merge = merge->id};
    TRY(never_join_make(context->view, members, others, &never));
    /* The one that answered first: it gives back what the other is to be found by. */
    TRY(members_put(context, members, survivor));
    TRY(members_put(context, others, restored));
    TRY(merges_revise(context->view, members));
    TRY(merges_revise(context->view, others));
    merge->undo_us = context->now_us;
    return store_merge_put(context->view, merge);
}
