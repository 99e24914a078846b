/* Resolution, from candidates to a decision and its wishes. */

#include "server/identity/resolve.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "server/identity/candidates.h"
#include "server/identity/lapse.h"
#include "server/identity/left.h"
#include "server/identity/match_value.h"
#include "server/identity/members.h"
#include "server/identity/merge.h"
#include "server/identity/profile_identities.h"
#include "server/identity/review.h"
#include "server/identity/spelling.h"
#include "server/identity/survivorship.h"
#include "server/identity/veto_person.h"

/* A resolution under way. */
struct resolution {
    const struct resolve_context *context;
    const struct record *record;
    struct arena *arena;
    struct candidates candidates;
    struct decision *decision;
    struct id decision_id;
    struct members *members;       /* Of the record's profile; NULL: to be made. */
    const struct profile *profile; /* What they are together, before the record. */
    uint32_t vetoes; /* The attributes by which the record is kept from them: enum identity_veto. */
};

/* ---- step 4: create, link or merge ---- */

static bool is_joined(const struct decision *decision, struct id id) {
    if (id_equal(decision->profile, id)) {
        return true;
    }
    for (size_t i = 0; i < decision->merged_count; i++) {
        if (id_equal(decision->merged[i], id)) {
            return true;
        }
    }
    return false;
}

/* The member that an identity of the record, by its position, reached in the candidate. */
static struct id member_reached_by(const struct candidate *candidate, const struct record *record,
                                   int32_t position) {
    const struct record_identity *identity = &record->identities[position];
    for (size_t i = 0; i < candidate->profile->identity_count; i++) {
        const struct profile_identity *there = &candidate->profile->identities[i];
        const bool is_same = strcmp(there->match, identity->match) == 0 ||
                             profile_identity_is_told_as(there, identity->canonical);
        if ((there->rule == IDENTITY_RULE_NONE || candidate->shares) && is_same &&
            strcmp(identity_match_name(there->type), identity_match_name(identity->type)) == 0) {
            return there->origin;
        }
    }
    assert(false && "a candidate has the identity that reached it");
    return candidate->profile->id;
}

/* The same by the identity that counts most. */
static struct id member_reached(const struct candidate *candidate, const struct record *record) {
    return member_reached_by(candidate, record, candidate->positions[0]);
}

static bool reaches_by(const struct candidate *candidate, int32_t position) {
    for (size_t i = 0; i < candidate->position_count; i++) {
        if (candidate->positions[i] == position) {
            return true;
        }
    }
    return false;
}

/* The member that has the identity: what is over a limit of all together reaches nobody, and is a
 * member's own nevertheless. Zero for none. */
static struct id member_having(const struct resolution *resolution,
                               const struct candidate *candidate, int32_t position) {
    const struct identity_decision *identity = &resolution->decision->identities[position];
    if (reaches_by(candidate, position)) {
        return member_reached_by(candidate, resolution->record, position);
    }
    return identity->rule != IDENTITY_RULE_NONE || identity->matched
               ? (struct id){{0}}
               : members_identity_owner(resolution->members, identity_match_name(identity->type),
                                        identity->match);
}

/* Of the members that were looked at the one that the fewest strong facts contradict. */
struct best_member {
    struct id id;
    int contradictions;
};

static void best_member_try(const struct resolution *resolution, struct id id,
                            struct best_member *best) {
    const struct members *members = resolution->members;
    for (size_t i = 0; i < members->count; i++) {
        if (!id_equal(members->items[i]->id, id)) {
            continue;
        }
        const struct veto_comparison comparison = veto_compare(
            resolution->vetoes, resolution->record, members->items[i], resolution->arena);
        const int contradictions = __builtin_popcount(comparison.differing);
        if (contradictions < best->contradictions) {
            *best = (struct best_member){id, contradictions};
        }
    }
}

/* The member that the record goes to, as if none had ever been joined: the one that has its best
 * identity. Of a person with two birth dates it is one that agrees with the record: so the other
 * date is not lost, and nobody's records are vetoed by it. Where each is contradicted by something
 * that another one tells, as by a name, it is the one that the least contradicts. */
