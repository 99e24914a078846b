/* UpdateSegment: fields, states, other filters, and who stays meanwhile. */

#include <string.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/handlers/definitions.h"
#include "tests/handlers/segments.h"

TestSuite(update_segment, .init = ask_open, .fini = ask_close);

enum { PATHS_MAX = 8 };

static char *text(const char *string) { return (char *)(uintptr_t)string; }

/* A request with a mask of paths that are separated by commas. */
static Profiled__V1__UpdateSegmentRequest *request_of(Profiled__V1__Segment *segment,
                                                      const char *paths) {
    Profiled__V1__UpdateSegmentRequest *request = arena_alloc(&ask_arena, sizeof *request);
    Google__Protobuf__FieldMask *mask = arena_alloc(&ask_arena, sizeof *mask);
    profiled__v1__update_segment_request__init(request);
    google__protobuf__field_mask__init(mask);
    mask->paths = arena_array(&ask_arena, PATHS_MAX, sizeof *mask->paths);
    while (*paths != '\0') {
        const size_t size = strcspn(paths, ",");
        mask->paths[mask->n_paths++] = arena_format(&ask_arena, "%.*s", (int)size, paths);
        paths += size + (paths[size] == ',' ? 1 : 0);
    }
    request->segment = segment;
    request->update_mask = mask;
    return request;
}

static const struct answer *refused(Profiled__V1__UpdateSegmentRequest *request,
                                    enum status_code code, const char *reason) {
    return ask_refused(&rpc_segment_service, "UpdateSegment", &request->base, code, reason);
}

static void expect_bad(Profiled__V1__UpdateSegmentRequest *request, const char *field) {
    const struct answer *answer = refused(request, STATUS_INVALID_ARGUMENT, "FIELD_INVALID");
    cr_expect_not_null(answer_violation(answer, field), "%s", field);
}

static void make_people(void) {
    make_person("Noura", "riyadh");
    make_person("Sami", "jeddah");
    make_person("Huda", "riyadh");
}

/* ---- fields ---- */

Test(update_segment, happy) {
    create_segment("vip", NULL);
    ask_wait_us(US_PER_SECOND);
    Profiled__V1__Segment *told = segment_told("vip", NULL);
    told->display_name = text("Very  important");
    told->description = text("Who buys most");
    told->color = text("#ff0000");
    told->etag = text("r1.1");
    labels_told(told, (const char *const[]){"team", "crm", NULL});

    const Profiled__V1__UpdateSegmentResponse *response =
        ask_twice(&rpc_segment_service, "UpdateSegment",
                  &request_of(told, "display_name,description,color,labels")->base);

    cr_expect_str_eq(response->segment->display_name, "Very important");
    cr_expect_str_eq(response->segment->etag, "r2.1");
    cr_expect_eq(response->segment->update_time->seconds, ask_now_us() / US_PER_SECOND);
    cr_expect_eq(response->segment->create_time->seconds, ask_now_us() / US_PER_SECOND - 1);
    call_reopen(ask_fixture);
    const Profiled__V1__Segment *there = get_segment("vip");
    cr_expect_str_eq(there->description, "Who buys most");
    cr_expect_str_eq(there->color, "#ff0000");
    cr_assert_eq(there->n_labels, 1);
    cr_expect_str_eq(there->labels[0]->value, "crm");
}

Test(update_segment, what_the_mask_does_not_name_stays) {
    Profiled__V1__Segment *told = segment_told("vip", NULL);
    Profiled__V1__CreateSegmentRequest made = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    told->display_name = text("Very important");
    told->color = text("#ff0000");
    labels_told(told, (const char *const[]){"team", "crm", NULL});
    made.segment = told;
    ask(&rpc_segment_service, "CreateSegment", &made.base);

    Profiled__V1__Segment *other = segment_told("vip", "name:*");
    other->kind = SEGMENT_KIND(DYNAMIC);
    other->display_name = text("Other");
    ask(&rpc_segment_service, "UpdateSegment", &request_of(other, "color")->base);

    const Profiled__V1__Segment *there = get_segment("vip");
    cr_expect_str_eq(there->display_name, "Very important");
    cr_expect_str_empty(there->color);
    cr_expect_eq(there->n_labels, 1);
    cr_expect_str_empty(there->filter);
    cr_expect_eq(there->kind, SEGMENT_KIND(STATIC));
}

