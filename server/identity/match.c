/* Telling why. Evidence is what two have in common; obstacles are all that stands in the way, once
 * of records and once of MergeProfiles. */

#include "server/identity/match.h"

#include <assert.h>
#include <string.h>

#include "server/identity/candidates.h"
#include "server/identity/match_value.h"
#include "server/identity/members.h"

/* An explanation under way. */
struct explanation {
    struct store_view *view;
    const struct identity_rules *rules;
    struct arena *arena;
    struct match *match;
};

/* ---- obstacles ---- */

/* What is in the way of both is one obstacle. */
static struct match_obstacle *obstacle_find(const struct match *match, struct id profile,
                                            const struct match_obstacle *like) {
    for (size_t i = 0; i < match->obstacle_count; i++) {
        struct match_obstacle *obstacle = &match->obstacles[i];
        if (id_equal(obstacle->profile, profile) && obstacle->veto.rule == like->veto.rule &&
            strcmp(obstacle->veto.field, like->veto.field) == 0 &&
            id_equal(obstacle->pair.one, like->pair.one) &&
            id_equal(obstacle->pair.other, like->pair.other)) {
            return obstacle;
        }
    }
    return NULL;
}

static void obstacle_add(const struct explanation *explanation, struct match_obstacle obstacle) {
    struct match *match = explanation->match;
    struct match_obstacle *same = obstacle_find(match, obstacle.profile, &obstacle);
    if (same == NULL) {
        match->obstacles = arena_append(explanation->arena, match->obstacles, match->obstacle_count,
                                        sizeof *match->obstacles);
        match->obstacles[match->obstacle_count++] = obstacle;
        return;
    }
    same->stops_records = same->stops_records || obstacle.stops_records;
    same->stops_merge = same->stops_merge || obstacle.stops_merge;
}

/* The pairs of members that are never to be one: the rows of both sides tell the other's, the list
 * tells the pairs. */
static struct status pairs_add(const struct explanation *explanation, const struct profile *one,
                               const struct profile *other, struct match_obstacle obstacle) {
    size_t count = 0;
    for (size_t i = 0; i < other->apart_count; i++) {
        if (!profile_has_member(one, other->apart[i])) {
            continue;
        }
        for (size_t k = 0; k < one->apart_count && count < MATCH_PAIRS_MAX; k++) {
            bool found = false;
            if (profile_has_member(other, one->apart[k])) {
                TRY(store_never_join_get(explanation->view, other->apart[i], one->apart[k], &found,
                                         &obstacle.pair));
            }
            if (found) {
                obstacle_add(explanation, obstacle);
                count++;
            }
        }
    }
    if (count == 0) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a pair that is never to be one is not on the list");
    }
    return OK;
}

/* Whom an obstacle stops: records, or MergeProfiles. */
enum stopped { STOPS_RECORDS, STOPS_MERGE };

/* What keeps two profiles from being merged, `other` being the one that is asked about. */
static struct status merge_obstacles(const struct explanation *explanation, enum stopped stopped,
                                     uint32_t attributes, const struct profile *one,
                                     const struct profile *other) {
    struct vetoes all = {0};
    veto_merge_all(explanation->rules, attributes, one, other, explanation->arena, &all);
    for (size_t i = 0; i < all.count; i++) {
        const struct match_obstacle obstacle = {
            .profile = other->id,
            .veto = all.items[i],
            .stops_records = stopped == STOPS_RECORDS,
            .stops_merge = stopped == STOPS_MERGE,
        };
        if (obstacle.veto.rule == IDENTITY_RULE_NEVER_JOIN) {
            TRY(pairs_add(explanation, one, other, obstacle));
        } else {
            obstacle_add(explanation, obstacle);
        }
    }
    return OK;
}

/* An identity that asks for a merge and is not enough for it. */
static void weak_obstacle(const struct explanation *explanation, struct id profile,
                          const char *type, enum identity_rule rule) {
    obstacle_add(explanation,
                 (struct match_obstacle){
                     .profile = profile,
                     .veto = {.rule = rule,
                              .field = arena_format(explanation->arena, "identities.%s", type),
                              .type = type},
                     .stops_records = true,
                 });
}

