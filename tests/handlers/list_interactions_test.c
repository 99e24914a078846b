/* ListInteractions. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/events.h"

enum { EVENTS = 7 };

static const char *noura;

static void init(void) {
    ask_open();
    noura = create(TOLD(.name = "Noura"))->id;
    for (int i = 0; i < EVENTS; i++) { /* Two at each time. */
        record_event(event_by_id(engagement_told(arena_format(&ask_arena, "m-%d", i), "email",
                                                 CALL_START_US - (i / 2) * US_PER_HOUR),
                                 noura));
    }
}

TestSuite(list_interactions, .init = init, .fini = ask_close);

static Profiled__V1__ListInteractionsRequest request_of(const char *id, int32_t page_size) {
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)id;
    request.page_size = page_size;
    return request;
}

static const Profiled__V1__ListInteractionsResponse *
list(const Profiled__V1__ListInteractionsRequest *request) {
    return ask(&rpc_interaction_service, "ListInteractions", &request->base);
}

Test(list_interactions, pages_are_the_whole_the_latest_first) {
    const Profiled__V1__ListInteractionsResponse *all = events_of(noura);
    cr_assert_eq(all->n_interactions, EVENTS);
    for (int32_t size = 1; size <= EVENTS; size++) {
        Profiled__V1__ListInteractionsRequest request = request_of(noura, size);
        size_t seen = 0;
        for (;;) {
            const Profiled__V1__ListInteractionsResponse *page = list(&request);
            cr_assert_leq(page->n_interactions, (size_t)size);
            for (size_t i = 0; i < page->n_interactions; i++) {
                cr_expect_str_eq(page->interactions[i]->id, all->interactions[seen++]->id);
            }
            if (page->next_page_token[0] == '\0') {
                break;
            }
            request.page_token = page->next_page_token;
        }
        cr_expect_eq(seen, EVENTS, "pages of %d", size);
    }
    for (size_t i = 1; i < EVENTS; i++) {
        cr_expect_geq(all->interactions[i - 1]->occur_time->seconds,
                      all->interactions[i]->occur_time->seconds);
    }
}

Test(list_interactions, a_page_comes_short_when_its_time_is_over_and_the_next_goes_on) {
    const Profiled__V1__ListInteractionsResponse *all = events_of(noura);
    Profiled__V1__ListInteractionsRequest request = request_of(noura, EVENTS);
    size_t seen = 0;
    size_t pages = 0;
    call_step_set(US_PER_SECOND / 2);
    for (bool more = true; more; pages++) {
        const Profiled__V1__ListInteractionsResponse *page = list(&request);
        cr_assert_eq(page->n_interactions, 1);
        cr_expect_str_eq(page->interactions[0]->id, all->interactions[seen++]->id);
        more = page->next_page_token[0] != '\0';
        request.page_token = page->next_page_token;
    }
    cr_expect_eq(seen, EVENTS);
    cr_expect_eq(pages, EVENTS);
}

Test(list_interactions, tokens_are_of_one_profile) {
    Profiled__V1__ListInteractionsRequest request = request_of(noura, 2);
    char *token = list(&request)->next_page_token;
    request = request_of(create(TOLD(.name = "Huda"))->id, 2);
    request.page_token = token;
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
    request = request_of(noura, 2);
    request.page_token = (char *)(uintptr_t) "AAAA";
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");

    /* Nor is that of another kind of list one. */
    create(TOLD(.name = "Dina"));
    Profiled__V1__ListProfilesRequest profiles = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    profiles.page_size = 1;
    const Profiled__V1__ListProfilesResponse *page =
        ask(&rpc_profile_service, "ListProfiles", &profiles.base);
    request.page_token = page->next_page_token;
    cr_assert_str_neq(request.page_token, "");
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
}

Test(list_interactions, bad_missing_deleted_and_elsewhere) {
    Profiled__V1__ListInteractionsRequest request = request_of("x", -1);
    const struct answer *answer =
        ask_refused(&rpc_interaction_service, "ListInteractions", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_eq(answer->violation_count, 2);
    request = request_of("0190b8a2-0000-7000-8000-00000000000a", 0);
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
    request = request_of(noura, 0);
    ask_refused_elsewhere(&rpc_interaction_service, "ListInteractions", &request.base,
                          STATUS_NOT_FOUND, "PROFILE_NOT_FOUND");
    Profiled__V1__DeleteProfileRequest deletion = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    deletion.id = (char *)(uintptr_t)noura;
    ask(&rpc_profile_service, "DeleteProfile", &deletion.base);
    ask_refused(&rpc_interaction_service, "ListInteractions", &request.base, STATUS_NOT_FOUND,
                "PROFILE_NOT_FOUND");
}
