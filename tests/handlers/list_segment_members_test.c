/* ListSegmentMembers: pages, masks, and who is in a segment when people are merged and deleted. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/segments.h"

TestSuite(list_segment_members, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* A request with a mask of one path, unless it is NULL. */
static Profiled__V1__ListSegmentMembersRequest *request_of(const char *name, int page_size,
                                                           const char *path) {
    Profiled__V1__ListSegmentMembersRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__list_segment_members_request__init(request);
    request->name = text(name);
    request->page_size = page_size;
    if (path != NULL) {
        Google__Protobuf__FieldMask *mask = arena_alloc(&ask_arena, sizeof *mask);
        google__protobuf__field_mask__init(mask);
        mask->paths = arena_alloc(&ask_arena, sizeof *mask->paths);
        mask->paths[0] = text(path);
        mask->n_paths = 1;
        request->read_mask = mask;
    }
    return request;
}

static const Profiled__V1__ListSegmentMembersResponse *
list(const Profiled__V1__ListSegmentMembersRequest *request) {
    return ask(&rpc_segment_service, "ListSegmentMembers", &request->base);
}

static const struct answer *refused(const Profiled__V1__ListSegmentMembersRequest *request,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_segment_service, "ListSegmentMembers", &request->base, code, reason);
}

static void make_people(void) {
    make_person("Noura", "riyadh");
    make_person("Sami", "jeddah");
    make_person("Huda", "riyadh");
    make_person("Omar", "riyadh");
    create_segment("riyadh", "attributes.city = riyadh");
    ready_segment("riyadh");
}

/* The names on all pages, `|` behind each page. */
static const char *listed(Profiled__V1__ListSegmentMembersRequest *request) {
    const char *all = "";
    for (size_t pages = 0;; pages++) {
        cr_assert_lt(pages, 20, "the list has no end");
        const Profiled__V1__ListSegmentMembersResponse *page = list(request);
        for (size_t i = 0; i < page->n_profiles; i++) {
            all = arena_format(&ask_arena, "%s %s", all, page->profiles[i]->name);
        }
        all = arena_format(&ask_arena, "%s|", all);
        if (page->next_page_token[0] == '\0') {
            return all;
        }
        request->page_token = page->next_page_token;
    }
}

Test(list_segment_members, happy) {
    make_people();

    const Profiled__V1__ListSegmentMembersResponse *page = list(request_of("riyadh", 0, NULL));

    cr_assert_eq(page->n_profiles, 3);
    cr_expect_str_eq(page->profiles[0]->name, "Noura");
    cr_expect_str_eq(attribute_in(page->profiles[0], "city"), "riyadh");
    cr_expect_str_empty(page->next_page_token);
    cr_expect(page->ready);
}

Test(list_segment_members, pages_hold_each_member_once) {
    static const char *const expected[] = {" Noura| Huda| Omar|", " Noura Huda| Omar|",
                                           " Noura Huda Omar|"};
    make_people();
    for (int size = 1; size <= 3; size++) {
        cr_expect_str_eq(listed(request_of("riyadh", size, NULL)), expected[size - 1]);
        cr_expect_str_eq(listed(request_of("riyadh", size, "name")), expected[size - 1]);
    }
    create_segment("none", NULL);
    cr_expect_str_eq(listed(request_of("none", 0, NULL)), "|");
}

Test(list_segment_members, who_comes_and_goes_between_pages) {
    make_people();
    Profiled__V1__ListSegmentMembersRequest *request = request_of("riyadh", 1, "name");
    request->page_token = list(request)->next_page_token;
    make_person("Lama", "riyadh");
    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = list(request_of("riyadh", 1, "id"))->profiles[0]->id;
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);

    cr_expect_str_eq(listed(request), " Huda| Omar| Lama|");
}

Test(list_segment_members, the_mask_says_what_is_told) {
    make_people();
    const Profiled__V1__Profile *profile = list(request_of("riyadh", 1, "id"))->profiles[0];
    cr_expect_str_empty(profile->name);
    cr_expect_eq(profile->n_attributes, 0);
    profile = list(request_of("riyadh", 1, "attributes"))->profiles[0];
    cr_expect_str_empty(profile->id);
    cr_expect_str_eq(attribute_in(profile, "city"), "riyadh");
    profile = list(request_of("riyadh", 1, "*"))->profiles[0];
    cr_expect_str_eq(profile->name, "Noura");
    const struct answer *answer =
        refused(request_of("riyadh", 1, "nmae"), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "read_mask.paths[0]"));
}

