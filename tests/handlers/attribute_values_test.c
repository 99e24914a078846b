/* Values of attributes that the workspace defines, wherever values come in and go out. */

#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/clock.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/events.h"

static void init(void) {
    ask_open();
    define_once(DEFINITION("visits", NUMBER, .min = "0", .max = "1000"));
    define_once(PLAIN("vip", BOOL));
    define_once(PLAIN("renewal", TIME));
    define_once(DEFINITION("joined", DATE, .min = "2000-01-01"));
    define_once(DEFINITION("tier", ENUM, .enum_values = {"Gold", "silver", "old tin"},
                           .retired_value = "old tin"));
    define_once(DEFINITION("code", STRING, .min_length = 3, .max_length = 6, .pattern = "^[A-Z]"));
    define_once(DEFINITION("tags", STRING, .max_values = 3));
    define_once(DEFINITION("note", STRING, .personal = true));
    define_once(PLAIN("home", COUNTRY));
    define_once(PLAIN("speaks", LANGUAGE));
    define_once(PLAIN("site", URL));
}

TestSuite(attribute_values, .init = init, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const Profiled__V1__Profile *create_with(Profiled__V1__Profile *profile) {
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = profile;
    const Profiled__V1__CreateProfileResponse *response =
        ask_twice(&rpc_profile_service, "CreateProfile", &request.base);
    return response->profile;
}

static const char *refusal(const char *name, Profiled__V1__AttributeValue *value,
                           const char *path) {
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = with_value(profile_told(TOLD(.name = "Noura")), name, value);
    const struct answer *answer = ask_refused(&rpc_profile_service, "CreateProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    const char *found =
        answer_violation(answer, arena_format(&ask_arena, "profile.attributes.%s%s", name, path));
    return found == NULL ? "" : found;
}

static const char *refusal_of_text(const char *name, const char *value) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(TOLD(.name = "Noura", .attributes = {ATTRIBUTE(name, value)}));
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ResolveProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");
    const char *found =
        answer_violation(answer, arena_format(&ask_arena, "record.attributes.%s", name));
    return found == NULL ? "" : found;
}

static const Profiled__V1__Profile *noura(void) {
    static const char *const tags[] = {"new", "north", "new", NULL};
    Profiled__V1__Profile *told = profile_told(
        TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")},
             .attributes = {ATTRIBUTE("joined", "20240229"), ATTRIBUTE("tier", "GOLD"),
                            ATTRIBUTE("code", " AB1 "), ATTRIBUTE("note", "met at the fair"),
                            ATTRIBUTE("home", "sa"), ATTRIBUTE("speaks", "AR-sa"),
                            ATTRIBUTE("site", "HTTPS://Example.org/A")}));
    with_value(told, "visits", number_value(3.5));
    with_value(told, "vip", flag_value(true));
    with_value(told, "renewal", time_value(CALL_START_US + 1));
    with_value(told, "tags", list_value(tags));
    return create_with(told);
}

