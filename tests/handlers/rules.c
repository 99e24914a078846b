/* Other rules, a line each. */

#include "tests/handlers/rules.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static void add_effect(Profiled__V1__IdentityTypesEffect *sum,
                       const Profiled__V1__IdentityTypesEffect *effect) {
    sum->profile_count += effect->profile_count;
    sum->changed_count += effect->changed_count;
    sum->lost_identity_count += effect->lost_identity_count;
    sum->gained_identity_count += effect->gained_identity_count;
    sum->made_count += effect->made_count;
    sum->unjudged_count += effect->unjudged_count;
    sum->split_count += effect->split_count;
    sum->joined_count += effect->joined_count;
    sum->moved_count += effect->moved_count;
}

Profiled__V1__IdentityTypesEffect apply_rules(int max_profiles) {
    return apply_rules_by_page(max_profiles)->effect;
}

const struct applied *apply_rules_by_page(int max_profiles) {
    struct applied *applied = arena_alloc(&ask_arena, sizeof *applied);
    profiled__v1__identity_types_effect__init(&applied->effect);
    Profiled__V1__ApplyIdentityTypesRequest request =
        PROFILED__V1__APPLY_IDENTITY_TYPES_REQUEST__INIT;
    request.max_profiles = max_profiles;
    for (bool done = false; !done;) {
        const Profiled__V1__ApplyIdentityTypesResponse *response =
            ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);
        add_effect(&applied->effect, response->effect);
        cr_assert_lt(applied->page_count, APPLIED_PAGES_MAX);
        applied->pages[applied->page_count++] = response;
        applied->pass = response->pass;
        applied->settled = response->settled;
        cr_expect_eq(response->total_profile_count, applied->effect.profile_count);
        request.page_token = response->next_page_token;
        done = response->done;
        cr_expect_eq(done, request.page_token[0] == '\0');
    }
    return applied;
}

void restore_rules(int64_t rule_version) {
    Profiled__V1__RestoreIdentityTypesRequest request =
        PROFILED__V1__RESTORE_IDENTITY_TYPES_REQUEST__INIT;
    request.rule_version = rule_version;
    ask(&rpc_identity_service, "RestoreIdentityTypes", &request.base);
}

static void take(struct simulated *simulated,
                 const Profiled__V1__SimulateIdentityTypesResponse *response) {
    simulated->effect = *response->effect;
    simulated->pass = response->pass;
    simulated->settled = response->settled;
    simulated->progress = *response->progress;
    simulated->uncounted_count += response->progress->profile_count == 0;
    simulated->message_count++;
    for (size_t i = 0; i < response->n_changes; i++) {
        cr_assert_lt(simulated->listed_count, 1000);
        simulated->listed[simulated->listed_count++] = response->changes[i];
    }
}

const struct simulated *simulate(const Profiled__V1__SimulateIdentityTypesRequest *request) {
    struct simulated *simulated = arena_alloc(&ask_arena, sizeof *simulated);
    const uint64_t before = call_data_hash(ask_fixture);
    struct rpc_stream *stream = rpc_stream_new();
    for (bool more = true; more; more = call_more(ask_fixture)) {
        ProtobufCMessage *message = NULL;
        const struct answer *answer =
            call_stream(ask_fixture, stream, &rpc_identity_service, "SimulateIdentityTypes",
                        &request->base, &message);
        cr_assert_eq(answer->code, STATUS_OK, "%s %s", answer->reason, answer->text);
        take(simulated, (const Profiled__V1__SimulateIdentityTypesResponse *)message);
    }
    rpc_stream_free(stream);
    cr_assert_eq(call_data_hash(ask_fixture), before, "it left something");
    return simulated;
}

const struct simulated *simulate_version(int64_t version) {
    Profiled__V1__SimulateIdentityTypesRequest request =
        PROFILED__V1__SIMULATE_IDENTITY_TYPES_REQUEST__INIT;
    request.rule_version = version;
    return simulate(&request);
}

int64_t rule_version(void) {
    Profiled__V1__ListIdentityTypesRequest request =
        PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    const Profiled__V1__ListIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ListIdentityTypes", &request.base);
    return response->rule_version;
}

static Profiled__V1__IdentityType type_of(const char *type) {
    Profiled__V1__IdentityType rules = PROFILED__V1__IDENTITY_TYPE__INIT;
    rules.type = text(type);
    return rules;
}

void set_limit(const char *type, int limit) {
    Profiled__V1__IdentityType rules = type_of(type);
    rules.limit = limit;
    set_rules("limit", &rules);
}

