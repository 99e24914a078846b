/* Telling why of a record: step by step what kept it from those whom it reaches. */

#include <assert.h>
#include <string.h>

#include "server/identity/match_evidence.h"
#include "server/identity/match_scene.h"
#include "server/identity/veto_person.h"

/* A resolution that was looked at before it was made, and what came of it. */
struct told {
    struct scene scene;
    const struct decision *decision;
    bool *joined; /* Of the scene's candidates. */
};

static void weak_candidate(const struct explanation *explanation, const struct scene *scene,
                           const struct candidate *weak, struct id profile) {
    if (candidate_merge_rule(explanation->context->rules, scene->record, weak) ==
        IDENTITY_RULE_NONE) {
        return;
    }
    const struct identity_rules *rules = explanation->context->rules;
    for (size_t i = 0; i < weak->position_count; i++) {
        const int32_t position = weak->positions[i];
        const struct record_identity *told = &scene->record->identities[position];
        const struct match_weak knows =
            match_weak_of(identity_rules_find(rules, told->type), weak->profile->id,
                          candidate_provenance(rules, scene->record, weak->profile, position),
                          (struct id){{0}}, told->provenance);
        obstacle_add_weak(
            explanation, profile, told->type,
            candidate_identity_merge_rule(rules, scene->record, weak->profile, position), &knows);
    }
}

/* What kept the record from a candidate, step by step as resolution goes. */
static struct status candidate_obstacles(const struct explanation *explanation,
                                         const struct told *told, size_t at) {
    const struct scene *scene = &told->scene;
    const struct candidate *candidate = &scene->candidates.items[at];
    struct vetoes facts = {0};
    TRY(candidate_facts(explanation->context, scene->record, candidate, &facts));
    for (size_t i = 0; i < facts.count; i++) {
        obstacle_add(explanation, (struct match_obstacle){.profile = candidate->profile->id,
                                                          .veto = facts.items[i],
                                                          .stops_records = true});
    }
    const size_t first = scene_first(scene, told->joined);
    if (first == scene->candidates.count) {
        return OK;
    }
    const struct candidate *joined = &scene->candidates.items[first];
    weak_candidate(explanation, scene, joined, candidate->profile->id);
    weak_candidate(explanation, scene, candidate, candidate->profile->id);
    const struct identity_rules *rules = explanation->context->rules;
    const struct veto_person before = scene_joined_before(scene, told->joined, first, at);
    struct veto_person person;
    TRY(veto_person_read(explanation->context->view, candidate->profile, &person));
    return obstacles_add_merge(explanation, STOPS_RECORDS,
                               candidate_vetoes(rules, scene->record, candidate) &
                                   candidate_vetoes(rules, scene->record, joined),
                               &before, &person);
}

/* Whether the record's identity reaches somebody. */
static bool is_owned(const struct decision *decision, const struct match_evidence *evidence) {
    for (size_t i = 0; i < decision->identity_count; i++) {
        const struct identity_decision *identity = &decision->identities[i];
        if (identity->matched && strcmp(identity->type, evidence->type) == 0 &&
            strcmp(identity->canonical, evidence->canonical) == 0) {
            return true;
        }
    }
    return false;
}

/* Why the record does not reach the profile by what the two have in common. */
static void unreached_obstacles(const struct explanation *explanation, const struct told *told,
                                const struct profile *profile) {
    const struct match *match = explanation->match;
    for (size_t i = 0; i < match->evidence_count; i++) {
        const struct match_evidence *evidence = &match->evidence[i];
        if (id_equal(evidence->profile, profile->id)) {
            obstacle_add_contact(explanation, profile, evidence,
                                 is_owned(told->decision, evidence));
        }
    }
}

/* What would keep the record's profile, as it will be, from being merged with the other. */
static struct status later_obstacles(const struct explanation *explanation,
                                     const struct decision *decision, struct id id) {
    const struct profile *resolved = NULL;
    const struct profile *other = NULL;
    TRY(store_profile_get(explanation->context->view, decision->profile, &resolved));
    TRY(store_profile_get(explanation->context->view, id, &other));
    assert(resolved != NULL && other != NULL);
    struct veto_person one;
    struct veto_person another;
    TRY(veto_person_read(explanation->context->view, resolved, &one));
    TRY(veto_person_read(explanation->context->view, other, &another));
    return obstacles_add_merge(explanation, STOPS_MERGE, VETO_BY_HAND, &one, &another);
}

static bool is_joined(const struct decision *decision, struct id id) {
    bool joined = id_equal(decision->profile, id);
    for (size_t i = 0; i < decision->merged_count; i++) {
        joined = joined || id_equal(decision->merged[i], id);
    }
    return joined;
}

/* One profile: what it has of the record, and what keeps it from it. */
static struct status explain_one(const struct explanation *explanation, const struct told *told,
                                 const struct profile *profile) {
    evidence_add_record(explanation, told->scene.record, profile);
    if (is_joined(told->decision, profile->id)) {
        return OK;
    }
    bool reached = false;
    for (size_t i = 0; i < told->scene.candidates.count; i++) {
        if (id_equal(told->scene.candidates.items[i].profile->id, profile->id)) {
            reached = true;
            TRY(candidate_obstacles(explanation, told, i));
        }
    }
    if (!reached) {
        unreached_obstacles(explanation, told, profile);
    }
    return later_obstacles(explanation, told->decision, profile->id);
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
    return obstacles_stop(match, STOPS_MERGE) ? MATCH_KEPT_APART : MATCH_MAY_JOIN_BY_HAND;
}

static bool *joined_of(const struct decision *decision, struct arena *arena) {
    bool *joined = arena_array(arena, decision->candidate_count, sizeof *joined);
    for (size_t i = 0; i < decision->candidate_count; i++) {
        joined[i] = decision->candidates[i].accepted;
    }
    return joined;
}

struct status match_record(const struct resolve_context *context, const struct record *record,
                           const struct profile *profile, struct decision *decision,
                           struct match *out) {
    const struct explanation explanation = explanation_begin(context, out);
    struct told told = {.decision = decision};
    TRY(scene_read(context, record, &told.scene)); /* Before the wishes change what is seen. */
    TRY(record_resolve(context, record, decision));
    assert(decision->candidate_count == told.scene.candidates.count);
    told.joined = joined_of(decision, explanation.arena);
    if (profile != NULL) {
        TRY(explain_one(&explanation, &told, profile));
    }
    for (size_t i = 0; profile == NULL && i < told.scene.candidates.count; i++) {
        TRY(explain_one(&explanation, &told, told.scene.candidates.items[i].profile));
    }
    out->verdict = verdict_of(out, decision, profile);
    return OK;
}
