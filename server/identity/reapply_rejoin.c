/* What comes together again under other rules: ties that rules had taken away. */

#include "server/identity/reapply_run.h"

#include "server/identity/lent.h"
#include "server/identity/merge.h"
#include "server/identity/tie.h"
#include "server/identity/veto.h"

/* Whether the two may be one: limits of types were kept when the tie was made, or were not asked
 * for; what a person can't have two of counts, unless it was the record that told two, and so does
 * what somebody said. */
static struct status may_be_one(const struct reapply *reapply, const struct tie *tie,
                                const struct profile *one, const struct profile *other, bool *out) {
    struct vetoes all = {0};
    struct cause cause;
    TRY(cause_of_merge(reapply->put, tie, &cause));
    const struct veto_person person = veto_person_alone(one); /* No attribute is asked for. */
    const struct veto_person other_person = veto_person_alone(other);
    veto_merge_all(reapply->put->rules, 0, &person, &other_person, reapply->arena, &all);
    *out = true;
    for (size_t i = 0; i < all.count && *out; i++) {
        const struct veto *veto = &all.items[i];
        *out = veto->type != NULL && (veto->rule == IDENTITY_RULE_MERGE_LIMIT ||
                                      (veto->rule == IDENTITY_RULE_VETO_SINGLE_VALUE &&
                                       cause_tells_both(&cause, veto->type, one, other)));
    }
    return OK;
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

/* Whether the part asked for the tie, or somebody claimed what it has. */
static bool is_of_part(const struct store_merge *tie, struct id part) {
    return id_equal(tie->one, part) || (id_is_zero(tie->decision) && id_equal(tie->other, part));
}

/* A part that is taken out of whom it was joined with while it stood alone. */
struct taken {
    struct members *part; /* With whom it was part of somebody by other merges. */
    size_t count;
    struct members **rests;   /* Those whom it leaves, and */
    struct store_merge *ties; /* the ties by which they were one. */
};

/* Only where the part comes back are the ties taken away in the store too. */
static struct status take_out(struct reapply *reapply, struct id part,
                              const struct profile *profile, struct taken *out) {
    TRY(members_read(reapply->view, profile, &out->part));
    out->count = 0;
    out->rests = arena_array(reapply->arena, out->part->count, sizeof(struct members *));
    out->ties = arena_array(reapply->arena, out->part->count, sizeof *out->ties);
    for (size_t i = 0; i < out->part->merge_count;) {
        struct store_merge *tie = &out->ties[out->count];
        TRY(merge_read(reapply->view, out->part->merges[i].id, tie));
        struct members *rest = NULL;
        if (!merge_is_by_rules(tie) || tie->parted || !is_of_part(tie, part) ||
            !members_split(out->part, tie->id, reapply->arena, &rest)) {
            i++;
            continue;
        }
        const bool is_in_rest = members_have(rest, part);
        out->rests[out->count++] = is_in_rest ? out->part : rest;
        out->part = is_in_rest ? rest : out->part;
        i = 0;
    }
    return OK;
}

static struct status put_apart(struct reapply *reapply, struct members *members,
                               const struct profile **apart) {
    TRY(members_put(reapply->put, members, apart));
    return merges_revise(reapply->view, members);
}

/* Puts those who are left behind; the one that answered for all is put first: it gives back what
 * the others are to be found by. */
static struct status put_rests(struct reapply *reapply, struct id answered, struct taken *taken) {
    const struct profile *apart = NULL;
    if (taken->count > 0 && members_have(taken->part, answered)) {
        TRY(put_apart(reapply, taken->part, &apart));
        TRY(members_read(reapply->view, apart, &taken->part));
    }
    for (int others = 0; others < 2; others++) {
        for (size_t i = 0; i < taken->count; i++) {
            if (members_have(taken->rests[i], answered) == (others == 0)) {
                TRY(put_apart(reapply, taken->rests[i], &apart));
            }
        }
    }
    return OK;
}

static struct status take_ties_away(struct reapply *reapply, struct id answered,
                                    struct taken *taken) {
    TRY(put_rests(reapply, answered, taken));
    for (size_t i = 0; i < taken->count; i++) {
        taken->ties[i].undone_by_rules = true;
        taken->ties[i].retold = false;
        TRY(merge_let_go(reapply->put, &taken->ties[i]));
    }
    return OK;
}

/* A part that is among `side` comes back `to` others. Its fellows are all of them, and those whom
 * it leaves. */
static void come_back(const struct reapply *reapply, struct id part, struct members *side,
                      struct members *to, const struct taken *taken) {
    struct members **fellows =
        arena_array(reapply->arena, taken->count + 2, sizeof(struct members *));
    fellows[0] = to;
    fellows[1] = side;
    for (size_t i = 0; i < taken->count; i++) {
        fellows[2 + i] = taken->rests[i];
    }
    lent_return(members_change(side, part), fellows, taken->count + 2);
}

/* What a side would be with a part that is among its members being back. */
static const struct profile *unify_back(const struct reapply *reapply,
                                        const struct store_merge *merge,
                                        const struct members *side) {
    struct members back = *side;
    back.items = arena_array(reapply->arena, side->count, sizeof(struct profile *));
    for (size_t i = 0; i < side->count; i++) {
        back.items[i] = side->items[i];
        if (merge->parted && id_equal(back.items[i]->id, merge->one)) {
            back.items[i] = profile_copy(side->items[i], reapply->arena);
            lent_return(back.items[i], NULL, 0);
        }
    }
    return members_unify(reapply->put, &back);
}

static struct status may_stand(const struct reapply *reapply, const struct store_merge *merge,
                               const struct members *side, const struct members *other_side,
                               bool *out) {
    const bool is_one = members_have(side, merge->one);
    const struct members *ones = is_one ? side : other_side;
    const struct members *others = is_one ? other_side : side;
    TRY(merge_check(merge, ones, others));
    const struct tie tie = {merge, ones->count, (const struct profile *const *)ones->items,
                            others->count, (const struct profile *const *)others->items};
    TRY(tie_may_stand(reapply->put, &tie, out));
    return *out ? may_be_one(reapply, &tie, unify_back(reapply, merge, ones),
                             unify_back(reapply, merge, others), out)
                : OK;
}

/* The merge joins the members with the others. */
static struct status stand(struct reapply *reapply, struct store_merge *merge,
                           const struct members *others) {
    TRY(merge_stand_again(reapply->put, reapply->members, others, merge));
    reapply->is_changed = true;
    return OK;
}

static struct status stand_again(struct reapply *reapply, struct store_merge *merge,
                                 const struct profile *other, bool *out) {
    struct taken taken = {.count = 0};
    const bool is_other = !members_have(reapply->members, merge->one);
    if (merge->parted && is_other) {
        TRY(take_out(reapply, merge->one, other, &taken));
    } else {
        TRY(members_read(reapply->view, other, &taken.part));
    }
    TRY(may_stand(reapply, merge, reapply->members, taken.part, out));
    if (!*out) {
        return OK;
    }
    if (merge->parted) {
        come_back(reapply, merge->one, is_other ? taken.part : reapply->members,
                  is_other ? reapply->members : taken.part, &taken);
    }
    reapply_note(reapply, other);
    TRY(take_ties_away(reapply, other->id, &taken));
    return stand(reapply, merge, taken.part);
}

/* ---- a part that rules joined otherwise ---- */

static size_t find_rest(struct members *const *rests, size_t count, struct id id) {
    size_t found = 0;
    while (found < count && !members_have(rests[found], id)) {
        found++;
    }
    return found;
}

/* A part is one again with those that it came from, by other ties: they give way to its own one. */
static struct status stand_for(struct reapply *reapply, struct store_merge *merge, bool *out) {
    const struct profile *profile = NULL;
    TRY(reapply_settle(reapply, &profile));
    TRY(store_profile_follow(reapply->view, merge->one, &profile));
    struct taken taken;
    TRY(take_out(reapply, merge->one, profile, &taken));
    const size_t rest = find_rest(taken.rests, taken.count, merge->other);
    if (rest == taken.count) {
        return OK; /* They are one by what somebody did. */
    }
    TRY(may_stand(reapply, merge, taken.part, taken.rests[rest], out));
    if (!*out) {
        return OK;
    }
    come_back(reapply, merge->one, taken.part, taken.rests[rest], &taken);
    TRY(take_ties_away(reapply, profile->id, &taken));
    TRY(store_profile_follow(reapply->view, merge->other, &profile));
    TRY(members_read(reapply->view, profile, &reapply->members));
    return stand(reapply, merge, taken.part);
}

static bool is_one_otherwise(const struct reapply *reapply, const struct store_merge *merge) {
    return merge->parted && merge->undo_us != 0 && merge->undone_by_rules &&
           members_have(reapply->members, merge->one) &&
           members_have(reapply->members, merge->other);
}

static struct status rejoin(struct reapply *reapply, struct id id, bool *out) {
    struct store_merge merge;
    const struct profile *other = NULL;
    *out = false;
    TRY(merge_read(reapply->view, id, &merge));
    TRY(other_end(reapply, &merge, &other));
    if (other != NULL) {
        return stand_again(reapply, &merge, other, out);
    }
    return is_one_otherwise(reapply, &merge) ? stand_for(reapply, &merge, out) : OK;
}

struct status reapply_rejoin(struct reapply *reapply, bool *out) {
    bool stands = false;
    for (size_t i = reapply->row->tie_count; i-- > 0;) { /* The earliest first. */
        if (!reapply->tie_is_done[i]) {
            TRY(rejoin(reapply, reapply->row->ties[i], &stands));
            reapply->tie_is_done[i] = stands;
            *out = *out || stands;
        }
    }
    for (size_t i = 0; i < reapply->made_tie_count; i++) {
        TRY(rejoin(reapply, reapply->made_ties[i], &stands));
        *out = *out || stands;
    }
    return OK;
}
