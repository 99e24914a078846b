/* LinkIdentity. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

static const char *noura;

static void init(void) {
    ask_open();
    noura = create(TOLD(.name = "Noura",
                        .identities = {ID("email", "n@example.com"), ID("external_id", "crm-1")}))
                ->id;
    ask_wait_us(US_PER_SECOND);
}

TestSuite(link_identity, .init = init, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__LinkIdentityRequest request_of(const char *id, const char *type,
                                                    const char *value) {
    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)id;
    request.identity = type == NULL ? NULL : identity_told(type, value);
    return request;
}

static const struct answer *refused(const Profiled__V1__LinkIdentityRequest *request,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_identity_service, "LinkIdentity", &request->base, code, reason);
}

Test(link_identity, matches_from_now_on) {
    Profiled__V1__LinkIdentityRequest request = request_of(noura, "phone", "0545462356");
    static char region[] = "SA";
    static char source[] = "call-centre";
    request.identity->region = region;
    request.identity->source = source;
    request.identity->provenance = PROVENANCE(VERIFIED);

    const Profiled__V1__LinkIdentityResponse *response =
        ask_twice(&rpc_identity_service, "LinkIdentity", &request.base);

    const Profiled__V1__Identity *phone = identity_in(response->profile, "phone", "+966545462356");
    cr_assert_not_null(phone);
    cr_expect_str_eq(phone->source, "call-centre");
    cr_expect_eq(phone->provenance, PROVENANCE(VERIFIED));
    cr_expect_str_eq(lookup("whatsapp", "966545462356")->id, noura);
}

Test(link_identity, one_that_is_there_is_refreshed) {
    Profiled__V1__LinkIdentityRequest request = request_of(noura, "email", "N@EXAMPLE.com");
    const Profiled__V1__LinkIdentityResponse *response =
        ask_twice(&rpc_identity_service, "LinkIdentity", &request.base);
    const Profiled__V1__Identity *email = identity_in(response->profile, "email", "n@example.com");
    cr_expect_eq(response->profile->n_identities, 2);
    cr_expect_eq(email->first_seen_time->seconds, CALL_START_US / US_PER_SECOND);
    cr_expect_eq(email->last_seen_time->seconds, CALL_START_US / US_PER_SECOND + 1);
}

Test(link_identity, one_of_another_profile_is_a_conflict) {
    const char *huda = create(TOLD(.name = "Huda", .identities = {ID("twitter", "huda_x")}))->id;
    const Profiled__V1__LinkIdentityRequest request = request_of(noura, "twitter", "@Huda_X");
    const struct answer *answer =
        refused(&request, STATUS_FAILED_PRECONDITION, "IDENTITY_CONFLICT");
    cr_expect_str_eq(answer_metadata(answer, "owner_id"), huda);
}

Test(link_identity, blocked_values_are_refused_with_the_rule) {
    Profiled__V1__LinkIdentityRequest request = request_of(noura, "email", "info@example.com");
    cr_expect_str_eq(
        answer_metadata(refused(&request, STATUS_FAILED_PRECONDITION, "IDENTITY_BLOCKED"), "rule"),
        "BLOCKED_ROLE_MAILBOX");
    request = request_of(noura, "anonymous_id", "0000");
    cr_expect_str_eq(
        answer_metadata(refused(&request, STATUS_FAILED_PRECONDITION, "IDENTITY_BLOCKED"), "rule"),
        "BLOCKED_REPEATED");
}

Test(link_identity, over_the_limit_is_refused) {
    Profiled__V1__LinkIdentityRequest request = request_of(noura, "external_id", "crm-2");
    cr_expect_str_eq(
        answer_metadata(refused(&request, STATUS_FAILED_PRECONDITION, "IDENTITY_LIMIT"), "limit"),
        "1");
    for (int i = 0; i < 4; i++) {
        request = request_of(noura, "email", arena_format(&ask_arena, "n%d@example.com", i));
        ask(&rpc_identity_service, "LinkIdentity", &request.base);
    }
    request = request_of(noura, "email", "n9@example.com");
    refused(&request, STATUS_FAILED_PRECONDITION, "IDENTITY_LIMIT");
}

Test(link_identity, contact_data_becomes_active_when_its_owner_has_gone) {
    const char *huda =
        create(TOLD(.name = "Huda", .identities = {ID("email", "h@example.com")}))->id;
    /* Noura's id outranks the mailbox, and the mailbox stays with Huda. */
    resolve(TOLD(.identities = {ID("external_id", "crm-2"), ID("email", "n@example.com")}));
    const char *other = lookup("external_id", "crm-2")->id;
    cr_assert_eq(identity_in(get(other), "email", "n@example.com")->state, STATE(CONTACT));
    Profiled__V1__UnlinkIdentityRequest unlink = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    unlink.profile_id = (char *)(uintptr_t)noura;
    unlink.identity = identity_told("email", "n@example.com");
    ask(&rpc_identity_service, "UnlinkIdentity", &unlink.base);

    Profiled__V1__LinkIdentityRequest request = request_of(other, "email", "n@example.com");
    ask_twice(&rpc_identity_service, "LinkIdentity", &request.base);

    cr_expect_str_eq(lookup("email", "n@example.com")->id, other);
    cr_expect_str_eq(lookup("email", "h@example.com")->id, huda);
}

