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

/* Who is to tell it better: the record, profiles, or both. */
static const char *change_weak(const struct match_obstacle *obstacle, struct arena *arena) {
    const struct match_weak *weak = &obstacle->weak;
    const char *type = obstacle->veto.type;
    const char *needed = weak->needed == PROVENANCE_VERIFIED ? "VERIFIED" : "ATTESTED";
    const char *text = weak->told ? arena_format(arena, "tell the %s as %s", type, needed) : "";
    for (size_t i = 0; i < weak->profile_count; i++) {
        text = arena_format(arena, "%s%stell %s its %s as %s by a record of its own", text,
                            text[0] == '\0' ? "" : ", ", wire_id(weak->profiles[i], arena), type,
                            needed);
    }
    return weak->least == PROVENANCE_INFERRED
               ? arena_format(arena, "%s; or merge by hand", text)
               : arena_format(arena,
                              "%s; or lower the merge_provenance of the type, or merge by hand",
                              text);
}

/* What is over its type's limit where it is: one more is to be active. */
static const char *change_room(const struct veto *veto, struct arena *arena) {
    const uint64_t over = veto->count - veto->limit;
    return veto->count > IDENTITY_LIMIT_MAX
               ? arena_format(arena, "unlink %" PRIu64 " of the other %s identities", over,
                              veto->type)
               : arena_format(arena,
                              "unlink %" PRIu64 " of the other %s identities, or raise the limit "
                              "of the type to %" PRIu64,
                              over, veto->type, veto->count);
}

/* What makes a value match that its type keeps from it; NULL when nothing does. */
static const char *change_type(const struct match_obstacle *obstacle, struct arena *arena) {
    static const struct {
        enum identity_rule rule;
        const char *before;
        const char *after;
    } rows[] = {
        {IDENTITY_RULE_BLOCKED_VALUE, "take the value out of the blocked_values of the type ", ""},
        {IDENTITY_RULE_BLOCKED_SHORT, "lower the min_length of the type ", ""},
        {IDENTITY_RULE_BLOCKED_ROLE_MAILBOX, "let the type ", " match role mailboxes"},
        {IDENTITY_RULE_BLOCKED_PATTERN, "change the blocked_patterns of the type ", ""},
        {IDENTITY_RULE_TYPE_NOT_MATCHING, "let the type ", " match"},
        {IDENTITY_RULE_TYPE_DISABLED, "enable the type ", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].rule == obstacle->veto.rule &&
            (rows[i].rule != IDENTITY_RULE_BLOCKED_VALUE || obstacle->listed)) {
            return arena_format(arena, "%s%s%s", rows[i].before, obstacle->veto.type,
                                rows[i].after);
        }
    }
    return NULL;
}

/* The value is contact data with a profile: it has to be linked again once nothing keeps it so. */
static const char *change_contact(const struct match_obstacle *obstacle, const char *first,
                                  struct arena *arena) {
    const char *type = obstacle->veto.type;
    if (first == NULL && !obstacle->lapsed) {
        return "nothing: such a value identifies nobody, whatever the rules of its type";
    }
    if (obstacle->lapsed) {
        return arena_format(arena, "link the %s to the profile again (LinkIdentity)", type);
    }
    return obstacle->links
               ? arena_format(arena, "%s; then link the %s to the profile again (LinkIdentity)",
                              first, type)
               : first;
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
        return change_weak(obstacle, arena);
    case IDENTITY_RULE_OWNED_ELSEWHERE:
        return change_contact(
            obstacle, arena_format(arena, "unlink the %s from the profile that has it", veto->type),
            arena);
    case IDENTITY_RULE_OVER_LIMIT:
        return change_contact(obstacle, change_room(veto, arena), arena);
    case IDENTITY_RULE_BLOCKED_VALUE:
    case IDENTITY_RULE_BLOCKED_REPEATED:
    case IDENTITY_RULE_BLOCKED_SHORT:
    case IDENTITY_RULE_BLOCKED_ROLE_MAILBOX:
    case IDENTITY_RULE_BLOCKED_PATTERN:
    case IDENTITY_RULE_TYPE_NOT_MATCHING:
    case IDENTITY_RULE_TYPE_DISABLED:
        return change_contact(obstacle, change_type(obstacle, arena), arena);
    case IDENTITY_RULE_NONE: /* The others keep nobody apart. */
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
    message->links = obstacle->links;
    message->lapsed = obstacle->lapsed;
    message->provenance = (Profiled__V1__Provenance)obstacle->weak.least;
    message->what_would_change = wire_string(what_would_change(obstacle, arena));
    return message;
}
