/* What comes together again under other rules: ties that rules had taken away. */

#include "server/identity/reapply_run.h"

#include "server/identity/merge.h"
#include "server/identity/review.h"
#include "server/identity/tie.h"
#include "server/identity/veto.h"

/* Whether the two may be one: limits of types were kept when the tie was made, or were not asked
 * for; what a person can't have two of, and what somebody said, counts. */
static bool may_be_one(const struct reapply *reapply, const struct profile *one,
                       const struct profile *other) {
    struct vetoes all = {0};
    veto_merge_all(reapply->put->rules, 0, one, other, reapply->arena, &all);
    for (size_t i = 0; i < all.count; i++) {
        if (all.items[i].rule != IDENTITY_RULE_MERGE_LIMIT || all.items[i].type == NULL) {
            return false;
        }
    }
    return true;
}

/* The profile at the other end of a tie that was taken away; NULL when there is none to be joined.
 */
static struct status other_end(const struct reapply *reapply, const struct store_merge *merge,
                               const struct profile **out) {
    *out = NULL;
    if (merge->undo_us == 0 || !merge->undone_by_rules) {
        return OK;
    }
    const bool is_one = members_have(reapply->members, merge->one);
    if (is_one == members_have(reapply->members, merge->other)) {
        return OK; /* The two are one by now, or neither is of this person any more. */
    }
    const struct profile *profile = NULL;
    TRY(store_profile_follow(reapply->view, is_one ? merge->other : merge->one, &profile));
    *out = profile != NULL && profile_is_live(profile) ? profile : NULL;
    return OK;
}

/* Takes a part out of whom it was joined with while it stood alone: what is left of `others` is the
 * part, with whom it was part of somebody by other merges. Only where the part comes back are the
 * ties taken away in the store too: *ties. */
static struct status take_out(struct reapply *reapply, struct id part, struct members **others,
                              struct members **rests, struct store_merge *ties, size_t *count) {
    *count = 0;
    for (size_t i = 0; i < (*others)->merge_count;) {
        struct store_merge *tie = &ties[*count];
        TRY(merge_read(reapply->view, (*others)->merges[i].id, tie));
        struct members *rest = NULL;
        if (!merge_is_by_rules(tie) || tie->parted || !id_equal(tie->one, part) ||
            !members_split(*others, tie->id, reapply->arena, &rest)) {
            i++;
            continue;
        }
        const bool is_in_rest = members_have(rest, part);
        rests[*count] = is_in_rest ? *others : rest;
        *others = is_in_rest ? rest : *others;
        (*count)++;
        i = 0;
    }
    return OK;
}

static struct status put_apart(struct reapply *reapply, struct members *members,
                               const struct profile **apart) {
    TRY(members_put(reapply->put, members, apart));
    TRY(merges_revise(reapply->view, members));
    reapply_list_add(&reapply->apart, *apart, reapply->arena);
    return OK;
}

/* Puts those who are left behind; the one that answered for all is put first: it gives back what
 * the others are to be found by. */
static struct status take_ties_away(struct reapply *reapply, struct id answered,
                                    struct members **part, struct members *const *rests,
                                    struct store_merge *ties, size_t count) {
    const struct profile *apart = NULL;
    if (count > 0 && members_have(*part, answered)) {
        TRY(put_apart(reapply, *part, &apart));
        TRY(members_read(reapply->view, apart, part));
    }
    for (int others = 0; others < 2; others++) {
        for (size_t i = 0; i < count; i++) {
            if (members_have(rests[i], answered) == (others == 0)) {
                TRY(put_apart(reapply, rests[i], &apart));
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        ties[i].undo_us = reapply->put->now_us;
        ties[i].undone_by_rules = true;
        TRY(store_merge_put(reapply->view, &ties[i]));
        TRY(review_reopen(reapply->view, &ties[i]));
        reapply_tell(reapply->outcome->splits, &reapply->outcome->split_count,
                     rests[i]->items[0]->id);
    }
    return OK;
}

static struct status stand_again(struct reapply *reapply, struct store_merge *merge,
                                 const struct profile *other, bool *out) {
    struct members *others = NULL;
    TRY(members_read(reapply->view, other, &others));
    struct store_merge *ties = arena_array(reapply->arena, others->count, sizeof *ties);
    struct members **rests = arena_array(reapply->arena, others->count, sizeof(struct members *));
    size_t tie_count = 0;
    if (merge->parted && members_have(others, merge->one)) {
        TRY(take_out(reapply, merge->one, &others, rests, ties, &tie_count));
    }
    const bool is_one = members_have(reapply->members, merge->one);
    const struct members *ones = is_one ? reapply->members : others;
    const struct members *rest = is_one ? others : reapply->members;
    const struct tie tie = {merge, ones->count, (const struct profile *const *)ones->items,
                            rest->count, (const struct profile *const *)rest->items};
    TRY(tie_may_stand(reapply->put, &tie, out));
    *out = *out && may_be_one(reapply, members_unify(reapply->put, reapply->members),
                              members_unify(reapply->put, others));
    if (!*out) {
        return OK;
    }
    TRY(take_ties_away(reapply, other->id, &others, rests, ties, tie_count));
    merge->undo_us = 0; /* Who answered when it was made stays as it is: its decision tells them. */
    merge->undone_by_rules = false;
    TRY(store_merge_put(reapply->view, merge));
    TRY(review_settle(reapply->view, merge->one, merge->other, STORE_REVIEW_JOINED, merge->id,
                      reapply->put->now_us));
    members_join(reapply->members, others,
                 &(struct profile_merge){merge->id, merge->one, merge->other}, reapply->arena);
    reapply_list_add(&reapply->before, other, reapply->arena);
    reapply_tell(reapply->outcome->joins, &reapply->outcome->join_count, other->id);
    reapply->is_changed = true;
    return OK;
}

struct status reapply_rejoin(struct reapply *reapply, bool *out) {
    for (size_t i = 0; i < reapply->row->tie_count; i++) {
        if (reapply->tie_is_done[i]) {
            continue;
        }
        struct store_merge merge;
        const struct profile *other = NULL;
        bool stands = false;
        TRY(merge_read(reapply->view, reapply->row->ties[i], &merge));
        TRY(other_end(reapply, &merge, &other));
        if (other != NULL) {
            TRY(stand_again(reapply, &merge, other, &stands));
        }
        reapply->tie_is_done[i] = stands;
        *out = *out || stands;
    }
    return OK;
}
