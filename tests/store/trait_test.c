/* Traits in the store: what is due, the sweep that forgets it, and states that are deleted. What
 * traits are is in tests/handlers/traits_test.c. */

#include "server/store/trait_state.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/store/damage.h"
#include "tests/store/fixture.h"

TestSuite(trait, .init = fixture_open, .fini = fixture_close);

static struct id noura;

static struct store_trait trait_of(const char *name, int32_t window_days) {
    return (struct store_trait){.name = name,
                                .description = "",
                                .aggregation = STORE_TRAIT_COUNT,
                                .field_name = "",
                                .filter = "",
                                .window_days = window_days};
}

static void add_trait(const char *name, int32_t window_days) {
    struct store_trait trait = trait_of(name, window_days);
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_trait_add(view, &trait, FIXTURE_NOW_US)));
    write_end();
}

static void delete_trait(size_t index) {
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_trait_delete(view, index)));
    write_end();
}

static void make_noura(void) {
    struct profile *profile = profile_new("Noura");
    noura = profile->id;
    profile_save(profile);
}

static void say(int days_ago) {
    struct store_view *view = write_begin();
    (void)interaction_add(view, noura, FIXTURE_NOW_US - days_ago * US_PER_DAY, "", "email", "", 0);
    write_end();
}

static size_t count_of(enum store_table table) {
    size_t count = 0;
    (void)rows_of_table(table, &count);
    return count;
}

/* How many states there are, of all days, or of one each. */
static size_t states_of(bool day) {
    size_t count = 0;
    size_t found = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_TRAIT_STATE, &count);
    for (size_t i = 0; i < count; i++) {
        int32_t unused = 0;
        found += trait_key_day(rows[i].key, &unused) == day;
    }
    return found;
}

/* On the morning of a day, in days from now; which is by then. */
static size_t sweep(int days, size_t max) {
    size_t deleted = 0;
    fixture_now_us = FIXTURE_NOW_US + days * US_PER_DAY;
    const struct status status = store_sweep(store, fixture_now_us, max, &deleted);
    cr_assert(status_is_ok(status), "%s", status.text);
    return deleted;
}

/* The day on which something is due, in days from now; the only one. */
static int due_in(void) {
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_TRAIT_DUE, &count);
    cr_assert_eq(count, 1);
    return store_day_of_key(store_get_u32(rows[0].key.data + 1)) - 20780;
}

static double value_on(size_t index, int days) {
    struct store_view *view = read_begin();
    const struct store_traits *traits = NULL;
    struct store_trait_value value;
    cr_assert(status_is_ok(store_traits_get(view, &traits)));
    cr_assert(status_is_ok(
        store_trait_value_get(view, &traits->items[index], &noura, 1, 20780 + days, &value)));
    read_end();
    return value.datum.number;
}

Test(trait, what_is_due_first_is_found_by_its_day) {
    add_trait("all", 0);
    add_trait("week", 7);
    make_noura();
    say(2);
    cr_expect_eq(due_in(), 5);
    say(0);
    cr_expect_eq(due_in(), 5);
    say(6);
    cr_expect_eq(due_in(), 1, "it moves");
    say(-1);
    cr_expect_eq(due_in(), 1);
    assert_sound();
}

Test(trait, the_sweep_forgets_what_is_due_and_nothing_else) {
    add_trait("all", 0);
    add_trait("week", 7);
    make_noura();
    say(6);
    say(2);
    say(2);

    cr_expect_eq(value_on(1, 1), 2, "whether it was swept or not");
    cr_expect_eq(sweep(1, 10), 1);
    cr_expect_eq(value_on(1, 1), 2);
    cr_expect_eq(due_in(), 5);
    assert_sound();
    cr_expect_eq(sweep(4, 10), 0);
    cr_expect_eq(sweep(9, 10), 1);
    cr_expect_eq(value_on(1, 9), 0);
    cr_expect_eq(count_of(STORE_TABLE_TRAIT_DUE), 0);
    cr_expect_eq(states_of(false), 1, "that of all time");
    cr_expect_eq(value_on(0, 9), 3);
    assert_sound();
    say(6); /* Out of the window on the day that was swept. */
    cr_expect_eq(states_of(false), 1);
    assert_sound();
}

Test(trait, the_sweep_goes_on_where_there_is_more) {
    enum { PEOPLE = 450 };
    add_trait("week", 7);
    for (int i = 0; i < PEOPLE; i++) {
        make_noura();
        say(0);
    }
    cr_expect_eq(sweep(7, 1000), 1000, "there is more");
    assert_sound();
    cr_expect_eq(states_of(false), PEOPLE - 200);
    cr_expect_eq(states_of(true), PEOPLE - 200);
    cr_expect_eq(sweep(7, 1000), 1000);
    cr_expect_lt(sweep(7, 1000), 1000);
    cr_expect_eq(states_of(false), 0);
    cr_expect_eq(states_of(true), 0);
    cr_expect_eq(count_of(STORE_TABLE_TRAIT_DUE), 0);
    assert_sound();
}

