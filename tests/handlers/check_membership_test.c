/* CheckMembership. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/segments.h"

TestSuite(check_membership, .init = ask_open, .fini = ask_close);

enum { NAMES_MAX = 1001 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__CheckMembershipRequest *request_of(const char *const *segments) {
    Profiled__V1__CheckMembershipRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__check_membership_request__init(request);
    request->segments = arena_array(&ask_arena, NAMES_MAX, sizeof *request->segments);
    for (; *segments != NULL; segments++) {
        request->segments[request->n_segments++] = text(*segments);
    }
    return request;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_NAMES ((const char *const[]){NULL})

static Profiled__V1__CheckMembershipRequest *by_id(const char *id, const char *const *segments) {
    Profiled__V1__CheckMembershipRequest *request = request_of(segments);
    request->person_case = PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__PERSON_PROFILE_ID;
    request->profile_id = text(id);
    return request;
}

static Profiled__V1__CheckMembershipRequest *by_identity(Profiled__V1__Identity *identity,
                                                         const char *const *segments) {
    Profiled__V1__CheckMembershipRequest *request = request_of(segments);
    request->person_case = PROFILED__V1__CHECK_MEMBERSHIP_REQUEST__PERSON_IDENTITY;
    request->identity = identity;
    return request;
}

static const struct answer *refused(const Profiled__V1__CheckMembershipRequest *request,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_segment_service, "CheckMembership", &request->base, code, reason);
}

static void expect_bad(const Profiled__V1__CheckMembershipRequest *request, const char *field) {
    const struct answer *answer = refused(request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, field), "%s", field);
}

/* " riyadh+ jeddah-": which segments, and whether the person is in them; with a ? where it is not
 * ready. */
static const char *checked(const Profiled__V1__CheckMembershipRequest *request) {
    const Profiled__V1__CheckMembershipResponse *response =
        ask(&rpc_segment_service, "CheckMembership", &request->base);
    const char *all = "";
    for (size_t i = 0; i < response->n_memberships; i++) {
        const Profiled__V1__Membership *membership = response->memberships[i];
        all = arena_format(&ask_arena, "%s %s%s%s", all, membership->segment,
                           membership->member ? "+" : "-", membership->ready ? "" : "?");
    }
    return all;
}

static const char *make_some(void) {
    const char *noura = make_person("Noura", "riyadh");
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("jeddah", "attributes.city = jeddah");
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    ready_segment("riyadh");
    ready_segment("jeddah");
    return noura;
}

Test(check_membership, happy) {
    const char *noura = make_some();
    cr_expect_str_eq(checked(by_id(noura, NAMES("jeddah", "pilot", "riyadh", "jeddah"))),
                     " jeddah- pilot+ riyadh+ jeddah-", "in the order in which they were asked");
    cr_expect_str_eq(checked(by_id(noura, NO_NAMES)), " pilot+ riyadh+", "by name");
    cr_expect_str_eq(checked(by_id(make_person("Omar", NULL), NO_NAMES)), "");
}

Test(check_membership, by_an_identity_in_any_form) {
    make_some();
    const char *sami =
        create(TOLD(.name = "Sami",
                    .identities = {{.type = "phone", .value = "0501234567", .region = "SA"}}))
            ->id;
    add_member("pilot", sami);
    Profiled__V1__Identity *identity = identity_told("phone", "050 123 4567");
    identity->region = text("SA");

    const Profiled__V1__CheckMembershipRequest *request = by_identity(identity, NAMES("pilot"));

    cr_expect_str_eq(checked(request), " pilot+");
    const Profiled__V1__CheckMembershipResponse *response =
        ask(&rpc_segment_service, "CheckMembership", &request->base);
    cr_expect_str_eq(response->profile_id, sami);
}

Test(check_membership, the_merged_and_the_deleted) {
    const char *noura = make_some();
    const char *sami = make_person("Sami", "jeddah");
    merge_two(noura, sami);
    const Profiled__V1__CheckMembershipRequest *request = by_id(sami, NAMES("pilot"));
    const Profiled__V1__CheckMembershipResponse *response =
        ask(&rpc_segment_service, "CheckMembership", &request->base);
    cr_expect_str_eq(response->profile_id, noura);
    cr_expect(response->memberships[0]->member);

    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = text(noura);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);
    refused(by_id(noura, NO_NAMES), STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    refused(by_id(sami, NO_NAMES), STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
}

Test(check_membership, one_that_is_not_ready_says_so) {
    const char **ids = make_crowd(900, "riyadh");
    create_segment("city", "attributes.city = riyadh");
    const char *told = checked(by_id(ids[899], NAMES("city")));
    cr_expect(strcmp(told, " city-?") == 0 || strcmp(told, " city+") == 0 ||
                  strcmp(told, " city+?") == 0,
              "%s", told);
    ready_segment("city");
    cr_expect_str_eq(checked(by_id(ids[899], NAMES("city"))), " city+");
}

Test(check_membership, of_a_thousand_segments) {
    const char *noura = make_some();
    const char *names[NAMES_MAX + 1] = {NULL};
    for (size_t i = 0; i < NAMES_MAX; i++) {
        names[i] = i % 2 == 0 ? "pilot" : "jeddah";
    }
    expect_bad(by_id(noura, names), "segments");
    names[NAMES_MAX - 1] = NULL;
    const Profiled__V1__CheckMembershipResponse *response =
        ask(&rpc_segment_service, "CheckMembership", &by_id(noura, names)->base);
    cr_assert_eq(response->n_memberships, NAMES_MAX - 1);
    cr_expect(response->memberships[998]->member);
    cr_expect_not(response->memberships[999]->member);
}

Test(check_membership, every_bad_field_is_named) {
    const char *noura = make_some();
    expect_bad(request_of(NO_NAMES), "person");
    expect_bad(by_id("nora", NO_NAMES), "profile_id");
    expect_bad(by_id("", NO_NAMES), "profile_id");
    expect_bad(by_identity(identity_told("", "x"), NO_NAMES), "identity.type");
    expect_bad(by_identity(identity_told("email", ""), NO_NAMES), "identity.value");
    expect_bad(by_identity(identity_told("email", "no address"), NO_NAMES), "identity.value");
    expect_bad(by_id(noura, NAMES("pilot", "Pilot", "")), "segments[1]");
    expect_bad(by_id(noura, NAMES("pilot", "Pilot", "")), "segments[2]");
}

Test(check_membership, missing_and_other_workspace) {
    const char *noura = make_some();
    refused(by_id("01a20000-0000-7000-8000-000000000000", NO_NAMES), STATUS_NOT_FOUND,
            "PROFILE_NOT_FOUND");
    refused(by_identity(identity_told("email", "nobody@example.com"), NO_NAMES), STATUS_NOT_FOUND,
            "PROFILE_NOT_FOUND");
    const struct answer *answer =
        refused(by_id(noura, NAMES("pilot", "vip")), STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "field"), "segments[1]");
    ask_refused_elsewhere(&rpc_segment_service, "CheckMembership",
                          &by_id(noura, NAMES("pilot"))->base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
}
