/* CreateProfile. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(create_profile, .init = ask_open, .fini = ask_close);

static Profiled__V1__CreateProfileRequest request_of(const struct told *told) {
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(told);
    return request;
}

static const struct told *const noura =
    TOLD(.name = "  نورة   القحطاني ",
         .identities = {ID("email", "Noura@Example.com"), ID("twitter", "@Noura_Q")},
         .attributes = {ATTRIBUTE("country", "sa"),
                        ATTRIBUTE("city", "Riyadh"),
                        {.name = "job",
                         .value = "Engineer",
                         .source = "crm",
                         .observe_us = CALL_START_US - US_PER_DAY}});

Test(create_profile, answers_as_it_was_made_and_as_it_is_read) {
    Profiled__V1__CreateProfileRequest request = request_of(noura);

    const Profiled__V1__CreateProfileResponse *response =
        ask_twice(&rpc_profile_service, "CreateProfile", &request.base);
    const struct bytes made = call_response_bytes(ask_fixture);

    const Profiled__V1__Profile *profile = response->profile;
    cr_expect_str_eq(profile->name, "نورة القحطاني");
    cr_expect_not(profile->name_derived);
    cr_expect_eq(profile->n_identities, 2);
    cr_expect_str_eq(profile->identities[0]->canonical_value, "noura@example.com");
    cr_expect_str_eq(profile->identities[0]->value, "Noura@Example.com");
    cr_expect_str_eq(profile->identities[0]->source, "api");
    cr_expect_eq(profile->identities[0]->provenance, PROVENANCE(ATTESTED));
    cr_expect_eq(profile->identities[0]->state, STATE(ACTIVE));
    cr_expect_str_eq(profile->identities[1]->canonical_value, "noura_q");
    cr_expect_str_eq(attribute_in(profile, "country"), "SA");
    cr_expect_str_eq(attribute_in(profile, "city"), "Riyadh");
    cr_expect_eq(profile->completeness, 20 + 20 + 10 + 5);
    cr_expect_eq(profile->create_time->seconds, CALL_START_US / US_PER_SECOND);
    cr_expect_null(profile->delete_time);
    cr_expect_eq(profile->interaction_summary->count, 0);
    cr_expect_neq(profile->etag[0], '\0');
    get(profile->id);
    cr_expect(bytes_equal(made, call_response_bytes(ask_fixture)), "it reads as it was answered");
}

Test(create_profile, keeps_source_and_time_of_an_attribute) {
    const Profiled__V1__Profile *profile = create(noura);

    for (size_t i = 0; i < profile->n_attributes; i++) {
        const Profiled__V1__AttributeValue *value = profile->attributes[i]->value;
        const bool told = strcmp(profile->attributes[i]->key, "job") == 0;
        cr_expect_str_eq(value->source, told ? "crm" : "api");
        cr_expect_eq(value->observe_time->seconds,
                     (CALL_START_US - (told ? US_PER_DAY : 0)) / US_PER_SECOND);
    }
}

/* Which types there are only the rules know: they are looked at when all else is right. */
Test(create_profile, every_unknown_type_is_named) {
    Profiled__V1__CreateProfileRequest request = request_of(
        TOLD(.name = "Noura",
             .identities = {ID("fax", "1"), ID("email", "noura@example.com"), ID("pager", "2")}));

    const struct answer *answer = ask_refused(&rpc_profile_service, "CreateProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");

    cr_expect_eq(answer->violation_count, 2);
    cr_expect_not_null(answer_violation(answer, "profile.identities[0].type"));
    cr_expect_not_null(answer_violation(answer, "profile.identities[2].type"));
}

Test(create_profile, every_bad_field_is_named) {
    Profiled__V1__CreateProfileRequest request = request_of(
        TOLD(.identities = {ID("email", "nobody"),
                            ID("", "x"),
                            ID("email", ""),
                            {.type = "phone", .value = "0545462356", .region = "XX"},
                            {.type = "external_id", .value = "1", .source = "Not One"},
                            ID("emial", "n@example.com")},
             .attributes = {
                 ATTRIBUTE("country", "Narnia"),
                 ATTRIBUTE("shoe", "42"),
                 ATTRIBUTE("gender", NULL),
                 {.name = "job", .value = "x", .observe_us = CALL_START_US + 2 * US_PER_DAY}}));

    const struct answer *answer = ask_refused(&rpc_profile_service, "CreateProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");

    static const char *const fields[] = {
        "profile.name",
        "profile.identities[0].value",
        "profile.identities[1].type",
        "profile.identities[2].value",
        "profile.identities[3].region",
        "profile.identities[4].source",
        "profile.identities[5].type",
        "profile.attributes.country",
        "profile.attributes.shoe",
        "profile.attributes.gender",
        "profile.attributes.job.observe_time",
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        cr_expect_not_null(answer_violation(answer, fields[i]), "%s", fields[i]);
    }
    cr_expect_eq(answer->violation_count, sizeof fields / sizeof *fields);
}