Test(update_segment, of_one_request_it_is_changed_once) {
    create_segment("vip", NULL);
    Profiled__V1__Segment *told = segment_told("vip", NULL);
    Profiled__V1__Segment *other = segment_told("vip", NULL);
    told->color = text("#ff0000");
    ask_again(&rpc_segment_service, "UpdateSegment", &request_of(told, "color")->base,
              &request_of(other, "color")->base);
    cr_expect_str_eq(get_segment("vip")->etag, "r2.1");
}

Test(update_segment, every_bad_field_is_named) {
    create_segment("vip", NULL);
    create_segment("all", "name:*");
    ready_segment("all");
    expect_bad(request_of(NULL, "color"), "segment");
    expect_bad(request_of(segment_told("Vip", NULL), "color"), "segment.name");
    expect_bad(request_of(segment_told("vip", NULL), ""), "update_mask");
    Profiled__V1__UpdateSegmentRequest *request = request_of(segment_told("vip", NULL), "color");
    request->update_mask = NULL;
    expect_bad(request, "update_mask");
    expect_bad(request_of(segment_told("vip", NULL), "color,kind"), "update_mask.paths[1]");
    expect_bad(request_of(segment_told("vip", NULL), "name"), "update_mask.paths[0]");
    Profiled__V1__Segment *told = segment_told("vip", "name:*");
    told->display_name = text("a\nb");
    told->color = text("red");
    told->state = 4;
    labels_told(told, (const char *const[]){"", "crm", NULL});
    static const char *const fields[] = {"color", "labels[0].key", "state", "filter"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        expect_bad(request_of(told, "display_name,color,labels,state,filter"),
                   arena_format(&ask_arena, "segment.%s", fields[i]));
    }
    told->state = SEGMENT_STATE(PAUSED);
    expect_bad(request_of(told, "state"), "segment.state");
    expect_bad(request_of(segment_told("all", " "), "filter"), "segment.filter");
    expect_bad(request_of(segment_told("all", "segments:*"), "filter"), "segment.filter");
    refused(request_of(segment_told("all", "segments:nobody"), "filter"), STATUS_INVALID_ARGUMENT,
            "FILTER_INVALID");
}

Test(update_segment, missing_and_other_workspace) {
    refused(request_of(segment_told("vip", NULL), "color"), STATUS_NOT_FOUND, "SEGMENT_NOT_FOUND");
    create_segment("vip", NULL);
    ask_refused_elsewhere(&rpc_segment_service, "UpdateSegment",
                          &request_of(segment_told("vip", NULL), "color")->base, STATUS_NOT_FOUND,
                          "SEGMENT_NOT_FOUND");
}

Test(update_segment, an_etag_that_is_old_is_refused) {
    create_segment("vip", NULL);
    update_segment("vip", NULL, SEGMENT_STATE(ARCHIVED));
    Profiled__V1__Segment *told = segment_told("vip", NULL);
    told->etag = text("r1.1");
    refused(request_of(told, "color"), STATUS_ABORTED, "ETAG_MISMATCH");
}

Test(update_segment, an_etag_is_of_one_segment_not_of_a_name) {
    Profiled__V1__Segment *told = segment_told("vip", NULL);
    told->etag = create_segment("vip", NULL)->etag;
    delete_segment("vip");
    create_segment("vip", NULL);
    call_sweep(ask_fixture);

    refused(request_of(told, "color"), STATUS_ABORTED, "ETAG_MISMATCH");
}

/* ---- circles ---- */