static struct id member_of_record(const struct resolution *resolution,
                                  const struct candidate *candidate) {
    const struct record *record = resolution->record;
    const struct members *members = resolution->members;
    struct best_member best = {member_reached(candidate, record), INT_MAX};
    for (size_t i = 0; i < record->identity_count; i++) {
        const int32_t position = resolution->candidates.order[i];
        const struct id having = member_having(resolution, candidate, position);
        if (!id_is_zero(having)) {
            best_member_try(resolution, having, &best);
        }
    }
    for (size_t i = 0; i < members->count && best.contradictions > 0; i++) {
        best_member_try(resolution, members->items[i]->id, &best);
    }
    return best.id;
}

static struct members_context members_context_of(const struct resolve_context *context) {
    return (struct members_context){context->view, context->rules, context->attributes,
                                    context->now_us};
}

/* The member that a merge ties: the one that was reached by the first identity which may merge. */
static struct id member_tied(const struct resolution *resolution,
                             const struct candidate *candidate) {
    for (size_t i = 0; i < candidate->position_count; i++) {
        const int32_t position = candidate->positions[i];
        if (candidate_identity_merge_rule(resolution->context->rules, resolution->record,
                                          candidate->profile, position) == IDENTITY_RULE_NONE) {
            return member_reached_by(candidate, resolution->record, position);
        }
    }
    return member_reached(candidate, resolution->record);
}

static struct status merge_candidate(struct resolution *resolution,
                                     const struct candidate *candidate) {
    const struct resolve_context *context = resolution->context;
    struct decision *decision = resolution->decision;
    struct members *other = NULL;
    TRY(members_read(context->view, candidate->profile, &other));
    struct store_merge merge = {
        .one = decision->member,
        .other = member_tied(resolution, candidate),
        .method = context->method,
        .decision = resolution->decision_id,
        .decision_member = decision->member,
        .rule_version = context->rules->version,
    };
    const struct members_context put = members_context_of(context);
    TRY(merge_make(&put, context->random, resolution->members, other, &merge));
    resolution->profile = members_unify(&put, resolution->members);
    decision->merged = arena_append(resolution->arena, decision->merged, decision->merged_count,
                                    sizeof *decision->merged);
    decision->merges = arena_append(resolution->arena, decision->merges, decision->merged_count,
                                    sizeof *decision->merges);
    decision->merges[decision->merged_count] = merge.id;
    decision->merged[decision->merged_count++] = merge.absorbed;
    decision->profile = merge.survivor;
    decision->outcome = OUTCOME_MERGED;
    return OK;
}

/* Joins the record with the first candidate that no fact vetoes, and merges the further ones that
 * may be. With RESOLVE_LOOK nothing is merged: the policy keeps what is there as it is. */
static struct status join_candidates(struct resolution *resolution) {
    struct decision *decision = resolution->decision;
    struct candidate *first = NULL;
    for (size_t i = 0; i < resolution->candidates.count; i++) {
        struct candidate *candidate = &resolution->candidates.items[i];
        if (candidate->rule != IDENTITY_RULE_NONE) {
            continue;
        }
        if (first == NULL) {
            first = candidate;
            resolution->profile = candidate->profile;
            TRY(members_read(resolution->context->view, candidate->profile, &resolution->members));
            resolution->vetoes =
                candidate_vetoes(resolution->context->rules, resolution->record, candidate);
            decision->profile = candidate->profile->id;
            decision->member = member_of_record(resolution, candidate);
            decision->outcome = OUTCOME_LINKED;
            continue;
        }
        const struct veto_person joined = veto_person_of(resolution->profile, resolution->members);
        TRY(candidate_join_rule(resolution->context, resolution->record, first, &joined, candidate,
                                &candidate->rule));
        if (candidate->rule == IDENTITY_RULE_NONE && resolution->context->policy != RESOLVE_LOOK) {
            TRY(merge_candidate(resolution, candidate));
        }
    }
    return OK;
}

