/* ListMerges. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(list_merges, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static const char *make(const char *email) {
    ask_wait_us(US_PER_SECOND);
    return resolve(TOLD(.identities = {ID("email", email)}))->profile_id;
}

static const Profiled__V1__ListMergesResponse *list(const char *profile_id, int page_size,
                                                    const char *page_token) {
    Profiled__V1__ListMergesRequest request = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    request.profile_id = text(profile_id);
    request.page_size = page_size;
    request.page_token = text(page_token);
    return ask(&rpc_identity_service, "ListMerges", &request.base);
}

Test(list_merges, tell_who_when_and_by_what_call) {
    const char *one = make("a@example.com");
    const char *two = make("b@example.com");
    const char *three = make("c@example.com");
    const char *by_hand = merge_two(two, three);
    ask_wait_us(US_PER_SECOND);
    const Profiled__V1__Decision *decision =
        resolve(TOLD(.identities = {ID("email", "a@example.com"), ID("email", "c@example.com")}));

    const Profiled__V1__ListMergesResponse *response = list(two, 0, "");

    cr_assert_eq(response->n_merges, 2);
    const Profiled__V1__Merge *last = response->merges[0];
    cr_expect_str_eq(last->id, decision->merge_ids[0]);
    cr_expect_str_eq(last->method, "ResolveProfile");
    cr_expect_str_eq(last->survivor_id, one);
    cr_expect_str_eq(last->absorbed_id, two);
    cr_expect_str_eq(last->profile_id, one);
    cr_expect_str_eq(last->other_profile_id, three, "by whose address they were found to be one");
    cr_expect_neq(last->decision_id[0], '\0');
    cr_expect_eq(last->rule_version, 1);
    cr_expect_null(last->undo_time);
    const Profiled__V1__Merge *first = response->merges[1];
    cr_expect_str_eq(first->id, by_hand);
    cr_expect_str_eq(first->method, "MergeProfiles");
    cr_expect_str_eq(first->decision_id, "");
}

Test(list_merges, undone_ones_stay_listed_on_both_sides) {
    const char *one = make("a@example.com");
    const char *two = make("b@example.com");
    const char *id = merge_two(one, two);
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = text(id);
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);

    cr_assert_eq(list(one, 0, "")->n_merges, 1);
    cr_assert_eq(list(two, 0, "")->n_merges, 1);
    cr_expect_not_null(list(two, 0, "")->merges[0]->undo_time);
    cr_expect_eq(list(make("c@example.com"), 0, "")->n_merges, 0);
}

Test(list_merges, pages_of_a_profile_and_of_the_workspace) {
    enum { COUNT = 7 };
    const char *ids[COUNT + 1];
    const char *merges[COUNT];
    for (size_t i = 0; i <= COUNT; i++) {
        ids[i] = make(arena_format(&ask_arena, "p%zu@other%zu.example.com", i, i));
    }
    Profiled__V1__IdentityType limit = PROFILED__V1__IDENTITY_TYPE__INIT;
    limit.type = text("email");
    limit.limit = 50;
    set_rules("limit", &limit);
    for (size_t i = 0; i < COUNT; i++) {
        merges[i] = merge_two(ids[0], ids[i + 1]);
    }
    static const char *const of[] = {"", "one"};
    for (size_t which = 0; which < 2; which++) {
        const char *profile_id = of[which][0] == '\0' ? "" : ids[0];
        const char *token = "";
        for (size_t i = COUNT; i > 0;) {
            const Profiled__V1__ListMergesResponse *page = list(profile_id, 3, token);
            for (size_t k = 0; k < page->n_merges; k++) {
                cr_expect_str_eq(page->merges[k]->id, merges[--i]);
            }
            token = page->next_page_token;
            cr_expect_eq(token[0] == '\0', i == 0);
        }
    }
}

Test(list_merges, bad_missing_and_elsewhere) {
    const char *one = make("a@example.com");
    merge_two(one, make("b@example.com"));
    Profiled__V1__ListMergesRequest request = PROFILED__V1__LIST_MERGES_REQUEST__INIT;
    request.profile_id = text("x");
    ask_refused(&rpc_identity_service, "ListMerges", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    request.profile_id = text("0190b8a2-0000-7000-8000-00000000000a");
    ask_refused(&rpc_identity_service, "ListMerges", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request.profile_id = text(one);
    ask_refused_elsewhere(&rpc_identity_service, "ListMerges", &request.base, STATUS_NOT_FOUND,
                          "PROFILE_NOT_FOUND");
    request.page_token = text("nonsense");
    ask_refused(&rpc_identity_service, "ListMerges", &request.base, STATUS_INVALID_ARGUMENT,
                "PAGE_TOKEN_INVALID");
    request.page_token = text("");
    request.page_size = -1;
    ask_refused(&rpc_identity_service, "ListMerges", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
}