static void expect_circle(const char *name, const char *filter, const char *circle) {
    const struct answer *answer = refused(request_of(segment_told(name, filter), "filter"),
                                          STATUS_FAILED_PRECONDITION, "SEGMENT_CIRCLE");
    cr_expect_str_eq(answer_metadata(answer, "circle"), circle);
}

Test(update_segment, circles_are_refused_with_the_circle) {
    create_segment("a", "name:*");
    create_segment("b", "segments:a");
    create_segment("c", "NOT segments:b AND name:*");
    create_segment("d", "segments:a OR segments:c");
    ready_segment("d");

    expect_circle("a", "segments:a", "a, a");
    expect_circle("a", "segments:b", "a, b, a");
    expect_circle("a", "name:* OR -segments:c", "a, c, b, a");
    expect_circle("b", "segments:d", "b, d, c, b");
    update_segment("d", "segments:a", 0);
    ready_segment("d");
    update_segment("b", "segments:d", 0);
    cr_expect_str_eq(get_segment("b")->filter, "segments:d");
}

Test(update_segment, a_circle_that_a_pause_hides_is_seen_when_it_ends) {
    create_segment("a", "name:*");
    create_segment("b", "segments:a");
    ready_segment("b");
    update_segment("b", NULL, SEGMENT_STATE(PAUSED));
    update_segment("a", "segments:b", 0);
    ready_segment("a");

    Profiled__V1__Segment *told = segment_told("b", "");
    told->state = SEGMENT_STATE(ACTIVE);
    const struct answer *answer =
        refused(request_of(told, "state"), STATUS_FAILED_PRECONDITION, "SEGMENT_CIRCLE");

    cr_expect_str_eq(answer_metadata(answer, "circle"), "b, a, b");
}

/* ---- states ---- */

