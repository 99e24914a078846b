/* The mark in the store: along with what is written, and back with the clock; and windows, which
 * are counted again then. */

#include "server/store/mark.h"

#include <criterion/criterion.h>

#include "server/base/day.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/summary.h"
#include "server/store/trait.h"
#include "tests/store/damage.h"
#include "tests/store/fixture.h"

enum { PEOPLE = 5, TODAY = 20780, POSITIVE = 3 };

static struct id people[PEOPLE];

/* ---- what is done ---- */

static void make_people(void) {
    for (size_t i = 0; i < PEOPLE; i++) {
        struct profile *profile = profile_new("Noura");
        people[i] = profile->id;
        profile_save(profile);
    }
}

static void add_trait(const char *name, int32_t window_days) {
    struct store_trait trait = {.name = name,
                                .description = "",
                                .aggregation = STORE_TRAIT_COUNT,
                                .field_name = "",
                                .filter = "",
                                .window_days = window_days};
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_trait_add(view, &trait, fixture_now_us)));
    write_end();
}

/* On a day, in days from the fixture's. */
static void say(size_t person, int day) {
    struct store_view *view = write_begin();
    (void)interaction_add(view, people[person], FIXTURE_NOW_US + day * US_PER_DAY, "", "email", "",
                          POSITIVE);
    write_end();
}

static void say_to_all(int day) {
    for (size_t i = 0; i < PEOPLE; i++) {
        say(i, day);
    }
}

static void set_clock(int64_t after_us) { fixture_now_us = FIXTURE_NOW_US + after_us; }

static bool follow_once(void) {
    bool more = false;
    int64_t next_us = 0;
    const struct status status =
        store_follow_step(store, fixture_now_us, US_PER_SECOND, &more, &next_us);
    cr_assert(status_is_ok(status), "%s", status.text);
    return more;
}

static void follow(void) {
    while (follow_once()) {
        assert_sound();
    }
}

static void sweep(void) {
    enum { ROWS = 1000 };
    for (size_t deleted = ROWS; deleted == ROWS;) {
        cr_assert(status_is_ok(store_sweep(store, fixture_now_us, ROWS, &deleted)));
    }
}

/* ---- what comes of it ---- */

static struct store_mark mark_now(void) {
    const struct store_mark *mark = NULL;
    cr_assert(status_is_ok(store_mark_get(read_begin(), &mark)));
    const struct store_mark copy = *mark;
    read_end();
    return copy;
}

static int count_of(size_t person, size_t trait, int day) {
    const struct store_traits *traits = NULL;
    struct store_trait_value value;
    struct store_view *view = read_begin();
    cr_assert(status_is_ok(store_traits_get(view, &traits)));
    cr_assert(status_is_ok(store_trait_value_get(view, &traits->items[trait], &people[person], 1,
                                                 TODAY + day, &value)));
    read_end();
    return (int)value.datum.number;
}

/* Of a day, in days from the fixture's. */
static int mood_of(size_t person, int day) {
    struct store_summary summary;
    int64_t count = 0;
    cr_assert(status_is_ok(store_summary_get(read_begin(), people[person], &summary)));
    for (size_t i = 0; i < summary.mood_count; i++) {
        count += summary.moods[i].day == TODAY + day ? summary.moods[i].positive : 0;
    }
    read_end();
    return (int)count;
}

static size_t whole_count(void) {
    const struct store_mark mark = mark_now();
    size_t count = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        count += store_mark_has_windows(&mark, &people[i], 1, day_of(fixture_now_us));
    }
    return count;
}

static void open_all(void) {
    fixture_open();
    make_people();
    add_trait("all", 0);
    add_trait("week", 7);
}

TestSuite(mark, .init = open_all, .fini = fixture_close);

/* ---- along ---- */

Test(mark, goes_along_with_what_is_written) {
    const int64_t until_us = mark_now().until_us;
    cr_expect_geq(until_us, FIXTURE_NOW_US);
    cr_expect_lt(until_us, FIXTURE_NOW_US + US_PER_SECOND);
    set_clock(US_PER_SECOND / 4);
    say(0, 0);
    cr_expect_eq(mark_now().until_us, until_us, "it is ahead");
    set_clock(US_PER_SECOND);
    say(0, 0);
    cr_expect_geq(mark_now().until_us, FIXTURE_NOW_US + US_PER_SECOND);
}

Test(mark, stays_where_nothing_is_written) {
    const int64_t until_us = mark_now().until_us;
    set_clock(US_PER_DAY);
    (void)write_begin();
    write_end();
    sweep();
    follow();
    cr_expect_eq(mark_now().until_us, until_us);
}

/* ---- back ---- */

