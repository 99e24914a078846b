/* Counting into states of traits, and what states come to. The order in which events are told makes
 * no difference: but where there are more days and values than are kept apart, which of them are.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/day.h"
#include "server/store/trait_state.h"

/* ---- values ---- */

static int compare(double a, double b) { return (a > b) - (a < b); }

/* Texts before numbers before times. */
static int datum_compare(const struct store_trait_datum *a, const struct store_trait_datum *b) {
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    switch (a->kind) {
    case STORE_TRAIT_TEXT: {
        const int order = strcmp(a->text, b->text);
        return order != 0 ? order : memcmp(&a->whole, &b->whole, sizeof a->whole);
    }
    case STORE_TRAIT_NUMBER:
        return compare(a->number, b->number);
    case STORE_TRAIT_TIME:
        return (a->time_us > b->time_us) - (a->time_us < b->time_us);
    case STORE_TRAIT_NOTHING:
        break;
    }
    return 0;
}

static bool counts_values(const struct store_trait *trait) {
    return trait->aggregation == STORE_TRAIT_MOST_FREQUENT ||
           trait->aggregation == STORE_TRAIT_DISTINCT_COUNT;
}

static bool adds_up(const struct store_trait *trait) {
    return trait->aggregation == STORE_TRAIT_SUM || trait->aggregation == STORE_TRAIT_AVERAGE;
}

static int by_day(const void *a, const void *b) {
    const struct trait_cell *left = a;
    const struct trait_cell *right = b;
    return left->day != right->day ? (left->day > right->day) - (left->day < right->day)
                                   : left->is_beyond - right->is_beyond;
}

static int by_datum(const void *a, const void *b) {
    const struct trait_cell *left = a;
    const struct trait_cell *right = b;
    return datum_compare(&left->datum, &right->datum);
}

static int by_day_and_datum(const void *a, const void *b) {
    const int order = by_day(a, b);
    return order != 0 ? order : by_datum(a, b);
}

trait_cell_order *trait_cell_order_of(const struct store_trait *trait) {
    return counts_values(trait) ? by_day_and_datum : by_day;
}

bool trait_cell_equal(const struct trait_cell *a, const struct trait_cell *b) {
    return a->day == b->day && a->count == b->count && a->is_beyond == b->is_beyond &&
           a->sum.whole == b->sum.whole && a->sum.part == b->sum.part &&
           datum_compare(&a->datum, &b->datum) == 0 && a->occur_us == b->occur_us &&
           id_equal(a->interaction, b->interaction);
}

/* ---- one cell ---- */

static bool comes_before(const struct trait_cell *a, const struct trait_cell *b) {
    return a->occur_us != b->occur_us
               ? a->occur_us < b->occur_us
               : memcmp(a->interaction.bytes, b->interaction.bytes, ID_SIZE) < 0;
}

/* Whether the value of a part takes the place of that of the whole. */
static bool replaces(const struct store_trait *trait, const struct trait_cell *part,
                     const struct trait_cell *whole) {
    switch (trait->aggregation) {
    case STORE_TRAIT_MIN:
        return part->datum.number < whole->datum.number;
    case STORE_TRAIT_MAX:
        return part->datum.number > whole->datum.number;
    case STORE_TRAIT_FIRST:
        return comes_before(part, whole);
    case STORE_TRAIT_LAST:
        return comes_before(whole, part);
    case STORE_TRAIT_COUNT:
    case STORE_TRAIT_SUM:
    case STORE_TRAIT_AVERAGE:
    case STORE_TRAIT_MOST_FREQUENT:
    case STORE_TRAIT_DISTINCT_COUNT:
        break;
    }
    return false;
}

void trait_cell_add(struct trait_cell *into, const struct trait_cell *part,
                    const struct store_trait *trait) {
    if (into->count == 0 || replaces(trait, part, into)) {
        into->datum = part->datum;
        into->occur_us = part->occur_us;
        into->interaction = part->interaction;
    }
    into->count += part->count;
    millionths_add(&into->sum, part->sum);
}