Test(trait, states_of_a_deleted_one_go_and_its_number_does_not_come_back) {
    add_trait("all", 0);
    add_trait("week", 7);
    make_noura();
    say(0);
    delete_trait(1);
    cr_expect_eq(states_of(false), 2);
    assert_sound();
    say(0);
    while (sweep(0, 10) == 10) {
    }
    cr_expect_eq(states_of(false), 1);
    cr_expect_eq(states_of(true), 0);
    cr_expect_eq(count_of(STORE_TABLE_TRAIT_DUE), 0);
    assert_sound();
    add_trait("week", 7);
    struct store_view *view = read_begin();
    const struct store_traits *traits = NULL;
    cr_assert(status_is_ok(store_traits_get(view, &traits)));
    cr_expect_eq(traits->items[1].number, 3);
    cr_expect_eq(traits->gone_count, 0);
    read_end();
}

static size_t bytes_of_states(void) {
    size_t count = 0;
    size_t size = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_TRAIT_STATE, &count);
    for (size_t i = 0; i < count; i++) {
        size += rows[i].value.size;
    }
    return size;
}

/* What a write changes does not grow with the days: one of a whole year takes a row more, and the
 * state of all days is as large as it was. */
Test(trait, an_interaction_changes_what_its_day_comes_to_and_a_small_state) {
    enum { DAYS = 365 };
    add_trait("year", DAYS);
    make_noura();
    say(0);
    const size_t one = bytes_of_states();
    for (int day = 1; day < DAYS; day++) {
        say(day);
    }
    cr_expect_eq(states_of(false), 1);
    cr_expect_eq(states_of(true), DAYS);
    cr_expect_leq(bytes_of_states(), DAYS * one);

    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_TRAIT_STATE, &count);
    cr_expect_lt(rows[0].value.size, 80);

    cr_expect_eq(value_on(0, 0), DAYS);
    cr_expect_eq(value_on(0, 100), DAYS - 100, "where the sweep has not come");
    cr_expect_eq(sweep(100, 10), 1);
    cr_expect_eq(value_on(0, 100), DAYS - 100);
    cr_expect_eq(states_of(true), DAYS - 100);
    assert_sound();
}

/* Values of a day that has left the window, and was not swept, take no room. */
Test(trait, values_out_of_the_window_take_no_room) {
    struct store_trait trait = trait_of("distinct", 7);
    trait.aggregation = STORE_TRAIT_DISTINCT_COUNT;
    trait.field = STORE_TRAIT_CHANNEL;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_trait_add(view, &trait, FIXTURE_NOW_US)));
    write_end();
    make_noura();
    view = write_begin();
    for (int i = 0; i < STORE_TRAIT_CELLS_MAX; i++) {
        (void)interaction_add(view, noura, FIXTURE_NOW_US - 6 * US_PER_DAY, "",
                              arena_format(&arena, "c%d", i), "", 0);
    }
    write_end();
    cr_expect_eq(value_on(0, 0), STORE_TRAIT_CELLS_MAX);
    fixture_now_us = FIXTURE_NOW_US + US_PER_DAY;
    for (int i = 0; i < 2; i++) {
        view = write_begin();
        store_view_come_to(view, fixture_now_us);
        (void)interaction_add(view, noura, fixture_now_us, "", "other", "", 0);
        write_end();
    }

    cr_expect_eq(value_on(0, 1), 1);
    assert_sound();
    (void)sweep(2, 10);
    assert_sound();
    cr_expect_eq(value_on(0, 2), 1);
}

/* Where the first one leaves, the next one is found among the days that are left. */
Test(trait, the_first_that_leaves_the_window_has_another_one_behind_it) {
    struct store_trait trait = trait_of("first", 7);
    trait.aggregation = STORE_TRAIT_FIRST;
    trait.field = STORE_TRAIT_CHANNEL;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_trait_add(view, &trait, FIXTURE_NOW_US)));
    write_end();
    make_noura();
    say(3);
    say(6);
    say(1);
    cr_expect_eq(sweep(1, 10), 1);
    assert_sound();
    cr_expect_eq(due_in(), 4);
    cr_expect_eq(sweep(4, 10), 1);
    assert_sound();
    cr_expect_eq(due_in(), 6);
}

/* Names, texts and numbers of people are nowhere in clear. */
Test(trait, states_are_sealed) {
    struct store_trait trait = trait_of("last", 0);
    trait.aggregation = STORE_TRAIT_LAST;
    trait.field = STORE_TRAIT_CHANNEL;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_trait_add(view, &trait, FIXTURE_NOW_US)));
    write_end();
    make_noura();
    say(0);
    size_t count = 0;
    const struct row *rows = rows_of_table(STORE_TABLE_TRAIT_STATE, &count);
    cr_assert_eq(count, 1);
    cr_expect_null(memmem(rows[0].value.data, rows[0].value.size, "email", 5));
}