/* ---- evidence ---- */

/* An identity as it stands on one side. */
struct side {
    const struct identity_type *type;
    const char *canonical;
    const char *match; /* By the present rules. */
    enum provenance provenance;
    enum identity_rule contact_rule;
};

static struct side side_of(const struct explanation *explanation,
                           const struct profile_identity *identity) {
    struct side side = {
        .type = identity_rules_find(explanation->rules, identity->type),
        .canonical = identity->canonical,
        .match = identity->match,
        .provenance = (enum provenance)identity->provenance,
        .contact_rule = (enum identity_rule)identity->rule,
    };
    assert(side.type != NULL); /* Types are never deleted. */
    side.match = identity_match_value(side.type, side.canonical, explanation->arena);
    return side;
}

static struct side *sides_of(const struct explanation *explanation, const struct profile *profile) {
    struct side *sides = arena_array(explanation->arena, profile->identity_count, sizeof *sides);
    for (size_t i = 0; i < profile->identity_count; i++) {
        sides[i] = side_of(explanation, &profile->identities[i]);
    }
    return sides;
}

static bool is_same(const struct side *one, const struct side *other) {
    return (strcmp(one->match, other->match) == 0 ||
            strcmp(one->canonical, other->canonical) == 0) &&
           strcmp(identity_type_match_name(one->type), identity_type_match_name(other->type)) == 0;
}

static enum identity_rule merge_rule_of(const struct side *one, const struct side *other) {
    if (!one->type->merge || !other->type->merge) {
        return IDENTITY_RULE_MERGE_TYPE;
    }
    const enum provenance weaker =
        one->provenance < other->provenance ? one->provenance : other->provenance;
    return weaker >= one->type->merge_provenance && weaker >= other->type->merge_provenance &&
                   weaker > PROVENANCE_INFERRED
               ? IDENTITY_RULE_NONE
               : IDENTITY_RULE_MERGE_PROVENANCE;
}

static enum identity_rule either(enum identity_rule one, enum identity_rule other) {
    return one != IDENTITY_RULE_NONE ? one : other;
}

/* Puts evidence behind what counts as much. */
static void evidence_add(const struct explanation *explanation, struct id profile,
                         const struct side *one, const struct side *other) {
    const struct match_evidence evidence = {
        .profile = profile,
        .type = one->type->name,
        .canonical = one->canonical,
        .other_type = other->type->name,
        .priority = one->type->priority,
        .vetoes = one->type->vetoes & other->type->vetoes,
        .provenance = one->provenance,
        .other_provenance = other->provenance,
        .match_rule = either(identity_rule_of(one->type, one->canonical),
                             identity_rule_of(other->type, other->canonical)),
        .merge_rule = merge_rule_of(one, other),
        .contact_rule = either(one->contact_rule, other->contact_rule),
    };
    struct match *match = explanation->match;
    match->evidence = arena_append(explanation->arena, match->evidence, match->evidence_count,
                                   sizeof *match->evidence);
    size_t at = match->evidence_count++;
    while (at > 0 && match->evidence[at - 1].priority > evidence.priority) {
        match->evidence[at] = match->evidence[at - 1];
        at--;
    }
    match->evidence[at] = evidence;
}

/* ---- two profiles ---- */

static void share(const struct explanation *explanation, const struct profile *one,
                  const struct profile *other) {
    const struct side *sides = sides_of(explanation, one);
    const struct side *others = sides_of(explanation, other);
    for (size_t i = 0; i < one->identity_count; i++) {
        for (size_t k = 0; k < other->identity_count; k++) {
            if (is_same(&sides[i], &others[k])) {
                evidence_add(explanation, other->id, &sides[i], &others[k]);
            }
        }
    }
}

/* Whether an identity in common asks for a merge and is enough for it; where some ask and none is
 * enough, that is in the way. */
