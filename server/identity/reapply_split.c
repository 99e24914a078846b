/* What comes apart under other rules: ties that go, and records that are linked to others. */

#include "server/identity/reapply_run.h"

#include <assert.h>

#include "server/identity/lent.h"
#include "server/identity/merge.h"
#include "server/identity/rejudge.h"
#include "server/identity/tie.h"

/* ---- profiles that were made of records ---- */

static bool is_made(const struct reapply *reapply, struct id id) {
    for (size_t i = 0; i < reapply->made_count; i++) {
        if (id_equal(reapply->made[i], id)) {
            return true;
        }
    }
    return false;
}

/* One that stood again may go again. */
static void add_made_tie(struct reapply *reapply, struct id id) {
    for (size_t i = 0; i < reapply->made_tie_count; i++) {
        if (id_equal(reapply->made_ties[i], id)) {
            return;
        }
    }
    reapply->made_ties[reapply->made_tie_count++] = id;
}

/* ---- ties that go ---- */

/* Whether the tie at a position among the members is to go. */
static struct status tie_goes(const struct members_context *context, const struct members *members,
                              size_t position, struct store_merge *merge, bool *out) {
    struct arena *arena = store_view_arena(context->view);
    TRY(merge_read(context->view, members->merges[position].id, merge));
    TRY(merge_check(merge, members, members));
    struct tie tie = {.merge = merge};
    tie.ones = members_side(members, merge->id, merge->one, arena, &tie.one_count);
    tie.others = members_side(members, merge->id, merge->other, arena, &tie.other_count);
    return tie_is_to_go(context, &tie, out);
}

static struct status take_away(struct reapply *reapply, struct store_merge *merge,
                               const struct profile **profile) {
    struct members *others = NULL;
    const bool was_among = members_split(reapply->members, merge->id, reapply->arena, &others);
    assert(was_among);
    (void)was_among;
    merge->undone_by_rules = true;
    merge->retold = false;
    TRY(merge_let_go(reapply->put, merge));
    if (is_made(reapply, others->items[0]->id)) {
        add_made_tie(reapply, merge->id);
    } else if (merge->parted) {
        lent_take(members_change(members_have(others, merge->one) ? others : reapply->members,
                                 merge->one));
    }
    /* The one that answered first: it gives back what the other is to be found by. */
    const struct profile *apart = NULL;
    reapply->is_changed = true;
    TRY(reapply_settle(reapply, profile));
    TRY(members_rematch(reapply->put, others));
    TRY(rejudge_free(reapply->put, others));
    TRY(members_put(reapply->put, others, &apart));
    return merges_revise(reapply->view, others);
}

struct status reapply_split(struct reapply *reapply, const struct profile **profile) {
    for (size_t i = 0; i < reapply->members->merge_count;) {
        struct store_merge merge;
        bool goes = false;
        TRY(tie_goes(reapply->put, reapply->members, i, &merge, &goes));
        if (goes) {
            TRY(take_away(reapply, &merge, profile));
        }
        i = goes ? 0 : i + 1;
    }
    return OK;
}

/* ---- records that come apart from those that stay ---- */

static const struct profile *member_of(const struct members *members, struct id id) {
    for (size_t i = 0; i < members->count; i++) {
        if (id_equal(members->items[i]->id, id)) {
            return members->items[i];
        }
    }
    return NULL;
}

/* Parts the row's profile, if the rules still say so now that ties went: it is among the members.
 */
static struct status part(struct reapply *reapply, bool *out) {
    struct reapply_row *row = &reapply->parted;
    const struct profile *member = member_of(reapply->members, reapply->row->id);
    *out = false;
    if (member == NULL) {
        return OK;
    }
    *row = *reapply->row;
    TRY(parts_find(reapply->put, reapply->members, member, &row->history, &row->parts));
    if (row->parts.count == 1) {
        return OK;
    }
    row->reviews = arena_array(reapply->arena, row->review_count, sizeof *row->reviews);
    for (size_t i = 0; i < row->review_count; i++) {
        row->reviews[i] = reapply->row->reviews[i];
    }
    reapply->row = row;
    reapply->made_count = row->parts.count - 1;
    reapply->made = arena_array(reapply->arena, reapply->made_count, sizeof *reapply->made);
    reapply->made_ties =
        arena_array(reapply->arena, reapply->made_count, sizeof *reapply->made_ties);
    reapply->is_changed = true;
    *out = true;
    return parts_separate(reapply->context, row, reapply->members, reapply->made);
}

/* The same where the profile may have come apart from the one that is looked at. */
struct status reapply_part(struct reapply *reapply, const struct profile **profile) {
    const struct profile *holder = NULL;
    bool parted = false;
    TRY(reapply_settle(reapply, profile));
    TRY(store_profile_follow(reapply->view, reapply->row->id, &holder));
    if (holder == NULL || !profile_is_live(holder)) {
        return OK;
    }
    TRY(members_read(reapply->view, holder, &reapply->members));
    TRY(part(reapply, &parted));
    if (parted) {
        TRY(reapply_split(reapply, &holder));
        TRY(reapply_settle(reapply, &holder));
    }
    TRY(store_profile_follow(reapply->view, (*profile)->id, profile));
    return members_read(reapply->view, *profile, &reapply->members);
}