Test(update_segment, one_that_is_paused_stays_as_it_is_and_catches_up) {
    make_people();
    create_segment("riyadh", "attributes.city = riyadh");
    ready_segment("riyadh");
    update_segment("riyadh", NULL, SEGMENT_STATE(PAUSED));

    const char *omar = make_person("Omar", "riyadh");
    cr_expect_str_eq(names_in("riyadh"), " Noura Huda");
    cr_expect(get_segment("riyadh")->ready);
    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = text(omar);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);
    make_person("Lama", "riyadh");
    update_segment("riyadh", NULL, SEGMENT_STATE(ACTIVE));

    cr_expect_eq(ready_segment("riyadh")->member_count, 3);
    cr_expect_str_eq(names_in("riyadh"), " Noura Huda Lama");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(update_segment, of_one_that_is_paused_the_deleted_leave_and_the_merged_take_it_along) {
    const char *noura = make_person("Noura", "riyadh");
    const char *omar = make_person("Omar", "jeddah");
    const char *huda = make_person("Huda", "riyadh");
    create_segment("riyadh", "attributes.city = riyadh");
    ready_segment("riyadh");
    update_segment("riyadh", NULL, SEGMENT_STATE(PAUSED));

    merge_two(omar, huda);
    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    gone.id = text(noura);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);

    cr_expect_str_eq(members_of("riyadh"), arena_format(&ask_arena, " %s", omar));
    cr_expect_eq(get_segment("riyadh")->member_count, 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

static void unmerge(const char *profile_id) {
    Profiled__V1__UnmergeProfilesRequest request = PROFILED__V1__UNMERGE_PROFILES_REQUEST__INIT;
    request.profile_id = text(profile_id);
    ask(&rpc_identity_service, "UnmergeProfiles", &request.base);
}

/* One merge was there before the segment was paused, one came later. */
Test(update_segment, of_one_that_is_paused_both_are_in_it_whose_merge_is_undone) {
    const char *noura = make_person("Noura", "jeddah");
    const char *lama = make_person("Lama", "riyadh");
    const char *omar = make_person("Omar", "jeddah");
    const char *huda = make_person("Huda", "riyadh");
    merge_two(noura, lama);
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("reader", "segments:riyadh");
    ready_segment("reader");
    update_segment("riyadh", NULL, SEGMENT_STATE(PAUSED));
    merge_two(omar, huda);
    cr_assert_str_eq(members_of("riyadh"), arena_format(&ask_arena, " %s %s", noura, omar));

    unmerge(lama);
    unmerge(huda);

    const char *all = arena_format(&ask_arena, " %s %s %s %s", noura, lama, omar, huda);
    cr_expect_str_eq(members_of("riyadh"), all, "%s", members_of("riyadh"));
    cr_expect_str_eq(members_of("reader"), all);
    cr_expect_eq(get_segment("riyadh")->member_count, 4);
    cr_expect_eq(call_verify(ask_fixture), 0);
    update_segment("riyadh", NULL, SEGMENT_STATE(ACTIVE));
    ready_segment("reader");
    cr_expect_str_eq(members_of("reader"), arena_format(&ask_arena, " %s %s", lama, huda));
}

Test(update_segment, archived_and_back) {
    make_people();
    create_segment("riyadh", "attributes.city = riyadh");
    create_segment("both", "segments:riyadh");
    ready_segment("both");

    Profiled__V1__Segment *told = segment_told("riyadh", "");
    told->state = SEGMENT_STATE(ARCHIVED);
    const struct answer *answer =
        refused(request_of(told, "state"), STATUS_FAILED_PRECONDITION, "SEGMENT_IN_USE");
    cr_expect_str_eq(answer_metadata(answer, "segment"), "both");
    delete_segment("both");
    call_sweep(ask_fixture);
    ask_twice(&rpc_segment_service, "UpdateSegment", &request_of(told, "state")->base);
    refused(request_of(segment_told("riyadh", "segments:riyadh"), "filter"),
            STATUS_INVALID_ARGUMENT, "FILTER_INVALID");
    Profiled__V1__CreateSegmentRequest reader = PROFILED__V1__CREATE_SEGMENT_REQUEST__INIT;
    reader.segment = segment_told("reader", "segments:riyadh");
    ask_refused(&rpc_segment_service, "CreateSegment", &reader.base, STATUS_INVALID_ARGUMENT,
                "FILTER_INVALID");
    make_person("Lama", "riyadh");
    cr_expect_eq(get_segment("riyadh")->member_count, 2);

    update_segment("riyadh", NULL, SEGMENT_STATE(ACTIVE));

    cr_expect_eq(ready_segment("riyadh")->member_count, 3);
}

Test(update_segment, a_filter_that_is_changed_in_a_pause_counts_after_it) {
    make_people();
    create_segment("city", "attributes.city = riyadh");
    ready_segment("city");
    update_segment("city", "attributes.city = jeddah", SEGMENT_STATE(PAUSED));
    cr_expect_str_eq(names_in("city"), " Noura Huda");

    update_segment("city", NULL, SEGMENT_STATE(ACTIVE));

    ready_segment("city");
    cr_expect_str_eq(names_in("city"), " Sami");
}

Test(update_segment, a_pause_while_it_is_filled_keeps_what_was_found) {
    make_crowd(900, "riyadh");
    create_segment("riyadh", "attributes.city = riyadh");
    update_segment("riyadh", NULL, SEGMENT_STATE(PAUSED));
    const int64_t found = get_segment("riyadh")->member_count;
    cr_expect_leq(found, 900);
    cr_expect_eq(get_segment("riyadh")->ready, found == 900);
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("riyadh")->member_count, found);

    update_segment("riyadh", NULL, SEGMENT_STATE(ACTIVE));

    cr_expect_eq(ready_segment("riyadh")->member_count, 900);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* ---- other filters ---- */

static void rename_person(const char *id, const char *name) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(TOLD(.name = name));
    request.profile->id = text(id);
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
}

