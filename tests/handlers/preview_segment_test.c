/* PreviewSegment: what is counted by sets of persons and what is gone through; samples; what is
 * refused. That counts are right is the matter of segments_properties_test. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/segments.h"

TestSuite(preview_segment, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static void people(void) {
    static const char *const cities[] = {"Riyadh", "Jeddah", "الرياض"};
    for (size_t i = 0; i < 30; i++) {
        create(TOLD(.name = arena_format(&ask_arena, "Person %zu", i),
                    .attributes = {ATTRIBUTE("city", cities[i % 3]),
                                   ATTRIBUTE("gender", i % 2 == 0 ? "female" : "male"),
                                   ATTRIBUTE("job", i % 5 == 0 ? "baker" : "smith")}));
    }
}

Test(preview_segment, classification_fields_are_counted_without_looking) {
    static const struct {
        const char *filter;
        int count;
    } cases[] = {
        {"attributes.city = riyadh", 10},
        {"attributes.city = \"الرياض\" AND attributes.gender = f", 5},
        {"attributes.city != jeddah AND attributes.gender = male", 10},
        {"NOT attributes.city = (riyadh OR jeddah)", 10},
        {"attributes.country:*", 0},
        {"-attributes.country:* attributes.gender = female", 15},
    };
    people();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const Profiled__V1__PreviewSegmentResponse *response = preview(cases[i].filter, 0);
        cr_assert_not_null(response);
        cr_expect(response->counted && !response->scanned, "%s", cases[i].filter);
        cr_expect_eq(response->looked_at_count, 0, "%s", cases[i].filter);
        cr_expect_eq(response->member_count, cases[i].count, "%s: %d", cases[i].filter,
                     (int)response->member_count);
    }
}

Test(preview_segment, other_fields_are_gone_through_by_the_index_that_knows_most) {
    people();

    const Profiled__V1__PreviewSegmentResponse *response =
        preview("attributes.city = jeddah AND attributes.job:baker", 0);

    cr_expect(response->counted && response->scanned);
    cr_expect_eq(response->member_count, 2);
    cr_expect_eq(response->looked_at_count, 10);
}

Test(preview_segment, a_sample_is_of_those_who_are_found) {
    people();

    const Profiled__V1__PreviewSegmentResponse *response = preview("attributes.city = jeddah", 3);

    cr_expect_eq(response->member_count, 10);
    cr_assert_eq(response->n_sample, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(attribute_in(response->sample[i], "city"), "Jeddah");
    }
}

Test(preview_segment, nobody_is_looked_for_where_the_sets_know_of_nobody) {
    people();

    const Profiled__V1__PreviewSegmentResponse *none = preview("attributes.city = abha", 10);
    cr_expect(none->counted && none->member_count == 0 && none->n_sample == 0);
    cr_expect_eq(none->looked_at_count, 0);

    make_person("Noura", "abha");
    ask_wait_us(US_PER_SECOND);
    people();
    const Profiled__V1__PreviewSegmentResponse *one =
        preview("NOT attributes.city = (riyadh OR jeddah OR \"الرياض\")", 10);
    cr_assert_eq(one->n_sample, 1);
    cr_expect_str_eq(one->sample[0]->name, "Noura");
    cr_expect_eq(one->looked_at_count, 31, "none behind the last one");
}

/* Somebody with many long identities, told by three records. */
static void make_long(size_t number) {
    for (size_t record = 0; record < 3; record++) {
        struct told told = {.name = "Noura", .source = "crm"};
        told.identities[0] = (struct told_identity){
            .type = "external_id", .value = arena_format(&ask_arena, "e%zu", number)};
        for (size_t i = 1; i < 20; i++) {
            told.identities[i] = (struct told_identity){
                .type = "anonymous_id",
                .value = arena_format(&ask_arena, "%zu.%zu.%0490zu", number, record, i)};
        }
        (void)resolve(&told);
    }
}

Test(preview_segment, a_sample_of_long_profiles_comes_in_several_messages) {
    enum { PEOPLE = 100 };
    for (size_t i = 0; i < PEOPLE; i++) {
        make_long(i);
    }
    const struct feed feed = ask_feed(
        &rpc_segment_service, "PreviewSegment",
        &(Profiled__V1__PreviewSegmentRequest){
            .base = PROTOBUF_C_MESSAGE_INIT(&profiled__v1__preview_segment_request__descriptor),
            .filter = text("name:noura"),
            .sample_size = PEOPLE}
             .base);

    size_t sampled = 0;
    for (size_t i = 0; i < feed.count; i++) {
        sampled += ((const Profiled__V1__PreviewSegmentResponse *)feed.messages[i])->n_sample;
    }
    cr_expect_geq(feed.count, 2);
    cr_expect_eq(sampled, PEOPLE);
}

/* What it asks for stays what it was when it began. */
Test(preview_segment, a_label_that_is_changed_meanwhile_changes_nothing) {
    label_theme("complaint", "grievance");
    people();
    Profiled__V1__PreviewSegmentRequest request = PROFILED__V1__PREVIEW_SEGMENT_REQUEST__INIT;
    request.filter = text("NOT themes:grievance");
    struct rpc_stream *stream = rpc_stream_new();
    call_step_set(40000); /* A view lasts for a few profiles. */
    const Profiled__V1__PreviewSegmentResponse *response =
        ask_on(stream, &rpc_segment_service, "PreviewSegment", &request.base);
    cr_assert_not(response->counted);
    label_theme("complaint", "trouble");
    for (int i = 0; i < 100 && !response->counted; i++) {
        response = ask_on(stream, &rpc_segment_service, "PreviewSegment", &request.base);
    }
    call_step_set(0);
    cr_expect_eq(response->member_count, 30);
    rpc_stream_free(stream);
}

Test(preview_segment, another_workspace_has_its_own) {
    people();
    ask_in("other");

    cr_expect_null(preview("", 0));
    const struct feed feed = ask_feed_elsewhere(
        &rpc_segment_service, "PreviewSegment",
        &(Profiled__V1__PreviewSegmentRequest){
            .base = PROTOBUF_C_MESSAGE_INIT(&profiled__v1__preview_segment_request__descriptor),
            .filter = text("attributes.city:*")}
             .base);
    cr_assert_eq(feed.count, 1);
    cr_expect_eq(((const Profiled__V1__PreviewSegmentResponse *)feed.messages[0])->member_count, 0);
}

Test(preview_segment, every_bad_field_is_named) {
    Profiled__V1__PreviewSegmentRequest request = PROFILED__V1__PREVIEW_SEGMENT_REQUEST__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {text("shoe_size")};
    struct rpc_stream *stream = rpc_stream_new();
    mask.n_paths = 1;
    mask.paths = paths;
    request.sample_size = 101;
    request.read_mask = &mask;
    const struct answer *answer =
        ask_refused_on(stream, &rpc_segment_service, "PreviewSegment", &request.base,
                       STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, "filter"));
    cr_expect_not_null(answer_violation(answer, "sample_size"));
    cr_expect_not_null(answer_violation(answer, "read_mask.paths[0]"));
    rpc_stream_free(stream);

    request = (Profiled__V1__PreviewSegmentRequest)PROFILED__V1__PREVIEW_SEGMENT_REQUEST__INIT;
    request.filter = text("attributes.city =");
    stream = rpc_stream_new();
    (void)ask_refused_on(stream, &rpc_segment_service, "PreviewSegment", &request.base,
                         STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    rpc_stream_free(stream);
}
