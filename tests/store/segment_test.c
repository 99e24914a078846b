/* Segments in the store: who is in them, their sizes by the day, what is due, places, names. What
 * they are to people is in tests/handlers/. */

#include "server/store/segment.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/store/damage.h"
#include "tests/store/fixture.h"

TestSuite(segment, .init = fixture_open, .fini = fixture_close);

enum { TODAY = 20780, PEOPLE_MAX = 10 };

static struct id people[PEOPLE_MAX];

static void make_people(size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct profile *profile = profile_new("Noura");
        people[i] = profile->id;
        profile_save(profile);
    }
}

static uint32_t make_segment(const char *name) {
    struct store_segment segment = {.name = name,
                                    .display_name = "",
                                    .description = "",
                                    .color = "",
                                    .kind = STORE_SEGMENT_DYNAMIC,
                                    .state = STORE_SEGMENT_ACTIVE,
                                    .filter = "name:*",
                                    .create_us = FIXTURE_NOW_US};
    cr_assert(status_is_ok(store_segment_put(write_begin(), &segment)));
    write_end();
    return segment.number;
}

/* Puts a person into these segments and no others, with what is due; 0 ends either list. */
struct put {
    uint32_t segments[5];
    struct store_segment_due dues[5];
};

static void put_on(size_t person, int32_t day, struct put put) {
    struct store_view *view = write_begin();
    struct store_membership before;
    struct store_membership after = {.segments = put.segments, .dues = put.dues};
    while (put.segments[after.count] != 0) {
        after.count++;
    }
    while (put.dues[after.due_count].segment != 0) {
        after.due_count++;
    }
    cr_assert(status_is_ok(store_membership_get(view, people[person], &before)));
    cr_assert(status_is_ok(store_membership_put(view, people[person], &before, &after, day)));
    write_end();
}

/* The members behind a person, or from the first one on where that is NULL: "0 2", with a + where
 * there are more. */
static const char *members_of(uint32_t segment, const struct id *after, size_t max) {
    struct id ids[PEOPLE_MAX];
    size_t count = 0;
    bool more = false;
    const char *all = "";
    cr_assert(status_is_ok(store_member_scan(read_begin(), segment, after != NULL,
                                             after == NULL ? people[0] : *after, max, ids, &count,
                                             &more)));
    read_end();
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < PEOPLE_MAX; k++) {
            if (id_equal(ids[i], people[k])) {
                all = arena_format(&arena, "%s%s%zu", all, i == 0 ? "" : " ", k);
            }
        }
    }
    return more ? arena_format(&arena, "%s+", all) : all;
}

static int64_t size_of(uint32_t segment) {
    int64_t size = -1;
    cr_assert(status_is_ok(store_segment_size_get(read_begin(), segment, &size)));
    read_end();
    return size;
}

/* "-1:2 0:3": days from today, and what there was. */
static const char *points_of(uint32_t segment, size_t max) {
    struct store_segment_point points[20];
    size_t count = 0;
    const char *all = "";
    cr_assert(
        status_is_ok(store_segment_points(read_begin(), segment, INT32_MAX, max, points, &count)));
    read_end();
    for (size_t i = 0; i < count; i++) {
        all = arena_format(&arena, "%s%s%d:%d", all, i == 0 ? "" : " ", points[i].day - TODAY,
                           (int)points[i].count);
    }
    return all;
}

/* Who is due by a time, in the order of their times. */
static const char *due_by(int64_t until_us, size_t max) {
    struct id ids[PEOPLE_MAX];
    size_t count = 0;
    const char *all = "";
    cr_assert(status_is_ok(store_segment_due_scan(read_begin(), until_us, max, ids, &count)));
    read_end();
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < PEOPLE_MAX; k++) {
            if (id_equal(ids[i], people[k])) {
                all = arena_format(&arena, "%s%s%zu", all, i == 0 ? "" : " ", k);
            }
        }
    }
    return all;
}

static int64_t first_due(void) {
    int64_t first_us = 0;
    cr_assert(status_is_ok(store_segment_due_first(read_begin(), &first_us)));
    read_end();
    return first_us;
}

/* ---- who is in them ---- */

Test(segment, members_are_those_whose_memberships_say_so) {
    make_people(4);
    const uint32_t a = make_segment("a");
    const uint32_t b = make_segment("b");
    cr_expect_str_eq(members_of(a, NULL, 10), "");

    put_on(2, TODAY, (struct put){.segments = {a, b}});
    put_on(0, TODAY, (struct put){.segments = {a}});
    put_on(3, TODAY, (struct put){.segments = {a}});

    cr_expect_str_eq(members_of(a, NULL, 10), "0 2 3");
    cr_expect_str_eq(members_of(b, NULL, 10), "2");
    cr_expect_eq(size_of(a), 3);
    cr_expect_eq(size_of(b), 1);
    put_on(2, TODAY, (struct put){.segments = {b}});
    put_on(3, TODAY, (struct put){.segments = {0}});
    cr_expect_str_eq(members_of(a, NULL, 10), "0");
    cr_expect_eq(size_of(a), 1);
    cr_expect_eq(size_of(b), 1);
    assert_sound();
    fixture_reopen(false);
    cr_expect_str_eq(members_of(b, NULL, 10), "2");
}

