/* Resolution, from candidates to a decision and its wishes. */

#include "server/identity/resolve.h"

#include <assert.h>
#include <string.h>

#include "server/identity/candidates.h"
#include "server/identity/merge.h"
#include "server/identity/profile_identities.h"
#include "server/identity/veto.h"

/* A resolution under way. */
struct resolution {
    const struct resolve_context *context;
    const struct record *record;
    struct arena *arena;
    struct candidates candidates;
    struct decision *decision;
    struct profile *profile; /* The record's; a copy, not yet wished. NULL: to be made. */
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

/* The rule by which the candidate can't be merged with what the record has been joined with. */
static enum identity_rule merge_rule(const struct resolution *resolution,
                                     const struct candidate *first,
                                     const struct candidate *candidate) {
    const struct identity_rules *rules = resolution->context->rules;
    enum identity_rule rule = candidate_merge_rule(rules, resolution->record, first);
    if (rule == IDENTITY_RULE_NONE) {
        rule = candidate_merge_rule(rules, resolution->record, candidate);
    }
    if (rule == IDENTITY_RULE_NONE) {
        const uint32_t vetoes = candidate_vetoes(rules, resolution->record, candidate) &
                                candidate_vetoes(rules, resolution->record, first);
        rule =
            veto_merge(rules, vetoes, resolution->profile, candidate->profile, resolution->arena);
    }
    return rule;
}

static struct status merge_candidate(struct resolution *resolution,
                                     const struct candidate *candidate) {
    struct decision *decision = resolution->decision;
    struct profile *survivor = NULL;
    TRY(profile_merge(resolution->context->view, resolution->profile, candidate->profile,
                      resolution->context->now_us, &survivor));
    const struct id merged_id = id_equal(survivor->id, candidate->profile->id)
                                    ? resolution->profile->id
                                    : candidate->profile->id;
    decision->merged = arena_append(resolution->arena, decision->merged, decision->merged_count,
                                    sizeof *decision->merged);
    decision->merged[decision->merged_count++] = merged_id;
    decision->profile = survivor->id;
    decision->outcome = OUTCOME_MERGED;
    resolution->profile = survivor;
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
            resolution->profile = profile_copy(candidate->profile, resolution->arena);
            decision->profile = candidate->profile->id;
            decision->outcome = OUTCOME_LINKED;
            continue;
        }
        candidate->rule = merge_rule(resolution, first, candidate);
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
    resolution->profile = profile;
    resolution->decision->profile = profile->id;
    resolution->decision->outcome = OUTCOME_CREATED;
}

/* ---- step 5: identities and values ---- */

/* What an identity of the record becomes on the profile that the record was joined with. */
static enum identity_rule rule_on_profile(const struct resolution *resolution,
                                          const struct identity_decision *identity) {
    if (identity->rule != IDENTITY_RULE_NONE) {
        return identity->rule;
    }
    if (identity->matched && !is_joined(resolution->decision, identity->matched_id)) {
        return IDENTITY_RULE_OWNED_ELSEWHERE;
    }
    return IDENTITY_RULE_NONE;
}

static bool is_same(const struct identity_decision *a, const struct identity_decision *b) {
    return strcmp(a->type, b->type) == 0 && strcmp(a->canonical, b->canonical) == 0;
}

/* Demoted identities are told with the record's own where they are the record's, else apart. */
static void tell_demoted(struct resolution *resolution, size_t count,
                         const struct identity_decision *demoted) {
    struct decision *decision = resolution->decision;
    for (size_t i = 0; i < count; i++) {
        bool own = false;
        for (size_t k = 0; k < decision->identity_count; k++) {
            if (is_same(&decision->identities[k], &demoted[i])) {
                decision->identities[k].rule = IDENTITY_RULE_OVER_LIMIT;
                own = true;
            }
        }
        if (!own) {
            decision->demoted = arena_append(resolution->arena, decision->demoted,
                                             decision->demoted_count, sizeof *decision->demoted);
            decision->demoted[decision->demoted_count++] = demoted[i];
        }
    }
}

static void add_identities(struct resolution *resolution) {
    struct decision *decision = resolution->decision;
    for (size_t i = 0; i < decision->identity_count; i++) {
        decision->identities[i].rule = rule_on_profile(resolution, &decision->identities[i]);
        profile_identity_add(resolution->profile, &resolution->record->identities[i],
                             decision->identities[i].rule, resolution->record->observe_us,
                             resolution->arena);
    }
    size_t demoted_count = 0;
    struct identity_decision *demoted = NULL;
    profile_identities_limit(resolution->profile, resolution->context->rules, resolution->arena,
                             &demoted_count, &demoted);
    tell_demoted(resolution, demoted_count, demoted);
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

static struct status wish(struct resolution *resolution) {
    const struct resolve_context *context = resolution->context;
    struct profile *profile = resolution->profile;
    profile->update_us = context->now_us;
    if (profile->update_us < profile->create_us) {
        profile->update_us = profile->create_us; /* The ticks of a batch run ahead of its time. */
    }
    add_identities(resolution);
    survivorship_apply(profile, resolution->record,
                       context->policy == RESOLVE_REPLACE ? SURVIVORSHIP_REPLACE
                                                          : SURVIVORSHIP_MOST_RECENT,
                       resolution->arena);
    tell_candidates(resolution);
    TRY(store_profile_put(context->view, profile));
    const struct id decision_id =
        id_make(context->now_us + store_view_tick(context->view), context->random);
    return store_decision_put(
        context->view, profile->id, decision_id,
        decision_pack(resolution->decision, resolution->record, resolution->arena));
}

struct status record_resolve(const struct resolve_context *context, const struct record *record,
                             struct decision *out) {
    struct arena *arena = store_view_arena(context->view);
    struct resolution resolution = {
        .context = context, .record = record, .arena = arena, .decision = out};
    *out = (struct decision){
        .identity_count = record->identity_count,
        .identities = arena_array(arena, record->identity_count, sizeof *out->identities),
        .rule_version = context->rules->version,
        .decide_us = context->now_us,
    };
    TRY(candidates_find(context, record, out->identities, &resolution.candidates));
    TRY(join_candidates(&resolution));
    if (resolution.profile == NULL) {
        create_profile(&resolution);
    } else if (context->policy == RESOLVE_LOOK) {
        tell_candidates(&resolution);
        return OK;
    }
    return wish(&resolution);
}
