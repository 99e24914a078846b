/* ResolveProfile: the call. What it decides is tested in tests/identity. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(resolve_profile, .init = ask_open, .fini = ask_close);

static Profiled__V1__ResolveProfileRequest request_of(const struct told *told) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    request.record = record_told(told);
    return request;
}

Test(resolve_profile, creates_links_and_tells_why) {
    Profiled__V1__ResolveProfileRequest request =
        request_of(TOLD(.name = "Noura", .identities = {ID("email", "N@Example.com")}));
    const Profiled__V1__ResolveProfileResponse *first =
        ask_twice(&rpc_identity_service, "ResolveProfile", &request.base);
    cr_expect_eq(first->decision->outcome, OUTCOME(CREATED));
    cr_expect_eq(first->decision->n_candidates, 0);
    cr_expect_eq(first->decision->rule_version, 1);
    cr_expect_eq(first->decision->decide_time->seconds, CALL_START_US / US_PER_SECOND);
    cr_expect_null(first->profile);

    request = request_of(
        TOLD(.identities = {ID("phone", "+966500000001"), ID("email", "n@example.com")}));
    request.include_profile = true;
    const Profiled__V1__ResolveProfileResponse *second =
        ask_twice(&rpc_identity_service, "ResolveProfile", &request.base);

    const Profiled__V1__Decision *decision = second->decision;
    cr_expect_eq(decision->outcome, OUTCOME(LINKED));
    cr_expect_str_eq(decision->profile_id, first->decision->profile_id);
    cr_assert_eq(decision->n_identities, 2);
    cr_expect_str_eq(decision->identities[0]->type, "phone");
    cr_expect_str_eq(decision->identities[0]->matched_profile_id, "");
    cr_expect_str_eq(decision->identities[1]->canonical_value, "n@example.com");
    cr_expect_str_eq(decision->identities[1]->matched_profile_id, decision->profile_id);
    cr_assert_eq(decision->n_candidates, 1);
    cr_expect(decision->candidates[0]->accepted);
    cr_expect_str_eq(decision->candidates[0]->profile_id, decision->profile_id);
    cr_expect_str_eq(second->profile->id, decision->profile_id);
    cr_expect_eq(second->profile->n_identities, 2);
}

Test(resolve_profile, merges_as_it_says_it_would) {
    resolve(TOLD(.identities = {ID("email", "n@example.com")}));
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("twitter", "noura_x")}));
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__ResolveProfileRequest request =
        request_of(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura_x")}));
    request.include_profile = true;

    const Profiled__V1__ResolveProfileResponse *response =
        ask_twice(&rpc_identity_service, "ResolveProfile", &request.base);

    cr_expect_eq(response->decision->outcome, OUTCOME(MERGED));
    cr_expect_eq(response->profile->n_merged_ids, 1);
}

Test(resolve_profile, without_identities_makes_a_profile_each_time) {
    const struct told *told = TOLD(.name = "Noura");
    cr_expect_str_neq(resolve(told)->profile_id, resolve(told)->profile_id);
}

Test(resolve_profile, every_bad_field_is_named) {
    Profiled__V1__ResolveProfileRequest request = PROFILED__V1__RESOLVE_PROFILE_REQUEST__INIT;
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ResolveProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "record"), "is required");

    request = request_of(TOLD(.source = "No Source", .region = "XX"));
    answer = ask_refused(&rpc_identity_service, "ResolveProfile", &request.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "record.source"));
    cr_expect_not_null(answer_violation(answer, "record.default_region"));
    cr_expect_not_null(answer_violation(answer, "record.name"), "nothing tells who");

    request = request_of(
        TOLD(.observe_us = CALL_START_US + 25 * US_PER_HOUR,
             .identities = {ID("email", "n@example.com"),
                            {.type = "email", .value = "m@example.com", .provenance = 9},
                            ID("phone", "12"),
                            ID("emial", "n@example.com"),
                            {.type = "emial", .value = "n@example.com", .region = "X"},
                            {.type = "phone", .value = "12", .provenance = 9}},
             .attributes = {ATTRIBUTE("birth_date", "2050-01-01"), ATTRIBUTE("city", NULL)}));
    answer = ask_refused(&rpc_identity_service, "ResolveProfile", &request.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "record.observe_time"));
    cr_expect_not_null(answer_violation(answer, "record.identities[1].provenance"));
    cr_expect_not_null(answer_violation(answer, "record.identities[2].value"));
    cr_expect_not_null(answer_violation(answer, "record.attributes.birth_date"));
    cr_expect_not_null(answer_violation(answer, "record.attributes.city"));
    cr_expect_not_null(answer_violation(answer, "record.identities[3].type"),
                       "which only the rules know to be none");
    cr_expect_not_null(answer_violation(answer, "record.identities[4].region"));
    cr_expect_not_null(answer_violation(answer, "record.identities[4].type"));
    cr_expect_not_null(answer_violation(answer, "record.identities[5].provenance"));
    cr_expect_not_null(answer_violation(answer, "record.identities[5].value"));
    cr_expect_eq(answer->violation_count, 10);
}

Test(resolve_profile, errors_never_hold_the_value) {
    Profiled__V1__ResolveProfileRequest request =
        request_of(TOLD(.identities = {ID("email", "secret-person")},
                        .attributes = {ATTRIBUTE("birth_date", "secret-date")}));
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ResolveProfile", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");
    cr_expect_null(strstr(answer->text, "secret"));
    for (size_t i = 0; i < answer->violation_count; i++) {
        cr_expect_null(strstr(answer->violations[i].description, "secret"));
    }
}

Test(resolve_profile, a_time_up_to_a_day_ahead_is_taken) {
    resolve(TOLD(.name = "Noura", .observe_us = CALL_START_US + 24 * US_PER_HOUR));
}

/* The first moment of 1970 is a time as any other, not "not said". */
Test(resolve_profile, times_at_and_before_1970_are_kept) {
    static const int64_t times_us[] = {-86400 * INT64_C(1000000), 0};
    for (size_t i = 0; i < 2; i++) {
        struct told told = {.identities = {ID("email", i == 0 ? "a@example.com" : "b@example.com")},
                            .attributes = {ATTRIBUTE("city", "Riyadh")}};
        Profiled__V1__ResolveProfileRequest request = request_of(&told);
        request.record->observe_time = time_told(times_us[i]);
        request.include_profile = true;
        const Profiled__V1__ResolveProfileResponse *response =
            ask(&rpc_identity_service, "ResolveProfile", &request.base);
        const Profiled__V1__Profile *profile = get(response->profile->id);
        cr_expect_eq(profile->identities[0]->first_seen_time->seconds, times_us[i] / US_PER_SECOND);
        cr_expect_eq(profile->attributes[0]->value->observe_time->seconds,
                     times_us[i] / US_PER_SECOND);
    }
}

Test(resolve_profile, is_done_once_for_one_request_id) {
    Profiled__V1__ResolveProfileRequest request = request_of(TOLD(.name = "Noura"));
    Profiled__V1__ResolveProfileRequest other = request_of(TOLD(.name = "Huda"));
    ask_again(&rpc_identity_service, "ResolveProfile", &request.base, &other.base);
    cr_expect_eq(profile_count(), 1);
}

Test(resolve_profile, another_workspace_matches_nobody) {
    const struct told *told = TOLD(.identities = {ID("email", "n@example.com")});
    resolve(told);
    Profiled__V1__ResolveProfileRequest request = request_of(told);
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, "other", &rpc_identity_service, "ResolveProfile", &request.base,
            &response);
    cr_assert_not_null(response);
    cr_expect_eq(((const Profiled__V1__ResolveProfileResponse *)response)->decision->outcome,
                 OUTCOME(CREATED));
}
