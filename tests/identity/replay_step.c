/* Steps as calls. A call that the server refuses is an outcome as any other. */

#include "tests/identity/replay_step.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/events.h"
#include "tests/handlers/people.h"

const char *const replay_types[REPLAY_TYPES] = {"external_id", "email",       "phone",
                                                "whatsapp",    "national_id", "twitter",
                                                "instagram",   "anonymous_id"};

/* Built in, and of the workspace's own: a number and a list; the last is told with its sub-dialect,
 * or as that alone. */
static const char *const attributes[REPLAY_ATTRIBUTES] = {"city",   "gender", "given_name",
                                                          "visits", "tags",   "dialect"};
enum { GENDER = 1, VISITS = 3, TAGS = 4, DIALECT = 5 };
static const char *const dialects[] = {"saudi", "saudi", "khaleji", "khaleji", "shami", "white"};
static const char *const sub_dialects[] = {"najdi_sa", "hijazi_sa", "emirati",
                                           "kuwaiti",  "syrian",    "white"};
static const char *const sources[] = {"crm", "web", "shop"};
static const char *const channels[] = {"email", "whatsapp", "twitter"};
static const char *const themes[] = {"", "complaint", "praise"};

static char *text_of(const char *text) { return (char *)(uintptr_t)text; }

int64_t replay_time_us(size_t step) { return (int64_t)(step + 1) * US_PER_SECOND; }

void replay_clock_set(const struct replay_run *run, size_t step) {
    ask_time_set(run->begin_us + replay_time_us(step));
}

/* ---- names ---- */

int replay_profile_of(const struct replay_run *run, const char *id) {
    for (int i = 0; i < REPLAY_STEPS_MAX; i++) {
        if (id[0] != '\0' && strcmp(run->profiles[i], id) == 0) {
            return i;
        }
    }
    return REPLAY_NONE;
}

int replay_event_of(const struct replay_run *run, const char *id) {
    for (int i = 0; i < REPLAY_STEPS_MAX; i++) {
        if (id[0] != '\0' && strcmp(run->events[i], id) == 0) {
            return i;
        }
    }
    return REPLAY_NONE;
}

static void spell(char out[REPLAY_VALUE_SIZE], int tag, int type, int value, int form) {
    const char *text = NULL;
    switch (type) {
    case 0:
        text = arena_format(&ask_arena, "c-%d-x%d", tag, value);
        break;
    case 1:
        text = arena_format(&ask_arena, form == 0 ? "e%d-%d%s@x.example" : "E%d-%d%s@X.example",
                            tag, value / 2, value % 2 == 0 ? "" : "+t");
        break;
    case 2:
    case 3:
        text =
            arena_format(&ask_arena, form == 0 ? "+9665%04d713%d" : "009665%04d713%d", tag, value);
        break;
    case 4:
        text = arena_format(&ask_arena, form == 0 ? "n-%d-x%d" : "N-%d-X%d", tag, value);
        break;
    case 5:
    case 6:
        text = arena_format(&ask_arena, form == 0 ? "%c%d_x%d" : "@%c%d_X%d", type == 5 ? 't' : 'i',
                            tag, value);
        break;
    default:
        text = arena_format(&ask_arena, "a-%d-x%d", tag, value);
        break;
    }
    cr_assert_lt(strlen(text), REPLAY_VALUE_SIZE);
    memcpy(out, text, strlen(text) + 1);
}

void replay_run_begin(struct replay_run *run, const char *workspace, int tag) {
    *run = (struct replay_run){
        .workspace = workspace, .tag = tag, .begin_us = CALL_START_US + tag * US_PER_DAY};
    for (int type = 0; type < REPLAY_TYPES; type++) {
        for (int value = 0; value < REPLAY_VALUES; value++) {
            for (int form = 0; form < REPLAY_FORMS; form++) {
                spell(run->values[type][value][form], tag, type, value, form);
            }
        }
    }
}

const char *replay_value_name(const struct replay_run *run, const char *text) {
    for (int type = 0; type < REPLAY_TYPES; type++) { /* whatsapp has the values of phone. */
        for (int value = 0; value < REPLAY_VALUES; value++) {
            for (int form = 0; form < REPLAY_FORMS; form++) {
                if (strcmp(run->values[type][value][form], text) == 0) {
                    return arena_format(&ask_arena, "%s#%d/%d", replay_types[type], value, form);
                }
            }
        }
    }
    return text;
}