Test(mark, follows_a_clock_that_was_set_back) {
    set_clock(-2 * (int64_t)US_PER_SECOND);
    cr_expect(follow_once());
    cr_expect_lt(mark_now().until_us, FIXTURE_NOW_US);
    cr_expect_not(follow_once());
    cr_expect_not(mark_now().counting, "no day may be missing");
}

Test(mark, does_not_follow_by_half_a_second) {
    const int64_t until_us = mark_now().until_us;
    set_clock(-US_PER_SECOND / 2);
    say(0, 0);
    cr_expect_not(follow_once());
    cr_expect_eq(mark_now().until_us, until_us);
}

Test(mark, set_back_around_midnight_has_nothing_counted_anew) {
    set_clock(17 * US_PER_HOUR);
    say(0, 0);
    set_clock(15 * US_PER_HOUR);
    follow();
    cr_expect_not(mark_now().counting);
    cr_expect_eq(whole_count(), PEOPLE);
}

/* ---- windows ---- */

Test(mark, what_was_forgotten_is_there_again) {
    say_to_all(0);
    say_to_all(-6);
    set_clock(400 * US_PER_DAY);
    sweep();
    say(0, 400);
    cr_assert_eq(count_of(1, 1, 0), 0, "forgotten");
    cr_assert_eq(mood_of(0, 0), 0);
    set_clock(0);
    cr_expect_eq(whole_count(), 0, "known before it is followed");
    follow();

    cr_expect_eq(whole_count(), PEOPLE);
    cr_expect_eq(count_of(0, 1, 0), 3, "that of the future counts");
    cr_expect_eq(count_of(1, 1, 0), 2);
    cr_expect_eq(count_of(1, 1, 1), 1);
    cr_expect_eq(count_of(1, 0, 0), 2);
    cr_expect_eq(mood_of(0, 0), 1);
    cr_expect_eq(mood_of(0, -6), 1);
    cr_expect_eq(mood_of(0, 400), 1);
    assert_sound();
}

Test(mark, what_was_told_too_late_is_in_the_windows_of_before) {
    say(0, -40);
    say(0, -100);
    cr_assert_eq(count_of(0, 1, -40), 0);
    set_clock(-40 * US_PER_DAY);
    follow();
    cr_expect_eq(count_of(0, 1, -40), 1);
    cr_expect_eq(count_of(0, 0, -40), 2);
    cr_expect_eq(mood_of(0, -100), 1);
    assert_sound();
}

/* A profile a step; what is told meanwhile counts once, and so do those who were not come to. */
Test(mark, windows_are_counted_step_by_step_across_restarts) {
    say_to_all(0);
    set_clock(90 * US_PER_DAY);
    sweep();
    set_clock(0);
    cr_assert(follow_once());
    cr_assert(mark_now().counting);
    for (size_t i = 0; i < PEOPLE; i++) {
        fixture_step_us = US_PER_SECOND;
        cr_assert(follow_once());
        fixture_step_us = 0;
        cr_expect_eq(whole_count(), i + 1);
        cr_expect_eq(count_of(i, 1, 0), 1 + (i > PEOPLE / 2));
        assert_sound();
        say(i, 0);
        say(PEOPLE - 1 - i, 0);
        fixture_reopen(false);
        assert_sound();
    }
    follow();
    cr_expect_not(mark_now().counting);
    for (size_t i = 0; i < PEOPLE; i++) {
        cr_expect_eq(count_of(i, 1, 0), 3);
        cr_expect_eq(mood_of(i, 0), 3);
    }
    assert_sound();
}

Test(mark, a_clock_that_goes_back_further_begins_the_counting_again) {
    say_to_all(0);
    say_to_all(-50);
    set_clock(90 * US_PER_DAY);
    sweep();
    set_clock(0);
    cr_assert(follow_once());
    fixture_step_us = US_PER_SECOND;
    cr_assert(follow_once());
    fixture_step_us = 0;
    cr_assert_eq(whole_count(), 1);
    set_clock(-50 * US_PER_DAY);
    cr_assert(follow_once());
    cr_expect_eq(whole_count(), 0);
    follow();
    for (size_t i = 0; i < PEOPLE; i++) {
        cr_expect_eq(count_of(i, 1, -50), 2);
    }
    assert_sound();
}

/* Verification would see it where the mark went back alone. */
Test(mark, windows_are_proved_as_of_its_day) {
    say_to_all(0);
    set_clock(90 * US_PER_DAY);
    sweep();
    say_to_all(90);
    assert_sound();
    const struct store_key key = store_key_table(STORE_TABLE_MARK);
    Stored__V1__Mark row = STORED__V1__MARK__INIT;
    row.until_us = FIXTURE_NOW_US;
    set_clock(0);
    cr_assert(status_is_ok(view_put_tagged(write_begin(), &key, store_pack(&arena, &row.base))));
    write_end();
    (void)verify();
    cr_expect(was_told("trait state", "does not count"));
    cr_expect(was_told("summary", "the moods"));
}
