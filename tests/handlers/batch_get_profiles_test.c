/* BatchGetProfiles. */

#include <criterion/criterion.h>

#include "server/base/limits.h"
#include "tests/handlers/people.h"

TestSuite(batch_get_profiles, .init = ask_open, .fini = ask_close);

static char missing[] = "0190b8a2-0000-7000-8000-00000000000a";

Test(batch_get_profiles, answers_in_order_twice_where_asked_twice_and_lists_the_missing) {
    char *amal = create(TOLD(.name = "Amal"))->id;
    char *badr = create(TOLD(.name = "Badr"))->id;
    Profiled__V1__BatchGetProfilesRequest request = PROFILED__V1__BATCH_GET_PROFILES_REQUEST__INIT;
    char *ids[] = {badr, missing, amal, badr};
    request.n_ids = 4;
    request.ids = ids;

    const Profiled__V1__BatchGetProfilesResponse *response =
        ask(&rpc_profile_service, "BatchGetProfiles", &request.base);

    cr_assert_eq(response->n_profiles, 3);
    cr_expect_str_eq(response->profiles[0]->profile->name, "Badr");
    cr_expect_str_eq(response->profiles[1]->profile->name, "Amal");
    cr_expect_str_eq(response->profiles[2]->profile->name, "Badr");
    cr_assert_eq(response->n_missing_ids, 1);
    cr_expect_str_eq(response->missing_ids[0], missing);
}

Test(batch_get_profiles, ids_of_one_profile_answer_with_it_each) {
    char *older = resolve(TOLD(.identities = {ID("email", "n@example.com")}))->profile_id;
    ask_wait_us(1000000);
    char *younger = resolve(TOLD(.identities = {ID("twitter", "noura_x")}))->profile_id;
    resolve(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura_x")}));
    Profiled__V1__BatchGetProfilesRequest request = PROFILED__V1__BATCH_GET_PROFILES_REQUEST__INIT;
    char *ids[] = {younger, older};
    request.n_ids = 2;
    request.ids = ids;

    const Profiled__V1__BatchGetProfilesResponse *response =
        ask(&rpc_profile_service, "BatchGetProfiles", &request.base);

    cr_assert_eq(response->n_profiles, 2);
    cr_expect_str_eq(response->profiles[0]->profile->id, older);
    cr_expect_str_eq(response->profiles[0]->redirected_from_id, younger);
    cr_expect_str_eq(response->profiles[1]->redirected_from_id, "");
}

Test(batch_get_profiles, more_than_a_call_has_time_for_is_refused) {
    char *amal = create(TOLD(.name = "Amal"))->id;
    Profiled__V1__BatchGetProfilesRequest request = PROFILED__V1__BATCH_GET_PROFILES_REQUEST__INIT;
    char *ids[] = {amal, amal, amal};
    request.n_ids = 3;
    request.ids = ids;
    call_step_set(400000);

    ask_refused(&rpc_profile_service, "BatchGetProfiles", &request.base, STATUS_RESOURCE_EXHAUSTED,
                "MESSAGE_TOO_LARGE");

    request.n_ids = 2;
    ask(&rpc_profile_service, "BatchGetProfiles", &request.base);
}

Test(batch_get_profiles, one_to_a_thousand_ids_each_of_them_one) {
    Profiled__V1__BatchGetProfilesRequest request = PROFILED__V1__BATCH_GET_PROFILES_REQUEST__INIT;
    const struct answer *answer =
        ask_refused(&rpc_profile_service, "BatchGetProfiles", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "ids"));

    char *ids[BATCH_RECORDS_MAX + 1];
    for (size_t i = 0; i <= BATCH_RECORDS_MAX; i++) {
        ids[i] = missing;
    }
    request.ids = ids;
    request.n_ids = BATCH_RECORDS_MAX + 1;
    ask_refused(&rpc_profile_service, "BatchGetProfiles", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    request.n_ids = BATCH_RECORDS_MAX;
    const Profiled__V1__BatchGetProfilesResponse *response =
        ask(&rpc_profile_service, "BatchGetProfiles", &request.base);
    cr_expect_eq(response->n_missing_ids, BATCH_RECORDS_MAX);

    static char bad[] = "x";
    ids[7] = bad;
    answer = ask_refused(&rpc_profile_service, "BatchGetProfiles", &request.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "ids[7]"));
}

Test(batch_get_profiles, another_workspace_sees_them_missing) {
    char *ids[] = {create(TOLD(.name = "Amal"))->id};
    Profiled__V1__BatchGetProfilesRequest request = PROFILED__V1__BATCH_GET_PROFILES_REQUEST__INIT;
    request.n_ids = 1;
    request.ids = ids;
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, "other", &rpc_profile_service, "BatchGetProfiles", &request.base,
            &response);
    cr_assert_not_null(response);
    cr_expect_eq(((const Profiled__V1__BatchGetProfilesResponse *)response)->n_missing_ids, 1);
}
