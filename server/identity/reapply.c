/* Putting profiles under other rules, one after the other in order of creation. A profile that is
 * split off is younger than the one that it was a part of: its turn is still to come. One that is
 * made of records is put under them at once. */

#include "server/identity/reapply.h"

#include <assert.h>
#include <string.h>

#include "server/identity/match_value.h"
#include "server/identity/merge.h"
#include "server/identity/profile_identities.h"
#include "server/identity/reconsider.h"
#include "server/identity/rejudge.h"
#include "server/identity/review.h"
#include "server/identity/tie.h"
#include "server/identity/veto.h"

/* Profiles that answer, or did. */
struct profile_list {
    size_t count;
    const struct profile **items;
};

/* One profile under way. */
struct reapply {
    const struct reapply_context *context;
    const struct members_context *put;
    struct store_view *view;
    struct arena *arena;
    const struct reapply_row *row;
    bool *tie_is_done; /* Of the row's ties. */
    struct members *members;
    bool is_changed;            /* The members are to be put. */
    struct profile_list before; /* Who answered for those that are looked at. */
    struct profile_list apart;  /* Those that were split off. */
    size_t made_count;          /* Those that are made of records. */
    struct id *made;
    struct reapply_row parted; /* The row, with the parts that they are. */
    struct reapply_outcome *outcome;
};

static void list_add(struct profile_list *list, const struct profile *profile,
                     struct arena *arena) {
    list->items = arena_append(arena, list->items, list->count, sizeof(struct profile *));
    list->items[list->count++] = profile;
}

static void tell(struct id list[REAPPLY_CHANGES_MAX], size_t *count, struct id id) {
    if (*count < REAPPLY_CHANGES_MAX) {
        list[*count] = id;
    }
    (*count)++;
}

/* Writes what there is to write, and reads it back: *profile answers. */
static struct status settle(struct reapply *reapply, const struct profile **profile) {
    if (reapply->is_changed) {
        TRY(members_put(reapply->put, reapply->members, profile));
        TRY(merges_revise(reapply->view, reapply->members));
        TRY(members_read(reapply->view, *profile, &reapply->members));
        reapply->outcome->changed = true;
        reapply->is_changed = false;
    }
    return OK;
}

/* ---- profiles that were made of records ---- */

static bool is_made(const struct reapply *reapply, struct id id) {
    for (size_t i = 0; i < reapply->made_count; i++) {
        if (id_equal(reapply->made[i], id)) {
            return true;
        }
    }
    return false;
}

/* ---- ties that go ---- */

static struct status tie_goes(const struct members_context *context, const struct members *members,
                              size_t position, struct store_merge *merge, bool *out) {
    struct arena *arena = store_view_arena(context->view);
    TRY(merge_read(context->view, members->merges[position].id, merge));
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
    merge->undo_us = reapply->put->now_us;
    merge->undone_by_rules = true;
    TRY(store_merge_put(reapply->view, merge));
    TRY(review_reopen(reapply->view, merge));
    if (is_made(reapply, others->items[0]->id)) {
        reapply->outcome->made_count++;
    } else {
        tell(reapply->outcome->splits, &reapply->outcome->split_count, others->items[0]->id);
    }
    /* The one that answered first: it gives back what the other is to be found by. */
    const struct profile *apart = NULL;
    reapply->is_changed = true;
    TRY(settle(reapply, profile));
    TRY(members_put(reapply->put, others, &apart));
    TRY(merges_revise(reapply->view, others));
    list_add(&reapply->apart, apart, reapply->arena);
    return OK;
}

/* Takes ties away until those that are left hold: each may lean on what others brought. */
static struct status split(struct reapply *reapply, const struct profile **profile) {
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
    struct reapply_row row = *reapply->row;
    const struct profile *member = member_of(reapply->members, row.id);
    *out = false;
    if (member == NULL) {
        return OK;
    }
    TRY(parts_find(reapply->put, reapply->members, member, &row.history, &row.parts));
    if (row.parts.count == 1) {
        return OK;
    }
    reapply->parted = row;
    reapply->made_count = row.parts.count - 1;
    reapply->made = arena_array(reapply->arena, reapply->made_count, sizeof *reapply->made);
    reapply->is_changed = true;
    *out = true;
    return parts_separate(reapply->context, &row, reapply->members, reapply->made);
}

