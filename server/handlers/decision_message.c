/* Decisions on the wire. */

#include "server/handlers/decision_message.h"

#include "server/handlers/wire.h"

Profiled__V1__IdentityDecision **identity_decision_messages(const struct identity_decision *list,
                                                            size_t count, struct arena *arena) {
    Profiled__V1__IdentityDecision **messages = arena_array(arena, count, sizeof *messages);
    for (size_t i = 0; i < count; i++) {
        Profiled__V1__IdentityDecision *message = arena_alloc(arena, sizeof *message);
        profiled__v1__identity_decision__init(message);
        message->type = wire_string(list[i].type);
        message->canonical_value = wire_string(list[i].canonical);
        message->state = list[i].rule == IDENTITY_RULE_NONE
                             ? PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_ACTIVE
                             : PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_CONTACT;
        message->rule = (Profiled__V1__IdentityRule)list[i].rule;
        if (list[i].matched) {
            message->matched_profile_id = wire_id(list[i].matched_id, arena);
        }
        messages[i] = message;
    }
    return messages;
}

static Profiled__V1__CandidateDecision **candidate_messages(const struct decision *decision,
                                                            struct arena *arena) {
    Profiled__V1__CandidateDecision **messages =
        arena_array(arena, decision->candidate_count, sizeof *messages);
    for (size_t i = 0; i < decision->candidate_count; i++) {
        const struct candidate_decision *candidate = &decision->candidates[i];
        Profiled__V1__CandidateDecision *message = arena_alloc(arena, sizeof *message);
        profiled__v1__candidate_decision__init(message);
        message->profile_id = wire_id(candidate->id, arena);
        message->n_identity_positions = candidate->position_count;
        message->identity_positions = candidate->positions;
        message->accepted = candidate->accepted;
        message->rule = (Profiled__V1__IdentityRule)candidate->rule;
        messages[i] = message;
    }
    return messages;
}

Profiled__V1__Decision *decision_message(const struct decision *decision, struct arena *arena) {
    Profiled__V1__Decision *message = arena_alloc(arena, sizeof *message);
    profiled__v1__decision__init(message);
    message->outcome = (Profiled__V1__Outcome)decision->outcome;
    message->profile_id = wire_id(decision->profile, arena);
    message->n_merged_ids = decision->merged_count;
    message->merged_ids = arena_array(arena, decision->merged_count, sizeof *message->merged_ids);
    for (size_t i = 0; i < decision->merged_count; i++) {
        message->merged_ids[i] = wire_id(decision->merged[i], arena);
    }
    message->n_merge_ids = decision->merged_count;
    message->merge_ids = arena_array(arena, decision->merged_count, sizeof *message->merge_ids);
    for (size_t i = 0; i < decision->merged_count; i++) {
        message->merge_ids[i] =
            id_is_zero(decision->merges[i]) ? wire_string("") : wire_id(decision->merges[i], arena);
    }
    message->member_id = wire_id(decision->member, arena);
    message->n_identities = decision->identity_count;
    message->identities =
        identity_decision_messages(decision->identities, decision->identity_count, arena);
    message->n_candidates = decision->candidate_count;
    message->candidates = candidate_messages(decision, arena);
    message->n_demoted = decision->demoted_count;
    message->demoted =
        identity_decision_messages(decision->demoted, decision->demoted_count, arena);
    message->rule_version = (int64_t)decision->rule_version;
    message->decide_time = wire_time(decision->decide_us, arena);
    return message;
}
