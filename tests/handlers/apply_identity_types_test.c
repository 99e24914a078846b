/* ApplyIdentityTypes. What it does to profiles is in tests/identity/reapply_test.c. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/rules.h"

TestSuite(apply_identity_types, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__ApplyIdentityTypesRequest request_of(const char *page_token) {
    Profiled__V1__ApplyIdentityTypesRequest request =
        PROFILED__V1__APPLY_IDENTITY_TYPES_REQUEST__INIT;
    request.page_token = text(page_token);
    request.max_profiles = 2;
    return request;
}

static void make_people(void) {
    for (int i = 0; i < 3; i++) {
        ask_wait_us(US_PER_SECOND);
        resolve(TOLD(.identities = {ID("email", arena_format(&ask_arena, "p%d@x.example", i))}));
    }
}

Test(apply_identity_types, goes_on_by_token_until_all_are_done) {
    make_people();
    const char *last = lookup("email", "p2@x.example")->id;
    set_disabled("email", true);
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");

    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);

    expect_effect(response->effect, EFFECT(2, 2, 2, 0, 0, 0));
    cr_expect_not(response->done);
    cr_expect_eq(response->rule_version, 2);
    cr_expect_eq(identity_in(get(last), "email", "p2@x.example")->state, STATE(ACTIVE),
                 "its turn is to come");
    request = request_of(response->next_page_token);
    response = ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);
    expect_effect(response->effect, EFFECT(1, 1, 1, 0, 0, 0));
    cr_expect_eq(response->total_profile_count, 3);
    cr_expect_eq(response->pass, 1);
    cr_expect_not(response->done, "whether anything is left to do the next way tells");
    request = request_of(response->next_page_token);
    request.max_profiles = 3;
    response = ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);
    expect_effect(response->effect, EFFECT(0, 0, 0, 0, 0, 0));
    cr_expect_eq(response->total_profile_count, 3);
    cr_expect_eq(response->pass, 2);
    cr_expect(response->done);
    cr_expect_str_empty(response->next_page_token);
}

Test(apply_identity_types, tells_what_it_would_do_and_leaves_nothing) {
    make_people();
    set_disabled("email", true);
    const uint64_t before = call_data_hash(ask_fixture);
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");
    request.validate_only = true;

    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);

    expect_effect(response->effect, EFFECT(2, 2, 2, 0, 0, 0));
    cr_expect_eq(call_data_hash(ask_fixture), before, "it left something");
}

Test(apply_identity_types, goes_through_all_once_where_nothing_changes) {
    make_people();
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");
    request.max_profiles = 3;

    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);

    expect_effect(response->effect, EFFECT(3, 0, 0, 0, 0, 0));
    cr_expect_eq(response->pass, 1);
    cr_expect(response->done);
}

/* Each look at the clock is 20 ms later than the one before. */
Test(apply_identity_types, ends_between_rows_once_others_have_waited) {
    make_people();
    set_disabled("email", true);
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");
    request.max_profiles = 100;
    call_step_set(US_PER_SECOND / 50);

    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);

    call_step_set(0);
    expect_effect(response->effect, EFFECT(2, 2, 2, 0, 0, 0));
    cr_expect_not(response->done);
    cr_expect_str_not_empty(response->next_page_token);
}

Test(apply_identity_types, does_at_least_one_row_however_long_it_takes) {
    make_people();
    set_disabled("email", true);
    call_step_set(US_PER_SECOND / 3);

    const struct applied *done = apply_rules_by_page(100);

    call_step_set(0);
    expect_effect(&done->effect, EFFECT(3, 3, 3, 0, 0, 0));
    cr_expect_eq(done->page_count, 6, "a row a call, on both ways");
}

static void expect_progress(const Profiled__V1__ApplyIdentityTypesResponse *response,
                            int64_t looked_at, int64_t count) {
    cr_assert_not_null(response->progress);
    cr_expect_eq(response->progress->looked_at_count, looked_at);
    cr_expect_eq(response->progress->profile_count, count);
}

Test(apply_identity_types, tells_how_far_it_has_come) {
    make_people();
    merge_two(lookup("email", "p0@x.example")->id, lookup("email", "p1@x.example")->id);
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");

    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);

    expect_progress(response, 2, 3);
    cr_expect_eq(response->total_profile_count, 1, "the other one was merged");
    resolve(TOLD(.identities = {ID("email", "p3@x.example")}));
    request = request_of(response->next_page_token);
    response = ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);
    expect_progress(response, 4, 4);
    cr_expect(response->done);
}

Test(apply_identity_types, does_nothing_where_there_is_nobody) {
    const Profiled__V1__ApplyIdentityTypesRequest request = request_of("");

    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);

    expect_effect(response->effect, EFFECT(0, 0, 0, 0, 0, 0));
    cr_expect(response->done);
    expect_progress(response, 0, 0);
}

Test(apply_identity_types, a_token_of_other_rules_is_refused) {
    make_people();
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");
    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);
    request = request_of(response->next_page_token);
    set_disabled("email", true);

    ask_refused(&rpc_identity_service, "ApplyIdentityTypes", &request.base, STATUS_ABORTED,
                "ETAG_MISMATCH");
}

Test(apply_identity_types, bad_fields_are_named) {
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");
    request.max_profiles = 1001;
    const struct answer *answer =
        ask_refused(&rpc_identity_service, "ApplyIdentityTypes", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_str_eq(answer_violation(answer, "max_profiles"), "must be 1 to 1,000, or 0 for 200");
    request = request_of("x");
    ask_refused(&rpc_identity_service, "ApplyIdentityTypes", &request.base, STATUS_INVALID_ARGUMENT,
                "PAGE_TOKEN_INVALID");
}

Test(apply_identity_types, a_token_is_of_its_workspace) {
    make_people();
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");
    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);
    request = request_of(response->next_page_token);

    ask_refused_elsewhere(&rpc_identity_service, "ApplyIdentityTypes", &request.base,
                          STATUS_INVALID_ARGUMENT, "PAGE_TOKEN_INVALID");
}

Test(apply_identity_types, is_done_once_for_one_request_id) {
    make_people();
    set_disabled("email", true);
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");
    Profiled__V1__ApplyIdentityTypesRequest other = request_of("");
    other.max_profiles = 3;
    ask_again(&rpc_identity_service, "ApplyIdentityTypes", &request.base, &other.base);
}

/* What is made on the way was not there when it began: it is no further way to go. */
Test(apply_identity_types, what_is_made_of_records_does_not_count_as_passed) {
    for (int i = 0; i < 3; i++) {
        ask_wait_us(US_PER_SECOND);
        resolve(TOLD(.identities = {ID("phone", "+966500000001"),
                                    ID("email", arena_format(&ask_arena, "p%d@x.example", i))}));
    }
    set_blocked("phone", "+966500000001");
    Profiled__V1__ApplyIdentityTypesRequest request = request_of("");
    request.max_profiles = 100;
    ask_wait_us(US_PER_SECOND);

    const Profiled__V1__ApplyIdentityTypesResponse *response =
        ask(&rpc_identity_service, "ApplyIdentityTypes", &request.base);

    cr_expect_eq(response->effect->made_count, 2);
    expect_progress(response, 1, 1);
}