static void create_profile(struct resolution *resolution) {
    /* One microsecond apart within a request: ids and times in the order of the records. */
    const int64_t now_us = resolution->context->now_us + store_view_tick(resolution->context->view);
    struct profile *profile = arena_alloc(resolution->arena, sizeof *profile);
    profile->id = id_make(now_us, resolution->context->random);
    profile->create_us = now_us;
    profile->name_source = "";
    resolution->members = members_new(profile, resolution->arena);
    resolution->decision->profile = profile->id;
    resolution->decision->member = profile->id;
    resolution->decision->outcome = OUTCOME_CREATED;
}

/* ---- step 5: identities and values ---- */

/* Whether a profile that the record was joined with has the identity. */
static bool is_had(const struct resolution *resolution, size_t position) {
    for (size_t i = 0; i < resolution->candidates.count; i++) {
        const struct candidate *candidate = &resolution->candidates.items[i];
        for (size_t k = 0; k < candidate->position_count; k++) {
            if ((size_t)candidate->positions[k] == position && !candidate->shares &&
                is_joined(resolution->decision, candidate->profile->id)) {
                return true;
            }
        }
    }
    return false;
}

/* What an identity of the record becomes in the member's own state: as if nothing had been merged,
 * it stays with the member that had it, be it over a limit of all together. */
static enum identity_rule own_rule(const struct resolution *resolution, struct id member,
                                   size_t position) {
    const struct identity_decision *identity = &resolution->decision->identities[position];
    if (identity->rule != IDENTITY_RULE_NONE) {
        return identity->rule;
    }
    if (identity->matched && !is_had(resolution, position)) {
        return IDENTITY_RULE_OWNED_ELSEWHERE;
    }
    const struct id owner = members_identity_owner(
        resolution->members, identity_match_name(identity->type), identity->match);
    return id_is_zero(owner) || id_equal(owner, member) ? IDENTITY_RULE_NONE
                                                        : IDENTITY_RULE_OWNED_ELSEWHERE;
}

static void add_identities(struct resolution *resolution, struct profile *member) {
    const struct decision *decision = resolution->decision;
    for (size_t i = 0; i < decision->identity_count; i++) {
        profile_identity_add(member, &resolution->record->identities[i],
                             own_rule(resolution, member->id, i), seen_by(resolution->record),
                             resolution->arena);
    }
    profile_identities_limit(member, resolution->context->rules);
}

static bool is_told(const struct decision *decision, const struct profile_identity *identity) {
    for (size_t i = 0; i < decision->identity_count; i++) {
        if (strcmp(decision->identities[i].type, identity->type) == 0 &&
            strcmp(decision->identities[i].match, identity->match) == 0) {
            return true;
        }
    }
    return false;
}

/* What of the record changes the member's own state: what is left to others does not. Somebody who
 * replaces what is there means it. */
static struct status record_for(const struct resolution *resolution, const struct profile *member,
                                struct record *out) {
    const struct members_context context = members_context_of(resolution->context);
    uint32_t left = 0;
    *out = *resolution->record;
    if (resolution->context->policy != RESOLVE_REPLACE) {
        TRY(left_find(&context, resolution->members, member, resolution->record, &left));
    }
    resolution->decision->left = left;
    if (left == 0) {
        return OK;
    }
    out->attributes = arena_array(resolution->arena, out->attribute_count, sizeof *out->attributes);
    out->attribute_count = 0;
    for (size_t i = 0; i < resolution->record->attribute_count; i++) {
        const struct record_attribute *attribute = &resolution->record->attributes[i];
        if ((veto_attribute_of(attribute->kind) & left) == 0) {
            out->attributes[out->attribute_count++] = *attribute;
        }
    }
    return OK;
}

/* Tells what the record's own identities became on the profile. */
static void tell_identities(struct resolution *resolution, const struct profile *profile) {
    struct decision *decision = resolution->decision;
    for (size_t i = 0; i < decision->identity_count; i++) {
        struct identity_decision *told = &decision->identities[i];
        const struct profile_identity *there =
            profile_identity_find(profile, told->type, told->canonical, told->match);
        told->rule = there == NULL ? IDENTITY_RULE_OVER_LIMIT : (enum identity_rule)there->rule;
    }
}

/* The identity may have been written under other rules. */
static const char *match_value_now(const struct resolution *resolution,
                                   const struct profile_identity *identity) {
    const struct identity_type *type =
        identity_rules_find(resolution->context->rules, identity->type);
    return type == NULL ? identity->match
                        : identity_match_value(type, identity->canonical, resolution->arena);
}