bool replay_value_find(const struct replay_run *run, const char *type, const char *canonical,
                       struct replay_identity *out) {
    for (int i = 0; i < REPLAY_TYPES; i++) {
        for (int value = 0; value < REPLAY_VALUES; value++) {
            if (strcmp(replay_types[i], type) == 0 &&
                strcmp(run->values[i][value][0], canonical) == 0) {
                *out = (struct replay_identity){.type = i, .value = value};
                return true;
            }
        }
    }
    return false;
}

static uint64_t bit_of(const struct replay_run *run, const char *id) {
    const int profile = replay_profile_of(run, id);
    return profile == REPLAY_NONE ? 0 : UINT64_C(1) << profile;
}

static void id_keep(char out[REPLAY_ID_SIZE], const char *id) {
    cr_assert_eq(strlen(id), REPLAY_ID_SIZE - 1);
    memcpy(out, id, REPLAY_ID_SIZE);
}

/* ---- calls ---- */

static const void *send(const struct replay_run *run, const struct rpc_service *service,
                        const char *method, const ProtobufCMessage *request,
                        struct replay_outcome *outcome) {
    ProtobufCMessage *response = NULL;
    const struct answer *answer =
        call_in(ask_fixture, run->workspace, service, method, request, &response);
    outcome->code = answer->code;
    cr_assert_neq(answer->code, STATUS_INVALID_ARGUMENT, "%s: %s", method,
                  answer->violation_count > 0 ? answer->violations[0].field : answer->text);
    cr_assert_lt(strlen(answer->reason), sizeof outcome->reason);
    memcpy(outcome->reason, answer->reason, strlen(answer->reason) + 1);
    const char *owner = answer_metadata(answer, "owner_id");
    outcome->touched |= owner == NULL ? 0 : bit_of(run, owner);
    return response;
}

static struct told_attribute attribute_told(int attribute, int value) {
    struct told_attribute told = {.name = attributes[attribute]};
    if (attribute == VISITS) {
        told.value = arena_format(&ask_arena, "%d.25", value);
    } else if (attribute == TAGS) {
        const char **items = arena_array(&ask_arena, 3, sizeof *items);
        items[0] = arena_format(&ask_arena, "tag%d", value);
        items[1] = value % 2 == 0 ? NULL : "odd";
        told.items = items;
    } else if (attribute == GENDER) {
        told.value = value % 2 == 0 ? "female" : "male";
    } else if (attribute == DIALECT) {
        told.value = dialects[value % 6];
    } else {
        told.value = arena_format(&ask_arena, "%s%d", attributes[attribute], value);
    }
    return told;
}

/* An update tells both, so that it never finds one in its way. */
static bool tells_sub_dialect(const struct replay_step *step) {
    return step->attributes[DIALECT] > 0 &&
           (step->kind == REPLAY_UPDATE || step->attributes[DIALECT] % 3 != 0);
}

static struct told told_of(const struct replay_run *run, const struct replay_step *step) {
    struct told told = {.observe_us = run->begin_us + step->observe_us,
                        .source = sources[step->source]};
    told.name = step->name == REPLAY_NONE ? NULL : arena_format(&ask_arena, "Name %d", step->name);
    for (size_t i = 0; i < step->identity_count; i++) {
        const struct replay_identity *identity = &step->identities[i];
        told.identities[i].type = replay_types[identity->type];
        told.identities[i].value = run->values[identity->type][identity->value][identity->form];
        told.identities[i].provenance = identity->provenance;
        told.identities[i].source = sources[identity->source];
    }
    size_t count = 0;
    for (int i = 0; i < REPLAY_ATTRIBUTES; i++) {
        if (step->attributes[i] > 0) {
            told.attributes[count] = attribute_told(i, step->attributes[i]);
            told.attributes[count].source = sources[(step->source + i) % 3];
            told.attributes[count++].observe_us = told.observe_us;
        }
    }
    if (tells_sub_dialect(step)) {
        told.attributes[count] = told.attributes[count - 1]; /* The dialect is the last. */
        told.attributes[count].name = "sub_dialect";
        told.attributes[count].value = sub_dialects[step->attributes[DIALECT] % 6];
    }
    return told;
}

