/* Evidence and obstacles on the wire, and what would take an obstacle away. */

#include "server/handlers/match_message.h"

#include <inttypes.h>
#include <string.h>

#include "server/handlers/merge_message.h"
#include "server/handlers/wire.h"

Profiled__V1__MatchEvidence *match_evidence_message(const struct match_evidence *evidence,
                                                    struct arena *arena) {
    Profiled__V1__MatchEvidence *message = arena_alloc(arena, sizeof *message);
    profiled__v1__match_evidence__init(message);
    message->profile_id = wire_id(evidence->profile, arena);
    message->type = wire_string(evidence->type);
    message->canonical_value = wire_string(evidence->canonical);
    message->other_type = wire_string(evidence->other_type);
    message->priority = (int32_t)evidence->priority;
    message->provenance = (Profiled__V1__Provenance)evidence->provenance;
    message->other_provenance = (Profiled__V1__Provenance)evidence->other_provenance;
    message->may_match = evidence->match_rule == IDENTITY_RULE_NONE;
    message->may_merge = message->may_match && evidence->merge_rule == IDENTITY_RULE_NONE;
    message->rule = (Profiled__V1__IdentityRule)(message->may_match ? evidence->merge_rule
                                                                    : evidence->match_rule);
    message->contact_rule = (Profiled__V1__IdentityRule)evidence->contact_rule;
    return message;
}

/* ---- what would take an obstacle away ---- */

static const char *change_limit(const struct veto *veto, struct arena *arena) {
    const uint64_t over = veto->count - veto->limit;
    if (veto->type != NULL) {
        return veto->count > IDENTITY_LIMIT_MAX
                   ? arena_format(arena, "unlink %" PRIu64 " of the %s identities", over,
                                  veto->type)
                   : arena_format(arena,
                                  "unlink %" PRIu64 " of the %s identities, or raise the limit of "
                                  "the type to %" PRIu64,
                                  over, veto->type, veto->count);
    }
    if (strcmp(veto->field, "members") == 0) {
        return "nothing: a person is made of 256 profiles at most";
    }
    return strcmp(veto->field, "identities") == 0
               ? arena_format(arena, "unlink %" PRIu64 " identities, of whatever types", over)
               : arena_format(arena, "unlink identities of %" PRIu64 " bytes", over);
}

static const char *change_fact(const struct match_obstacle *obstacle, struct arena *arena) {
    const char *name = strchr(obstacle->veto.field, '.') + 1;
    return obstacle->stops_merge
               ? arena_format(arena, "correct the %s that is wrong", name)
               : arena_format(arena,
                              "correct the %s that is wrong, take %s out of the "
                              "veto_attributes of the types in question, or merge by hand",
                              name, name);
}

static const char *what_would_change(const struct match_obstacle *obstacle, struct arena *arena) {
    const struct veto *veto = &obstacle->veto;
    switch (veto->rule) {
    case IDENTITY_RULE_NEVER_JOIN:
        return "take the pair off the list with DeleteNeverJoin";
    case IDENTITY_RULE_VETO_BIRTH_DATE:
    case IDENTITY_RULE_VETO_GENDER:
    case IDENTITY_RULE_VETO_GIVEN_NAME:
        return change_fact(obstacle, arena);
    case IDENTITY_RULE_VETO_SINGLE_VALUE:
        return arena_format(arena, "unlink the %s that is wrong: a person has one", veto->type);
    case IDENTITY_RULE_MERGE_LIMIT:
        return change_limit(veto, arena);
    case IDENTITY_RULE_MERGE_TYPE:
        return arena_format(arena, "let the type %s merge, or merge by hand", veto->type);
    case IDENTITY_RULE_MERGE_PROVENANCE:
        return arena_format(arena,
                            "tell the %s with a higher provenance, lower the merge_provenance of "
                            "the type, or merge by hand",
                            veto->type);
    case IDENTITY_RULE_OWNED_ELSEWHERE:
        return arena_format(arena, "unlink the %s from the profile that has it, or merge by hand",
                            veto->type);
    case IDENTITY_RULE_NONE: /* The others keep nobody apart. */
    case IDENTITY_RULE_BLOCKED_VALUE:
    case IDENTITY_RULE_BLOCKED_REPEATED:
    case IDENTITY_RULE_BLOCKED_SHORT:
    case IDENTITY_RULE_BLOCKED_ROLE_MAILBOX:
    case IDENTITY_RULE_BLOCKED_PATTERN:
    case IDENTITY_RULE_TYPE_NOT_MATCHING:
    case IDENTITY_RULE_TYPE_DISABLED:
    case IDENTITY_RULE_OVER_LIMIT:
    case IDENTITY_RULE_SIMILAR:
        break;
    }
    return "";
}

Profiled__V1__MatchObstacle *match_obstacle_message(const struct match_obstacle *obstacle,
                                                    struct arena *arena) {
    Profiled__V1__MatchObstacle *message = arena_alloc(arena, sizeof *message);
    profiled__v1__match_obstacle__init(message);
    message->profile_id = wire_id(obstacle->profile, arena);
    message->rule = (Profiled__V1__IdentityRule)obstacle->veto.rule;
    message->field = wire_string(obstacle->veto.field);
    message->type = wire_string(obstacle->veto.type == NULL ? "" : obstacle->veto.type);
    message->count = (int64_t)obstacle->veto.count;
    message->limit = (int64_t)obstacle->veto.limit;
    if (obstacle->veto.rule == IDENTITY_RULE_NEVER_JOIN) {
        message->never_join = never_join_message(&obstacle->pair, arena);
    }
    message->stops_records = obstacle->stops_records;
    message->stops_merge = obstacle->stops_merge;
    message->what_would_change = wire_string(what_would_change(obstacle, arena));
    return message;
}