Test(update_segment, another_filter_lets_nobody_leave_who_stays) {
    enum { PEOPLE = 1000 };
    static const char *const filters[] = {"attributes.city = (riyadh OR jeddah)",
                                          "attributes.city:* AND name:*", "identity.email:*"};
    const char **ids = make_crowd(PEOPLE, "riyadh");
    create_segment("city", "attributes.city = riyadh");
    ready_segment("city");

    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        update_segment("city", filters[i], 0);
        size_t looks = 0;
        for (const Profiled__V1__Segment *segment = get_segment("city"); !segment->ready;
             segment = get_segment("city")) {
            rename_person(ids[looks % PEOPLE], arena_format(&ask_arena, "Noura %zu", looks));
            cr_assert_eq(get_segment("city")->member_count, PEOPLE);
            cr_assert(is_member("city", ids[looks % PEOPLE]));
            looks++;
        }
    }

    cr_expect_eq(get_segment("city")->member_count, PEOPLE);
    cr_expect_str_eq(members_of("city"), ids_found_by(filters[2]));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* In the first filter and the last, but not in the one between, which is never filled to its end:
 * who was not come to by then is not judged by it. */
Test(update_segment, a_filter_that_is_changed_on_the_way_lets_nobody_leave_who_stays) {
    enum { CROWDS = 3, CROWD = 1000, PEOPLE = CROWDS * CROWD };
    const char *last = NULL;
    for (size_t i = 0; i < CROWDS; i++) {
        ask_wait_us(US_PER_SECOND);
        last = make_crowd(CROWD, i == 0 ? "riyadh" : i == 1 ? "jeddah" : "abha")[CROWD - 1];
    }
    create_segment("city", "attributes.city:*");
    ready_segment("city");

    update_segment("city", "name:nobody", 0);
    const bool was_early =
        !update_segment("city", "identity.email:*", 0)->ready && is_member("city", last);
    rename_person(last, "Noura");

    cr_expect(!was_early || is_member("city", last));
    cr_expect_eq(ready_segment("city")->member_count, PEOPLE);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(update_segment, another_filter_that_finds_others) {
    make_people();
    make_crowd(500, "abha");
    create_segment("city", "attributes.city = riyadh");
    create_segment("not-there", "NOT segments:city AND attributes.city = (riyadh OR jeddah)");
    ready_segment("not-there");
    cr_expect_str_eq(names_in("not-there"), " Sami");

    ask_twice(&rpc_segment_service, "UpdateSegment",
              &request_of(segment_told("city", "attributes.city = jeddah"), "filter")->base);

    ready_segment("city");
    cr_expect_str_eq(names_in("city"), " Sami");
    cr_expect_str_eq(names_in("not-there"), " Noura Huda");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(update_segment, the_same_filter_is_not_filled_again) {
    make_people();
    create_segment("city", "attributes.city = riyadh");
    ready_segment("city");
    cr_expect(update_segment("city", "attributes.city = riyadh", 0)->ready);
}

Test(update_segment, it_is_filled_over_a_restart) {
    enum { PEOPLE = 1000 };
    make_crowd(PEOPLE, "riyadh");
    create_segment("city", "attributes.city = jeddah");
    ready_segment("city");
    update_segment("city", "attributes.city = riyadh", 0);
    call_reopen(ask_fixture);
    make_crowd(100, "jeddah");
    cr_expect_eq(ready_segment("city")->member_count, PEOPLE);
    cr_expect_str_eq(members_of("city"), ids_found_by("attributes.city = riyadh"));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* ---- what filters read, when it changes ---- */

static void tell_tier(const char *id, const char *tier) {
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(TOLD(.attributes = {ATTRIBUTE("tier", tier)}));
    request.profile->id = text(id);
    ask(&rpc_profile_service, "UpdateProfile", &request.base);
}

Test(update_segment, a_value_that_an_attribute_may_have_no_more_is_still_looked_for) {
    define(DEFINITION("tier", ENUM, .enum_values = {"gold", "silver"}));
    const char *noura =
        create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("tier", "gold")}))->id;
    ask_wait_us(US_PER_SECOND);
    create(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("tier", "gold")}));
    create_segment("gold", "attributes.tier = gold");
    create_segment("no-gold", "NOT segments:gold");
    cr_expect_eq(ready_segment("gold")->member_count, 2);
    ready_segment("no-gold");
    Profiled__V1__UpdateAttributeRequest *dropped =
        redefine_request("enum_values", DEFINITION("tier", ENUM, .enum_values = {"silver"}));
    dropped->force = true;
    ask(&rpc_schema_service, "UpdateAttribute", &dropped->base);
    call_reopen(ask_fixture);

    ask_wait_us(US_PER_SECOND);
    tell_tier(noura, "silver");

    cr_expect_str_eq(names_in("gold"), " Huda");
    cr_expect_str_eq(names_in("no-gold"), " Noura");
}

