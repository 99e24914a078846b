/* ListNeverJoins. */

#include <criterion/criterion.h>

#include <string.h>

#include "server/base/clock.h"
#include "tests/handlers/people.h"

TestSuite(list_never_joins, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static void part(void) {
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__MergeProfilesRequest merge = PROFILED__V1__MERGE_PROFILES_REQUEST__INIT;
    merge.profile_id = text(create(TOLD(.name = "A"))->id);
    ask_wait_us(US_PER_SECOND);
    merge.other_profile_id = text(create(TOLD(.name = "B"))->id);
    const Profiled__V1__MergeProfilesResponse *merged =
        ask(&rpc_identity_service, "MergeProfiles", &merge.base);
    Profiled__V1__UnmergeProfilesRequest undo = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    undo.merge_id = merged->merge_id;
    ask(&rpc_identity_service, "UnmergeProfiles", &undo.base);
}

static const Profiled__V1__ListNeverJoinsResponse *list(int page_size, const char *page_token) {
    Profiled__V1__ListNeverJoinsRequest request = PROFILED__V1__LIST_NEVER_JOINS_REQUEST__INIT;
    request.page_size = page_size;
    request.page_token = text(page_token);
    return ask(&rpc_identity_service, "ListNeverJoins", &request.base);
}

Test(list_never_joins, each_pair_once_a_page_at_a_time) {
    enum { COUNT = 5 };
    cr_expect_eq(list(0, "")->n_never_joins, 0);
    for (size_t i = 0; i < COUNT; i++) {
        part();
    }

    const char *token = "";
    const char *last = "";
    size_t seen = 0;
    do {
        const Profiled__V1__ListNeverJoinsResponse *page = list(2, token);
        for (size_t i = 0; i < page->n_never_joins; i++) {
            const Profiled__V1__NeverJoin *never = page->never_joins[i];
            cr_expect_gt(strcmp(never->profile_id, last), 0);
            cr_expect_neq(never->merge_id[0], '\0');
            cr_expect_not_null(never->create_time);
            last = never->profile_id;
            seen++;
        }
        token = page->next_page_token;
    } while (token[0] != '\0');

    cr_expect_eq(seen, COUNT);
}

Test(list_never_joins, bad_and_elsewhere) {
    part();
    Profiled__V1__ListNeverJoinsRequest request = PROFILED__V1__LIST_NEVER_JOINS_REQUEST__INIT;
    request.page_size = -1;
    ask_refused(&rpc_identity_service, "ListNeverJoins", &request.base, STATUS_INVALID_ARGUMENT,
                "FIELD_INVALID");
    request.page_size = 0;
    request.page_token = text("nonsense");
    ask_refused(&rpc_identity_service, "ListNeverJoins", &request.base, STATUS_INVALID_ARGUMENT,
                "PAGE_TOKEN_INVALID");
    request.page_token = text("");
    ProtobufCMessage *response = NULL;
    call_in(ask_fixture, "other", &rpc_identity_service, "ListNeverJoins", &request.base,
            &response);
    cr_expect_eq(((const Profiled__V1__ListNeverJoinsResponse *)response)->n_never_joins, 0);
}