/* The members that a merge of the decision tied. */
static void keep_tie(const struct replay_run *run, const Profiled__V1__Decision *decision,
                     const char *merge_id, struct replay_outcome *outcome) {
    Profiled__V1__ListMergesRequest request = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    request.profile_id = decision->profile_id;
    request.page_size = 1000;
    ask_in(run->workspace);
    const Profiled__V1__ListMergesResponse *list =
        ask(&rpc_identity_service, "ListMerges", &request.base);
    for (size_t i = 0; i < list->n_merges; i++) {
        const Profiled__V1__Merge *merge = list->merges[i];
        if (strcmp(merge->id, merge_id) == 0) {
            cr_assert_lt(outcome->tie_count, REPLAY_TIES_MAX);
            outcome->ties[outcome->tie_count].one = replay_profile_of(run, merge->profile_id);
            outcome->ties[outcome->tie_count].other =
                replay_profile_of(run, merge->other_profile_id);
            id_keep(outcome->ties[outcome->tie_count++].id, merge->id);
        }
    }
}

static void keep_decision(struct replay_run *run, size_t number,
                          const Profiled__V1__Decision *decision, struct replay_outcome *outcome) {
    if (decision->outcome == OUTCOME(CREATED)) {
        id_keep(run->profiles[number], decision->profile_id);
    }
    outcome->profile = replay_profile_of(run, decision->member_id);
    outcome->touched |= bit_of(run, decision->member_id) | bit_of(run, decision->profile_id);
    for (size_t i = 0; i < decision->n_candidates; i++) {
        outcome->touched |= bit_of(run, decision->candidates[i]->profile_id);
    }
    for (size_t i = 0; i < decision->n_merge_ids; i++) {
        keep_tie(run, decision, decision->merge_ids[i], outcome);
    }
}

static void make_resolve(struct replay_run *run, const struct replay_step *step, size_t number,
                         struct replay_outcome *outcome) {
    const struct told told = told_of(run, step);
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(&told);
    const Profiled__V1__ResolveProfileResponse *response =
        send(run, &rpc_identity_service, "ResolveProfile", &request.base, outcome);
    keep_decision(run, number, response->decision, outcome);
}

static void make_create(struct replay_run *run, const struct replay_step *step, size_t number,
                        struct replay_outcome *outcome) {
    const struct told told = told_of(run, step);
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(&told);
    const Profiled__V1__CreateProfileResponse *response =
        send(run, &rpc_profile_service, "CreateProfile", &request.base, outcome);
    if (response != NULL) {
        id_keep(run->profiles[number], response->profile->id);
        outcome->profile = (int)number;
    }
}

static void make_event(struct replay_run *run, const struct replay_step *step, size_t number,
                       struct replay_outcome *outcome) {
    char *event_id = step->event == REPLAY_NONE
                         ? text_of("")
                         : arena_format(&ask_arena, "e-%d-%d", run->tag, step->event);
    Profiled__V1__Interaction *interaction =
        engagement_told(event_id, channels[step->channel], run->begin_us + step->observe_us);
    interaction->source = text_of(sources[step->source]);
    interaction->engagement->theme = text_of(themes[step->theme]);
    interaction->engagement->sentiment = (Profiled__V1__Sentiment)step->sentiment;
    const struct told told = told_of(run, step);
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = step->kind == REPLAY_RECORD
                                     ? event_by_record(interaction, &told)
                                     : event_by_id(interaction, run->profiles[step->profile]);
    const Profiled__V1__RecordInteractionResponse *response =
        send(run, &rpc_interaction_service, "RecordInteraction", &request.base, outcome);
    if (response == NULL) {
        return;
    }
    outcome->repeated = response->repeated_event;
    if (!response->repeated_event) {
        id_keep(run->events[number], response->interaction_id);
    }
    if (response->decision != NULL) {
        keep_decision(run, number, response->decision, outcome);
    }
}

static Profiled__V1__Identity *identity_of(const struct replay_run *run,
                                           const struct replay_step *step) {
    const struct told told = told_of(run, step);
    return record_told(&told)->identities[0];
}