Test(attribute_values, come_back_by_their_type) {
    const char *id = noura()->id;
    call_reopen(ask_fixture);

    const Profiled__V1__Profile *there = get(id);

    static const char *const expected[][2] = {
        {"visits", "number 3.5"},
        {"vip", "flag true"},
        {"renewal", "time 1766000000"},
        {"joined", "2024-02-29"},
        {"tier", "Gold"},
        {"code", "AB1"},
        {"note", "met at the fair"},
        {"home", "SA"},
        {"speaks", "ar-SA"},
        {"site", "https://example.org/A"},
        {"tags", "list text new, text north"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        cr_expect_str_eq(value_in(there, expected[i][0]), expected[i][1]);
    }
    cr_expect_eq(there->n_attributes, sizeof expected / sizeof *expected);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(attribute_values, every_type_is_told_as_a_text_too) {
    const Profiled__V1__Profile *profile = resolve_profile(
        TOLD(.name = "Noura", .attributes = {ATTRIBUTE("visits", "٤٢"), ATTRIBUTE("vip", "No"),
                                             ATTRIBUTE("renewal", "2026-01-31T15:00:00.5+03:00"),
                                             ATTRIBUTE("tags", "new")}));

    cr_expect_str_eq(value_in(profile, "visits"), "number 42");
    cr_expect_str_eq(value_in(profile, "vip"), "flag false");
    cr_expect_str_eq(value_in(profile, "renewal"), "time 1769860800");
    cr_expect_str_eq(value_in(profile, "tags"), "list text new");
}

Test(attribute_values, what_is_wrong_is_named) {
    static const char *const many[] = {"a", "b", "c", "d", NULL};
    static const char *const bad[] = {"a", "b\x01", NULL};
    static const char *const none[] = {NULL};
    static const struct {
        const char *name;
        const char *value;
    } texts[] = {
        {"visits", "many"},
        {"visits", "-1"},
        {"visits", "1e9"},
        {"visits", "1 2"},
        {"visits", "0x10"},
        {"visits", "nan"},
        {"visits", "inf"},
        {"vip", "perhaps"},
        {"renewal", "2026-03-31"},
        {"renewal", "2026-02-30T00:00:00Z"},
        {"joined", "1999-12-31"},
        {"joined", "2023-02-29"},
        {"tier", "bronze"},
        {"tier", "old tin"},
        {"code", "AB"},
        {"code", "ABCDEFG"},
        {"code", "abc"},
        {"home", "XX"},
        {"speaks", "arabic!"},
        {"site", "ftp://a.example"},
        {"shoe", "42"},
        {"name", "Sara"},
        {"", "x"},
    };
    enum { TEXTS = sizeof texts / sizeof *texts };
    Profiled__V1__Record *records[TEXTS];
    for (size_t i = 0; i < TEXTS; i++) {
        records[i] = record_told(
            TOLD(.name = "Noura", .attributes = {ATTRIBUTE(texts[i].name, texts[i].value)}));
    }
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.records = records;
    request.n_records = TEXTS;
    const Profiled__V1__BatchResolveProfilesResponse *response =
        ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
    for (size_t i = 0; i < TEXTS; i++) {
        const Profiled__V1__ResolveVerdict *verdict = response->verdicts[i];
        cr_assert_eq(verdict->n_errors, 1, "%s = %s", texts[i].name, texts[i].value);
        cr_expect_str_eq(verdict->errors[0]->field,
                         arena_format(&ask_arena, "attributes.%s", texts[i].name));
        cr_expect(texts[i].value[0] == '\0' ||
                      strstr(verdict->errors[0]->description, texts[i].value) == NULL ||
                      strlen(texts[i].value) < 3,
                  "the value is told: %s", verdict->errors[0]->description);
    }
    cr_expect_str_neq(refusal("tier", number_value(1), ""), "");
    cr_expect_str_neq(refusal("vip", number_value(1), ""), "");
    cr_expect_str_neq(refusal("visits", flag_value(true), ""), "");
    cr_expect_str_neq(refusal("visits", time_value(0), ""), "");
    cr_expect_str_neq(refusal("visits", number_value(NAN), ""), "");
    cr_expect_str_neq(refusal("visits", number_value(INFINITY), ""), "");
    cr_expect_str_neq(refusal("visits", number_value(1001), ""), "");
    cr_expect_str_eq(refusal("tags", list_value(many), ""), "has more than 3 values");
    cr_expect_str_eq(refusal("tags", list_value(bad), ".list.items[1]"), "has a control character");
    cr_expect_str_eq(refusal("tags", list_value(none), ""), "has no value");
    cr_expect_str_neq(refusal("code", list_value(many), ""), "");
    cr_expect_str_eq(refusal("city", number_value(1), ""), "must be one text");
    cr_expect_str_eq(refusal("visits", NULL, ""), "has no value");
}

Test(attribute_values, an_unknown_one_is_told_with_those_that_there_are) {
    const char *told = refusal_of_text("shoe", "42");

    cr_expect_not_null(strstr(told, " city "));
    cr_expect_not_null(strstr(told, " visits "));
}

/* All bad fields fit the answer, however many attributes there are. */
Test(attribute_values, of_many_not_all_are_told) {
    for (int i = 0; i < 60; i++) {
        const char *name = arena_format(&ask_arena, "an_attribute_of_a_long_name_%d", i);
        define_once(&(const struct defined){.name = name, .type = ATTRIBUTE_TYPE(BOOL)});
    }
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(
        TOLD(.name = "Noura", .attributes = {ATTRIBUTE("shoe", "42"), ATTRIBUTE("hat", "7"),
                                             ATTRIBUTE("eyes", "brown")}));

    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ResolveProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");

    cr_expect_not_null(strstr(answer_violation(answer, "record.attributes.shoe"), " more"));
    cr_expect_not_null(answer_violation(answer, "record.attributes.hat"));
    cr_expect_not_null(answer_violation(answer, "record.attributes.eyes"));
}

Test(attribute_values, all_that_is_wrong_is_told_at_once) {
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile =
        profile_told(TOLD(.identities = {ID("email", "nobody")},
                          .attributes = {ATTRIBUTE("gender", "x"), ATTRIBUTE("tier", "x"),
                                         ATTRIBUTE("shoe", "x")}));

    const struct answer *answer = ask_refused(&rpc_profile_service, "CreateProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");

    cr_expect_eq(answer->violation_count, 5);
}

static Profiled__V1__UpdateProfileRequest update_request(Profiled__V1__Profile *profile,
                                                         const char *id, const char *path) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile;
    request.profile->id = text(id);
    request.update_mask = arena_alloc(&ask_arena, sizeof *request.update_mask);
    google__protobuf__field_mask__init(request.update_mask);
    request.update_mask->paths = arena_alloc(&ask_arena, sizeof(char *));
    request.update_mask->paths[0] = text(path);
    request.update_mask->n_paths = 1;
    return request;
}

static const Profiled__V1__Profile *update(Profiled__V1__Profile *profile, const char *id,
                                           const char *path) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__UpdateProfileRequest request = update_request(profile, id, path);
    const Profiled__V1__UpdateProfileResponse *response =
        ask_twice(&rpc_profile_service, "UpdateProfile", &request.base);
    return response->profile;
}