static bool is_asked_for(const struct explanation *explanation, struct id profile) {
    const struct match *match = explanation->match;
    for (size_t i = 0; i < match->evidence_count; i++) {
        if (match->evidence[i].match_rule == IDENTITY_RULE_NONE &&
            match->evidence[i].merge_rule == IDENTITY_RULE_NONE) {
            return true;
        }
    }
    for (size_t i = 0; i < match->evidence_count; i++) {
        if (match->evidence[i].match_rule == IDENTITY_RULE_NONE) {
            weak_obstacle(explanation, profile, match->evidence[i].type,
                          match->evidence[i].merge_rule);
        }
    }
    return false;
}

/* The attributes that would veto: those on which the types of all evidence agree, or where there is
 * none all types that may join. */
static uint32_t vetoes_of(const struct explanation *explanation) {
    const struct match *match = explanation->match;
    uint32_t of_evidence = UINT32_MAX;
    bool any = false;
    for (size_t i = 0; i < match->evidence_count; i++) {
        if (match->evidence[i].match_rule == IDENTITY_RULE_NONE) {
            of_evidence &= match->evidence[i].vetoes;
            any = true;
        }
    }
    uint32_t of_types = UINT32_MAX;
    for (size_t i = 0; i < explanation->rules->type_count; i++) {
        const struct identity_type *type = &explanation->rules->types[i];
        of_types &= type->match && type->merge && !type->disabled ? type->vetoes : UINT32_MAX;
    }
    return any ? of_evidence : of_types;
}

static bool any_stops(const struct match *match, enum stopped stopped) {
    for (size_t i = 0; i < match->obstacle_count; i++) {
        if (stopped == STOPS_RECORDS ? match->obstacles[i].stops_records
                                     : match->obstacles[i].stops_merge) {
            return true;
        }
    }
    return false;
}

struct status match_profiles(struct store_view *view, const struct identity_rules *rules,
                             const struct profile *one, const struct profile *other,
                             struct match *out) {
    *out = (struct match){0};
    const struct explanation explanation = {view, rules, store_view_arena(view), out};
    share(&explanation, one, other);
    TRY(merge_obstacles(&explanation, STOPS_RECORDS, vetoes_of(&explanation), one, other));
    TRY(merge_obstacles(&explanation, STOPS_MERGE, VETO_BY_HAND, one, other));
    const bool asked = is_asked_for(&explanation, other->id);
    if (asked && !any_stops(out, STOPS_RECORDS)) {
        out->verdict = MATCH_WOULD_JOIN;
    } else {
        out->verdict = any_stops(out, STOPS_MERGE) ? MATCH_KEPT_APART : MATCH_MAY_JOIN_BY_HAND;
    }
    return OK;
}

/* ---- a record ---- */

/* The identity of the profile that is the record's: an active one before contact data, then the one
 * that is known best. */
static const struct side *best_of(const struct side *sides, size_t count, const struct side *told) {
    const struct side *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct side *side = &sides[i];
        const bool active = side->contact_rule == IDENTITY_RULE_NONE;
        if (is_same(told, side) &&
            (best == NULL || (active && best->contact_rule != IDENTITY_RULE_NONE) ||
             (active == (best->contact_rule == IDENTITY_RULE_NONE) &&
              side->provenance > best->provenance))) {
            best = side;
        }
    }
    return best;
}

static void share_record(const struct explanation *explanation, const struct record *record,
                         const struct profile *profile) {
    const struct side *sides = sides_of(explanation, profile);
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *identity = &record->identities[i];
        const struct side told = {
            .type = identity_rules_find(explanation->rules, identity->type),
            .canonical = identity->canonical,
            .match = identity->match,
            .provenance = identity->provenance,
        };
        const struct side *there = best_of(sides, profile->identity_count, &told);
        if (there != NULL) {
            /* The record's type decides alone. */
            struct side as_told = *there;
            as_told.type = told.type;
            evidence_add(explanation, profile->id, &told, &as_told);
        }
    }
}

/* What resolution looked at: the candidates, and who was joined, as it was before. */
struct scene {
    const struct resolve_context *context;
    const struct record *record;
    struct candidates candidates;
    struct members **members; /* Of the candidates that no fact of the record vetoes. */
    const struct decision *decision;
};

