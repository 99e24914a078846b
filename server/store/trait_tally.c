/* Tallies: cells in any number, told in any order and looked at once all were told. They are
 * appended; where their room is full they are brought into order and those that belong together
 * added up, and the room doubles unless that made half of it free. */

#include <stdlib.h>

#include "server/store/trait_state.h"

enum { FIRST_ROOM = 16 };

static void settle(struct trait_tally *tally) {
    struct trait_state *state = &tally->state;
    trait_cell_order *order = trait_cell_order_of(tally->trait);
    size_t count = 0;
    if (state->count == 0) {
        return;
    }
    qsort(state->cells, state->count, sizeof *state->cells, order);
    for (size_t i = 1; i < state->count; i++) {
        if (order(&state->cells[count], &state->cells[i]) == 0) {
            trait_cell_add(&state->cells[count], &state->cells[i], tally->trait);
        } else {
            state->cells[++count] = state->cells[i];
        }
    }
    state->count = count + 1;
}

static void make_room(struct trait_tally *tally) {
    struct trait_state *state = &tally->state;
    settle(tally);
    if (state->count <= tally->room / 2 && tally->room > 0) {
        return;
    }
    tally->room = tally->room == 0 ? FIRST_ROOM : tally->room * 2;
    struct trait_cell *cells = arena_array(tally->arena, tally->room, sizeof *cells);
    for (size_t i = 0; i < state->count; i++) {
        cells[i] = state->cells[i];
    }
    state->cells = cells;
}

void trait_tally_add(struct trait_tally *tally, const struct trait_cell *cell) {
    struct trait_state *state = &tally->state;
    if (state->count == tally->room) {
        make_room(tally);
    }
    if (tally->is_undated) {
        trait_state_note_day(state, cell->day);
    }
    state->cells[state->count++] = tally->is_undated ? trait_cell_undated(cell) : *cell;
}

const struct trait_state *trait_tally_state(struct trait_tally *tally) {
    settle(tally);
    return &tally->state;
}

/* The place of the first cell that counts on a day: those that do not come before. */
static size_t first_that_counts(const struct trait_tally *tally, int32_t today) {
    size_t at = 0;
    while (at < tally->state.count &&
           !trait_day_counts(tally->trait, tally->state.cells[at].day, today)) {
        at++;
    }
    return at;
}

bool trait_tally_equal(struct trait_tally *a, struct trait_tally *b, int32_t today) {
    settle(a);
    settle(b);
    size_t left = first_that_counts(a, today);
    size_t right = first_that_counts(b, today);
    if (a->state.count - left != b->state.count - right) {
        return false;
    }
    while (left < a->state.count) {
        if (!trait_cell_equal(&a->state.cells[left++], &b->state.cells[right++])) {
            return false;
        }
    }
    return true;
}