static void make_link(struct replay_run *run, const struct replay_step *step,
                      struct replay_outcome *outcome) {
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = run->profiles[step->profile];
    request.identity = identity_of(run, step);
    send(run, &rpc_identity_service, "LinkIdentity", &request.base, outcome);
}

static void make_unlink(struct replay_run *run, const struct replay_step *step,
                        struct replay_outcome *outcome) {
    Profiled__V1__UnlinkIdentityRequest request = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    request.profile_id = run->profiles[step->profile];
    request.identity = identity_of(run, step);
    send(run, &rpc_identity_service, "UnlinkIdentity", &request.base, outcome);
}

static void make_merge(struct replay_run *run, const struct replay_step *step,
                       struct replay_outcome *outcome) {
    Profiled__V1__MergeProfilesRequest request = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    request.profile_id = run->profiles[step->profile];
    request.other_profile_id = run->profiles[step->other];
    const Profiled__V1__MergeProfilesResponse *response =
        send(run, &rpc_identity_service, "MergeProfiles", &request.base, outcome);
    if (response != NULL) {
        outcome->ties[0].one = step->profile;
        outcome->ties[0].other = step->other;
        id_keep(outcome->ties[outcome->tie_count++].id, response->merge_id);
    }
}

static void make_update(struct replay_run *run, const struct replay_step *step,
                        struct replay_outcome *outcome) {
    const struct told told = told_of(run, step);
    char *paths[REPLAY_ATTRIBUTES + 2];
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.paths = paths;
    if (step->name != REPLAY_NONE) {
        paths[mask.n_paths++] = text_of("name");
    }
    for (int i = 0; i < REPLAY_ATTRIBUTES; i++) {
        if (step->attributes[i] != REPLAY_NONE) {
            paths[mask.n_paths++] = arena_format(&ask_arena, "attributes.%s", attributes[i]);
        }
    }
    if (tells_sub_dialect(step)) {
        paths[mask.n_paths++] = text_of("attributes.sub_dialect");
    }
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(&told);
    request.profile->id = run->profiles[step->profile];
    request.update_mask = &mask;
    send(run, &rpc_profile_service, "UpdateProfile", &request.base, outcome);
}

static void make_delete(struct replay_run *run, const struct replay_step *step,
                        struct replay_outcome *outcome) {
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = run->profiles[step->profile];
    send(run, &rpc_profile_service, "DeleteProfile", &request.base, outcome);
}

static void make_undelete(struct replay_run *run, const struct replay_step *step,
                          struct replay_outcome *outcome) {
    Profiled__V1__UndeleteProfileRequest request = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    request.id = run->profiles[step->profile];
    send(run, &rpc_profile_service, "UndeleteProfile", &request.base, outcome);
}

static void make_allow(struct replay_run *run, const struct replay_step *step,
                       struct replay_outcome *outcome) {
    Profiled__V1__DeleteNeverJoinRequest request = PROFILED__V1__DELETE_NEVER_JOIN_REQUEST__INIT;
    request.profile_id = run->profiles[step->profile];
    request.other_profile_id = run->profiles[step->other];
    send(run, &rpc_identity_service, "DeleteNeverJoin", &request.base, outcome);
}

static void make_forbid(struct replay_run *run, int one, int other,
                        struct replay_outcome *outcome) {
    Profiled__V1__CreateNeverJoinRequest request = PROFILED__V1__CREATE_NEVER_JOIN_REQUEST__INIT;
    request.profile_id = run->profiles[one];
    request.other_profile_id = run->profiles[other];
    send(run, &rpc_identity_service, "CreateNeverJoin", &request.base, outcome);
}