static struct status scene_read(struct scene *scene) {
    struct store_view *view = scene->context->view;
    struct arena *arena = store_view_arena(view);
    struct identity_decision *identities =
        arena_array(arena, scene->record->identity_count, sizeof *identities);
    TRY(candidates_find(scene->context, scene->record, identities, &scene->candidates));
    scene->members = arena_array(arena, scene->candidates.count, sizeof(struct members *));
    for (size_t i = 0; i < scene->candidates.count; i++) {
        const struct candidate *candidate = &scene->candidates.items[i];
        if (candidate->rule == IDENTITY_RULE_NONE) {
            TRY(members_read(view, candidate->profile, &scene->members[i]));
        }
    }
    return OK;
}

/* The candidate that the record was linked to; count of candidates: none. */
static size_t first_joined(const struct scene *scene) {
    size_t at = 0;
    while (at < scene->candidates.count && !scene->decision->candidates[at].accepted) {
        at++;
    }
    return at;
}

/* What the record had been joined with when the candidate's turn came. */
static const struct profile *joined_before(const struct scene *scene, size_t first,
                                           size_t candidate) {
    const struct resolve_context *context = scene->context;
    const struct members_context unify = {context->view, context->rules, context->attributes,
                                          context->now_us};
    if (scene->decision->merged_count == 0) {
        return scene->candidates.items[first].profile;
    }
    struct members together = *scene->members[first];
    for (size_t i = first + 1; i < candidate; i++) {
        if (scene->decision->candidates[i].accepted) {
            const struct profile_merge merge = {.one = together.items[0]->id,
                                                .other = scene->members[i]->items[0]->id};
            members_join(&together, scene->members[i], &merge, store_view_arena(context->view));
        }
    }
    return together.merge_count == 0 ? scene->candidates.items[first].profile
                                     : members_unify(&unify, &together);
}

static void weak_candidate(const struct explanation *explanation, const struct scene *scene,
                           const struct candidate *weak, struct id profile) {
    if (candidate_merge_rule(explanation->rules, scene->record, weak) == IDENTITY_RULE_NONE) {
        return;
    }
    for (size_t i = 0; i < weak->position_count; i++) {
        const int32_t position = weak->positions[i];
        weak_obstacle(explanation, profile, scene->record->identities[position].type,
                      candidate_identity_merge_rule(explanation->rules, scene->record,
                                                    weak->profile, position));
    }
}

/* What kept the record from a candidate, step by step as resolution goes. */
static struct status candidate_obstacles(const struct explanation *explanation,
                                         const struct scene *scene, size_t at) {
    const struct candidate *candidate = &scene->candidates.items[at];
    const uint32_t attributes = candidate_vetoes(explanation->rules, scene->record, candidate);
    struct vetoes facts = {0};
    veto_record_all(explanation->rules, attributes, scene->record, candidate->profile,
                    explanation->arena, &facts);
    for (size_t i = 0; i < facts.count; i++) {
        obstacle_add(explanation, (struct match_obstacle){.profile = candidate->profile->id,
                                                          .veto = facts.items[i],
                                                          .stops_records = true});
    }
    const size_t first = first_joined(scene);
    if (first == scene->candidates.count) {
        return OK;
    }
    const struct candidate *joined = &scene->candidates.items[first];
    weak_candidate(explanation, scene, joined, candidate->profile->id);
    weak_candidate(explanation, scene, candidate, candidate->profile->id);
    return merge_obstacles(explanation, STOPS_RECORDS,
                           attributes & candidate_vetoes(explanation->rules, scene->record, joined),
                           joined_before(scene, first, at), candidate->profile);
}

/* What would keep the record's profile, as it will be, from being merged with the other. */
static struct status later_obstacles(const struct explanation *explanation,
                                     const struct scene *scene, struct id id) {
    const struct profile *resolved = NULL;
    const struct profile *other = NULL;
    TRY(store_profile_get(explanation->view, scene->decision->profile, &resolved));
    TRY(store_profile_get(explanation->view, id, &other));
    assert(resolved != NULL && other != NULL);
    return merge_obstacles(explanation, STOPS_MERGE, VETO_BY_HAND, resolved, other);
}

