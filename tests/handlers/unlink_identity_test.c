/* UnlinkIdentity. */

#include <criterion/criterion.h>

#include "tests/handlers/people.h"

static const char *noura;

static void init(void) {
    ask_open();
    noura = resolve(TOLD(.identities = {ID("email", "n@example.com"), ID("phone", "+966500000001"),
                                        ID("whatsapp", "966500000001"), ID("twitter", "noura_x"),
                                        ID("email", "info@example.com")}))
                ->profile_id;
}

TestSuite(unlink_identity, .init = init, .fini = ask_close);

static Profiled__V1__UnlinkIdentityRequest request_of(const char *id, const char *type,
                                                      const char *value) {
    Profiled__V1__UnlinkIdentityRequest request = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)id;
    request.identity = identity_told(type, value);
    return request;
}

static const Profiled__V1__Profile *unlink_of(const char *type, const char *value) {
    Profiled__V1__UnlinkIdentityRequest request = request_of(noura, type, value);
    const Profiled__V1__UnlinkIdentityResponse *response =
        ask_twice(&rpc_identity_service, "UnlinkIdentity", &request.base);
    return response->profile;
}

Test(unlink_identity, matches_no_more_and_is_free_for_others) {
    const Profiled__V1__Profile *profile = unlink_of("email", " N@example.com");

    cr_expect_null(identity_in(profile, "email", "n@example.com"));
    cr_expect_null(lookup("email", "n@example.com"));
    cr_expect_str_neq(resolve(TOLD(.identities = {ID("email", "n@example.com")}))->profile_id,
                      noura);
}

Test(unlink_identity, a_number_stays_while_one_of_its_channels_has_it) {
    unlink_of("phone", "+966500000001");
    cr_expect_str_eq(lookup("phone", "+966500000001")->id, noura);
    unlink_of("whatsapp", "+966500000001");
    cr_expect_null(lookup("phone", "+966500000001"));
}

Test(unlink_identity, contact_data_may_be_taken_away_too) {
    cr_expect_null(
        identity_in(unlink_of("email", "info@example.com"), "email", "info@example.com"));
}

Test(unlink_identity, a_name_that_was_derived_from_it_is_derived_anew) {
    cr_expect_str_eq(get(noura)->name, "noura_x");
    cr_expect_str_eq(unlink_of("twitter", "noura_x")->name, "n@example.com");
    unlink_of("email", "n@example.com");
    unlink_of("phone", "+966500000001");
    const Profiled__V1__Profile *bare = unlink_of("whatsapp", "+966500000001");
    cr_expect_str_eq(bare->name, "Unnamed");
    cr_expect(bare->name_derived);
}

Test(unlink_identity, what_is_not_there_is_not_found) {
    Profiled__V1__UnlinkIdentityRequest request = request_of(noura, "email", "x@example.com");
    ask_refused(&rpc_identity_service, "UnlinkIdentity", &request.base, STATUS_NOT_FOUND,
                "IDENTITY_NOT_FOUND");
    request = request_of("0190b8a2-0000-7000-8000-00000000000a", "email", "x@example.com");
    ask_refused(&rpc_identity_service, "UnlinkIdentity", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request = request_of(noura, "email", "n@example.com");
    ask_refused_elsewhere(&rpc_identity_service, "UnlinkIdentity", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
}

Test(unlink_identity, what_can_t_be_read_is_refused) {
    Profiled__V1__UnlinkIdentityRequest request = request_of("", "email", "nobody");
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "UnlinkIdentity", &request.base, STATUS_INVALID_ARGUMENT,
                    "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "profile_id"));
    cr_expect_not_null(answer_violation(answer, "identity.value"));
    request = request_of("x", "shoe", "44");
    answer = ask_refused(&rpc_identity_service, "UnlinkIdentity", &request.base,
                         STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "profile_id"));
    cr_expect_not_null(answer_violation(answer, "identity.type"));
}

Test(unlink_identity, is_done_once_for_one_request_id) {
    Profiled__V1__UnlinkIdentityRequest request = request_of(noura, "email", "n@example.com");
    Profiled__V1__UnlinkIdentityRequest other = request_of(noura, "twitter", "noura_x");
    ask_again(&rpc_identity_service, "UnlinkIdentity", &request.base, &other.base);
}