Test(update_segment, an_attribute_that_is_retired_is_still_read) {
    define(PLAIN("nickname", STRING));
    const char *noura =
        create(TOLD(.name = "Noura", .attributes = {ATTRIBUTE("nickname", "nono")}))->id;
    create_segment("nono", "attributes.nickname = nono");
    cr_expect_eq(ready_segment("nono")->member_count, 1);
    retire("nickname");
    call_reopen(ask_fixture);

    rename_person(noura, "Noura Otaibi");

    cr_expect_str_eq(members_of("nono"), arena_format(&ask_arena, " %s", noura));
    cr_expect(get_segment("nono")->ready);
}

/* ---- one that names another which is being filled ---- */

/* Nothing is filled until go_on(). */
static void stop(void) { call_steps_allow(0); }

static void go_on(void) {
    call_steps_allow(INT64_MAX);
    call_sweep(ask_fixture);
}

/* Somebody who comes last. */
static const char *make_one(const char *name, const char *city, const char *country) {
    ask_wait_us(US_PER_SECOND);
    return create(TOLD(.name = name,
                       .attributes = {ATTRIBUTE("city", city), ATTRIBUTE("country", country)}))
        ->id;
}

/* x and y, which names it. */
static void make_two(void) {
    create_segment("x", "NOT attributes.country = EG");
    create_segment("y", "NOT segments:x");
    ready_segment("x");
    ready_segment("y");
}

