/* CreateSegment. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/segments.h"

TestSuite(create_segment, .init = ask_open, .fini = ask_close);

static char *text(const char *string) { return (char *)(uintptr_t)string; }

static Profiled__V1__CreateSegmentRequest *request_of(Profiled__V1__Segment *segment) {
    Profiled__V1__CreateSegmentRequest *request = arena_alloc(&ask_arena, sizeof *request);
    profiled__v1__create_segment_request__init(request);
    request->segment = segment;
    return request;
}

static const struct answer *refused(Profiled__V1__Segment *segment, enum status_code code,
                                    const char *reason) {
    return ask_refused(&rpc_segment_service, "CreateSegment", &request_of(segment)->base, code,
                       reason);
}

static void expect_bad(Profiled__V1__Segment *segment, const char *field) {
    const struct answer *answer = refused(segment, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, field), "%s", field);
}

static void make_people(void) {
    make_person("Noura", "riyadh");
    make_person("Sami", "jeddah");
    make_person("Huda", "riyadh");
}

/* Of so many characters, in the test's arena. */
static char *long_text(size_t size) {
    char *long_one = arena_alloc(&ask_arena, size + 1);
    memset(long_one, 'x', size);
    long_one[size] = '\0';
    return long_one;
}

Test(create_segment, happy) {
    make_people();

    const Profiled__V1__CreateSegmentResponse *made =
        ask_twice(&rpc_segment_service, "CreateSegment",
                  &request_of(segment_told("riyadh", "attributes.city = riyadh"))->base);

    cr_expect_str_eq(made->segment->name, "riyadh");
    cr_expect_eq(made->segment->kind, SEGMENT_KIND(DYNAMIC));
    cr_expect_eq(made->segment->state, SEGMENT_STATE(ACTIVE));
    cr_expect_str_eq(made->segment->filter, "attributes.city = riyadh");
    cr_expect_not(made->segment->ready);
    cr_expect_eq(made->segment->progress_percent, 0);
    cr_expect_str_eq(made->segment->etag, "r1.1");
    cr_expect_eq(made->segment->create_time->seconds, ask_now_us() / US_PER_SECOND);
    const Profiled__V1__Segment *ready = ready_segment("riyadh");
    cr_expect_eq(ready->member_count, 2);
    cr_expect_eq(ready->progress_percent, 100);
    cr_expect_eq(ready->looked_at_count, 0);
    cr_expect_str_eq(ready->etag, "r1.1", "its members are not it");
    cr_expect_str_eq(names_in("riyadh"), " Noura Huda");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(create_segment, what_is_said_is_kept_over_a_restart) {
    Profiled__V1__Segment *told = segment_told("pilot", NULL);
    told->display_name = text("  Pilot  group ");
    told->description = text("Who tries it.\nTwo weeks.");
    told->color = text("#0a7d5c");
    labels_told(told, (const char *const[]){"team", "crm", "wave", "", NULL});

    ask_twice(&rpc_segment_service, "CreateSegment", &request_of(told)->base);
    call_reopen(ask_fixture);

    const Profiled__V1__Segment *pilot = get_segment("pilot");
    cr_expect_str_eq(pilot->display_name, "Pilot group");
    cr_expect_str_eq(pilot->description, "Who tries it.\nTwo weeks.");
    cr_expect_str_eq(pilot->color, "#0a7d5c");
    cr_assert_eq(pilot->n_labels, 2);
    cr_expect_str_eq(pilot->labels[0]->key, "team");
    cr_expect_str_eq(pilot->labels[0]->value, "crm");
    cr_expect_str_eq(pilot->labels[1]->value, "");
    cr_expect_eq(pilot->kind, SEGMENT_KIND(STATIC));
    cr_expect(pilot->ready, "there is nothing to fill");
    cr_expect_eq(pilot->member_count, 0);
}

Test(create_segment, every_bad_field_is_named) {
    static const char *const names[] = {"", "Vip", "-vip", "_vip", "v ip", "v.ip", "نورة"};
    expect_bad(NULL, "segment");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expect_bad(segment_told(names[i], NULL), "segment.name");
    }
    expect_bad(segment_told(long_text(65), NULL), "segment.name");
    Profiled__V1__Segment *told = segment_told("x", NULL);
    told->kind = 3;
    expect_bad(told, "segment.kind");
    told->kind = 0;
    expect_bad(told, "segment.kind");
    told = segment_told("x", NULL);
    told->state = 4;
    expect_bad(told, "segment.state");
    told->state = SEGMENT_STATE(PAUSED);
    expect_bad(told, "segment.state");
    expect_bad(segment_told("x", "  "), "segment.filter");
    expect_bad(segment_told("x", "segments:*"), "segment.filter");
    told = segment_told("", "");
    told->display_name = long_text(129);
    told->description = long_text(1001);
    told->color = text("#0A7D5C");
    labels_told(told, (const char *const[]){"Team", "crm", "team", long_text(257), NULL});
    static const char *const fields[] = {"name",          "display_name", "description", "color",
                                         "labels[0].key", "labels.team",  "filter"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        expect_bad(told, arena_format(&ask_arena, "segment.%s", fields[i]));
    }
}