/* Tells those that were there before, and are contact data or gone by this record. */
static void tell_demoted(struct resolution *resolution, const struct profile *profile) {
    struct decision *decision = resolution->decision;
    for (size_t i = 0; i < resolution->members->before_count; i++) {
        const struct profile *before = resolution->members->before[i];
        for (size_t k = 0; k < before->identity_count; k++) {
            struct profile_identity was = before->identities[k];
            was.match = match_value_now(resolution, &was);
            const struct profile_identity *is =
                profile_identity_find(profile, was.type, was.canonical, was.match);
            const bool is_less =
                is == NULL || (was.rule == IDENTITY_RULE_NONE && is->rule != IDENTITY_RULE_NONE);
            if (!is_less || is_told(decision, &was)) {
                continue;
            }
            decision->demoted = arena_append(resolution->arena, decision->demoted,
                                             decision->demoted_count, sizeof *decision->demoted);
            decision->demoted[decision->demoted_count++] =
                (struct identity_decision){.type = was.type,
                                           .canonical = was.canonical,
                                           .match = was.match,
                                           .rule = IDENTITY_RULE_OVER_LIMIT};
        }
    }
}

/* Whether it is the member's, as which the record tells it. */
static bool is_known(const struct profile *member, const struct record_identity *told) {
    const struct profile_identity *there =
        profile_identity_find(member, told->type, told->canonical, told->match);
    if (there == NULL || there->rule != IDENTITY_RULE_NONE || there->rule_before != 0 ||
        there->over_limit != 0 || there->claimed || there->lent != 0) {
        return false;
    }
    size_t count = 0;
    const struct profile_identity *spellings = spellings_of(there, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(spellings[i].canonical, told->canonical) == 0) {
            return spellings[i].provenance >= (enum profile_provenance)told->provenance &&
                   there->provenance >= (enum profile_provenance)told->provenance;
        }
    }
    return false;
}

/* Whether the member says so already. A fact of a person of several is none that stands alone. */
static bool is_said(const struct resolution *resolution, const struct profile *member,
                    const struct record_attribute *told) {
    struct profile_attribute there;
    return survivorship_find(member, told->kind->name, &there) &&
           strcmp(there.value, told->value) == 0 &&
           (resolution->members->count == 1 || veto_attribute_of(told->kind) == 0);
}

static bool is_named_so(const struct profile *member, const char *name) {
    struct profile_attribute there;
    return name[0] == '\0' ||
           (survivorship_find(member, "name", &there) && strcmp(there.value, name) == 0);
}

/* Whether the record, told again and again, would change nothing but when it was told. */
static bool is_known_already(const struct resolution *resolution, const struct profile *member) {
    const struct record *record = resolution->record;
    const struct decision *decision = resolution->decision;
    bool known = decision->outcome == OUTCOME_LINKED && resolution->candidates.count == 1 &&
                 !resolution->candidates.items[0].shares && is_named_so(member, record->name);
    for (size_t i = 0; i < record->identity_count && known; i++) {
        known = !decision->identities[i].lapsed && is_known(member, &record->identities[i]) &&
                own_rule(resolution, member->id, i) == IDENTITY_RULE_NONE;
    }
    for (size_t i = 0; i < record->attribute_count && known; i++) {
        known = is_said(resolution, member, &record->attributes[i]);
    }
    return known;
}

static bool are_told_active(const struct decision *decision) {
    for (size_t i = 0; i < decision->identity_count; i++) {
        if (decision->identities[i].rule != IDENTITY_RULE_NONE) {
            return false;
        }
    }
    return true;
}

/* ---- step 6: the decision ---- */

static void tell_candidates(struct resolution *resolution) {
    struct decision *decision = resolution->decision;
    decision->candidate_count = resolution->candidates.count;
    decision->candidates =
        arena_array(resolution->arena, decision->candidate_count, sizeof *decision->candidates);
    for (size_t i = 0; i < decision->candidate_count; i++) {
        const struct candidate *candidate = &resolution->candidates.items[i];
        decision->candidates[i] = (struct candidate_decision){
            .id = candidate->profile->id,
            .position_count = candidate->position_count,
            .positions = candidate->positions,
            .accepted = is_joined(decision, candidate->profile->id),
            .rule = candidate->rule,
        };
    }
}