Test(attribute_values, are_set_and_cleared_by_the_mask) {
    const char *id = noura()->id;

    const Profiled__V1__Profile *after =
        update(with_value(profile_told(TOLD(.attributes = {ATTRIBUTE("tier", "silver")})), "visits",
                          number_value(7)),
               id, "attributes.visits");
    cr_expect_str_eq(value_in(after, "visits"), "number 7");
    cr_expect_str_eq(value_in(after, "tier"), "Gold", "the mask does not name it");

    after = update(profile_told(TOLD(.name = "")), id, "attributes.tags");
    cr_expect_str_eq(value_in(after, "tags"), "");
    cr_expect_eq(found_by("attributes.tags = north"), 0);

    after =
        update(profile_told(TOLD(.attributes = {ATTRIBUTE("tier", "silver")})), id, "attributes");
    cr_expect_eq(after->n_attributes, 1);
    cr_expect_str_eq(value_in(after, "tier"), "silver");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(attribute_values, a_bad_update_names_its_field) {
    const char *id = noura()->id;
    Profiled__V1__UpdateProfileRequest request = update_request(
        profile_told(TOLD(.attributes = {ATTRIBUTE("tier", "tin")})), id, "attributes.tier");
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_profile_service, "UpdateProfile", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "profile.attributes.tier"));
    request = update_request(profile_told(TOLD(.name = "")), id, "attributes.shoe");
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_profile_service, "UpdateProfile", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "update_mask.paths[0]"));
}

Test(attribute_values, they_are_found_by_a_filter) {
    noura();
    static const struct {
        const char *filter;
        size_t count;
    } cases[] = {
        {"attributes.tier = gold", 1},
        {"attributes.tier = silver", 0},
        {"attributes.tier = \"old tin\"", 0},
        {"attributes.vip = true", 1},
        {"attributes.vip = no", 0},
        {"attributes.visits = \"3.50\"", 1},
        {"attributes.visits = \"5000\"", 0},
        {"attributes.joined = 2024-02-29", 1},
        {"attributes.renewal = \"2025-12-17T19:33:20.000001Z\"", 1},
        {"attributes.tags = NORTH AND attributes.tags = new", 1},
        {"attributes.tags = south", 0},
        {"attributes.home = sa AND name:noura", 1},
        {"attributes.tags:new", 1},
        {"attributes.tags != new", 0},
        {"attributes.tags != old", 1},
        {"attributes.visits > 3 AND attributes.visits <= 3.5", 1},
        {"attributes.joined > 2024-02-28 AND attributes.joined < 2024-03-01", 1},
        {"attributes.renewal > 2025-12-17T19:33:20Z", 1},
        {"attributes.tier:*", 1},
        {"attributes.vip", 1},
        {"NOT attributes.vip", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(found_by(cases[i].filter), cases[i].count, "%s", cases[i].filter);
    }
    static const char *const bad[] = {"attributes.tier = tin", "attributes.visits = many",
                                      "attributes.vip = maybe", "attributes.shoe = 42",
                                      "attributes.name = x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
        request.filter = text(bad[i]);
        ask_refused(&rpc_profile_service, "ListProfiles", &request.base, STATUS_INVALID_ARGUMENT,
                    "FILTER_INVALID");
    }
}

Test(attribute_values, batches_and_interactions_tell_them) {
    Profiled__V1__BatchResolveProfilesRequest batch =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    Profiled__V1__Record *records[] = {
        record_told(TOLD(.name = "Sara", .attributes = {ATTRIBUTE("tier", "tin")})),
        record_told(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("tier", "gold")}))};
    batch.records = records;
    batch.n_records = 2;
    const Profiled__V1__BatchResolveProfilesResponse *resolved =
        ask(&rpc_identity_service, "BatchResolveProfiles", &batch.base);
    cr_assert_eq(resolved->verdicts[0]->n_errors, 1);
    cr_expect_str_eq(resolved->verdicts[0]->errors[0]->field, "attributes.tier");
    cr_expect_str_eq(value_in(get(resolved->verdicts[1]->decision->profile_id), "tier"), "Gold");

    const struct told *told =
        TOLD(.identities = {ID("email", "r@example.com")}, .attributes = {ATTRIBUTE("vip", "yes")});
    const Profiled__V1__RecordInteractionResponse *recorded =
        record_event(event_by_record(engagement_told("e-1", "email", 0), told));
    cr_expect_str_eq(value_in(get(recorded->profile_id), "vip"), "flag true");
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = event_by_record(engagement_told("e-2", "email", 0),
                                                 TOLD(.identities = {ID("email", "r@example.com")},
                                                      .attributes = {ATTRIBUTE("vip", "maybe")}));
    cr_expect_not_null(
        answer_violation(ask_refused(&rpc_interaction_service, "RecordInteraction", &request.base,
                                     STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                         "interaction_record.record.attributes.vip"));
}