Test(segment, a_page_of_members_begins_behind_the_last_one) {
    make_people(5);
    const uint32_t a = make_segment("a");
    for (size_t i = 0; i < 5; i++) {
        put_on(i, TODAY, (struct put){.segments = {a}});
    }
    cr_expect_str_eq(members_of(a, NULL, 2), "0 1+");
    cr_expect_str_eq(members_of(a, &people[1], 2), "2 3+");
    cr_expect_str_eq(members_of(a, &people[3], 2), "4");
    cr_expect_str_eq(members_of(a, &people[4], 2), "");
    put_on(1, TODAY, (struct put){.segments = {0}});
    cr_expect_str_eq(members_of(a, &people[1], 9), "2 3 4", "one that is gone");
    cr_expect_str_eq(members_of(a, NULL, 4), "0 2 3 4");
}

Test(segment, a_page_of_members_comes_short_when_the_view_is_over) {
    make_people(3);
    const uint32_t a = make_segment("a");
    for (size_t i = 0; i < 3; i++) {
        put_on(i, TODAY, (struct put){.segments = {a}});
    }
    fixture_step_us = INT64_C(10) * US_PER_SECOND;
    cr_expect_str_eq(members_of(a, NULL, 3), "0+", "one at least");
    fixture_step_us = 0;
}

Test(segment, a_membership_has_what_it_has) {
    const uint32_t numbers[] = {1, 3, 4, 9};
    const struct store_membership none = {.count = 0};
    const struct store_membership some = {.count = 4, .segments = numbers};
    for (uint32_t i = 0; i < 12; i++) {
        cr_expect_eq(store_membership_has(&some, i), i == 1 || i == 3 || i == 4 || i == 9);
        cr_expect_not(store_membership_has(&none, i));
    }
}

Test(segment, a_membership_of_nothing_has_no_row) {
    make_people(1);
    size_t count = 0;
    const uint32_t a = make_segment("a");
    put_on(0, TODAY, (struct put){.segments = {a}, .dues = {{a, FIXTURE_NOW_US}}});
    (void)rows_of_table(STORE_TABLE_MEMBERSHIP, &count);
    cr_expect_eq(count, 1);
    put_on(0, TODAY, (struct put){.segments = {0}});
    (void)rows_of_table(STORE_TABLE_MEMBERSHIP, &count);
    cr_expect_eq(count, 0);
    (void)rows_of_table(STORE_TABLE_SEGMENT_DUE, &count);
    cr_expect_eq(count, 0);
    assert_sound();
}

/* ---- sizes ---- */

Test(segment, the_size_of_a_day_is_kept_when_a_later_one_changes_it) {
    make_people(3);
    const uint32_t a = make_segment("a");
    cr_expect_str_eq(points_of(a, 10), "");

    put_on(0, TODAY, (struct put){.segments = {a}});
    put_on(1, TODAY, (struct put){.segments = {a}});
    cr_expect_str_eq(points_of(a, 10), "0:2");
    put_on(0, TODAY + 3, (struct put){.segments = {0}});
    put_on(2, TODAY + 3, (struct put){.segments = {a}});
    put_on(2, TODAY + 4, (struct put){.segments = {0}});

    cr_expect_str_eq(points_of(a, 10), "0:2 3:2 4:1");
    cr_expect_str_eq(points_of(a, 3), "0:2 3:2 4:1");
    cr_expect_str_eq(points_of(a, 2), "3:2 4:1");
    cr_expect_str_eq(points_of(a, 1), "4:1");
    assert_sound();
}

Test(segment, sizes_of_later_days_stay_until_these_come_again) {
    make_people(3);
    const uint32_t a = make_segment("a");
    put_on(0, TODAY, (struct put){.segments = {a}});
    put_on(1, TODAY - 2, (struct put){.segments = {a}});
    cr_expect_str_eq(points_of(a, 10), "-2:2");
    put_on(2, TODAY + 1, (struct put){.segments = {a}});
    cr_expect_str_eq(points_of(a, 10), "-2:2 0:1 1:3");
}

Test(segment, points_of_one_are_not_those_of_another) {
    make_people(1);
    const uint32_t a = make_segment("a");
    const uint32_t b = make_segment("b");
    put_on(0, TODAY, (struct put){.segments = {a}});
    put_on(0, TODAY + 1, (struct put){.segments = {b}});
    cr_expect_str_eq(points_of(a, 10), "0:1 1:0");
    cr_expect_str_eq(points_of(b, 10), "1:1");
}

/* ---- what is due ---- */