void set_disabled(const char *type, bool disabled) {
    Profiled__V1__IdentityType rules = type_of(type);
    rules.disabled = disabled;
    set_rules("disabled", &rules);
}

void set_ignore_dots(const char *type, bool ignore) {
    Profiled__V1__IdentityType rules = type_of(type);
    rules.email_ignore_dots = ignore;
    set_rules("email_ignore_dots", &rules);
}

void set_blocked(const char *type, const char *value) {
    Profiled__V1__IdentityType rules = type_of(type);
    char *values[] = {text(value)};
    rules.n_blocked_values = value == NULL ? 0 : 1;
    rules.blocked_values = values;
    set_rules("blocked_values", &rules);
}

void set_vetoes(const char *type, const char *vetoes) {
    Profiled__V1__IdentityType rules = type_of(type);
    char *list = arena_string(&ask_arena, bytes_of_string(vetoes));
    char *values[4];
    for (char *word = strtok(list, ","); word != NULL; word = strtok(NULL, ",")) {
        values[rules.n_veto_attributes++] = word;
    }
    rules.veto_attributes = values;
    set_rules("veto_attributes", &rules);
}

static int by_identity(const void *one, const void *other) {
    const Profiled__V1__Identity *const *a = one;
    const Profiled__V1__Identity *const *b = other;
    const int order = strcmp((*a)->type, (*b)->type);
    return order != 0 ? order : strcmp((*a)->canonical_value, (*b)->canonical_value);
}

static int by_key(const void *one, const void *other) {
    const Profiled__V1__Profile__AttributesEntry *const *a = one;
    const Profiled__V1__Profile__AttributesEntry *const *b = other;
    return strcmp((*a)->key, (*b)->key);
}

static struct bytes profiles_but(bool merged_ids) {
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    request.page_size = 1000;
    const Profiled__V1__ListProfilesResponse *response =
        ask(&rpc_profile_service, "ListProfiles", &request.base);
    cr_assert_str_empty(response->next_page_token);
    Profiled__V1__ListProfilesResponse whole = PROFILED__V1__LIST_PROFILES_RESPONSE__INIT;
    whole.n_profiles = response->n_profiles;
    whole.profiles = arena_array(&ask_arena, whole.n_profiles, sizeof *whole.profiles);
    for (size_t i = 0; i < whole.n_profiles; i++) {
        Profiled__V1__Profile *profile = arena_alloc(&ask_arena, sizeof *profile);
        *profile = *response->profiles[i];
        profile->etag = text("");
        profile->update_time = NULL;
        profile->n_merged_ids = merged_ids ? profile->n_merged_ids : 0;
        if (profile->n_identities > 0) {
            qsort(profile->identities, profile->n_identities, sizeof(Profiled__V1__Identity *),
                  by_identity);
        }
        if (profile->n_attributes > 0) {
            qsort(profile->attributes, profile->n_attributes,
                  sizeof(Profiled__V1__Profile__AttributesEntry *), by_key);
        }
        whole.profiles[i] = profile;
    }
    uint8_t *packed = arena_alloc(&ask_arena, protobuf_c_message_get_packed_size(&whole.base));
    return bytes_of(packed, protobuf_c_message_pack(&whole.base, packed));
}

struct bytes profiles_whole(void) {
    return profiles_but(true);
}

struct bytes profiles_alike(void) {
    return profiles_but(false);
}

void expect_effect(const Profiled__V1__IdentityTypesEffect *effect,
                   const Profiled__V1__IdentityTypesEffect *expected) {
    cr_expect_eq(effect->profile_count, expected->profile_count, "%d profiles",
                 (int)effect->profile_count);
    cr_expect_eq(effect->changed_count, expected->changed_count, "%d changed",
                 (int)effect->changed_count);
    cr_expect_eq(effect->lost_identity_count, expected->lost_identity_count, "%d lost",
                 (int)effect->lost_identity_count);
    cr_expect_eq(effect->gained_identity_count, expected->gained_identity_count, "%d gained",
                 (int)effect->gained_identity_count);
    cr_expect_eq(effect->made_count, expected->made_count, "%d made", (int)effect->made_count);
    cr_expect_eq(effect->split_count, expected->split_count, "%d split", (int)effect->split_count);
    cr_expect_eq(effect->joined_count, expected->joined_count, "%d joined",
                 (int)effect->joined_count);
    cr_expect_eq(effect->moved_count, expected->moved_count, "%d moved", (int)effect->moved_count);
}
