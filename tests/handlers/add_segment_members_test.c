/* AddSegmentMembers. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/segments.h"

TestSuite(add_segment_members, .init = ask_open, .fini = ask_close);

enum { MEMBERS_MAX = 1001 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__AddSegmentMembersRequest *
request_of(const char *name, Profiled__V1__SegmentMember *const *members) {
    Profiled__V1__AddSegmentMembersRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__add_segment_members_request__init(request);
    request->name = text(name);
    request->members = arena_array(&ask_arena, MEMBERS_MAX, sizeof *request->members);
    for (; *members != NULL; members++) {
        request->members[request->n_members++] = *members;
    }
    return request;
}

#define MEMBERS(...) ((Profiled__V1__SegmentMember *const[]){__VA_ARGS__, NULL})
#define NO_MEMBERS ((Profiled__V1__SegmentMember *const[]){NULL})

static const Profiled__V1__AddSegmentMembersResponse *
add(Profiled__V1__AddSegmentMembersRequest *request) {
    return ask_twice(&rpc_segment_service, "AddSegmentMembers", &request->base);
}

static const struct answer *refused(const Profiled__V1__AddSegmentMembersRequest *request,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_segment_service, "AddSegmentMembers", &request->base, code, reason);
}

static void undo_merge(const char *merge_id) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = text(merge_id);
    ask_wait_us(US_PER_SECOND);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

Test(add_segment_members, happy) {
    const char *noura = make_person("Noura", NULL);
    const char *sami =
        create(TOLD(.name = "Sami", .identities = {ID("email", "S@Example.com")}))->id;
    create_segment("pilot", NULL);

    const Profiled__V1__AddSegmentMembersResponse *response = add(request_of(
        "pilot", MEMBERS(member_by_id(noura), member_by_identity("email", "s@example.com"))));

    cr_expect_eq(response->added_count, 2);
    cr_expect_eq(response->failed_count, 0);
    cr_assert_eq(response->n_verdicts, 2);
    cr_expect(response->verdicts[0]->changed);
    cr_expect_str_eq(response->verdicts[1]->profile_id, sami);
    cr_expect_str_empty(response->verdicts[1]->error);
    cr_expect_str_eq(names_in("pilot"), " Noura Sami");
    cr_expect_eq(get_segment("pilot")->member_count, 2);
    cr_expect_str_eq(get_segment("pilot")->etag, "r1.1", "the segment itself is as it was");
    call_reopen(ask_fixture);
    cr_expect_str_eq(names_in("pilot"), " Noura Sami");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(add_segment_members, who_is_not_found_keeps_nobody_from_it) {
    const char *noura = make_person("Noura", NULL);
    const char *gone = make_person("Omar", NULL);
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = text(gone);
    ask(&rpc_profile_service, "DeleteProfile", &request.base);
    Profiled__V1__SegmentMember nobody = PROFILED__V1__SEGMENT_MEMBER__INIT;
    create_segment("pilot", NULL);

    const Profiled__V1__AddSegmentMembersResponse *response = add(request_of(
        "pilot",
        MEMBERS(member_by_id("noura"), member_by_id("01a20000-0000-7000-8000-000000000000"),
                member_by_id(gone), member_by_identity("email", "nobody@example.com"),
                member_by_identity("email", "no address"), member_by_identity("badge", "7"),
                &nobody, member_by_id(noura))));

    static const char *const errors[] = {
        "is told by an id that is no UUID",
        "is not there: no profile has this id or identity",
        "is not there: no profile has this id or identity",
        "is not there: no profile has this id or identity",
        "is told by an identity that does not read: identity.value",
        "is told by an identity that does not read: identity.type",
        "is not told: an id or an identity"};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        const Profiled__V1__SegmentMemberVerdict *verdict = response->verdicts[i];
        cr_expect_eq(strncmp(verdict->error, errors[i], strlen(errors[i])), 0, "%zu: %s", i,
                     verdict->error);
        cr_expect_str_empty(verdict->profile_id);
        cr_expect_not(verdict->changed);
    }
    cr_expect_eq(response->added_count, 1);
    cr_expect_eq(response->failed_count, 7);
    cr_expect_str_eq(names_in("pilot"), " Noura");
}

Test(add_segment_members, who_is_there_stays_there) {
    const char *noura = make_person("Noura", NULL);
    create_segment("pilot", NULL);

    const Profiled__V1__AddSegmentMembersResponse *response =
        add(request_of("pilot", MEMBERS(member_by_id(noura), member_by_id(noura))));
    cr_expect(response->verdicts[0]->changed);
    cr_expect_not(response->verdicts[1]->changed, "in one call, too");
    cr_expect_eq(response->added_count, 1);
    cr_expect_not(add_member("pilot", noura)->changed);
    cr_expect_eq(get_segment("pilot")->member_count, 1);
}

Test(add_segment_members, of_one_request_they_are_added_once) {
    const char *noura = make_person("Noura", NULL);
    const char *sami = make_person("Sami", NULL);
    create_segment("pilot", NULL);
    const Profiled__V1__AddSegmentMembersResponse *response =
        ask_again(&rpc_segment_service, "AddSegmentMembers",
                  &request_of("pilot", MEMBERS(member_by_id(noura)))->base,
                  &request_of("pilot", MEMBERS(member_by_id(sami)))->base);
    cr_expect_eq(response->added_count, 1);
    cr_expect_str_eq(names_in("pilot"), " Noura");
}

Test(add_segment_members, a_thousand_at_once) {
    const char **ids = make_crowd(1000, "riyadh");
    Profiled__V1__SegmentMember *members[MEMBERS_MAX + 1] = {NULL};
    create_segment("pilot", NULL);
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        members[i] = member_by_id(ids[i % 1000]);
    }
    const struct answer *answer =
        refused(request_of("pilot", members), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "members"));
    members[MEMBERS_MAX - 1] = NULL;

    cr_expect_eq(add(request_of("pilot", members))->added_count, 1000);

    cr_expect_eq(get_segment("pilot")->member_count, 1000);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(add_segment_members, every_bad_field_is_named) {
    const struct answer *answer =
        refused(request_of("Pilot", NO_MEMBERS), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "name"));
    cr_expect_not_null(answer_violation(answer, "members"));
}

Test(add_segment_members, missing_and_other_workspace) {
    const char *noura = make_person("Noura", NULL);
    const Profiled__V1__AddSegmentMembersRequest *request =
        request_of("pilot", MEMBERS(member_by_id(noura)));
    refused(request, STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    create_segment("pilot", NULL);
    ask_refused_elsewhere(&rpc_segment_service, "AddSegmentMembers", &request->base,
                          STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    ask_in("other");
    create_segment("pilot", NULL);
    cr_expect_not(add_member("pilot", noura)->changed, "people of another workspace are nobody");
    ask_in("default");
    cr_expect_eq(get_segment("pilot")->member_count, 0);
}

Test(add_segment_members, only_to_a_list_that_is_in_use) {
    const char *noura = make_person("Noura", NULL);
    create_segment("all", "name:*");
    ready_segment("all");
    refused(request_of("all", MEMBERS(member_by_id(noura))), STATUS_FAILED_PRECONDITION,
            "SEGMENT_NOT_STATIC");
    create_segment("pilot", NULL);
    update_segment("pilot", NULL, SEGMENT_STATE(ARCHIVED));
    refused(request_of("pilot", MEMBERS(member_by_id(noura))), STATUS_FAILED_PRECONDITION,
            "SEGMENT_ARCHIVED");
    update_segment("pilot", NULL, SEGMENT_STATE(ACTIVE));
    cr_expect(add_member("pilot", noura)->changed);
    update_segment("pilot", NULL, SEGMENT_STATE(ARCHIVED));
    cr_expect_str_eq(names_in("pilot"), " Noura", "the list stands");
}

Test(add_segment_members, merges_keep_them_and_an_unmerge_gives_each_its_own) {
    const char *noura = make_person("Noura", NULL);
    const char *sami = make_person("Sami", NULL);
    create_segment("first", NULL);
    create_segment("second", NULL);
    create_segment("third", NULL);
    add_member("first", noura);
    add_member("second", sami);

    const char *merge = merge_two(noura, sami);
    cr_expect(is_member("first", noura) && is_member("second", noura));
    cr_expect_str_eq(add_member("third", sami)->profile_id, noura, "who answers for it");
    cr_expect(add_member("second", noura)->changed, "the list is another one");
    cr_expect_eq(get_segment("second")->member_count, 1);

    undo_merge(merge);
    cr_expect_str_eq(members_of("first"), arena_format(&ask_arena, " %s", noura));
    cr_expect_str_eq(members_of("second"), arena_format(&ask_arena, " %s %s", noura, sami));
    cr_expect_str_eq(members_of("third"), arena_format(&ask_arena, " %s", sami),
                     "it was the id that was told");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(add_segment_members, on_so_many_lists_at_most, .timeout = 200) {
    enum { LISTS_MAX = 1000 };
    const char *noura = make_person("Noura", NULL);
    for (size_t i = 0; i <= LISTS_MAX; i++) {
        create_segment(arena_format(&ask_arena, "s%zu", i), NULL);
    }
    for (size_t i = 0; i < LISTS_MAX; i++) {
        cr_assert(add_member(arena_format(&ask_arena, "s%zu", i), noura)->changed);
    }

    const char *last = arena_format(&ask_arena, "s%d", LISTS_MAX);
    const char *sami = make_person("Sami", NULL);
    const Profiled__V1__AddSegmentMembersResponse *response =
        add(request_of(last, MEMBERS(member_by_id(noura), member_by_id(sami))));
    cr_expect_str_eq(response->verdicts[0]->error,
                     "is on as many lists as a profile may be: 1,000");
    cr_expect_str_eq(response->verdicts[0]->profile_id, noura);
    cr_expect_eq(response->failed_count, 1);
    cr_expect(response->verdicts[1]->changed, "who is on fewer is added");

    delete_segment("s7");
    cr_expect(add_member(last, noura)->changed, "lists that are gone do not count");
}
