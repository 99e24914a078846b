/* What other rules join: profiles that have what matches now, and pairs that were kept apart. */

#include "server/identity/reapply_run.h"

#include <string.h>

#include "server/identity/lent.h"
#include "server/identity/match_value.h"
#include "server/identity/merge.h"
#include "server/identity/reconsider.h"
#include "server/identity/redecide.h"
#include "server/identity/rejudge.h"
#include "server/identity/review.h"

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
    reapply_list_add(&reapply->before, owner, reapply->arena);
    reapply_tell(reapply->outcome->joins, &reapply->outcome->join_count, owner->id);
    reapply->is_changed = true;
    return OK;
}

/* What only a part of somebody has while it stands alone (part.h) is given back to who claims it,
 * where the two are not joined. */
static struct status take_back(struct reapply *reapply, const struct rejudge_claim *claim,
                               struct members *others) {
    struct profile *member = members_change(reapply->members, claim->member);
    const char *match = identity_match_value(claim->type, claim->canonical, reapply->arena);
    if (!lent_yield(others, claim->type, match)) {
        return OK;
    }
    const struct profile *owner = NULL;
    TRY(members_put(reapply->put, others, &owner));
    lent_claim(member, claim->type, match);
    reapply->is_changed = true;
    return OK;
}

static bool tells(const struct record *record, const struct rejudge_claim *claim) {
    for (size_t i = 0; i < record->identity_count; i++) {
        if (strcmp(record->identities[i].type, claim->type->name) == 0 &&
            strcmp(record->identities[i].canonical, claim->canonical) == 0) {
            return true;
        }
    }
    return false;
}

/* The decision by which the row's profile was made, where its record tells what is claimed of an
 * older one: that record would have been linked to it, which needs no right to join. Zero
 * otherwise. */
static struct id making_record(const struct reapply_row *row, const struct rejudge_claim *claim,
                               const struct tie *tie) {
    const struct history *history = &row->history;
    const struct profile *one = tie_state(tie->ones, tie->one_count, claim->member);
    const struct profile *other = tie_state(tie->others, tie->other_count, tie->merge->other);
    return id_equal(claim->member, row->id) && history->count > 0 &&
                   history->records[0].decision.outcome == OUTCOME_CREATED && one != NULL &&
                   other != NULL && profile_is_older(other, one) &&
                   tells(&history->records[0].record, claim)
               ? history->records[0].id
               : (struct id){{0}};
}

/* A record that did not make the part was linked to it, by what those before it had told. */
static struct status find_first(const struct reapply *reapply, const struct tie *tie,
                                struct cause *cause) {
    const struct store_merge *merge = tie->merge;
    struct history history;
    if (cause->by_claims || cause->first != NULL || merge->parted) {
        return OK;
    }
    TRY(history_read(reapply->view, merge->decision_member, &history));
    const size_t position = history_find(&history, merge->decision);
    const struct profile *one = tie_state(tie->ones, tie->one_count, merge->decision_member);
    if (position > 0 && position < history.count && one != NULL) {
        cause->first = redecide_first(reapply->put->rules, &history, position, one, reapply->arena);
    }
    return OK;
}

static struct status judge(const struct reapply *reapply, const struct tie *tie,
                           struct cause *cause, enum identity_rule *out) {
    TRY(cause_of_pair(reapply->put, tie, cause));
    TRY(find_first(reapply, tie, cause));
    *out = cause_apart_rule(reapply->put, reapply->put->rules, cause, tie);
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
    TRY(merge_check(&merge, reapply->members, others));
    const struct tie tie = {&merge, reapply->members->count,
                            (const struct profile *const *)reapply->members->items, others->count,
                            (const struct profile *const *)others->items};
    struct cause cause;
    enum identity_rule rule;
    TRY(judge(reapply, &tie, &cause, &rule));
    if (rule == IDENTITY_RULE_MERGE_TYPE || rule == IDENTITY_RULE_MERGE_PROVENANCE) {
        merge.decision = making_record(reapply->row, claim, &tie);
        merge.decision_member = id_is_zero(merge.decision) ? merge.decision : claim->member;
        TRY(judge(reapply, &tie, &cause, &rule));
    }
    if (rule != IDENTITY_RULE_NONE) {
        TRY(review(reapply, &merge, owner, rule));
        return take_back(reapply, claim, others);
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

struct status reapply_join(struct reapply *reapply, bool *out) {
    TRY(rejudge(reapply, out));
    return reconsider(reapply, out);
}

/* The first record of a part that tells what is claimed: its decision. */
static struct id record_of(const struct reapply_row *row, size_t part,
                           const struct rejudge_claim *claim) {
    for (size_t i = 0; i < row->history.count; i++) {
        if (row->parts.record[i] == part && tells(&row->history.records[i].record, claim)) {
            return row->history.records[i].id;
        }
    }
    return (struct id){{0}};
}

/* Joins with those who have what the part claims. */
static struct status join_owners(struct reapply *reapply, size_t part,
                                 const struct rejudge_claims *claims, bool *out) {
    for (size_t i = 0; i < claims->count; i++) {
        const struct id record = record_of(reapply->row, part, &claims->items[i]);
        TRY(join_owner(reapply, &claims->items[i], record, out));
    }
    reapply->is_changed = true;
    return OK;
}

/* A part that is one with somebody else from the beginning: what the row's profile had until now
 * may be its own. */
static struct status join_kin(struct reapply *reapply, size_t part, const struct profile *profile,
                              const struct profile **out) {
    const struct profile *rest = NULL;
    struct rejudge_claims claims;
    bool joined = false;
    TRY(store_profile_follow(reapply->view, reapply->row->id, &rest));
    if (rest != NULL && id_equal(rest->id, profile->id)) {
        return OK; /* It never left. */
    }
    TRY(members_read(reapply->view, profile, &reapply->members));
    TRY(rejudge_claimed(reapply->put, reapply->members, reapply->made[part - 1], &claims));
    TRY(join_owners(reapply, part, &claims, &joined));
    TRY(reapply_settle(reapply, &profile));
    *out = profile;
    return OK;
}

/* Joins a profile that was made of records with those who have what it claims, or from whom one of
 * its records was kept apart. */
struct status reapply_join_made(struct reapply *reapply, size_t part, const struct profile **out) {
    *out = NULL;
    const struct id id = reapply->made[part - 1];
    const struct profile *profile = NULL;
    TRY(store_profile_follow(reapply->view, id, &profile));
    if (profile == NULL) {
        return OK;
    }
    if (!id_equal(profile->id, id) || profile->absorbed_count > 0) {
        return join_kin(reapply, part, profile, out);
    }
    TRY(members_read(reapply->view, profile, &reapply->members));
    struct rejudge_claims claims;
    bool joined = false;
    TRY(rejudge_made(reapply->put, reapply->members, &claims));
    TRY(join_owners(reapply, part, &claims, &joined));
    TRY(reconsider(reapply, &joined));
    TRY(reapply_settle(reapply, &profile));
    *out = joined ? profile : NULL;
    return OK;
}