/* Of what the trait does not need it has nothing. */
struct trait_cell trait_cell_of(const struct store_trait *trait, const struct trait_event *event) {
    struct trait_cell cell = {.count = 1};
    cell.day = trait->window_days == 0 ? 0 : day_of(event->occur_us);
    if (adds_up(trait) && fabs(event->datum.number) > MILLIONTHS_MAX) {
        cell.is_beyond = true;
    } else if (adds_up(trait)) {
        cell.sum = millionths_of(event->datum.number);
    } else if (trait->aggregation != STORE_TRAIT_COUNT) {
        cell.datum = event->datum;
    }
    if (trait->aggregation == STORE_TRAIT_FIRST || trait->aggregation == STORE_TRAIT_LAST) {
        cell.occur_us = event->occur_us;
        cell.interaction = event->interaction;
    }
    return cell;
}

/* ---- states ---- */

bool trait_day_counts(const struct store_trait *trait, int32_t day, int32_t today) {
    return trait->window_days == 0 || day > today - trait->window_days;
}

/* The cell that another one is added to; NULL when there is none. A state of its own has few: what
 * may have many is a tally. */
static struct trait_cell *find(const struct trait_state *state, const struct store_trait *trait,
                               const struct trait_cell *like) {
    trait_cell_order *order = trait_cell_order_of(trait);
    for (size_t i = state->count; i > 0; i--) {
        struct trait_cell *cell = &state->cells[i - 1];
        if (order(cell, like) == 0) {
            return cell;
        }
    }
    return NULL;
}

struct trait_cell trait_cell_undated(const struct trait_cell *cell) {
    struct trait_cell copy = *cell;
    copy.day = 0;
    return copy;
}

bool trait_state_has_room(const struct trait_state *whole, const struct store_trait *trait,
                          const struct trait_cell *cell) {
    const struct trait_cell like = trait_cell_undated(cell);
    return whole->count < STORE_TRAIT_CELLS_MAX || find(whole, trait, &like) != NULL;
}

void trait_state_leave_out(struct trait_state *whole, int32_t day) {
    whole->left_out_day =
        whole->left_out == 0 || day > whole->left_out_day ? day : whole->left_out_day;
    whole->left_out++;
}

void trait_state_add(struct trait_state *state, const struct store_trait *trait,
                     const struct trait_cell *cell, struct arena *arena) {
    struct trait_cell *there = find(state, trait, cell);
    if (there != NULL) {
        trait_cell_add(there, cell, trait);
        return;
    }
    state->cells = arena_grow(arena, state->cells, state->count, sizeof *state->cells);
    state->cells[state->count++] = *cell;
}

void trait_state_note_day(struct trait_state *whole, int32_t day) {
    whole->first_day = whole->count == 0 || day < whole->first_day ? day : whole->first_day;
}

void trait_state_add_day(struct trait_state *whole, const struct store_trait *trait,
                         const struct trait_cell *cell, struct arena *arena) {
    const struct trait_cell of_all = trait_cell_undated(cell);
    trait_state_note_day(whole, cell->day);
    trait_state_add(whole, trait, &of_all, arena);
}

/* Whether the value of a cell may be that of a part of it, whose place another one's takes. */
static bool is_value_of(const struct store_trait *trait, const struct trait_cell *cell,
                        const struct trait_cell *part) {
    switch (trait->aggregation) {
    case STORE_TRAIT_MIN:
    case STORE_TRAIT_MAX:
        return datum_compare(&cell->datum, &part->datum) == 0;
    case STORE_TRAIT_FIRST:
    case STORE_TRAIT_LAST:
        return id_equal(cell->interaction, part->interaction);
    case STORE_TRAIT_COUNT:
    case STORE_TRAIT_SUM:
    case STORE_TRAIT_AVERAGE:
    case STORE_TRAIT_MOST_FREQUENT:
    case STORE_TRAIT_DISTINCT_COUNT:
        break;
    }
    return false;
}

enum trait_taking trait_state_take(struct trait_state *state, const struct store_trait *trait,
                                   const struct trait_cell *part) {
    struct trait_cell *there = find(state, trait, part);
    if (there == NULL || there->count < part->count) {
        return TRAIT_NOT_THERE;
    }
    there->count -= part->count;
    if (there->count == 0) {
        *there = state->cells[--state->count];
        return TRAIT_TAKEN;
    }
    millionths_take(&there->sum, part->sum);
    return is_value_of(trait, there, part) ? TRAIT_VALUE_TAKEN : TRAIT_TAKEN;
}

