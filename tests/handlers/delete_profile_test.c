/* DeleteProfile. */

#include <criterion/criterion.h>

#include "tests/handlers/people.h"

static const Profiled__V1__Profile *noura;

static void init(void) {
    ask_open();
    noura = create(TOLD(.name = "Noura", .identities = {ID("email", "n@example.com")}));
}

TestSuite(delete_profile, .init = init, .fini = ask_close);

static Profiled__V1__DeleteProfileRequest request_of(const char *id) {
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    return request;
}

Test(delete_profile, no_longer_answers_lists_or_matches) {
    Profiled__V1__DeleteProfileRequest request = request_of(noura->id);

    const Profiled__V1__DeleteProfileResponse *response =
        ask_twice(&rpc_profile_service, "DeleteProfile", &request.base);

    cr_expect_not_null(response->profile->delete_time);
    cr_expect_not(answers(noura->id));
    cr_expect_eq(profile_count(), 0);
    cr_expect_null(lookup("email", "n@example.com"));
    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("email", "n@example.com")}));
    cr_expect_eq(decision->outcome, OUTCOME(CREATED));
    cr_expect_str_neq(decision->profile_id, noura->id);
}

Test(delete_profile, what_is_not_there_is_not_found) {
    Profiled__V1__DeleteProfileRequest request = request_of(noura->id);
    ask_refused_elsewhere(&rpc_profile_service, "DeleteProfile", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
    ask(&rpc_profile_service, "DeleteProfile", &request.base);
    ask_refused(&rpc_profile_service, "DeleteProfile", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
}

Test(delete_profile, bad_ids_and_old_etags_are_refused) {
    Profiled__V1__DeleteProfileRequest request = request_of("x");
    ask_refused(&rpc_profile_service, "DeleteProfile", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    request = request_of(noura->id);
    static char etag[] = "r999";
    request.etag = etag;
    ask_refused(&rpc_profile_service, "DeleteProfile", &request.base, STATUS_ABORTED,
                "ETAG_MISMATCH");
    request.etag = noura->etag;
    ask(&rpc_profile_service, "DeleteProfile", &request.base);
}

Test(delete_profile, is_done_once_for_one_request_id) {
    Profiled__V1__DeleteProfileRequest request = request_of(noura->id);
    Profiled__V1__DeleteProfileRequest other = request_of("0190b8a2-0000-7000-8000-00000000000a");
    ask_again(&rpc_profile_service, "DeleteProfile", &request.base, &other.base);
}
