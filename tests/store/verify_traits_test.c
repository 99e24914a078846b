/* Whatever is done to traits, their states and what is due of them is found. */

#include <criterion/criterion.h>
#include <string.h>

#include "server/store/trait_state.h"
#include "tests/store/damage.h"
#include "tests/store/fixture.h"
#include "tests/store/history.h"

TestSuite(verify_traits, .init = fixture_open, .fini = fixture_close);

enum {
    TRAIT_COUNT,
    TRAIT_VALUE,
    TRAIT_CELL_GONE,
    TRAIT_ALL_GONE,
    TRAIT_MORE_LEFT_OUT,
    TRAIT_FIRST_DAY,
};

static void spoil(struct trait_state *state, size_t how) {
    state->cells[0].count += how == TRAIT_COUNT;
    if (how == TRAIT_VALUE) {
        state->cells[0].datum.text = "pigeon";
    }
    state->count -= how == TRAIT_CELL_GONE;
    if (how == TRAIT_ALL_GONE) {
        *state = (struct trait_state){.count = 0};
    }
    if (how == TRAIT_MORE_LEFT_OUT) { /* On a day that counts no more: that excuses nothing. */
        state->left_out = 1;
        state->left_out_day = 1;
        state->cells[0].count++;
    }
    state->first_day += how == TRAIT_FIRST_DAY;
}

/* A row that is well sealed and says something else: the first of the trait of a number, or of one
 * of its days. What is due goes with it. */
static void spoil_row(uint32_t number, bool of_day, size_t how) {
    const struct store_key prefix = store_key_trait_states(number);
    size_t count = 0;
    const struct row *rows = rows_of(store_key_bytes(&prefix), &count);
    struct trait_change *change = NULL;
    const struct store_traits *traits = NULL;
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_traits_get(view, &traits)));
    const struct store_trait *trait = trait_of_number(traits, number);
    for (size_t i = 0; i < count && change == NULL; i++) {
        uint32_t unused = 0;
        struct id member;
        int32_t day = 0;
        trait_key_read(rows[i].key, &unused, &member);
        if (of_day && trait_key_day(rows[i].key, &day)) {
            cr_assert(status_is_ok(trait_day_change(view, trait, member, day, &change)));
        } else if (!of_day) {
            cr_assert(status_is_ok(trait_state_change(view, trait, member, &change)));
        }
    }
    cr_assert_not_null(change);
    spoil(&change->state, how);
    write_end();
}

/* Of the one that counts all; from 10 on of the one with a window; from 20 on of a day of it. */
static void spoil_trait(const struct damage *damage) {
    spoil_row(damage->number >= 10 ? 2 : 1, damage->number >= 20, damage->number % 10);
}

/* A day of the one that has none. */
static void add_day(const struct damage *damage) {
    (void)damage;
    const struct store_key prefix = store_key_trait_states(1);
    size_t count = 0;
    const struct row *rows = rows_of(store_key_bytes(&prefix), &count);
    uint32_t number = 0;
    struct id member;
    const struct store_traits *traits = NULL;
    struct trait_change *day = NULL;
    trait_key_read(rows[0].key, &number, &member);
    struct store_view *view = write_begin();
    cr_assert(status_is_ok(store_traits_get(view, &traits)));
    const struct store_trait *trait = trait_of_number(traits, number);
    const struct trait_cell cell = {.day = 3, .count = 1};
    cr_assert(status_is_ok(trait_day_change(view, trait, member, 3, &day)));
    trait_state_add(&day->state, trait, &cell, &arena);
    write_end();
}

enum { NUMBER_NEVER_GIVEN, NUMBER_TWICE, NAME_TWICE, TRAIT_LOST };

static void spoil_traits(const struct damage *damage) {
    struct store_view *view = write_begin();
    const struct store_traits *there = NULL;
    cr_assert(status_is_ok(store_traits_get(view, &there)));
    struct store_traits *traits = store_traits_copy(there, &arena);
    switch (damage->number) {
    case NUMBER_NEVER_GIVEN:
        traits->items[1].number = 1000;
        break;
    case NUMBER_TWICE:
        traits->items[1].number = traits->items[0].number;
        break;
    case NAME_TWICE:
        traits->items[1].name = traits->items[0].name;
        break;
    default:
        traits->items[0] = traits->items[--traits->count];
        break;
    }
    cr_assert(status_is_ok(store_traits_put(view, traits)));
    write_end();
}

static const struct damage damages[] = {
    {damage_flip, STORE_TABLE_TRAITS, "traits", "was changed", 0},
    {damage_garble_tagged, STORE_TABLE_TRAITS, "traits", "does not decode", 0},
    {spoil_traits, STORE_TABLE_TRAITS, "traits", "never given", NUMBER_NEVER_GIVEN},
    {spoil_traits, STORE_TABLE_TRAITS, "traits", "two traits", NUMBER_TWICE},
    {spoil_traits, STORE_TABLE_TRAITS, "traits", "two traits", NAME_TWICE},
    {spoil_traits, STORE_TABLE_TRAITS, "trait state", "is of no trait", TRAIT_LOST},
    {damage_drop, STORE_TABLE_TRAITS, "trait state", "is of no trait", 0},
    {damage_drop, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 0},
    {damage_flip, STORE_TABLE_TRAIT_STATE, "trait state", "", 0},
    {damage_swap_values, STORE_TABLE_TRAIT_STATE, "trait state", "", 0},
    {damage_add_row, STORE_TABLE_TRAIT_STATE, "trait state", "belongs to no profile", 10},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", TRAIT_COUNT},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", TRAIT_CELL_GONE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", TRAIT_ALL_GONE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "its days come to", 10 + TRAIT_COUNT},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "its days come to", 10 + TRAIT_VALUE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "its days come to", 10 + TRAIT_CELL_GONE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "its days come to", 10 + TRAIT_FIRST_DAY},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "its days come to",
     10 + TRAIT_MORE_LEFT_OUT},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 20 + TRAIT_COUNT},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 20 + TRAIT_VALUE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 20 + TRAIT_ALL_GONE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "its days come to", 20 + TRAIT_ALL_GONE},
    {add_day, STORE_TABLE_TRAIT_STATE, "trait state", "its trait of all time", 0},
    {damage_add_key_byte, STORE_TABLE_TRAIT_STATE, "trait state", "wrong size", 0},
    {damage_drop, STORE_TABLE_TRAIT_DUE, "trait due", "is missing", 0},
    {damage_fill, STORE_TABLE_TRAIT_DUE, "trait due", "is not empty", 0},
    {damage_add_row, STORE_TABLE_TRAIT_DUE, "trait due", "leads to no state", 2},
    {damage_add_row, STORE_TABLE_TRAIT_DUE, "trait due", "is of no trait", 7},
};

Test(verify_traits, finds_every_damage, .timeout = 100) {
    damages_find(damages, sizeof damages / sizeof *damages);
}