Test(attribute_values, decisions_tell_them_by_their_type) {
    const char *id = resolve(TOLD(.identities = {ID("email", "r@example.com")},
                                  .attributes = {ATTRIBUTE("visits", "7"), ATTRIBUTE("tags", "a")}))
                         ->profile_id;
    Profiled__V1__ExplainProfileRequest request = PROFILED__V1__EXPLAIN_PROFILE_REQUEST__INIT;
    request.profile_id = text(id);
    const Profiled__V1__ExplainProfileResponse *explained =
        ask(&rpc_identity_service, "ExplainProfile", &request.base);

    const Profiled__V1__Record *record = explained->decisions[0]->record;
    cr_assert_eq(record->n_attributes, 2);
    for (size_t i = 0; i < 2; i++) {
        const bool is_visits = strcmp(record->attributes[i]->key, "visits") == 0;
        cr_expect_eq((int)record->attributes[i]->value->value_case,
                     is_visits ? (int)PROFILED__V1__RECORD_ATTRIBUTE__VALUE_NUMBER
                               : (int)PROFILED__V1__RECORD_ATTRIBUTE__VALUE_LIST);
    }
}

Test(attribute_values, what_is_required_is_asked_for) {
    define(DEFINITION("branch", STRING, .required_for = REQUIREMENT(CREATE)));
    redefine("required_for",
             &(const struct defined){.name = "city", .required_for = REQUIREMENT(CREATE)});
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(TOLD(.name = "Noura"));
    const struct answer *answer = ask_refused(&rpc_profile_service, "CreateProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "profile.attributes.branch"), "is required");
    cr_expect_str_eq(answer_violation(answer, "profile.attributes.city"), "is required");

    const char *id = create_with(profile_told(TOLD(.name = "Noura",
                                                   .attributes = {ATTRIBUTE("branch", "north"),
                                                                  ATTRIBUTE("city", "Riyadh")})))
                         ->id;
    const char *paths[] = {"attributes.branch", "attributes"};
    for (size_t i = 0; i < 2; i++) {
        Profiled__V1__UpdateProfileRequest update =
            update_request(profile_told(TOLD(.name = "")), id, paths[i]);
        cr_expect_str_eq(
            answer_violation(ask_refused(&rpc_profile_service, "UpdateProfile", &update.base,
                                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID"),
                             "profile.attributes.branch"),
            "is required");
    }
    resolve(TOLD(.name = "Sara")); /* Records do not need it. */
}

Test(attribute_values, survive_by_the_rule_of_their_attribute) {
    redefine("survivorship,trusted_sources",
             &(const struct defined){
                 .name = "tags", .survivorship = SURVIVORSHIP(TRUSTED_SOURCE), .trusted = "crm"});
    redefine("survivorship",
             &(const struct defined){.name = "visits", .survivorship = SURVIVORSHIP(FIRST_SEEN)});
    static const char *const sources[] = {"web", "crm", "web"};
    static const char *const values[] = {"1", "2", "3"};
    const char *id = NULL;
    for (size_t i = 0; i < 3; i++) {
        ask_wait_us(US_PER_SECOND);
        id = resolve(
                 TOLD(.source = sources[i], .identities = {ID("email", "r@example.com")},
                      .attributes = {ATTRIBUTE("visits", values[i]), ATTRIBUTE("tags", values[i]),
                                     ATTRIBUTE("code", i == 2 ? "LAST" : "FIRST")}))
                 ->profile_id;
    }

    const Profiled__V1__Profile *profile = get(id);

    cr_expect_str_eq(value_in(profile, "visits"), "number 1");
    cr_expect_str_eq(value_in(profile, "tags"), "list text 2");
    cr_expect_str_eq(value_in(profile, "code"), "LAST");
}
