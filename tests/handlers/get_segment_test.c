/* GetSegment. */

#include <criterion/criterion.h>

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

Test(get_segment, invalid) {
    const Profiled__V1__GetSegmentRequest request = request_of("");
    const struct answer *answer = ask_refused(&rpc_segment_service, "GetSegment", &request.base,
                                              STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "name"));
}

Test(get_segment, missing) {
    const Profiled__V1__GetSegmentRequest request = request_of("vip");
    ask_refused(&rpc_segment_service, "GetSegment", &request.base, STATUS_NOT_FOUND,
                "SEGMENT_NOT_FOUND");
}

Test(get_segment, other_workspace) {
    create_segment("vip", NULL);
    const Profiled__V1__GetSegmentRequest request = request_of("vip");
    ask_refused_elsewhere(&rpc_segment_service, "GetSegment", &request.base, STATUS_NOT_FOUND,
                          "SEGMENT_NOT_FOUND");
}
