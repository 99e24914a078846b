/* ListSegmentSizes: a point for each day on which a segment changed. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/segments.h"

TestSuite(list_segment_sizes, .init = ask_open, .fini = ask_close);

/* 2026-03-01, an hour before midnight. */
#define EVENING_US ((INT64_C(20513) * 24 + 23) * US_PER_HOUR)

static Profiled__V1__ListSegmentSizesRequest request_of(const char *name, int max_points) {
    Profiled__V1__ListSegmentSizesRequest request = PROFILED__V1__LIST_SEGMENT_SIZES_REQUEST__INIT;
    request.name = (char *)(uintptr_t)name;
    request.max_points = max_points;
    return request;
}

/* " 2026-03-01:2 2026-03-02:3". */
static const char *sizes_of(const char *name, int max_points) {
    const Profiled__V1__ListSegmentSizesRequest request = request_of(name, max_points);
    const Profiled__V1__ListSegmentSizesResponse *response =
        ask(&rpc_segment_service, "ListSegmentSizes", &request.base);
    const char *all = "";
    for (size_t i = 0; i < response->n_sizes; i++) {
        all = arena_format(&ask_arena, "%s %s:%lld", all, response->sizes[i]->day,
                           (long long)response->sizes[i]->member_count);
    }
    return all;
}

Test(list_segment_sizes, happy) {
    ask_time_set(EVENING_US);
    const char *noura = make_person("Noura", NULL);
    const char *sami = make_person("Sami", NULL);
    create_segment("pilot", NULL);
    cr_expect_str_eq(sizes_of("pilot", 0), "", "it never changed");

    add_member("pilot", noura);
    add_member("pilot", sami);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-01:2", "of one day the last");
    ask_wait_us(2 * US_PER_HOUR);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-01:2", "days on which it stays tell nothing");
    remove_member("pilot", noura);
    ask_wait_us(3 * US_PER_DAY);
    remove_member("pilot", sami);

    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-01:2 2026-03-02:1 2026-03-05:0");
    call_reopen(ask_fixture);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-01:2 2026-03-02:1 2026-03-05:0");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(list_segment_sizes, the_latest_points_are_listed) {
    ask_time_set(EVENING_US);
    const char *noura = make_person("Noura", NULL);
    create_segment("pilot", NULL);
    for (size_t i = 0; i < 100; i++) {
        if (i % 2 == 0) {
            add_member("pilot", noura);
        } else {
            remove_member("pilot", noura);
        }
        ask_wait_us(US_PER_DAY);
    }

    cr_expect_str_eq(sizes_of("pilot", 1), " 2026-06-08:0");
    cr_expect_str_eq(sizes_of("pilot", 3), " 2026-06-06:0 2026-06-07:1 2026-06-08:0");
    const Profiled__V1__ListSegmentSizesRequest standard = request_of("pilot", 0);
    const Profiled__V1__ListSegmentSizesRequest all = request_of("pilot", 1000);
    const Profiled__V1__ListSegmentSizesResponse *response =
        ask(&rpc_segment_service, "ListSegmentSizes", &standard.base);
    cr_expect_eq(response->n_sizes, 90);
    response = ask(&rpc_segment_service, "ListSegmentSizes", &all.base);
    cr_assert_eq(response->n_sizes, 100);
    cr_expect_str_eq(response->sizes[0]->day, "2026-03-01");
}