/* The same where the profile may have come apart from the one that is looked at. */
static struct status part_row(struct reapply *reapply, const struct profile **profile) {
    const struct profile *holder = NULL;
    bool parted = false;
    TRY(settle(reapply, profile));
    TRY(store_profile_follow(reapply->view, reapply->row->id, &holder));
    if (holder == NULL || !profile_is_live(holder)) {
        return OK;
    }
    TRY(members_read(reapply->view, holder, &reapply->members));
    TRY(part(reapply, &parted));
    if (parted) {
        TRY(split(reapply, &holder));
        TRY(settle(reapply, &holder));
    }
    TRY(store_profile_follow(reapply->view, (*profile)->id, profile));
    return members_read(reapply->view, *profile, &reapply->members);
}

/* ---- ties that stand again ---- */

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

static struct status put_apart(struct reapply *reapply, struct members *members) {
    const struct profile *apart = NULL;
    TRY(members_put(reapply->put, members, &apart));
    TRY(merges_revise(reapply->view, members));
    list_add(&reapply->apart, apart, reapply->arena);
    return OK;
}

/* Puts those who are left behind; the one that answered for all is put first: it gives back what
 * the others are to be found by. */
static struct status take_ties_away(struct reapply *reapply, struct id answered,
                                    struct members *part, struct members *const *rests,
                                    struct store_merge *ties, size_t count) {
    if (count > 0 && members_have(part, answered)) {
        TRY(put_apart(reapply, part));
    }
    for (int others = 0; others < 2; others++) {
        for (size_t i = 0; i < count; i++) {
            if (members_have(rests[i], answered) == (others == 0)) {
                TRY(put_apart(reapply, rests[i]));
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        ties[i].undo_us = reapply->put->now_us;
        ties[i].undone_by_rules = true;
        TRY(store_merge_put(reapply->view, &ties[i]));
        TRY(review_reopen(reapply->view, &ties[i]));
        tell(reapply->outcome->splits, &reapply->outcome->split_count, rests[i]->items[0]->id);
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
    TRY(take_ties_away(reapply, other->id, others, rests, ties, tie_count));
    merge->undo_us = 0; /* Who answered when it was made stays as it is: its decision tells them. */
    merge->undone_by_rules = false;
    TRY(store_merge_put(reapply->view, merge));
    if (!merge_is_by_rules(merge)) {
        TRY(review_settle(reapply->view, merge->one, merge->other, STORE_REVIEW_JOINED, merge->id,
                          reapply->put->now_us));
    }
    members_join(reapply->members, others,
                 &(struct profile_merge){merge->id, merge->one, merge->other}, reapply->arena);
    list_add(&reapply->before, other, reapply->arena);
    tell(reapply->outcome->joins, &reapply->outcome->join_count, other->id);
    reapply->is_changed = true;
    return OK;
}

static struct status rejoin(struct reapply *reapply, bool *out) {
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

/* ---- profiles that have what matches now ---- */

/* Who may not be joined is for somebody to decide on. */
static struct status review(const struct reapply *reapply, const struct store_merge *merge,
                            const struct profile *owner, enum identity_rule rule) {
    const struct review_meeting meeting = {
        .one = {merge->one, members_unify(reapply->put, reapply->members)},
        .other = {merge->other, owner},
        .rule = rule,
        .decision = merge->decision,
        .decision_member = merge->decision_member,
        .rule_version = merge->rule_version,
    };
    enum review_outcome outcome;
    struct store_review met;
    return review_meet(reapply->view, reapply->context->random, reapply->put->now_us, &meeting,
                       &outcome, &met);
}

static struct status join(struct reapply *reapply, struct store_merge *merge,
                          const struct profile *owner, const struct members *others) {
    TRY(merge_make(reapply->put, reapply->context->random, reapply->members, others, merge));
    list_add(&reapply->before, owner, reapply->arena);
    tell(reapply->outcome->joins, &reapply->outcome->join_count, owner->id);
    reapply->is_changed = true;
    return OK;
}

/* `record` is the decision on the record by which it is claimed; zero for none. */
static struct status join_owner(struct reapply *reapply, const struct rejudge_claim *claim,
                                struct id record, bool *out) {
    const struct profile *owner = NULL;
    struct store_merge merge = {
        .one = claim->member,
        .decision = record,
        .decision_member = id_is_zero(record) ? (struct id){{0}} : claim->member,
        .method = merge_method_rules,
        .rule_version = reapply->put->rules->version,
    };
    TRY(store_profile_follow(reapply->view, claim->owner, &owner));
    if (owner == NULL || members_have(reapply->members, owner->id) ||
        !rejudge_claim_origin(claim, owner, reapply->arena, &merge.other)) {
        return OK;
    }
    struct members *others = NULL;
    TRY(members_read(reapply->view, owner, &others));
    const struct tie tie = {&merge, reapply->members->count,
                            (const struct profile *const *)reapply->members->items, others->count,
                            (const struct profile *const *)others->items};
    struct cause cause;
    TRY(cause_of_pair(reapply->view, &tie, &cause));
    const enum identity_rule rule =
        cause_apart_rule(reapply->put, reapply->put->rules, &cause, &tie);
    if (rule != IDENTITY_RULE_NONE) {
        return review(reapply, &merge, owner, rule);
    }
    merge.linked = !cause.by_claims && cause.first == NULL;
    *out = true;
    return join(reapply, &merge, owner, others);
}

/* Joins whom earlier rules kept apart. */
static struct status reconsider(struct reapply *reapply, bool *out) {
    for (size_t i = 0; i < reapply->row->review_count; i++) {
        struct reconsidered pair;
        TRY(reconsider_pair(reapply->put, reapply->members, &reapply->row->reviews[i], &pair));
        if (pair.joins) {
            TRY(join(reapply, &pair.merge, pair.owner, pair.others));
            *out = true;
        }
    }
    return OK;
}

static struct status rejudge(struct reapply *reapply, bool *joined) {
    struct rejudge_claims claims;
    bool changed = false;
    TRY(rejudge_members(reapply->put, reapply->members, &claims, &changed));
    reapply->is_changed = reapply->is_changed || changed;
    for (size_t i = 0; i < claims.count; i++) {
        TRY(join_owner(reapply, &claims.items[i], (struct id){{0}}, joined));
    }
    return OK;
}

/* ---- telling ---- */

static bool has_active(const struct reapply *reapply, const struct profile_list *list,
                       const struct profile_identity *identity, const char *match) {
    for (size_t i = 0; i < list->count; i++) {
        const struct profile *profile = list->items[i];
        for (size_t k = 0; k < profile->identity_count; k++) {
            const struct profile_identity *there = &profile->identities[k];
            const struct identity_type *type =
                identity_rules_find(reapply->put->rules, there->type);
            if (there->rule == IDENTITY_RULE_NONE && strcmp(there->type, identity->type) == 0 &&
                strcmp(identity_match_value(type, there->canonical, reapply->arena), match) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Identities that match of the profiles in `list`, and not of those in `others`. */
static size_t count_missing(const struct reapply *reapply, const struct profile_list *list,
                            const struct profile_list *others) {
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct profile *profile = list->items[i];
        for (size_t k = 0; k < profile->identity_count; k++) {
            const struct profile_identity *identity = &profile->identities[k];
            const struct identity_type *type =
                identity_rules_find(reapply->put->rules, identity->type);
            const char *match = identity_match_value(type, identity->canonical, reapply->arena);
            count += identity->rule == IDENTITY_RULE_NONE &&
                     !has_active(reapply, others, identity, match);
        }
    }
    return count;
}

/* ---- a profile ---- */

/* The first record of a part that tells what is claimed: its decision. */
static struct id record_of(const struct reapply_row *row, size_t part,
                           const struct rejudge_claim *claim) {
    for (size_t i = 0; i < row->history.count; i++) {
        const struct record *record = &row->history.records[i].record;
        for (size_t k = 0; row->parts.record[i] == part && k < record->identity_count; k++) {
            if (strcmp(record->identities[k].type, claim->type->name) == 0 &&
                strcmp(record->identities[k].canonical, claim->canonical) == 0) {
                return row->history.records[i].id;
            }
        }
    }
    return (struct id){{0}};
}

/* Joins a profile that was made of records with those who have what it claims. */
static struct status run_made(struct reapply *reapply, size_t part) {
    const struct id id = reapply->made[part - 1];
    const struct profile *profile = NULL;
    TRY(store_profile_follow(reapply->view, id, &profile));
    if (profile == NULL || !id_equal(profile->id, id) || profile->absorbed_count > 0) {
        return OK; /* It is part of somebody. */
    }
    TRY(members_read(reapply->view, profile, &reapply->members));
    struct rejudge_claims claims;
    bool joined = false;
    TRY(rejudge_made(reapply->put, reapply->members, &claims));
    for (size_t i = 0; i < claims.count; i++) {
        const struct id record = record_of(&reapply->parted, part, &claims.items[i]);
        TRY(join_owner(reapply, &claims.items[i], record, &joined));
    }
    reapply->is_changed = true;
    return settle(reapply, &profile);
}

/* What became of those who were split off. */
static struct status count_identities(struct reapply *reapply, const struct profile *profile) {
    struct profile_list after = {0};
    list_add(&after, profile, reapply->arena);
    for (size_t i = 0; i < reapply->apart.count; i++) {
        const struct profile *apart = NULL;
        TRY(store_profile_follow(reapply->view, reapply->apart.items[i]->id, &apart));
        if (apart != NULL) {
            list_add(&after, apart, reapply->arena);
        }
    }
    reapply->outcome->lost_count = count_missing(reapply, &reapply->before, &after);
    reapply->outcome->gained_count = count_missing(reapply, &after, &reapply->before);
    return OK;
}

static struct status run(struct reapply *reapply, const struct profile *profile) {
    list_add(&reapply->before, profile, reapply->arena);
    TRY(members_read(reapply->view, profile, &reapply->members));
    reapply->outcome->unjudged = reapply->row->is_unjudged;
    TRY(split(reapply, &profile));
    if (reapply->row->parts.count > 1) {
        TRY(part_row(reapply, &profile));
    }
    for (bool more = true; more;) { /* Each round but the last joins a further profile. */
        more = false;
        TRY(split(reapply, &profile));
        TRY(rejoin(reapply, &more));
        TRY(rejudge(reapply, &more));
        TRY(reconsider(reapply, &more));
        reapply->is_changed =
            reapply->is_changed || members_limits_changed(reapply->put, reapply->members);
        TRY(settle(reapply, &profile));
    }
    for (size_t part = 1; part <= reapply->made_count; part++) {
        TRY(run_made(reapply, part));
    }
    if (!reapply->outcome->changed) {
        return OK;
    }
    TRY(store_profile_follow(reapply->view, profile->id, &profile)); /* It may have been joined. */
    return count_identities(reapply, profile);
}

/* The profile to be looked at for the row; NULL for none. */
static struct status profile_of_row(struct store_view *view, const struct reapply_row *row,
                                    const struct profile **out) {
    TRY(store_profile_get(view, row->id, out));
    if (*out != NULL && !id_is_zero((*out)->merged_into)) {
        if (row->tie_count + row->review_count == 0 && row->parts.count == 1) {
            *out = NULL;
            return OK;
        }
        TRY(store_profile_follow(view, row->id, out));
    }
    if (*out != NULL && !profile_is_live(*out)) {
        *out = NULL;
    }
    return OK;
}

struct status reapply_row_run(const struct reapply_context *context, const struct reapply_row *row,
                              struct reapply_outcome *out) {
    *out = (struct reapply_outcome){.profile = row->id};
    const struct profile *profile = NULL;
    TRY(profile_of_row(context->members.view, row, &profile));
    if (profile == NULL) {
        return OK;
    }
    out->profile = profile->id;
    out->looked_at =
        id_equal(profile->id, row->id) &&
        (row->made_us == 0 || row->made_us < context->begin_us || context->begin_us == 0);
    struct arena *arena = store_view_arena(context->members.view);
    struct reapply reapply = {
        .context = context,
        .put = &context->members,
        .view = context->members.view,
        .arena = arena,
        .row = row,
        .tie_is_done = arena_array(arena, row->tie_count, sizeof(bool)),
        .outcome = out,
    };
    return run(&reapply, profile);
}

struct status reapply_is_due(const struct reapply_context *context, const struct reapply_row *row,
                             bool *answers, bool *out) {
    const struct members_context *members_context = &context->members;
    const struct profile *profile = NULL;
    TRY(profile_of_row(members_context->view, row, &profile));
    *answers = profile != NULL && id_equal(profile->id, row->id);
    *out = profile != NULL && (row->tie_count > 0 || row->parts.count > 1 || row->is_unjudged);
    if (profile == NULL || *out) {
        return OK;
    }
    struct members *members = NULL;
    TRY(members_read(members_context->view, profile, &members));
    for (size_t i = 0; i < members->merge_count && !*out; i++) {
        struct store_merge merge;
        TRY(tie_goes(members_context, members, i, &merge, out));
    }
    for (size_t i = 0; i < row->review_count && !*out; i++) {
        struct reconsidered pair;
        TRY(reconsider_pair(members_context, members, &row->reviews[i], &pair));
        *out = pair.joins;
    }
    struct rejudge_claims claims;
    *out = *out || members_limits_changed(members_context, members);
    return *out ? OK : rejudge_members(members_context, members, &claims, out);
}