/* Queues the candidates that are not the record's profile, for somebody to decide on. */
static struct status queue_reviews(struct resolution *resolution, const struct profile *profile) {
    const struct resolve_context *context = resolution->context;
    const struct decision *decision = resolution->decision;
    for (size_t i = 0; i < resolution->candidates.count; i++) {
        const struct candidate *candidate = &resolution->candidates.items[i];
        if (is_joined(decision, candidate->profile->id) ||
            veto_never_join(profile, candidate->profile)) {
            continue;
        }
        const struct review_meeting meeting = {
            .one = {decision->member, profile},
            .other = {member_reached(candidate, resolution->record), candidate->profile},
            .rule = candidate->rule,
            .decision = resolution->decision_id,
            .decision_member = decision->member,
            .rule_version = decision->rule_version,
        };
        enum review_outcome outcome;
        struct store_review review;
        TRY(review_meet(context->view, context->random, context->now_us, &meeting, &outcome,
                        &review));
    }
    return OK;
}

/* Takes from others what they have no right to any more by the present rules. */
static struct status lapse_others(const struct resolution *resolution,
                                  const struct members_context *put) {
    const struct decision *decision = resolution->decision;
    for (size_t i = 0; i < decision->identity_count; i++) {
        const struct identity_decision *identity = &decision->identities[i];
        if (identity->lapsed) {
            TRY(identity_lapse(put, identity_rules_find(put->rules, identity->type),
                               identity->canonical, resolution->members));
        }
    }
    return OK;
}

static struct status wish(struct resolution *resolution) {
    const struct resolve_context *context = resolution->context;
    struct decision *decision = resolution->decision;
    const struct members_context put = members_context_of(context);
    TRY(lapse_others(resolution, &put));
    TRY(members_rematch(&put, resolution->members));
    struct profile *member = members_change(resolution->members, decision->member);
    assert(member != NULL);
    decision->repeats = is_known_already(resolution, member);
    add_identities(resolution, member);
    struct record told;
    TRY(record_for(resolution, member, &told));
    survivorship_apply(
        member, &told, context->attributes,
        context->policy == RESOLVE_REPLACE ? SURVIVORSHIP_REPLACE : SURVIVORSHIP_BY_RULES,
        survivorship_force_us(resolution->profile, context->now_us), resolution->arena);
    member->decision_count++;
    const struct profile *profile = NULL;
    TRY(members_put(&put, resolution->members, &profile));
    tell_identities(resolution, profile);
    tell_demoted(resolution, profile);
    tell_candidates(resolution);
    decision->repeats =
        decision->repeats && decision->demoted_count == 0 && are_told_active(decision);
    TRY(queue_reviews(resolution, profile));
    return store_decision_put(context->view, decision->member, resolution->decision_id,
                              decision_pack(decision, resolution->record, resolution->arena));
}

struct status record_resolve(const struct resolve_context *context, const struct record *record,
                             struct decision *out) {
    struct arena *arena = store_view_arena(context->view);
    struct record told = *record;
    struct resolution resolution = {
        .context = context, .record = &told, .arena = arena, .decision = out};
    *out = (struct decision){
        .identity_count = record->identity_count,
        .identities = arena_array(arena, record->identity_count, sizeof *out->identities),
        .rule_version = context->rules->version,
        .decide_us = context->now_us,
    };
    resolution.decision_id =
        id_make(context->now_us + store_view_tick(context->view), context->random);
    if (told.tell_us == 0) {
        told.tell_us = id_time_us(resolution.decision_id);
    }
    out->id = context->policy == RESOLVE_LOOK ? (struct id){{0}} : resolution.decision_id;
    TRY(candidates_find(context, record, out->identities, &resolution.candidates));
    TRY(join_candidates(&resolution));
    if (resolution.members == NULL) {
        create_profile(&resolution);
    } else if (context->policy == RESOLVE_LOOK) {
        tell_candidates(&resolution);
        return OK;
    }
    return wish(&resolution);
}
