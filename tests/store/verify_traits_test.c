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
};

/* A state that is well sealed and says something else: the first of the trait of a number. What is
 * due goes with it. */
static void spoil_state(uint32_t number, size_t how) {
    const struct store_key prefix = store_key_trait_states(number);
    size_t count = 0;
    const struct row *rows = rows_of(store_key_bytes(&prefix), &count);
    cr_assert_gt(count, 0);
    uint32_t unused = 0;
    struct id member;
    trait_key_read(rows[0].key, &unused, &member);
    struct store_view *view = write_begin();
    const struct store_traits *traits = NULL;
    struct trait_state *state = NULL;
    cr_assert(status_is_ok(store_traits_get(view, &traits)));
    cr_assert(
        status_is_ok(trait_state_change(view, trait_of_number(traits, number), member, &state)));
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
    write_end();
}

/* Of the one that counts all, or, from 10 on, of the one with a window. */
static void spoil_trait(const struct damage *damage) {
    spoil_state(damage->number >= 10 ? 2 : 1, damage->number % 10);
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
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 10 + TRAIT_COUNT},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 10 + TRAIT_VALUE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count", 10 + TRAIT_CELL_GONE},
    {spoil_trait, STORE_TABLE_TRAIT_STATE, "trait state", "does not count",
     10 + TRAIT_MORE_LEFT_OUT},
    {damage_drop, STORE_TABLE_TRAIT_DUE, "trait due", "is missing", 0},
    {damage_fill, STORE_TABLE_TRAIT_DUE, "trait due", "is not empty", 0},
    {damage_add_row, STORE_TABLE_TRAIT_DUE, "trait due", "leads to no state", 2},
    {damage_add_row, STORE_TABLE_TRAIT_DUE, "trait due", "is of no trait", 7},
};

Test(verify_traits, finds_every_damage, .timeout = 100) {
    damages_find(damages, sizeof damages / sizeof *damages);
}