/* The sizes of days to come are not listed until these come: what is there by now is of today. */
Test(list_segment_sizes, a_clock_that_was_ahead_leaves_no_days_to_come) {
    ask_time_set(EVENING_US + US_PER_DAY);
    const char *noura = make_person("Noura", NULL);
    const char *sami = make_person("Sami", NULL);
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    ask_time_set(EVENING_US + 300 * US_PER_DAY);
    add_member("pilot", sami);
    ask_time_set(EVENING_US + 400 * US_PER_DAY);
    remove_member("pilot", sami);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-02:1 2026-12-26:2 2027-04-05:1");

    ask_time_set(EVENING_US + 2 * US_PER_DAY);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-02:1 2026-03-03:1", "nothing was written");
    cr_expect_str_eq(sizes_of("pilot", 1), " 2026-03-03:1");
    add_member("pilot", sami);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-02:1 2026-03-03:2");
    ask_time_set(EVENING_US + 350 * US_PER_DAY);
    remove_member("pilot", noura);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-02:1 2026-03-03:2 2026-12-26:2 2027-02-14:1");
    ask_time_set(EVENING_US);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-01:1");
    remove_member("pilot", sami);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-03-01:0");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Nor does a clock that is behind for one write take away what is known of the days that were. */
Test(list_segment_sizes, a_clock_that_is_behind_leaves_the_days_that_were) {
    ask_time_set(EVENING_US);
    const char *noura = make_person("Noura", NULL);
    const char *sami = make_person("Sami", NULL);
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    ask_wait_us(US_PER_DAY);
    add_member("pilot", sami);
    ask_wait_us(US_PER_DAY);
    remove_member("pilot", sami);
    ask_time_set(EVENING_US - 10 * US_PER_DAY);
    remove_member("pilot", noura);
    cr_expect_str_eq(sizes_of("pilot", 0), " 2026-02-19:0");
    ask_time_set(EVENING_US + 3 * US_PER_DAY);

    add_member("pilot", sami);

    cr_expect_str_eq(sizes_of("pilot", 0),
                     " 2026-02-19:0 2026-03-01:1 2026-03-02:2 2026-03-03:1 2026-03-04:1");
    cr_expect_eq(call_verify(ask_fixture), 0);
    ask_time_set(EVENING_US);
    remove_member("pilot", sami);
    delete_segment("pilot");
    call_sweep(ask_fixture);
    cr_expect_eq(call_verify(ask_fixture), 0, "nor is anything left of it");
}

Test(list_segment_sizes, time_alone_changes_it) {
    ask_time_set(EVENING_US);
    make_person("Noura", NULL);
    create_segment("new", "create_time > now - 2d");
    ready_segment("new");
    ask_wait_us(5 * US_PER_DAY);
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("new")->member_count, 0);
    cr_expect_str_eq(sizes_of("new", 0), " 2026-03-01:1 2026-03-06:0");
}

Test(list_segment_sizes, of_a_deleted_name_they_are_forgotten) {
    ask_time_set(EVENING_US);
    const char *noura = make_person("Noura", NULL);
    create_segment("pilot", NULL);
    add_member("pilot", noura);
    ask_wait_us(US_PER_DAY);
    remove_member("pilot", noura);
    delete_segment("pilot");
    create_segment("pilot", NULL);
    cr_expect_str_eq(sizes_of("pilot", 0), "");
    call_sweep(ask_fixture);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

static void expect_bad(const char *name, int max_points, const char *field) {
    const Profiled__V1__ListSegmentSizesRequest request = request_of(name, max_points);
    const struct answer *answer =
        ask_refused(&rpc_segment_service, "ListSegmentSizes", &request.base,
                    STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, field), "%s", field);
}

Test(list_segment_sizes, every_bad_field_is_named) {
    create_segment("pilot", NULL);
    expect_bad("pilot", -1, "max_points");
    expect_bad("pilot", 1001, "max_points");
    expect_bad("", -1, "name");
    expect_bad("", -1, "max_points");
}

Test(list_segment_sizes, missing_and_other_workspace) {
    const Profiled__V1__ListSegmentSizesRequest request = request_of("pilot", 0);
    ask_refused(&rpc_segment_service, "ListSegmentSizes", &request.base, STATUS_NOT_FOUND,
                "SEGMENT_NOT_FOUND");
    create_segment("pilot", NULL);
    ask_refused_elsewhere(&rpc_segment_service, "ListSegmentSizes", &request.base, STATUS_NOT_FOUND,
                          "SEGMENT_NOT_FOUND");
}