Test(create_segment, bounds_are_inside) {
    Profiled__V1__Segment *told = segment_told(long_text(64), NULL);
    const char *pairs[2 * 20 + 3] = {NULL};
    told->display_name = long_text(128);
    told->description = long_text(1000);
    for (size_t i = 0; i < 20; i++) {
        pairs[2 * i] = arena_format(&ask_arena, "key-%zu", i);
        pairs[2 * i + 1] = long_text(256);
    }
    pairs[0] = long_text(64);
    labels_told(told, pairs);
    ask_twice(&rpc_segment_service, "CreateSegment", &request_of(told)->base);
    cr_expect_eq(get_segment(long_text(64))->n_labels, 20);

    told = segment_told("x", NULL);
    pairs[40] = "one-more";
    pairs[41] = "";
    labels_told(told, pairs);
    expect_bad(told, "segment.labels");
}

Test(create_segment, a_static_one_has_no_filter) {
    Profiled__V1__Segment *told = segment_told("x", NULL);
    told->filter = text("attributes.city:*");
    expect_bad(told, "segment.filter");
}

Test(create_segment, a_bad_filter_tells_its_place) {
    const struct answer *answer = refused(segment_told("x", "attributes.city = riyadh AND cty:*"),
                                          STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_str_eq(answer_metadata(answer, "offset"), "29");
    answer = refused(segment_told("x", "segments:vip"), STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    cr_expect_not_null(answer_metadata(answer, "offset"));
}

Test(create_segment, one_that_names_itself_is_a_circle) {
    const struct answer *answer = refused(segment_told("x", "name:a OR segments:x"),
                                          STATUS_FAILED_PRECONDITION, "SEGMENT_CIRCLE");
    cr_expect_str_eq(answer_metadata(answer, "circle"), "x, x");
    create_segment("x", "name:a");
}

Test(create_segment, a_name_is_taken_once) {
    create_segment("vip", NULL);
    refused(segment_told("vip", NULL), STATUS_ALREADY_EXISTS, "SEGMENT_EXISTS");
}

Test(create_segment, of_one_request_it_is_made_once) {
    ask_again(&rpc_segment_service, "CreateSegment", &request_of(segment_told("vip", NULL))->base,
              &request_of(segment_told("other", NULL))->base);
}

/* Of the filter of before, too, which is kept while another one is filled. */
Test(create_segment, what_a_filter_names_is_not_in_clear_in_the_data) {
    create_segment("one", "identity.email = one.alone@example.com");
    cr_expect_not(call_data_has(ask_fixture, "one.alone"));
    ready_segment("one");
    update_segment("one", "identity.email = two.alone@example.com", 0);
    cr_expect_not(call_data_has(ask_fixture, "one.alone"));
    cr_expect_not(call_data_has(ask_fixture, "two.alone"));
    cr_expect_eq(call_verify(ask_fixture), 0);
    cr_expect_str_eq(get_segment("one")->filter, "identity.email = two.alone@example.com");
}

Test(create_segment, other_workspace) {
    make_people();
    create_segment("all", "create_time:*");
    ready_segment("all");

    ask_in("other");
    create(TOLD(.name = "Omar"));
    create_segment("all", "create_time:*");
    cr_expect_eq(ready_segment("all")->member_count, 1);
    cr_expect_str_eq(names_in("all"), " Omar");
    ask_in("default");
    cr_expect_eq(get_segment("all")->member_count, 3);
}

Test(create_segment, one_that_is_paused_or_archived_is_filled_when_it_is_active) {
    make_people();
    Profiled__V1__Segment *told = segment_told("riyadh", "attributes.city = riyadh");
    for (int state = SEGMENT_STATE(PAUSED); state <= SEGMENT_STATE(ARCHIVED); state++) {
        told->name = text(state == SEGMENT_STATE(PAUSED) ? "paused" : "archived");
        told->state = (Profiled__V1__SegmentState)state;
        const Profiled__V1__CreateSegmentResponse *made =
            ask(&rpc_segment_service, "CreateSegment", &request_of(told)->base);
        cr_expect_not(made->segment->ready, "nobody was ever judged by it");
        cr_expect_eq(made->segment->progress_percent, 0);
        cr_expect_str_eq(made->segment->waits_for, told->name);
        cr_expect_eq(get_segment(told->name)->member_count, 0);
        update_segment(told->name, NULL, SEGMENT_STATE(ACTIVE));
        cr_expect_eq(ready_segment(told->name)->member_count, 2);
        cr_expect_str_eq(names_in(told->name), " Noura Huda");
    }
}

/* By itself it would never get ready: which one is to be made active it tells, by whatever way it
 * depends on that. */
Test(create_segment, one_that_names_a_paused_one_tells_what_it_waits_for) {
    make_people();
    Profiled__V1__Segment *told = segment_told("asleep", "attributes.city = riyadh");
    told->state = (Profiled__V1__SegmentState)SEGMENT_STATE(PAUSED);
    ask(&rpc_segment_service, "CreateSegment", &request_of(told)->base);
    create_segment("awake", "attributes.city:*");
    cr_expect_str_eq(ready_segment("awake")->waits_for, "");

    cr_expect_str_eq(create_segment("one", "segments:awake AND segments:asleep")->waits_for,
                     "asleep");
    cr_expect_str_eq(create_segment("other", "NOT segments:one")->waits_for, "asleep");
    call_sweep(ask_fixture);
    cr_expect_not(get_segment("other")->ready);
    cr_expect_eq(get_segment("other")->progress_percent, 99);
    cr_expect_str_eq(get_segment("other")->waits_for, "asleep");

    cr_expect_str_eq(update_segment("asleep", NULL, SEGMENT_STATE(ACTIVE))->waits_for, "");
    cr_expect_str_eq(get_segment("other")->waits_for, "");
    cr_expect_str_eq(ready_segment("other")->waits_for, "");
    cr_expect_str_eq(names_in("one"), " Noura Huda");
    update_segment("asleep", NULL, SEGMENT_STATE(PAUSED));
    cr_expect(get_segment("other")->ready, "it was filled before");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(create_segment, of_a_deleted_name_it_is_another_one) {
    make_people();
    create_segment("riyadh", "attributes.city = riyadh");
    ready_segment("riyadh");
    delete_segment("riyadh");

    const Profiled__V1__Segment *made = create_segment("riyadh", "attributes.city = jeddah");

    cr_expect_str_eq(made->etag, "r1.2");
    cr_expect_eq(made->member_count, 0);
    cr_expect_eq(ready_segment("riyadh")->member_count, 1);
    cr_expect_str_eq(names_in("riyadh"), " Sami");
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("riyadh")->member_count, 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(create_segment, it_reads_others_of_every_kind) {
    make_people();
    const char *omar = make_person("Omar", NULL);
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("pilot", NULL);
    add_member("pilot", omar);
    create_segment("either", "segments:riyadh OR segments:pilot");
    create_segment("neither", "-segments:either");

    ready_segment("neither");
    cr_expect_str_eq(names_in("either"), " Noura Huda Omar");
    cr_expect_str_eq(names_in("neither"), " Sami");
    remove_member("pilot", omar);
    cr_expect_str_eq(names_in("either"), " Noura Huda");
    cr_expect_str_eq(names_in("neither"), " Sami Omar");
}

Test(create_segment, there_are_so_many_at_most, .timeout = 200) {
    enum { LIMIT = 2000 };
    for (size_t i = 0; i < LIMIT; i++) {
        create_segment(arena_format(&ask_arena, "s%zu", i), NULL);
    }
    const struct answer *answer =
        refused(segment_told("more", NULL), STATUS_FAILED_PRECONDITION, "SEGMENT_LIMIT");
    cr_expect_str_eq(answer_metadata(answer, "limit"), "2000");
    delete_segment("s7");
    create_segment("more", NULL);
}