Test(segment, of_what_is_due_the_first_is_kept) {
    const int64_t second = US_PER_SECOND;
    make_people(3);
    const uint32_t a = make_segment("a");
    const uint32_t b = make_segment("b");
    cr_expect_eq(first_due(), INT64_MAX);

    put_on(0, TODAY, (struct put){.dues = {{a, 9 * second}, {b, 5 * second}}});
    put_on(1, TODAY, (struct put){.dues = {{a, -1 * second}}});
    put_on(2, TODAY, (struct put){.segments = {b}, .dues = {{b, 7 * second}}});

    cr_expect_eq(first_due(), -1 * second, "before 1970, too");
    cr_expect_str_eq(due_by(-1 * second - 1, 10), "");
    cr_expect_str_eq(due_by(5 * second, 10), "1 0");
    cr_expect_str_eq(due_by(60 * second, 10), "1 0 2", "each once");
    cr_expect_str_eq(due_by(60 * second, 2), "1 0");
    assert_sound();
    put_on(1, TODAY, (struct put){.segments = {a}});
    put_on(0, TODAY, (struct put){.dues = {{a, 9 * second}}});
    cr_expect_str_eq(due_by(60 * second, 10), "2 0");
    assert_sound();
}

/* ---- names, places, and what is gone ---- */

Test(segment, a_number_is_never_used_again) {
    const uint32_t a = make_segment("a");
    const uint32_t b = make_segment("b");
    struct store_segment segment;
    bool found = false;
    const char *name = NULL;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_segment_get(view, "b", &found, &segment)));
    cr_assert(found);
    cr_assert(status_is_ok(store_segment_delete(view, &segment)));
    write_end();

    cr_expect_eq(make_segment("b"), b + 1);

    view = read_begin();
    cr_assert(status_is_ok(store_segment_name(view, b, &name)));
    cr_expect_null(name);
    cr_assert(status_is_ok(store_segment_name(view, a, &name)));
    cr_expect_str_eq(name, "a");
    read_end();
    assert_sound();
}

Test(segment, nothing_is_left_of_one_that_is_forgotten) {
    make_people(1);
    size_t count = 0;
    struct store_segment segment;
    bool found = false;
    const uint32_t a = make_segment("a");
    const uint32_t b = make_segment("b");
    put_on(0, TODAY, (struct put){.segments = {a, b}});
    put_on(0, TODAY + 1, (struct put){.segments = {b}});
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_segment_get(view, "a", &found, &segment)));
    cr_assert(status_is_ok(store_segment_delete(view, &segment)));
    write_end();
    (void)rows_of_table(STORE_TABLE_SEGMENT_PLACE, &count);
    cr_expect_eq(count, 1);
    assert_sound();

    cr_assert(status_is_ok(store_segment_forget(write_begin(), a)));
    write_end();

    (void)rows_of_table(STORE_TABLE_SEGMENT_PLACE, &count);
    cr_expect_eq(count, 0);
    (void)rows_of_table(STORE_TABLE_SEGMENT_SIZE, &count);
    cr_expect_eq(count, 1, "that of the other one");
    assert_sound();
}

Test(segment, every_change_has_another_stamp) {
    struct id stamps[4];
    size_t count = 0;
    struct store_segment segment;
    bool found = false;
    for (size_t i = 0; i < 4; i++) {
        cr_assert(status_is_ok(store_segments_stamp(read_begin(), &stamps[i])));
        read_end();
        count += id_is_zero(stamps[i]) ? 1 : 0;
        if (i == 0) {
            (void)make_segment("a");
        } else if (i == 1) {
            struct store_view *view = write_begin();
            cr_assert(status_is_ok(store_segment_get(view, "a", &found, &segment)));
            cr_assert(status_is_ok(store_segment_put(view, &segment)));
            write_end();
        } else if (i == 2) {
            struct store_view *view = write_begin();
            cr_assert(status_is_ok(store_segment_delete(view, &segment)));
            write_end();
        }
    }
    cr_expect_eq(count, 1, "of none it is zero");
    for (size_t i = 1; i < 4; i++) {
        cr_expect_not(id_equal(stamps[i], stamps[i - 1]));
    }
}

Test(segment, a_view_tells_which_profiles_it_touches) {
    make_people(2);
    const uint32_t a = make_segment("a");
    const struct store_touch *touches = NULL;
    struct store_view *view = write_begin();
    cr_expect_eq(store_view_touched(view, &arena, &touches), 0);
    struct profile *profile = profile_to_change(view, people[0]);
    cr_assert(status_is_ok(store_profile_put(view, profile)));
    cr_assert(status_is_ok(store_segment_list_put(view, people[0], &a, 1)));
    cr_assert(status_is_ok(store_segment_list_put(view, people[1], &a, 1)));

    cr_assert_eq(store_view_touched(view, &arena, &touches), 2);

    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(touches[i].parts, id_equal(touches[i].profile, people[0])
                                           ? STORE_TOUCH_PROFILE | STORE_TOUCH_LIST
                                           : STORE_TOUCH_LIST);
    }
    write_drop();
}