bool trait_state_due(const struct trait_state *whole, const struct store_trait *trait,
                     int32_t *out) {
    const bool is_empty = whole->count == 0 && whole->left_out == 0;
    if (trait->window_days == 0 || is_empty) {
        return false;
    }
    const bool is_first =
        whole->left_out == 0 || (whole->count > 0 && whole->first_day < whole->left_out_day);
    *out = (is_first ? whole->first_day : whole->left_out_day) + trait->window_days;
    return true;
}

/* ---- what states come to ---- */

/* The cells of all states. */
static struct trait_cell *cells_of(const struct trait_state *states, size_t count,
                                   struct arena *arena, size_t *cell_count) {
    size_t room = 0;
    for (size_t i = 0; i < count; i++) {
        room += states[i].count;
    }
    struct trait_cell *cells = arena_array(arena, room, sizeof *cells);
    *cell_count = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < states[i].count; k++) {
            cells[(*cell_count)++] = states[i].cells[k];
        }
    }
    return cells;
}

static struct store_trait_datum number_of(double number) {
    return (struct store_trait_datum){.kind = STORE_TRAIT_NUMBER, .number = number};
}

static void value_of_values(const struct store_trait *trait, struct trait_cell *cells, size_t count,
                            struct store_trait_value *out) {
    int64_t distinct = 0;
    int64_t sum = 0;
    const bool is_distinct = trait->aggregation == STORE_TRAIT_DISTINCT_COUNT;
    qsort(cells, count, sizeof *cells, by_datum);
    for (size_t i = 0; i < count; i++) {
        const bool is_new = i == 0 || by_datum(&cells[i - 1], &cells[i]) != 0;
        distinct += is_new;
        sum = (is_new && !is_distinct ? 0 : sum) + cells[i].count;
        if (is_distinct || sum > out->count) {
            out->count = sum;
            out->datum = cells[i].datum;
        }
    }
    if (is_distinct) {
        out->datum = number_of((double)distinct);
    }
}

static void value_of_whole(const struct store_trait *trait, const struct trait_cell *cells,
                           size_t count, struct store_trait_value *out) {
    struct trait_cell whole = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        if (cells[i].is_beyond) {
            out->left_out += cells[i].count;
        } else {
            trait_cell_add(&whole, &cells[i], trait);
        }
    }
    out->count = whole.count;
    out->occur_us = whole.occur_us;
    out->datum = whole.datum;
    if (trait->aggregation == STORE_TRAIT_COUNT) {
        out->datum = number_of((double)whole.count);
    } else if (trait->aggregation == STORE_TRAIT_SUM) {
        out->datum = number_of(millionths_share(whole.sum, 1));
    } else if (trait->aggregation == STORE_TRAIT_AVERAGE && whole.count > 0) {
        out->datum = number_of(millionths_share(whole.sum, whole.count));
    }
}

/* What the days of a state say of the value. */
static void look_at_days(const struct trait_state *state, const struct store_trait *trait,
                         int32_t today, struct store_trait_value *out) {
    const int32_t change_day = state->first_day + trait->window_days;
    out->left_out += trait_day_counts(trait, state->left_out_day, today) ? state->left_out : 0;
    if (trait->window_days != 0 && state->count > 0 && change_day < out->change_day) {
        out->change_day = change_day;
    }
}

struct store_trait_value trait_states_value(const struct trait_state *states, size_t count,
                                            const struct store_trait *trait, int32_t today,
                                            struct arena *arena) {
    struct store_trait_value value = {.change_day = INT32_MAX};
    for (size_t i = 0; i < count; i++) {
        look_at_days(&states[i], trait, today, &value);
    }
    size_t cell_count = 0;
    struct trait_cell *cells = cells_of(states, count, arena, &cell_count);
    if (counts_values(trait)) {
        value_of_values(trait, cells, cell_count, &value);
    } else {
        value_of_whole(trait, cells, cell_count, &value);
    }
    return value;
}
