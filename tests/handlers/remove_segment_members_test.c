/* RemoveSegmentMembers. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/segments.h"

TestSuite(remove_segment_members, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* Of up to two; the second may be NULL. */
static Profiled__V1__RemoveSegmentMembersRequest *
request_of(const char *name, Profiled__V1__SegmentMember *one, Profiled__V1__SegmentMember *two) {
    Profiled__V1__RemoveSegmentMembersRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__remove_segment_members_request__init(request);
    request->name = text(name);
    request->members = arena_array(&ask_arena, 2, sizeof *request->members);
    request->members[0] = one;
    request->members[1] = two;
    request->n_members = two != NULL ? 2 : one != NULL ? 1 : 0;
    return request;
}

static const Profiled__V1__RemoveSegmentMembersResponse *
remove_two(Profiled__V1__RemoveSegmentMembersRequest *request) {
    return ask_twice(&rpc_segment_service, "RemoveSegmentMembers", &request->base);
}

static const struct answer *refused(const Profiled__V1__RemoveSegmentMembersRequest *request,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_segment_service, "RemoveSegmentMembers", &request->base, code, reason);
}

Test(remove_segment_members, happy) {
    const char *noura = make_person("Noura", NULL);
    const char *sami =
        create(TOLD(.name = "Sami", .identities = {ID("email", "s@example.com")}))->id;
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    add_member("pilot", sami);

    const Profiled__V1__RemoveSegmentMembersResponse *response = remove_two(
        request_of("pilot", member_by_identity("email", "S@example.com"), member_by_id("nobody")));

    cr_expect_eq(response->removed_count, 1);
    cr_expect_eq(response->failed_count, 1);
    cr_expect_str_eq(response->verdicts[0]->profile_id, sami);
    cr_expect(response->verdicts[0]->changed);
    cr_expect_str_eq(response->verdicts[1]->error, "is told by an id that is no UUID");
    cr_expect_str_eq(names_in("pilot"), " Noura");
    cr_expect_eq(get_segment("pilot")->member_count, 1);
    cr_expect_not(remove_member("pilot", sami)->changed, "not on it any more");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(remove_segment_members, all_profiles_of_a_person) {
    const char *noura = make_person("Noura", NULL);
    const char *sami = make_person("Sami", NULL);
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    add_member("pilot", sami);
    const char *merge = merge_two(noura, sami);

    cr_expect(remove_member("pilot", sami)->changed);

    cr_expect_eq(get_segment("pilot")->member_count, 0);
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = text(merge);
    ask_wait_us(US_PER_SECOND);
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
    cr_expect_str_eq(members_of("pilot"), "");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(remove_segment_members, of_one_request_they_are_removed_once) {
    const char *noura = make_person("Noura", NULL);
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    const Profiled__V1__RemoveSegmentMembersResponse *response =
        ask_again(&rpc_segment_service, "RemoveSegmentMembers",
                  &request_of("pilot", member_by_id(noura), NULL)->base,
                  &request_of("pilot", member_by_id(noura), member_by_id(noura))->base);
    cr_expect_eq(response->removed_count, 1);
}

Test(remove_segment_members, every_bad_field_is_named) {
    const struct answer *answer =
        refused(request_of("", NULL, NULL), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "name"));
    cr_expect_not_null(answer_violation(answer, "members"));
}

Test(remove_segment_members, missing_and_other_workspace) {
    const char *noura = make_person("Noura", NULL);
    const Profiled__V1__RemoveSegmentMembersRequest *request =
        request_of("pilot", member_by_id(noura), NULL);
    refused(request, STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    create_segment("pilot", NULL);
    ask_refused_elsewhere(&rpc_segment_service, "RemoveSegmentMembers", &request->base,
                          STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
}

Test(remove_segment_members, only_from_a_list_that_is_in_use) {
    const char *noura = make_person("Noura", NULL);
    create_segment("all", "name:*");
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    ready_segment("all");
    refused(request_of("all", member_by_id(noura), NULL), STATUS_FAILED_PRECONDITION,
            "SEGMENT_NOT_STATIC");
    update_segment("pilot", NULL, SEGMENT_STATE(ARCHIVED));
    refused(request_of("pilot", member_by_id(noura), NULL), STATUS_FAILED_PRECONDITION,
            "SEGMENT_ARCHIVED");
}
