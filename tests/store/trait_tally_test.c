/* Tallies: what cells come to is the same as that of a state to which they are added one by one,
 * in any order, and at no cost of each pair. */

#include "server/store/trait_state.h"

#include <criterion/criterion.h>

#include "tests/engine/leaks.h"
#include "tests/engine/seeded.h"

static struct arena arena;

static void open_arena(void) { arena_init(&arena, SIZE_MAX); }

static void close_arena(void) {
    arena_free(&arena);
    leaks_check();
}

TestSuite(trait_tally, .init = open_arena, .fini = close_arena);

static const struct store_trait by_value = {.aggregation = STORE_TRAIT_DISTINCT_COUNT,
                                            .window_days = 365};

static struct trait_cell cell_of(int32_t day, double value) {
    return (struct trait_cell){
        .day = day, .count = 1, .datum = {.kind = STORE_TRAIT_NUMBER, .number = value}};
}

static struct trait_tally tally_of(const struct store_trait *trait, bool is_undated) {
    return (struct trait_tally){.trait = trait, .arena = &arena, .is_undated = is_undated};
}

static bool has_cell(const struct trait_state *state, const struct trait_cell *cell) {
    for (size_t i = 0; i < state->count; i++) {
        if (trait_cell_equal(&state->cells[i], cell)) {
            return true;
        }
    }
    return false;
}

static void expect_same(const struct trait_state *tallied, const struct trait_state *state) {
    cr_assert_eq(tallied->count, state->count);
    cr_expect_eq(tallied->first_day, state->first_day);
    for (size_t i = 0; i < state->count; i++) {
        cr_expect(has_cell(tallied, &state->cells[i]));
    }
}

Test(trait_tally, comes_to_what_a_state_does) {
    static const enum store_trait_aggregation every[] = {
        STORE_TRAIT_COUNT, STORE_TRAIT_SUM,           STORE_TRAIT_MIN,
        STORE_TRAIT_MAX,   STORE_TRAIT_MOST_FREQUENT, STORE_TRAIT_DISTINCT_COUNT};
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct seeded seeded = {seed};
        const struct store_trait trait = {
            .aggregation = every[seeded_below(&seeded, sizeof every / sizeof every[0])],
            .window_days = 30};
        struct trait_tally dated = tally_of(&trait, false);
        struct trait_tally undated = tally_of(&trait, true);
        struct trait_state days = {.count = 0};
        struct trait_state whole = {.count = 0};
        const size_t count = seeded_below(&seeded, 200);
        for (size_t i = 0; i < count; i++) {
            struct trait_event event = {.datum = {.kind = STORE_TRAIT_NUMBER}};
            event.datum.number = (double)seeded_below(&seeded, 40) - 20.25;
            event.occur_us = (int64_t)seeded_below(&seeded, 20) * 86400000000;
            const struct trait_cell cell = trait_cell_of(&trait, &event);
            trait_tally_add(&dated, &cell);
            trait_tally_add(&undated, &cell);
            trait_state_add(&days, &trait, &cell, &arena);
            trait_state_add_day(&whole, &trait, &cell, &arena);
        }
        expect_same(trait_tally_state(&dated), &days);
        expect_same(trait_tally_state(&undated), &whole);
        arena_reset(&arena);
    }
}

Test(trait_tally, differs_only_in_what_counts_on_the_day) {
    struct trait_tally left = tally_of(&by_value, false);
    struct trait_tally right = tally_of(&by_value, false);
    const struct trait_cell old = cell_of(1000, 1);
    const struct trait_cell cell = cell_of(1365, 1);
    const struct trait_cell other = cell_of(1366, 1);
    trait_tally_add(&left, &old);
    trait_tally_add(&left, &cell);
    trait_tally_add(&right, &cell);

    cr_expect(trait_tally_equal(&left, &right, 1365));
    cr_expect(trait_tally_equal(&right, &left, 1365));
    cr_expect_not(trait_tally_equal(&left, &right, 1364), "the first day counts");
    trait_tally_add(&right, &other);
    cr_expect_not(trait_tally_equal(&left, &right, 1365));
    cr_expect_not(trait_tally_equal(&right, &left, 1365));
    trait_tally_add(&left, &other);
    cr_expect(trait_tally_equal(&left, &right, 1365));
    trait_tally_add(&left, &other);
    cr_expect_not(trait_tally_equal(&left, &right, 1365), "it counts twice");
}

Test(trait_tally, is_empty_without_cells) {
    struct trait_tally left = tally_of(&by_value, false);
    struct trait_tally right = tally_of(&by_value, false);
    cr_expect_eq(trait_tally_state(&left)->count, 0);
    cr_expect(trait_tally_equal(&left, &right, 0));
}

/* Pair by pair these were some 10^11 comparisons, which no test outlives. */
Test(trait_tally, half_a_million_cells_are_not_compared_pair_by_pair) {
    enum { CELLS = 500000, DAYS = 365 };
    struct trait_tally left = tally_of(&by_value, false);
    struct trait_tally right = tally_of(&by_value, false);
    for (int i = 0; i < CELLS; i++) {
        const struct trait_cell first = cell_of(i % DAYS, i);
        const struct trait_cell last = cell_of((CELLS - 1 - i) % DAYS, CELLS - 1 - i);
        trait_tally_add(&left, &first);
        trait_tally_add(&right, &last);
    }
    cr_expect(trait_tally_equal(&left, &right, 0));
    cr_expect_eq(trait_tally_state(&left)->count, CELLS);
}
