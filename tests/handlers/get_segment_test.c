/* GetSegment. */

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/segments.h"

TestSuite(get_segment, .init = ask_open, .fini = ask_close);

static Profiled__V1__GetSegmentRequest request_of(const char *name) {
    Profiled__V1__GetSegmentRequest request = PROFILED__V1__GET_SEGMENT_REQUEST__INIT;
    request.name = (char *)(uintptr_t)name;
    return request;
}

Test(get_segment, happy) {
    create(TOLD(.name = "Noura"));
    create_segment("all", "name:*");

    const Profiled__V1__Segment *segment = ready_segment("all");

    cr_expect_str_eq(segment->name, "all");
    cr_expect_str_eq(segment->filter, "name:*");
    cr_expect_eq(segment->member_count, 1);
    cr_expect_eq(segment->progress_percent, 100);
    create(TOLD(.name = "Sami"));
    cr_expect_eq(get_segment("all")->member_count, 2, "it is exact with every write");
}

Test(get_segment, progress_never_goes_back) {
    enum { PEOPLE = 1000 };
    make_crowd(PEOPLE, "riyadh");
    create_segment("riyadh", "attributes.city = riyadh");

    int64_t looked_at = 0;
    int32_t percent = 0;
    const Profiled__V1__Segment *segment = get_segment("riyadh");
    for (; !segment->ready; segment = get_segment("riyadh")) {
        cr_assert_geq(segment->looked_at_count, looked_at);
        cr_assert_geq(segment->progress_percent, percent);
        cr_assert_leq(segment->progress_percent, 100);
        looked_at = segment->looked_at_count;
        percent = segment->progress_percent;
    }

    cr_expect_eq(segment->progress_percent, 100);
    cr_expect_eq(segment->member_count, PEOPLE);
}

static void delete_profile(const char *id) {
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    ask(&rpc_profile_service, "DeleteProfile", &request.base);
}

/* One that is made while others are filled begins where they are, and reads nobody by itself; and
 * goes round. Whom it has come to, on either side of where it began, is judged with every write. */
Test(get_segment, one_that_is_made_later_goes_along_and_round) {
    enum { PEOPLE = 40, HALF = PEOPLE / 2 };
    const char **ids = make_crowd(PEOPLE, "riyadh");
    call_steps_allow(0);
    create_segment("early", "attributes.city = riyadh");
    call_step_set(US_PER_SECOND); /* A step is of one profile. */
    call_steps_allow(HALF);
    call_sweep(ask_fixture);
    create_segment("late", "attributes.city:*");

    call_steps_allow(HALF);
    call_sweep(ask_fixture);
    cr_expect(get_segment("early")->ready);
    cr_expect_eq(get_segment("early")->member_count, PEOPLE);
    cr_expect_eq(get_segment("late")->member_count, HALF);
    cr_expect_eq(get_segment("late")->progress_percent, 50);

    call_reopen(ask_fixture);
    call_steps_allow(HALF / 2);
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("late")->member_count, HALF + HALF / 2);
    delete_profile(ids[0]);
    call_steps_allow(HALF / 2);
    call_sweep(ask_fixture);
    cr_expect(get_segment("late")->ready);
    cr_expect_eq(get_segment("late")->member_count, PEOPLE - 1);
    call_steps_allow(INT64_MAX);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Whenever they were made, and whatever became of some. */
Test(get_segment, progress_goes_by_persons) {
    enum { PEOPLE = 40 };
    const char **ids = make_crowd(PEOPLE + 10, "riyadh");
    for (size_t i = 0; i < 10; i++) {
        merge_two(ids[PEOPLE + i], ids[i]);
    }
    call_steps_allow(0);
    create_segment("riyadh", "attributes.city = riyadh");
    cr_expect_eq(get_segment("riyadh")->progress_percent, 0);
    call_step_set(US_PER_SECOND); /* A step is of one profile. */

    for (int step = 1; step <= 3; step++) {
        call_steps_allow((PEOPLE + 10) / 5);
        call_sweep(ask_fixture);
        const Profiled__V1__Segment *segment = get_segment("riyadh");
        cr_expect_eq(segment->progress_percent, segment->looked_at_count * 100 / PEOPLE);
        cr_expect_lt(segment->looked_at_count, PEOPLE);
    }
    ask_wait_us(US_PER_SECOND);
    make_crowd(50, "jeddah");
    call_steps_allow(60);
    call_sweep(ask_fixture);

    cr_expect_eq(get_segment("riyadh")->progress_percent, 99, "there are more by now");
    call_steps_allow(INT64_MAX);
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("riyadh")->progress_percent, 100);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Others wait for a step: where each look at the clock is a second later than the one before, it
 * ends with the first person, and where the clock stands still, not before the last. */
Test(get_segment, members_come_as_time_allows) {
    make_crowd(30, "riyadh");
    create_segment("old", "create_time < now - 1d");
    ready_segment("old");
    call_sweep(ask_fixture); /* The step that made it ready is counted. */
    call_steps_allow(5);
    call_step_set(US_PER_SECOND);
    ask_wait_us(2 * US_PER_DAY);
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("old")->member_count, 5);

    create_segment("all", "name:*");
    call_steps_allow(7);
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("old")->member_count, 12, "what is due comes first");
    cr_expect_eq(get_segment("all")->looked_at_count, 0);

    call_step_set(0);
    call_steps_allow(2);
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("old")->member_count, 30);
    cr_expect(get_segment("all")->ready);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(get_segment, invalid) {
    const Profiled__V1__GetSegmentRequest request = request_of("");
    const struct answer *answer = ask_refused(&rpc_segment_service, "GetSegment", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "name"));
}

Test(get_segment, missing) {
    const Profiled__V1__GetSegmentRequest request = request_of("lapsed");
    create_segment("vip", NULL);

    const struct answer *answer = ask_refused(&rpc_segment_service, "GetSegment", &request.base,
                                              STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");

    cr_expect_str_eq(answer_metadata(answer, "field"), "name");
    cr_expect_null(answer_metadata(answer, "nearest"));
    create_segment("lapsed-90d", NULL);
    create_segment("lapse", NULL);
    update_segment("lapse", NULL, SEGMENT_STATE(ARCHIVED));
    answer = ask_refused(&rpc_segment_service, "GetSegment", &request.base, STATUS_NOT_FOUND,
                         "SEGMENT_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "nearest"), "lapse", "archived ones are told too");
}

Test(get_segment, other_workspace) {
    create_segment("vip", NULL);
    const Profiled__V1__GetSegmentRequest request = request_of("vip");
    ask_refused_elsewhere(&rpc_segment_service, "GetSegment", &request.base, STATUS_NOT_FOUND,
                          "SEGMENT_NOT_FOUND");
}