Test(link_identity, bad_missing_and_elsewhere) {
    Profiled__V1__LinkIdentityRequest request = request_of("x", NULL, NULL);
    const struct answer *answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "profile_id"));
    cr_expect_not_null(answer_violation(answer, "identity"));
    request = request_of(noura, "email", "nobody");
    answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "identity.value"));
    request = request_of("x", "shoe", "44");
    answer = refused(&request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "profile_id"));
    cr_expect_not_null(answer_violation(answer, "identity.type"));
    request = request_of("0190b8a2-0000-7000-8000-00000000000a", "email", "x@example.com");
    refused(&request, STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    request = request_of(noura, "email", "x@example.com");
    ask_refused_elsewhere(&rpc_identity_service, "LinkIdentity", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
}

Test(link_identity, is_done_once_for_one_request_id) {
    Profiled__V1__LinkIdentityRequest request = request_of(noura, "email", "a@example.com");
    Profiled__V1__LinkIdentityRequest other = request_of(noura, "email", "b@example.com");
    ask_again(&rpc_identity_service, "LinkIdentity", &request.base, &other.base);
}

/* What was over the limit of two together is somebody else's by now: it takes no room. */
Test(link_identity, what_another_profile_got_takes_no_room) {
    Profiled__V1__IdentityType email = PROFILED__V1__IDENTITY_TYPE__INIT;
    email.type = text("email");
    email.limit = 2;
    set_rules("limit", &email);
    const char *one =
        create(TOLD(.name = "Noura", .identities = {ID("email", "a@example.com")}))->id;
    ask_wait_us(US_PER_SECOND);
    const char *two =
        create(TOLD(.name = "Reem", .identities = {ID("email", "b@example.com")}))->id;
    merge_two(one, two);
    ask_wait_us(US_PER_SECOND);
    resolve(TOLD(.identities = {ID("email", "b@example.com"), ID("email", "c@example.com")}));
    ask_wait_us(US_PER_SECOND);
    cr_assert_str_neq(resolve(TOLD(.identities = {ID("email", "a@example.com")}))->profile_id, one);
    Profiled__V1__UnlinkIdentityRequest unlink = PROFILED__V1__UNLINK_IDENTITY_REQUEST__INIT;
    unlink.profile_id = text(one);
    unlink.identity = identity_told("email", "c@example.com");
    ask(&rpc_identity_service, "UnlinkIdentity", &unlink.base);
    cr_assert_eq(identity_count(get(one), "email", true), 1);

    Profiled__V1__LinkIdentityRequest request = PROFILED__V1__LINK_IDENTITY_REQUEST__INIT;
    request.profile_id = text(one);
    request.identity = identity_told("email", "d@example.com");
    ask(&rpc_identity_service, "LinkIdentity", &request.base);

    cr_expect_eq(identity_count(get(one), "email", true), 2);
}