static bool is_joined(const struct decision *decision, struct id id) {
    bool joined = id_equal(decision->profile, id);
    for (size_t i = 0; i < decision->merged_count; i++) {
        joined = joined || id_equal(decision->merged[i], id);
    }
    return joined;
}

/* One profile: what it has of the record, and what keeps it from it. */
static struct status explain_one(const struct explanation *explanation, const struct scene *scene,
                                 const struct profile *profile) {
    share_record(explanation, scene->record, profile);
    if (is_joined(scene->decision, profile->id)) {
        return OK;
    }
    for (size_t i = 0; i < scene->candidates.count; i++) {
        if (id_equal(scene->candidates.items[i].profile->id, profile->id)) {
            TRY(candidate_obstacles(explanation, scene, i));
        }
    }
    return later_obstacles(explanation, scene, profile->id);
}

static enum match_verdict verdict_of(const struct match *match, const struct decision *decision,
                                     const struct profile *profile) {
    if (profile == NULL) {
        if (decision->outcome != OUTCOME_CREATED) {
            return MATCH_WOULD_JOIN;
        }
        return decision->candidate_count > 0 ? MATCH_KEPT_APART : MATCH_NEW_PROFILE;
    }
    if (is_joined(decision, profile->id)) {
        return MATCH_WOULD_JOIN;
    }
    return any_stops(match, STOPS_MERGE) ? MATCH_KEPT_APART : MATCH_MAY_JOIN_BY_HAND;
}

struct status match_record(const struct resolve_context *context, const struct record *record,
                           const struct profile *profile, struct decision *decision,
                           struct match *out) {
    *out = (struct match){0};
    const struct explanation explanation = {context->view, context->rules,
                                            store_view_arena(context->view), out};
    struct scene scene = {.context = context, .record = record, .decision = decision};
    TRY(scene_read(&scene)); /* Before the wishes change what there is to see. */
    TRY(record_resolve(context, record, decision));
    assert(decision->candidate_count == scene.candidates.count);
    if (profile != NULL) {
        TRY(explain_one(&explanation, &scene, profile));
    }
    for (size_t i = 0; profile == NULL && i < scene.candidates.count; i++) {
        TRY(explain_one(&explanation, &scene, scene.candidates.items[i].profile));
    }
    out->verdict = verdict_of(out, decision, profile);
    return OK;
}

/* ---- the path of ties ---- */

static size_t position_of(const struct profile *profile, struct id id) {
    size_t at = 0;
    while (at < profile->absorbed_count && !id_equal(profile->absorbed[at], id)) {
        at++;
    }
    return at; /* The profile itself stands behind those that it absorbed. */
}

/* From `to` outwards, each member learns the tie by which it is reached: from `from` these ties
 * lead back. */
const struct id *match_path(const struct profile *profile, struct id from, struct id to,
                            struct arena *arena, size_t *count) {
    const size_t none = profile->absorbed_count; /* Of ties; there are as many. */
    size_t *ties = arena_array(arena, profile->absorbed_count + 1, sizeof *ties);
    bool *reached = arena_array(arena, profile->absorbed_count + 1, sizeof *reached);
    reached[position_of(profile, to)] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < none; i++) {
            const size_t one = position_of(profile, profile->merges[i].one);
            const size_t other = position_of(profile, profile->merges[i].other);
            if (reached[one] != reached[other]) {
                ties[reached[one] ? other : one] = i;
                reached[one] = true;
                reached[other] = true;
                more = true;
            }
        }
    }
    struct id *path = arena_array(arena, none, sizeof *path);
    *count = 0;
    const size_t end = position_of(profile, to);
    for (size_t at = position_of(profile, from); at != end && *count < none;) {
        assert(reached[at]);
        const struct profile_merge *tie = &profile->merges[ties[at]];
        path[(*count)++] = tie->id;
        const size_t one = position_of(profile, tie->one);
        at = one == at ? position_of(profile, tie->other) : one;
    }
    return path;
}