Test(create_profile, a_name_is_one_to_256_characters) {
    char name[257 * 2 + 1];
    for (size_t i = 0; i < 257; i++) {
        memcpy(name + 2 * i, "ن", 2);
    }
    name[sizeof name - 1] = '\0';
    Profiled__V1__CreateProfileRequest request = request_of(TOLD(.name = name));
    ask_refused(&rpc_profile_service, "CreateProfile", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    name[sizeof name - 3] = '\0';
    cr_expect_str_eq(create(TOLD(.name = name))->name, name);

    static const char *const bad[] = {" ", "a\nb", "\x7f"};
    for (size_t i = 0; i < 3; i++) {
        request = request_of(TOLD(.name = bad[i]));
        ask_refused(&rpc_profile_service, "CreateProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");
    }
}

Test(create_profile, without_a_profile_is_refused) {
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    const struct answer *answer = ask_refused(&rpc_profile_service, "CreateProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "profile"), "is required");
}

Test(create_profile, an_identity_of_another_profile_is_a_conflict) {
    const char *owner = create(noura)->id;
    Profiled__V1__CreateProfileRequest request =
        request_of(TOLD(.name = "Huda", .identities = {ID("phone", "+966500000001"),
                                                       ID("email", "noura@EXAMPLE.com")}));

    const struct answer *answer = ask_refused(&rpc_profile_service, "CreateProfile", &request.base,
                                              STATUS_FAILED_PRECONDITION, "IDENTITY_CONFLICT");

    cr_expect_str_eq(answer_metadata(answer, "owner_id"), owner);
    cr_expect_str_eq(answer_metadata(answer, "field"), "profile.identities[1]");
}

Test(create_profile, a_blocked_identity_is_nobody_s_and_kept) {
    create(TOLD(.name = "Amal", .identities = {ID("email", "info@example.com")}));
    const Profiled__V1__Profile *badr =
        create(TOLD(.name = "Badr", .identities = {ID("email", "info@example.com")}));

    cr_expect_eq(badr->identities[0]->state, STATE(CONTACT));
    cr_expect_eq(badr->identities[0]->rule, RULE(BLOCKED_ROLE_MAILBOX));
}

Test(create_profile, is_made_once_for_one_request_id) {
    Profiled__V1__CreateProfileRequest request = request_of(noura);
    Profiled__V1__CreateProfileRequest other = request_of(TOLD(.name = "Huda"));

    ask_again(&rpc_profile_service, "CreateProfile", &request.base, &other.base);

    cr_expect_eq(profile_count(), 1);
}

Test(create_profile, a_request_id_is_free_after_a_failure) {
    Profiled__V1__CreateProfileRequest request = request_of(TOLD(.name = ""));
    static char id[] = "0190b8a2-0000-7000-8000-00000000000b";
    request.request_id = id;
    ask_refused(&rpc_profile_service, "CreateProfile", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    create(noura);
    request.profile = profile_told(noura);
    ask_refused(&rpc_profile_service, "CreateProfile", &request.base, STATUS_FAILED_PRECONDITION,
                "IDENTITY_CONFLICT");

    request.profile = profile_told(TOLD(.name = "Huda"));

    ask(&rpc_profile_service, "CreateProfile", &request.base);
    cr_expect_eq(profile_count(), 2);
}

Test(create_profile, a_request_id_is_a_uuid) {
    Profiled__V1__CreateProfileRequest request = request_of(noura);
    static char id[] = "again";
    request.request_id = id;
    const struct answer *answer = ask_refused(&rpc_profile_service, "CreateProfile", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "request_id"));
}

Test(create_profile, another_workspace_has_identities_of_its_own) {
    create(noura);
    Profiled__V1__CreateProfileRequest request = request_of(noura);
    const struct answer *answer =
        call_in(ask_fixture, "other", &rpc_profile_service, "CreateProfile", &request.base, NULL);
    cr_expect_eq(answer->code, STATUS_OK);
}
