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
    reapply_note(reapply, owner);
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

/* A record that did not make the part was linked to it, by what those before it had told. */
static void find_first(const struct reapply *reapply, const struct tie *tie, struct cause *cause) {
    const struct profile *one = tie_state(tie->ones, tie->one_count, tie->merge->decision_member);
    if (!cause->by_claims && cause->first == NULL && !tie->merge->parted &&
        cause->history != NULL && cause->position > 0 && one != NULL) {
        cause->first = redecide_first(reapply->put->rules, cause->history, cause->position, one,
                                      reapply->arena);
    }
}

static struct status judge(const struct reapply *reapply, const struct tie *tie,
                           struct cause *cause, enum identity_rule *out) {
    TRY(cause_of_pair(reapply->put, tie, cause));
    find_first(reapply, tie, cause);
    *out = cause_apart_rule(reapply->put, reapply->put->rules, cause, tie);
    return OK;
}

/* A claim that is looked at, from the side of one of the two: merge->one is the own state that has,
 * or claims, the identity, the tie its side. */
struct asking {
    const struct rejudge_claim *claim;
    struct store_merge merge;
    struct tie tie; /* Of that merge. */
    struct cause cause;
    enum identity_rule rule;
    bool asked; /* By a record: otherwise what is claimed was linked by hand. */
};

/* Whether the other one had what is claimed before a record of the one told it. */
static struct status other_knew(const struct reapply *reapply, const struct asking *asking,
                                struct id record, bool *out) {
    const struct record_identity told = {.type = asking->claim->type->name,
                                         .canonical = asking->claim->canonical};
    const struct profile *other =
        tie_state(asking->tie.others, asking->tie.other_count, asking->merge.other);
    enum provenance known = PROVENANCE_UNSPECIFIED;
    if (other != NULL) {
        TRY(history_provenance_before(reapply->view, record, reapply->put->rules, &told, other,
                                      &known));
    }
    *out = known != PROVENANCE_UNSPECIFIED;
    return OK;
}

/* Whether a record of the one may ask for the two to be one. The one that made it would have been
 * linked to whom it reached, which needs no right to join. */
static struct status may_ask(const struct reapply *reapply, const struct asking *asking,
                             const struct history_record *record, bool *out) {
    *out = tells(&record->record, asking->claim);
    if (*out && record->decision.outcome == OUTCOME_CREATED) {
        TRY(other_knew(reapply, asking, record->id, out));
    }
    return OK;
}

/* Judges all records of the one, the earliest first: until one of them joins. */
static struct status judge_records(const struct reapply *reapply, struct asking *asking) {
    struct history history;
    TRY(history_read(reapply->view, asking->merge.one, HISTORY_RECORDS_MAX, &history));
    for (size_t i = 0; i < history.count; i++) {
        bool asks = false;
        TRY(may_ask(reapply, asking, &history.records[i], &asks));
        if (!asks) {
            continue;
        }
        asking->asked = true;
        asking->merge.decision = history.records[i].id;
        asking->merge.decision_member = asking->merge.one;
        TRY(judge(reapply, &asking->tie, &asking->cause, &asking->rule));
        if (asking->rule == IDENTITY_RULE_NONE) {
            return OK;
        }
    }
    return OK;
}

static void turn_round(struct asking *asking) {
    const struct tie tie = asking->tie;
    const struct id one = asking->merge.one;
    asking->tie =
        (struct tie){&asking->merge, tie.other_count, tie.others, tie.one_count, tie.ones};
    asking->merge.one = asking->merge.other;
    asking->merge.other = one;
}

/* Records of either may ask; `record` is that of a part by which it claims, else zero. */
static struct status judge_claim(const struct reapply *reapply, struct id record,
                                 struct asking *asking) {
    asking->rule = IDENTITY_RULE_TYPE_NOT_MATCHING;
    if (!id_is_zero(record)) {
        asking->merge.decision = record;
        asking->merge.decision_member = asking->merge.one;
        return judge(reapply, &asking->tie, &asking->cause, &asking->rule);
    }
    TRY(judge_records(reapply, asking));
    if (asking->rule != IDENTITY_RULE_NONE) {
        const struct asking before = *asking;
        turn_round(asking);
        TRY(judge_records(reapply, asking));
        if (asking->rule != IDENTITY_RULE_NONE && before.asked) {
            *asking = before;
        } else if (!asking->asked) {
            turn_round(asking);
        }
    }
    return asking->asked ? OK : judge(reapply, &asking->tie, &asking->cause, &asking->rule);
}

static struct status join_owner(struct reapply *reapply, const struct rejudge_claim *claim,
                                struct id record, bool *out) {
    const struct profile *owner = NULL;
    struct asking asking = {
        .claim = claim,
        .merge = {.one = claim->member,
                  .method = merge_method_rules,
                  .rule_version = reapply->put->rules->version},
    };
    TRY(store_profile_follow(reapply->view, claim->owner, &owner));
    if (owner == NULL || members_have(reapply->members, owner->id) ||
        !rejudge_claim_origin(claim, owner, reapply->arena, &asking.merge.other)) {
        return OK;
    }
    struct members *others = NULL;
    TRY(members_read(reapply->view, owner, &others));
    TRY(merge_check(&asking.merge, reapply->members, others));
    asking.tie = (struct tie){&asking.merge, reapply->members->count,
                              (const struct profile *const *)reapply->members->items, others->count,
                              (const struct profile *const *)others->items};
    TRY(judge_claim(reapply, record, &asking));
    if (asking.rule != IDENTITY_RULE_NONE) {
        /* Its records told it long ago: they are not to be counted anew. */
        const struct store_merge met = {
            .one = claim->member,
            .other =
                members_have(others, asking.merge.other) ? asking.merge.other : asking.merge.one,
            .decision = record,
            .decision_member = id_is_zero(record) ? record : claim->member,
            .rule_version = asking.merge.rule_version,
        };
        TRY(review(reapply, &met, owner, asking.rule));
        return take_back(reapply, claim, others);
    }
    asking.merge.linked = !asking.cause.by_claims && asking.cause.first == NULL;
    *out = true;
    return join(reapply, &asking.merge, owner, others);
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