struct replay_outcome replay_step_make(struct replay_run *run, const struct replay_step *step,
                                       size_t number) {
    struct replay_outcome outcome = {.profile = REPLAY_NONE};
    outcome.touched |= step->profile == REPLAY_NONE ? 0 : UINT64_C(1) << step->profile;
    outcome.touched |= step->other == REPLAY_NONE ? 0 : UINT64_C(1) << step->other;
    replay_clock_set(run, number);
    switch (step->kind) {
    case REPLAY_RESOLVE:
        make_resolve(run, step, number, &outcome);
        break;
    case REPLAY_CREATE:
        make_create(run, step, number, &outcome);
        break;
    case REPLAY_RECORD:
    case REPLAY_RECORD_BY:
        make_event(run, step, number, &outcome);
        break;
    case REPLAY_LINK:
        make_link(run, step, &outcome);
        break;
    case REPLAY_UNLINK:
        make_unlink(run, step, &outcome);
        break;
    case REPLAY_MERGE:
        make_merge(run, step, &outcome);
        break;
    case REPLAY_UPDATE:
        make_update(run, step, &outcome);
        break;
    case REPLAY_DELETE:
        make_delete(run, step, &outcome);
        break;
    case REPLAY_UNDELETE:
        make_undelete(run, step, &outcome);
        break;
    case REPLAY_ALLOW:
        make_allow(run, step, &outcome);
        break;
    case REPLAY_FORBID:
        make_forbid(run, step->profile, step->other, &outcome);
        break;
    case REPLAY_UNMERGE:
    case REPLAY_LEFT_OUT:
        break;
    }
    return outcome;
}

/* A profile that was made of a record has the time of that in its id. */
static void keep_made(struct replay_run *run, const char *text) {
    struct id id;
    cr_assert(id_parse(text, &id));
    const int64_t since_us = id_time_us(id) - run->begin_us;
    const int64_t step = since_us / US_PER_SECOND - 1;
    cr_assert(step >= 0 && step < REPLAY_STEPS_MAX);
    id_keep(run->profiles[step], text);
}

struct replay_outcome replay_unmerge(struct replay_run *run, const char *merge_id,
                                     bool reconsider) {
    struct replay_outcome outcome = {.profile = REPLAY_NONE};
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = text_of(merge_id);
    request.keep_decisions = !reconsider;
    const Profiled__V1__UnmergeProfilesResponse *response =
        send(run, &rpc_identity_service, "UnmergeProfiles", &request.base, &outcome);
    outcome.retold = response != NULL && response->retold;
    for (size_t i = 0; response != NULL && i < response->n_reconsidered_profile_ids; i++) {
        keep_made(run, response->reconsidered_profile_ids[i]);
    }
    return outcome;
}

bool replay_forbid(struct replay_run *run, int one, int other) {
    struct replay_outcome outcome = {.profile = REPLAY_NONE};
    make_forbid(run, one, other, &outcome);
    cr_assert(outcome.code == STATUS_OK || strcmp(outcome.reason, "MERGE_NOT_ALLOWED") == 0);
    return outcome.code == STATUS_OK;
}

/* ---- in words ---- */

const char *replay_step_text(const struct replay_step *step, size_t number) {
    static const char *const names[] = {"resolve",     "create",   "interaction by record",
                                        "interaction", "link",     "unlink",
                                        "merge",       "unmerge",  "update",
                                        "delete",      "undelete", "allow",
                                        "forbid",      "left out"};
    char *text = arena_format(&ask_arena, "step %zu: %s", number, names[step->kind]);
    if (step->profile != REPLAY_NONE) {
        text = arena_format(&ask_arena, "%s P%d", text, step->profile);
    }
    if (step->other != REPLAY_NONE) {
        text = arena_format(&ask_arena, "%s P%d", text, step->other);
    }
    if (step->tie != REPLAY_NONE) {
        text = arena_format(&ask_arena, "%s merge %d", text, step->tie);
    }
    for (size_t i = 0; i < step->identity_count; i++) {
        const struct replay_identity *one = &step->identities[i];
        text = arena_format(&ask_arena, "%s %s#%d/%d(%d,%s)", text, replay_types[one->type],
                            one->value, one->form, one->provenance, sources[one->source]);
    }
    if (step->name != REPLAY_NONE) {
        text = arena_format(&ask_arena, "%s name%d", text, step->name);
    }
    for (int i = 0; i < REPLAY_ATTRIBUTES; i++) {
        if (step->attributes[i] != REPLAY_NONE) {
            text = arena_format(&ask_arena, "%s %s%d", text, attributes[i], step->attributes[i]);
        }
    }
    return arena_format(&ask_arena, "%s of %s, at %" PRId64 ", event %d", text,
                        sources[step->source], step->observe_us, step->event);
}
