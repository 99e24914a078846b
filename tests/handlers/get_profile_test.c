/* GetProfile. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(get_profile, .init = ask_open, .fini = ask_close);

static Profiled__V1__GetProfileRequest request_of(const char *id) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    return request;
}

Test(get_profile, answers_also_after_a_restart_and_for_capitals) {
    const char *id = create(TOLD(.name = "Noura"))->id;
    call_reopen(ask_fixture);
    char capitals[37];
    for (size_t i = 0; i < sizeof capitals; i++) {
        capitals[i] = (char)(id[i] >= 'a' && id[i] <= 'f' ? id[i] - 'a' + 'A' : id[i]);
    }

    Profiled__V1__GetProfileRequest request = request_of(capitals);
    const Profiled__V1__GetProfileResponse *response =
        ask(&rpc_profile_service, "GetProfile", &request.base);

    cr_expect_str_eq(response->profile->id, id);
    cr_expect_str_eq(response->profile->name, "Noura");
    cr_expect_str_eq(response->redirected_from_id, "");
}

Test(get_profile, bad_ids_are_refused) {
    static const char *const ids[] = {"", "1", "0190b8a2-0000-7000-8000-00000000000",
                                      "0190b8a2-0000-7000-8000-00000000000g"};
    for (size_t i = 0; i < 4; i++) {
        Profiled__V1__GetProfileRequest request = request_of(ids[i]);
        const struct answer *answer = ask_refused(&rpc_profile_service, "GetProfile", &request.base,
                                                  STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
        cr_expect_not_null(answer_violation(answer, "id"));
    }
}

Test(get_profile, one_that_never_was_is_not_found) {
    Profiled__V1__GetProfileRequest request = request_of("0190b8a2-0000-7000-8000-00000000000a");
    ask_refused(&rpc_profile_service, "GetProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
}

Test(get_profile, another_workspace_does_not_see_it) {
    Profiled__V1__GetProfileRequest request = request_of(create(TOLD(.name = "Noura"))->id);
    ask_refused_elsewhere(&rpc_profile_service, "GetProfile", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
}

Test(get_profile, a_merged_id_answers_with_the_survivor) {
    const char *older = resolve(TOLD(.identities = {ID("email", "n@example.com")}))->profile_id;
    ask_wait_us(US_PER_SECOND);
    const char *younger = resolve(TOLD(.identities = {ID("twitter", "noura_x")}))->profile_id;
    resolve(TOLD(.identities = {ID("email", "n@example.com"), ID("twitter", "noura_x")}));

    Profiled__V1__GetProfileRequest request = request_of(younger);
    const Profiled__V1__GetProfileResponse *response =
        ask(&rpc_profile_service, "GetProfile", &request.base);

    cr_expect_str_eq(response->profile->id, older);
    cr_expect_str_eq(response->redirected_from_id, younger);
}

Test(get_profile, a_deleted_one_is_shown_where_it_is_asked_for) {
    Profiled__V1__DeleteProfileRequest deletion = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    const char *id = create(TOLD(.name = "Noura"))->id;
    deletion.id = (char *)(uintptr_t)id;
    ask(&rpc_profile_service, "DeleteProfile", &deletion.base);

    Profiled__V1__GetProfileRequest request = request_of(id);
    ask_refused(&rpc_profile_service, "GetProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request.show_deleted = true;
    const Profiled__V1__GetProfileResponse *response =
        ask(&rpc_profile_service, "GetProfile", &request.base);
    cr_expect_not_null(response->profile->delete_time);
}
