/* RestoreIdentityTypes. */

#include <string.h>

#include <criterion/criterion.h>

#include "tests/handlers/rules.h"

TestSuite(restore_identity_types, .init = ask_open, .fini = ask_close);

static Profiled__V1__RestoreIdentityTypesRequest request_of(int64_t version) {
    Profiled__V1__RestoreIdentityTypesRequest request =
        PROFILED__V1__RESTORE_IDENTITY_TYPES_REQUEST__INIT;
    request.rule_version = version;
    return request;
}

static const Profiled__V1__IdentityType *
type_in(const Profiled__V1__RestoreIdentityTypesResponse *response, const char *type) {
    for (size_t i = 0; i < response->n_identity_types; i++) {
        if (strcmp(response->identity_types[i]->type, type) == 0) {
            return response->identity_types[i];
        }
    }
    return NULL;
}

Test(restore_identity_types, makes_a_version_that_equals_an_earlier_one) {
    set_limit("email", 3);
    set_blocked("email", "shop@example.com");
    set_ignore_dots("email", true);
    set_limit("phone", 9);
    Profiled__V1__RestoreIdentityTypesRequest request = request_of(3);

    const Profiled__V1__RestoreIdentityTypesResponse *response =
        ask_twice(&rpc_identity_service, "RestoreIdentityTypes", &request.base);

    cr_expect_eq(response->rule_version, 6);
    const Profiled__V1__IdentityType *email = type_in(response, "email");
    cr_expect_eq(email->limit, 3);
    cr_expect_eq(email->n_blocked_values, 1);
    cr_expect_not(email->email_ignore_dots);
    cr_expect_eq(type_in(response, "phone")->limit, 5);
    cr_expect_eq(rule_version(), 6);
}

Test(restore_identity_types, an_address_of_the_rules_between_is_still_found) {
    set_ignore_dots("email", true);
    const char *id = resolve(TOLD(.identities = {ID("email", "nora.s@x.example")}))->profile_id;

    restore_rules(1);

    cr_expect_str_eq(lookup("email", "nora.s@x.example")->id, id);
}

Test(restore_identity_types, types_that_there_were_not_are_disabled) {
    add_type("loyalty_card", NORMALIZER(EXACT));
    const char *id = resolve(TOLD(.identities = {ID("loyalty_card", "L-1234")}))->profile_id;
    const Profiled__V1__RestoreIdentityTypesRequest request = request_of(1);

    const Profiled__V1__RestoreIdentityTypesResponse *response =
        ask(&rpc_identity_service, "RestoreIdentityTypes", &request.base);

    cr_expect(type_in(response, "loyalty_card")->disabled);
    apply_rules(0);
    cr_expect_eq(identity_in(get(id), "loyalty_card", "L-1234")->rule, RULE(TYPE_DISABLED));
}

Test(restore_identity_types, a_type_that_is_read_otherwise_now_stays_so) {
    add_type("loyalty_card", NORMALIZER(EXACT));
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    type.type = (char *)(uintptr_t) "loyalty_card";
    type.normalizer = NORMALIZER(DIGITS);
    set_rules("normalizer", &type);
    resolve(TOLD(.identities = {ID("loyalty_card", "9041 7736")}));
    const Profiled__V1__RestoreIdentityTypesRequest request = request_of(2);

    const struct answer *answer =
        ask_refused(&rpc_identity_service, "RestoreIdentityTypes", &request.base,
                    STATUS_FAILED_PRECONDITION, "RULES_INVALID");

    cr_expect_str_eq(answer_metadata(answer, "identity_count"), "1");
}

static void tell_many(size_t count) {
    for (size_t i = 0; i < count; i++) {
        resolve(
            TOLD(.identities = {ID("email", arena_format(&ask_arena, "p%zu@corp.example", i))}));
    }
}

Test(restore_identity_types, rules_that_would_block_all_there_is_are_refused_with_the_count) {
    Profiled__V1__IdentityType type = PROFILED__V1__IDENTITY_TYPE__INIT;
    char *patterns[] = {(char *)(uintptr_t) "@corp\\.example$"};
    type.type = (char *)(uintptr_t) "email";
    type.blocked_patterns = patterns;
    type.n_blocked_patterns = 1;
    set_rules("blocked_patterns", &type);
    restore_rules(1);
    tell_many(12);
    const Profiled__V1__RestoreIdentityTypesRequest request = request_of(2);

    const struct answer *answer =
        ask_refused(&rpc_identity_service, "RestoreIdentityTypes", &request.base,
                    STATUS_FAILED_PRECONDITION, "RULES_INVALID");

    cr_expect_str_eq(answer_metadata(answer, "type"), "email");
    cr_expect_str_eq(answer_metadata(answer, "identity_count"), "12");
    cr_expect_str_eq(answer_metadata(answer, "blocked_count"), "12");
    cr_expect_eq(simulate_version(2)->effect.lost_identity_count, 12, "to see what it would do");
    resolve(TOLD(.identities = {ID("email", "nora@x.example")}));
    restore_rules(2);
}

/* Somebody wanted just that. */
Test(restore_identity_types, a_type_that_was_disabled_is_disabled_again) {
    set_disabled("email", true);
    set_disabled("email", false);
    tell_many(12);

    restore_rules(2);

    cr_expect_eq(apply_rules(0).lost_identity_count, 12);
}

Test(restore_identity_types, bad_missing_and_elsewhere) {
    Profiled__V1__RestoreIdentityTypesRequest request = request_of(0);
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "RestoreIdentityTypes", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "rule_version"), "is required");
    request = request_of(-1);
    ask_refused(&rpc_identity_service, "RestoreIdentityTypes", &request.base,
                STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    set_limit("email", 3);
    request = request_of(3);
    ask_refused(&rpc_identity_service, "RestoreIdentityTypes", &request.base, STATUS_NOT_FOUND,
                "RULE_VERSION_NOT_FOUND");
    request = request_of(2);
    ask_refused_elsewhere(&rpc_identity_service, "RestoreIdentityTypes", &request.base,
                          STATUS_NOT_FOUND, "RULE_VERSION_NOT_FOUND");
}

Test(restore_identity_types, is_done_once_for_one_request_id) {
    set_limit("email", 3);
    Profiled__V1__RestoreIdentityTypesRequest request = request_of(1);
    Profiled__V1__RestoreIdentityTypesRequest other = request_of(2);
    ask_again(&rpc_identity_service, "RestoreIdentityTypes", &request.base, &other.base);
}
