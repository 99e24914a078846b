/* BatchResolveProfiles. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "tests/handlers/people.h"

TestSuite(batch_resolve_profiles, .init = ask_open, .fini = ask_close);

static Profiled__V1__BatchResolveProfilesRequest request_of(const struct told *const *told,
                                                            size_t count) {
    Profiled__V1__BatchResolveProfilesRequest request =
        PROFILED__V1__BATCH_RESOLVE_PROFILES_REQUEST__INIT;
    request.n_records = count;
    request.records = arena_array(&ask_arena, count, sizeof *request.records);
    for (size_t i = 0; i < count; i++) {
        request.records[i] = record_told(told[i]);
    }
    return request;
}

Test(batch_resolve_profiles, each_sees_those_before_it_and_a_bad_one_stops_nobody) {
    const struct told *const told[] = {
        TOLD(.identities = {ID("email", "n@example.com")}),
        TOLD(.identities = {ID("email", "nobody"), ID("phone", "x")}),
        TOLD(.identities = {ID("twitter", "noura_x")}),
        TOLD(.name = ""),
        TOLD(.identities = {ID("twitter", "noura_x"), ID("email", "N@example.com")}),
    };
    Profiled__V1__BatchResolveProfilesRequest request = request_of(told, 5);

    const Profiled__V1__BatchResolveProfilesResponse *response =
        ask_twice(&rpc_identity_service, "BatchResolveProfiles", &request.base);

    cr_assert_eq(response->n_verdicts, 5);
    cr_expect_eq(response->verdicts[0]->decision->outcome, OUTCOME(CREATED));
    cr_expect_null(response->verdicts[1]->decision);
    cr_assert_eq(response->verdicts[1]->n_errors, 2);
    cr_expect_str_eq(response->verdicts[1]->errors[0]->field, "identities[0].value");
    cr_expect_str_eq(response->verdicts[1]->errors[1]->field, "identities[1].value");
    cr_expect_eq(response->verdicts[2]->decision->outcome, OUTCOME(CREATED));
    cr_expect_str_eq(response->verdicts[3]->errors[0]->field, "name");
    cr_expect_eq(response->verdicts[4]->decision->outcome, OUTCOME(MERGED));
    cr_expect_str_eq(response->verdicts[4]->decision->profile_id,
                     response->verdicts[0]->decision->profile_id, "the first made is the oldest");
    cr_expect_eq(profile_count(), 1);
}

/* As if each had come in a call of its own, later than the one before it. */
Test(batch_resolve_profiles, what_was_told_first_is_over_the_limit) {
    static const char *const addresses[] = {"a@example.com", "b@example.com", "c@example.com",
                                            "d@example.com", "e@example.com", "f@example.com"};
    enum { COUNT = sizeof addresses / sizeof *addresses };
    for (size_t turn = 0; turn < 2; turn++) {
        const struct told *told[COUNT];
        for (size_t i = 0; i < COUNT; i++) {
            const char *address =
                arena_format(&ask_arena, "%zu%s", turn, addresses[turn == 0 ? i : COUNT - 1 - i]);
            struct told *one = arena_alloc(&ask_arena, sizeof *one);
            one->identities[0] = (struct told_identity)ID("external_id", turn == 0 ? "11" : "12");
            one->identities[1] = (struct told_identity)ID("email", address);
            told[i] = one;
        }
        const Profiled__V1__BatchResolveProfilesRequest request = request_of(told, COUNT);

        const Profiled__V1__BatchResolveProfilesResponse *response =
            ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);

        cr_expect_str_eq(identity_over_limit(response->verdicts[0]->decision->profile_id),
                         told[0]->identities[1].value);
    }
}

Test(batch_resolve_profiles, a_path_that_is_cut_stays_text) {
    char name[301];
    for (size_t i = 0; i < 300; i += 2) {
        memcpy(name + i, "ن", 2);
    }
    name[300] = '\0';
    for (size_t shift = 0; shift < 2; shift++) {
        const struct told *const told[] = {
            TOLD(.name = "N",
                 .attributes = {ATTRIBUTE(
                     arena_format(&ask_arena, "%s%s", shift == 0 ? "" : "x", name), "v")})};
        Profiled__V1__BatchResolveProfilesRequest request = request_of(told, 1);
        const Profiled__V1__BatchResolveProfilesResponse *response =
            ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
        const char *field = response->verdicts[0]->errors[0]->field;
        cr_assert_gt(strlen(field), 100);
        const unsigned char last = (unsigned char)field[strlen(field) - 1];
        cr_expect_neq(last & 0xc0, 0xc0, "the path ends inside of a letter");
    }
}

Test(batch_resolve_profiles, one_to_a_thousand_records) {
    Profiled__V1__BatchResolveProfilesRequest request = request_of(NULL, 0);
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "BatchResolveProfiles", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "records"));
    const struct told *told[BATCH_RECORDS_MAX + 1];
    const struct told *noura = TOLD(.identities = {ID("email", "n@example.com")});
    for (size_t i = 0; i <= BATCH_RECORDS_MAX; i++) {
        told[i] = noura;
    }
    request = request_of(told, BATCH_RECORDS_MAX + 1);
    ask_refused(&rpc_identity_service, "BatchResolveProfiles", &request.base,
                STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    request.n_records = BATCH_RECORDS_MAX;
    ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
    cr_expect_eq(profile_count(), 1);
}

Test(batch_resolve_profiles, is_done_once_for_one_request_id) {
    const struct told *const told[] = {TOLD(.name = "A"), TOLD(.name = "B")};
    Profiled__V1__BatchResolveProfilesRequest request = request_of(told, 2);
    Profiled__V1__BatchResolveProfilesRequest other = request_of(told, 1);
    ask_again(&rpc_identity_service, "BatchResolveProfiles", &request.base, &other.base);
    cr_expect_eq(profile_count(), 2);
}

Test(batch_resolve_profiles, another_workspace_matches_nobody) {
    const struct told *const told[] = {TOLD(.identities = {ID("email", "n@example.com")})};
    Profiled__V1__BatchResolveProfilesRequest request = request_of(told, 1);
    ask(&rpc_identity_service, "BatchResolveProfiles", &request.base);
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, "other", &rpc_identity_service, "BatchResolveProfiles", &request.base,
            &response);
    cr_assert_not_null(response);
    cr_expect_eq(((const Profiled__V1__BatchResolveProfilesResponse *)response)
                     ->verdicts[0]
                     ->decision->outcome,
                 OUTCOME(CREATED));
}

Test(batch_resolve_profiles, a_text_with_nul_is_held_against_its_record) {
    const struct told *const told[] = {
        TOLD(.identities = {ID("email", "n@example.com")}),
        TOLD(.identities = {ID("email", "n@example.com"), ID("email", "~@example.com")}),
        TOLD(.identities = {ID("email", "n@example.com")}),
    };
    Profiled__V1__BatchResolveProfilesRequest request = request_of(told, 3);
    call_tilde_set(ask_fixture, 0);

    const Profiled__V1__BatchResolveProfilesResponse *response =
        ask_twice(&rpc_identity_service, "BatchResolveProfiles", &request.base);

    cr_expect_eq(response->verdicts[0]->decision->outcome, OUTCOME(CREATED));
    cr_expect_null(response->verdicts[1]->decision);
    cr_assert_eq(response->verdicts[1]->n_errors, 1);
    cr_expect_str_eq(response->verdicts[1]->errors[0]->field, "identities[1].value");
    cr_expect_eq(response->verdicts[2]->decision->outcome, OUTCOME(LINKED));
}