Test(update_segment, who_comes_while_another_is_filled_is_judged_by_what_that_one_says) {
    make_crowd(3, "jeddah");
    make_two();
    stop();
    update_segment("x", "NOT attributes.city:*", 0);
    const char *noura = make_one("Noura", "Riyadh", "EG");
    cr_assert_not(get_segment("x")->ready);
    cr_expect_not(get_segment("y")->ready, "what it names is not");
    cr_expect_not(is_member("x", noura));
    cr_expect(is_member("y", noura));

    go_on();
    ready_segment("x");
    cr_expect_not(is_member("x", noura));
    cr_expect(is_member("y", noura));
    cr_expect(ready_segment("y")->ready);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(update_segment, who_comes_while_one_ends_its_pause_is_in_none_that_names_it) {
    make_crowd(3, "jeddah");
    create_segment("no-country", "NOT attributes.country:*");
    create_segment("asks", "segments:no-country");
    ready_segment("no-country");
    ready_segment("asks");
    update_segment("no-country", NULL, SEGMENT_STATE(PAUSED));
    stop();
    update_segment("no-country", NULL, SEGMENT_STATE(ACTIVE));
    const char *sara = make_one("Sara", "Jeddah", "SA");
    cr_assert_not(get_segment("no-country")->ready);
    cr_expect_not(is_member("asks", sara));

    go_on();
    ready_segment("no-country");
    cr_expect_not(is_member("asks", sara));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

Test(update_segment, who_comes_back_while_another_is_filled_too) {
    make_crowd(3, "jeddah");
    const char *noura = make_one("Noura", "Riyadh", "EG");
    make_two();
    stop();
    update_segment("x", "NOT attributes.city:*", 0);
    Profiled__V1__DeleteProfileRequest gone = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    Profiled__V1__UndeleteProfileRequest back = PROFILED__V1__UNDELETE_PROFILE_REQUEST__INIT;
    gone.id = text(noura);
    back.id = text(noura);
    ask(&rpc_profile_service, "DeleteProfile", &gone.base);
    ask(&rpc_profile_service, "UndeleteProfile", &back.base);
    cr_assert_not(get_segment("x")->ready);

    go_on();
    ready_segment("x");
    cr_expect_not(is_member("x", noura));
    cr_expect(is_member("y", noura));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* ---- what a filter means stays ---- */

static void expect_kept(const char *name, const char *filter, const char *kept) {
    create_segment(name, filter);
    cr_expect_str_eq(ready_segment(name)->filter, kept);
}

Test(update_segment, filters_are_kept_in_canonical_form) {
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);
    define(DEFINITION("loyal", BOOL, .display_name = "Loyal"));
    expect_kept("a", "identity.phone = \"050 000 0017\"", "identity.phone = \"+966500000017\"");
    expect_kept("b", "attributes.gender=(f OR MALE) x", "attributes.gender=(female OR male) x");
    expect_kept("c", "attributes.loyal = yes", "attributes.loyal = true");
    expect_kept("d", "attributes.country = 'sa' name:\"a\\\"b\"",
                "attributes.country = \"SA\" name:\"a\\\"b\"");
    expect_kept("e", "attributes.city = Riyadh", "attributes.city = Riyadh");
}

Test(update_segment, another_region_changes_no_filter) {
    call_region_set(ask_fixture, "SA");
    call_reopen(ask_fixture);
    create(TOLD(.name = "Noura", .identities = {ID("phone", "+966500000017")}));
    create_segment("her", "identity.phone = \"050 000 0017\"");
    cr_expect_eq(ready_segment("her")->member_count, 1);
    call_region_set(ask_fixture, "EG");
    call_reopen(ask_fixture);

    cr_expect_str_eq(names_in("her"), " Noura");
    cr_expect_eq(call_verify(ask_fixture), 0);
    update_segment("her", NULL, SEGMENT_STATE(PAUSED));
    update_segment("her", NULL, SEGMENT_STATE(ACTIVE));
    ready_segment("her");
    cr_expect_str_eq(names_in("her"), " Noura");
}

/* ---- clocks ---- */

Test(update_segment, a_clock_that_goes_back_is_followed) {
    make_person("Noura", "riyadh");
    create_segment("new", "create_time > now - 1d");
    cr_expect_eq(ready_segment("new")->member_count, 1);
    ask_wait_us(2 * US_PER_DAY);
    call_sweep(ask_fixture);
    cr_expect_eq(get_segment("new")->member_count, 0);

    ask_wait_us(-2 * US_PER_DAY);
    call_sweep(ask_fixture);

    cr_expect_eq(ready_segment("new")->member_count, 1);
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Whether the segment begins to be filled anew when the clock is set back by so much. */
static bool is_filled_anew(int64_t back_us) {
    call_steps_allow(0);
    ask_wait_us(-back_us);
    call_sweep(ask_fixture);
    const bool is_ready = get_segment("new")->ready;
    call_steps_allow(INT64_MAX);
    ready_segment("new");
    return !is_ready;
}

/* Those that wait for no time are not filled anew, and in all of them writes are exact at once. */
Test(update_segment, who_is_written_after_a_clock_went_back_is_judged_at_once) {
    create_segment("new", "create_time > now - 1d");
    create_segment("here", "attributes.city = riyadh");
    create_segment("new_here", "segments:new AND attributes.city = riyadh");
    create_segment("by_place", "segments:here");
    const char *const names[] = {"new", "here", "new_here", "by_place"};
    const char *noura = make_person("Noura", "jeddah");
    for (size_t i = 0; i < 4; i++) {
        ready_segment(names[i]);
    }
    ask_wait_us(2 * US_PER_DAY);
    call_sweep(ask_fixture);
    call_steps_allow(0);
    ask_wait_us(-2 * US_PER_DAY);

    const char *sami = make_person("Sami", "riyadh");
    Profiled__V1__UpdateProfileRequest request = PROFILED__V1__UPDATE_PROFILE_REQUEST__INIT;
    request.profile = profile_told(TOLD(.attributes = {ATTRIBUTE("city", "riyadh")}));
    request.profile->id = (char *)(uintptr_t)noura;
    request.update_mask = mask_told("attributes.city");
    ask(&rpc_profile_service, "UpdateProfile", &request.base);

    cr_expect(get_segment("here")->ready && get_segment("by_place")->ready);
    cr_expect_not(get_segment("new")->ready || get_segment("new_here")->ready);
    for (size_t i = 0; i < 4; i++) {
        cr_expect(is_member(names[i], sami), "%s", names[i]);
        cr_expect(i == 0 || i == 2 || is_member(names[i], noura), "%s", names[i]);
    }
    call_steps_allow(INT64_MAX);
    for (size_t i = 0; i < 4; i++) {
        ready_segment(names[i]);
        cr_expect(is_member(names[i], noura), "%s", names[i]);
    }
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Nobody is judged anew where no time was passed at which somebody enters or leaves. */
Test(update_segment, a_clock_that_goes_to_and_fro_is_followed_past_times_alone) {
    const int64_t made_us = ask_now_us();
    make_person("Noura", "riyadh");
    create_segment("new", "create_time > now - 1d");
    ready_segment("new");
    for (int i = 0; i < 3; i++) {
        ask_wait_us((int64_t)10 * US_PER_SECOND);
        make_person("Sami", "riyadh");
        cr_expect_not(is_filled_anew((int64_t)9 * US_PER_SECOND));
    }
    ask_time_set(made_us + US_PER_DAY + (int64_t)10 * US_PER_SECOND);
    call_sweep(ask_fixture);
    cr_expect_str_eq(names_in("new"), " Sami Sami Sami");
    cr_expect_not(is_filled_anew((int64_t)5 * US_PER_SECOND), "it is some seconds behind it");
    cr_expect_str_eq(names_in("new"), " Sami Sami Sami");
    cr_expect(is_filled_anew((int64_t)5 * US_PER_SECOND));
    cr_expect_str_eq(names_in("new"), " Noura Sami Sami Sami");
    cr_expect_not(is_filled_anew((int64_t)2 * US_PER_SECOND), "it is before it already");
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Windows and anniversaries are others at midnights. */
Test(update_segment, a_clock_that_goes_back_past_midnight_has_windows_judged_anew) {
    make_person("Noura", "riyadh");
    create_segment("new", "NOT anniversary(attributes.birth_date) NOT recent_net_sentiment < 0");
    ready_segment("new");
    cr_expect_not(is_filled_anew((int64_t)2 * US_PER_SECOND));
    ask_wait_us(US_PER_DAY);
    make_person("Sami", "riyadh");
    cr_expect_not(is_filled_anew(US_PER_DAY), "nobody has anything to be judged by");
    ask_wait_us(US_PER_DAY);
    create(TOLD(.name = "Huda", .attributes = {ATTRIBUTE("birth_date", "1990-01-01")}));
    cr_expect_not(is_filled_anew((int64_t)2 * US_PER_SECOND));
    cr_expect(is_filled_anew(US_PER_DAY));
    cr_expect_eq(call_verify(ask_fixture), 0);
}

/* Both times that the filter waits for went by while the clock was ahead, and nothing changed. */
Test(update_segment, what_was_passed_over_by_a_clock_ahead_is_to_come_again) {
    make_person("Noura", "riyadh");
    create_segment("second_day", "create_time < now - 1d AND create_time > now - 2d");
    ready_segment("second_day");
    ask_wait_us(400 * US_PER_DAY);
    call_sweep(ask_fixture);
    ask_wait_us(-400 * US_PER_DAY);
    call_sweep(ask_fixture);

    ask_wait_us(36 * US_PER_HOUR);
    call_sweep(ask_fixture);

    cr_expect_str_eq(names_in("second_day"), " Noura");
    cr_expect_eq(call_verify(ask_fixture), 0);
}
