/* OverlapSegments, against a model that counts each person by itself. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/handlers/segments.h"

TestSuite(overlap_segments, .init = ask_open, .fini = ask_close);

enum { SEGMENTS = 8, PEOPLE = 60, COMBINATIONS = 1 << SEGMENTS };

static const char *const names[SEGMENTS + 1] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__OverlapSegmentsRequest *request_of(const char *const *segments, size_t count) {
    Profiled__V1__OverlapSegmentsRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__overlap_segments_request__init(request);
    request->segments = arena_array(&ask_arena, count, sizeof *request->segments);
    for (size_t i = 0; i < count; i++) {
        request->segments[request->n_segments++] = text(segments[i]);
    }
    return request;
}

static const Profiled__V1__OverlapSegmentsResponse *overlap(const char *const *segments,
                                                            size_t count) {
    return ask(&rpc_segment_service, "OverlapSegments", &request_of(segments, count)->base);
}

static const struct answer *refused(const char *const *segments, size_t count,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_segment_service, "OverlapSegments", &request_of(segments, count)->base,
                       code, reason);
}

static unsigned combination_of(const Profiled__V1__SegmentOverlap *told) {
    unsigned combination = 0;
    for (size_t i = 0; i < told->n_segments; i++) {
        combination |= 1U << (told->segments[i][0] - 'a');
    }
    return combination;
}

/* Whether the answer is what the model counted. */
static void expect_model(const Profiled__V1__OverlapSegmentsResponse *response,
                         const int64_t *counts, size_t segments) {
    const unsigned all = (1U << segments) - 1;
    int64_t any = 0;
    size_t combinations = 0;
    for (unsigned i = 1; i <= all; i++) {
        any += counts[i];
        combinations += counts[i] > 0 ? 1 : 0;
    }
    cr_expect_eq(response->any_count, any);
    cr_expect_eq(response->all_count, counts[all]);
    cr_assert_eq(response->n_overlaps, combinations);
    for (size_t i = 0; i < response->n_overlaps; i++) {
        const Profiled__V1__SegmentOverlap *told = response->overlaps[i];
        cr_expect_eq(told->count, counts[combination_of(told)], "%u", combination_of(told));
        cr_expect(i == 0 || response->overlaps[i - 1]->count >= told->count, "largest first");
    }
    cr_expect(response->ready);
}

Test(overlap_segments, happy) {
    const char *noura = make_person("Noura", "riyadh");
    make_person("Sami", "riyadh");
    make_person("Huda", "jeddah");
    create_segment("a", "attributes.city = riyadh");
    create_segment("b", NULL);
    add_member("b", noura);
    ready_segment("a");

    const Profiled__V1__OverlapSegmentsResponse *response = overlap(names, 2);

    cr_expect_eq(response->all_count, 1);
    cr_expect_eq(response->any_count, 2);
    cr_assert_eq(response->n_overlaps, 2);
    cr_expect_eq(response->overlaps[0]->count, 1);
}

Test(overlap_segments, counts_are_those_of_a_simple_model) {
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct seeded rolls = {.state = seed};
        int64_t counts[SEGMENTS + 1][COMBINATIONS] = {{0}};
        for (size_t i = 0; i < SEGMENTS; i++) {
            create_segment(names[i], NULL);
        }
        for (size_t i = 0; i < PEOPLE; i++) {
            const char *id = make_person("Noura", NULL);
            const unsigned in =
                (unsigned)(seeded_below(&rolls, COMBINATIONS) & seeded_below(&rolls, COMBINATIONS));
            for (size_t k = 0; k < SEGMENTS; k++) {
                if ((in & 1U << k) != 0) {
                    add_member(names[k], id);
                }
                counts[k + 1][in & ((1U << (k + 1)) - 1)]++;
            }
        }
        for (size_t count = 2; count <= SEGMENTS; count++) {
            expect_model(overlap(names, count), counts[count], count);
        }
        for (size_t i = 0; i < SEGMENTS; i++) {
            delete_segment(names[i]);
        }
    }
}

Test(overlap_segments, lists_that_are_longer_than_a_page) {
    enum { CROWD = 1000, HALF = CROWD / 2 };
    make_crowd(CROWD, "riyadh");
    ask_wait_us(US_PER_SECOND);
    make_crowd(CROWD, "jeddah");
    ask_wait_us(US_PER_SECOND);
    make_crowd(HALF, "abha");
    create_segment("a", "attributes.city = (riyadh OR jeddah)");
    create_segment("b", "attributes.city = (abha OR jeddah)");
    create_segment("c", "attributes.city:*");
    for (size_t i = 0; i < 3; i++) {
        ready_segment(names[i]);
    }
    const int64_t counts[] = {0, 0, 0, 0, 0, CROWD, HALF, CROWD};
    expect_model(overlap(names, 3), counts, 3);
}

Test(overlap_segments, nobody) {
    create_segment("a", NULL);
    create_segment("b", NULL);
    const int64_t counts[] = {0, 0, 0, 0};
    expect_model(overlap(names, 2), counts, 2);
}

Test(overlap_segments, every_bad_field_is_named) {
    static const char *const bad[] = {"a", "A", "a", ""};
    static const char *const fields[] = {"segments[1]", "segments[2]", "segments[3]"};
    create_segment("a", NULL);
    cr_expect_not_null(
        answer_violation(refused(names, 1, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "segments"));
    cr_expect_not_null(
        answer_violation(refused(names, 9, STATUS_INVALID_ARGUMENT, "FIELD_INVALID"), "segments"));
    const struct answer *answer = refused(bad, 4, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    for (size_t i = 0; i < 3; i++) {
        cr_expect_not_null(answer_violation(answer, fields[i]), "%s", fields[i]);
    }
}

Test(overlap_segments, missing_and_other_workspace) {
    create_segment("a", NULL);
    const struct answer *answer = refused(names, 2, STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "field"), "segments[1]");
    create_segment("b", NULL);
    ask_refused_elsewhere(&rpc_segment_service, "OverlapSegments", &request_of(names, 2)->base,
                          STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
}