Test(list_segment_members, a_page_comes_short_where_reading_takes_long) {
    make_people();
    call_step_set(US_PER_SECOND);
    cr_expect_str_eq(listed(request_of("riyadh", 0, "name")), " Noura| Huda| Omar|");
    cr_expect_str_eq(listed(request_of("riyadh", 0, NULL)), " Noura| Huda| Omar|");
    call_step_set(0);
}

Test(list_segment_members, tokens_of_other_lists_are_refused) {
    make_people();
    create_segment("all", "name:*");
    ready_segment("all");
    char *token = list(request_of("riyadh", 1, "name"))->next_page_token;
    Profiled__V1__ListSegmentMembersRequest *others[] = {
        request_of("all", 1, "name"), request_of("riyadh", 1, "id"), request_of("riyadh", 1, NULL)};
    for (size_t i = 0; i < 3; i++) {
        others[i]->page_token = token;
        refused(others[i], STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
    }
    Profiled__V1__ListSegmentMembersRequest *same = request_of("riyadh", 1, "name");
    same->page_token = token;
    ask_refused_elsewhere(&rpc_segment_service, "ListSegmentMembers", &same->base, STATUS_NOT_FOUND,
                          "SEGMENT_NOT_FOUND");
    same->page_size = 2;
    cr_expect_eq(list(same)->n_profiles, 2, "the size may be another one");
    ask_wait_us(25 * US_PER_HOUR);
    refused(same, STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
}

Test(list_segment_members, a_token_is_of_one_segment_not_of_a_name) {
    make_people();
    Profiled__V1__ListSegmentMembersRequest *request = request_of("riyadh", 2, "name");
    request->page_token = list(request)->next_page_token;
    delete_segment("riyadh");
    create_segment("riyadh", "attributes.city = jeddah");
    ready_segment("riyadh");

    refused(request, STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
}

Test(list_segment_members, invalid) {
    const struct answer *answer =
        refused(request_of("", -1, "x"), STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "name"));
    cr_expect_not_null(answer_violation(answer, "page_size"));
    cr_expect_not_null(answer_violation(answer, "read_mask.paths[0]"));
    make_people();
    Profiled__V1__ListSegmentMembersRequest *request = request_of("riyadh", 0, NULL);
    request->page_token = text("nonsense");
    refused(request, STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
}

Test(list_segment_members, missing_and_other_workspace) {
    refused(request_of("vip", 0, NULL), STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    make_people();
    ask_refused_elsewhere(&rpc_segment_service, "ListSegmentMembers",
                          &request_of("riyadh", 0, NULL)->base, STATUS_NOT_FOUND,
                          "SEGMENT_NOT_FOUND");
}

static void undo_merge(const char *merge_id) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.merge_id = text(merge_id);
    ask_wait_us(US_PER_SECOND);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

Test(list_segment_members, the_merged_are_in_it_once_and_each_again_when_it_is_undone) {
    const char *noura = make_person("Noura", "riyadh");
    const char *sami = make_person("Sami", "jeddah");
    const char *huda = make_person("Huda", "riyadh");
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("jeddah", "attributes.city = jeddah");
    ready_segment("riyadh");
    ready_segment("jeddah");
    cr_expect_str_eq(members_of("riyadh"), arena_format(&ask_arena, " %s %s", noura, huda));

    const char *merge = merge_two(noura, huda);
    cr_expect_str_eq(members_of("riyadh"), arena_format(&ask_arena, " %s", noura));
    const char *second = merge_two(noura, sami);
    const Profiled__V1__Profile *person = get(noura);
    const char *city = attribute_in(person, "city");
    cr_expect_str_eq(members_of(city), arena_format(&ask_arena, " %s", noura));
    cr_expect_str_eq(members_of(strcmp(city, "riyadh") == 0 ? "jeddah" : "riyadh"), "");

    undo_merge(second);
    undo_merge(merge);
    cr_expect_str_eq(members_of("riyadh"), arena_format(&ask_arena, " %s %s", noura, huda));
    cr_expect_str_eq(members_of("jeddah"), arena_format(&ask_arena, " %s", sami));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(list_segment_members, the_deleted_are_in_nothing_and_back_when_they_are) {
    const char *noura = make_person("Noura", "riyadh");
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    ready_segment("riyadh");

    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = text(noura);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);
    cr_expect_str_eq(members_of("riyadh"), "");
    cr_expect_str_eq(members_of("pilot"), "");
    cr_expect_eq(get_segment("pilot")->member_count, 0);

    Profiled__V1__UndeleteProfileRequest back = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    back.id = text(noura);
    ask(&rpc_profile_service, "UndeleteProfile", &back.base);
    cr_expect_str_eq(names_in("riyadh"), " Noura");
    cr_expect_str_eq(names_in("pilot"), " Noura");
    cr_expect_eq(call_verify(ask_fixture), 0);
}
