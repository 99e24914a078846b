/* The rows of the states of traits. What all that counts of a member comes to is a row; of a trait
 * with a window, what each day comes to is a row beside it. So an interaction changes two small
 * rows, whatever there was before. The days are read where one of them is out of the window: they
 * are taken off what all come to. */

#include <assert.h>
#include <string.h>

#include "server/store/trait_state.h"

enum {
    WHOLE_KEY_SIZE = 1 + 4 + ID_SIZE,
    DAY_KEY_SIZE = WHOLE_KEY_SIZE + 4,
    DUE_KEY_SIZE = 1 + 4 + 4 + ID_SIZE,
};

void trait_key_read(struct bytes key, uint32_t *number, struct id *member) {
    const size_t at = key.data[0] == STORE_TABLE_TRAIT_DUE ? 1 + 4 : 1;
    assert(key.size == WHOLE_KEY_SIZE || key.size == DAY_KEY_SIZE || key.size == DUE_KEY_SIZE);
    *number = store_get_u32(key.data + at);
    memcpy(member->bytes, key.data + at + 4, ID_SIZE);
}

bool trait_key_day(struct bytes key, int32_t *day) {
    if (key.size != DAY_KEY_SIZE) {
        return false;
    }
    *day = store_day_of_key(store_get_u32(key.data + WHOLE_KEY_SIZE));
    return true;
}

/* ---- rows ---- */

static char *borrowed(const char *text) { return (char *)(uintptr_t)text; }

static struct status cell_read(const Stored__V1__TraitCell *row, int32_t day, struct arena *arena,
                               struct trait_cell *out) {
    *out = (struct trait_cell){.day = day,
                               .count = (int64_t)row->count,
                               .is_beyond = row->beyond,
                               .sum = {row->sum, row->sum_millionths},
                               .occur_us = row->occur_us};
    switch (row->value_case) {
    case STORED__V1__TRAIT_CELL__VALUE_TEXT:
        out->datum = (struct store_trait_datum){
            .kind = STORE_TRAIT_TEXT, .text = arena_string(arena, bytes_of_string(row->text))};
        if (row->whole.len == VAULT_FINGERPRINT_SIZE) {
            out->datum.is_cut = true;
            memcpy(out->datum.whole.bytes, row->whole.data, VAULT_FINGERPRINT_SIZE);
        }
        break;
    case STORED__V1__TRAIT_CELL__VALUE_NUMBER:
        out->datum = (struct store_trait_datum){.kind = STORE_TRAIT_NUMBER, .number = row->number};
        break;
    case STORED__V1__TRAIT_CELL__VALUE_TIME_US:
        out->datum = (struct store_trait_datum){.kind = STORE_TRAIT_TIME, .time_us = row->time_us};
        break;
    case STORED__V1__TRAIT_CELL__VALUE__NOT_SET:
    case _STORED__V1__TRAIT_CELL__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    if (row->interaction.len != 0 && row->interaction.len != ID_SIZE) {
        return store_corrupt("the interaction of a cell is no id");
    }
    if (row->whole.len != 0 && row->whole.len != VAULT_FINGERPRINT_SIZE) {
        return store_corrupt("the hash of a text is none");
    }
    if (row->interaction.len == ID_SIZE) {
        memcpy(out->interaction.bytes, row->interaction.data, ID_SIZE);
    }
    return OK;
}

/* Room as arena_grow() makes it: a power of two. */
static size_t room_of(size_t count) {
    size_t room = 1;
    while (room < count) {
        room *= 2;
    }
    return room;
}

static struct status cells_read(const Stored__V1__TraitState *row, int32_t day, struct arena *arena,
                                struct trait_state *out) {
    *out = (struct trait_state){.count = row->n_cells,
                                .first_day = row->first_day,
                                .left_out = (int64_t)row->left_out,
                                .left_out_day = row->left_out_day};
    out->cells = arena_array(arena, room_of(row->n_cells), sizeof *out->cells);
    for (size_t i = 0; i < row->n_cells; i++) {
        TRY(cell_read(row->cells[i], day, arena, &out->cells[i]));
    }
    return OK;
}

/* The message takes more than the state, and goes at once: a call may read thousands. */
struct status trait_state_read(struct bytes packed, int32_t day, struct arena *arena,
                               struct trait_state *out) {
    struct arena scratch;
    ProtobufCMessage *message = NULL;
    arena_init(&scratch, SIZE_MAX);
    struct status status =
        store_unpack(&scratch, &stored__v1__trait_state__descriptor, packed, &message);
    if (status_is_ok(status)) {
        status = cells_read((const Stored__V1__TraitState *)message, day, arena, out);
    }
    arena_free(&scratch);
    return status;
}

static void cell_row(struct trait_cell *cell, Stored__V1__TraitCell *out) {
    stored__v1__trait_cell__init(out);
    out->count = (uint64_t)cell->count;
    out->beyond = cell->is_beyond;
    out->sum = cell->sum.whole;
    out->sum_millionths = cell->sum.part;
    out->occur_us = cell->occur_us;
    if (!id_is_zero(cell->interaction)) {
        out->interaction = (ProtobufCBinaryData){ID_SIZE, cell->interaction.bytes};
    }
    switch (cell->datum.kind) {
    case STORE_TRAIT_NOTHING:
        break;
    case STORE_TRAIT_TEXT:
        out->value_case = STORED__V1__TRAIT_CELL__VALUE_TEXT;
        out->text = borrowed(cell->datum.text);
        if (cell->datum.is_cut) {
            out->whole = (ProtobufCBinaryData){VAULT_FINGERPRINT_SIZE, cell->datum.whole.bytes};
        }
        break;
    case STORE_TRAIT_NUMBER:
        out->value_case = STORED__V1__TRAIT_CELL__VALUE_NUMBER;
        out->number = cell->datum.number;
        break;
    case STORE_TRAIT_TIME:
        out->value_case = STORED__V1__TRAIT_CELL__VALUE_TIME_US;
        out->time_us = cell->datum.time_us;
        break;
    }
}

struct bytes trait_state_pack(const struct trait_state *state, struct arena *arena) {
    struct arena scratch;
    arena_init(&scratch, SIZE_MAX);
    Stored__V1__TraitState row = STORED__V1__TRAIT_STATE__INIT;
    Stored__V1__TraitCell *cells = arena_array(&scratch, state->count, sizeof *cells);
    row.n_cells = state->count;
    row.cells = arena_array(&scratch, state->count, sizeof *row.cells);
    for (size_t i = 0; i < state->count; i++) {
        cell_row(&state->cells[i], &cells[i]);
        row.cells[i] = &cells[i];
    }
    row.first_day = state->first_day;
    row.left_out = (uint64_t)state->left_out;
    row.left_out_day = state->left_out_day;
    const struct bytes packed = store_pack(arena, &row.base);
    arena_free(&scratch);
    return packed;
}

/* ---- states as a view sees them ---- */

/* Opens a row into an arena, which takes what it says and not the row. */
static struct status row_open(struct store_view *view, struct bytes key, struct bytes row,
                              struct arena *arena, struct trait_state *out) {
    struct arena *const own = view->arena;
    struct arena scratch;
    int32_t day = 0;
    (void)trait_key_day(key, &day);
    arena_init(&scratch, SIZE_MAX);
    view->arena = &scratch;
    struct status status = view_open_sealed(view, key, row, &row);
    view->arena = own;
    if (status_is_ok(status)) {
        status = trait_state_read(row, day, arena, out);
    }
    arena_free(&scratch);
    return status;
}

/* Into an arena, but for what the view wishes. Without cells when there is none. */
static struct status state_get(struct store_view *view, const struct store_key *key,
                               struct arena *arena, struct trait_state *out) {
    const struct overlay_entry *entry = view_wish(view, key);
    *out = (struct trait_state){.count = 0};
    if (entry != NULL) {
        *out = entry->trait->state;
        return OK;
    }
    struct bytes row;
    TRY(engine_get(view->txn, store_key_bytes(key), &row));
    return row.data == NULL ? OK : row_open(view, store_key_bytes(key), row, arena, out);
}

struct status trait_days_open(struct store_view *view, const struct store_trait *trait,
                              struct id member, int32_t from, struct arena *arena,
                              struct trait_days *out) {
    const struct store_key prefix = store_key_trait_state(trait->number, member);
    const struct store_key first = store_key_trait_day(trait->number, member, from);
    *out = (struct trait_days){.view = view, .arena = arena};
    return view_scan_open(view, &prefix, store_key_bytes(&first), ENGINE_ASCENDING, &out->scan);
}

struct status trait_days_next(struct trait_days *days, struct trait_state *out) {
    do { /* Past those that are wished to be nothing. */
        struct view_row row;
        *out = (struct trait_state){.count = 0};
        TRY(view_scan_next(days->scan, &row));
        if (row.key.data == NULL) {
            return OK;
        }
        if (row.is_wished) {
            struct store_key key = {.size = row.key.size};
            memcpy(key.bytes, row.key.data, row.key.size);
            TRY(state_get(days->view, &key, days->arena, out));
        } else {
            TRY(row_open(days->view, row.key, row.value, days->arena, out));
        }
    } while (out->count == 0);
    return OK;
}

void trait_days_close(struct trait_days *days) { view_scan_close(days->scan); }

struct status trait_days_add(struct store_view *view, struct id member, int32_t from,
                             struct trait_tally *into) {
    struct trait_days days;
    struct trait_state day;
    TRY(trait_days_open(view, into->trait, member, from, into->arena, &days));
    struct status status = trait_days_next(&days, &day);
    while (status_is_ok(status) && day.count > 0) {
        for (size_t i = 0; i < day.count; i++) {
            trait_tally_add(into, &day.cells[i]);
        }
        status = trait_days_next(&days, &day);
    }
    trait_days_close(&days);
    return status;
}

/* What the days from one on come to; what was left out stays. */
static struct status fold(struct store_view *view, const struct store_trait *trait,
                          struct id member, int32_t from, struct arena *arena,
                          struct trait_state *out) {
    struct trait_tally tally = {.trait = trait, .arena = arena, .is_undated = true};
    TRY(trait_days_add(view, member, from, &tally));
    const struct trait_state *folded = trait_tally_state(&tally);
    out->count = folded->count;
    out->cells = folded->cells;
    out->first_day = folded->first_day;
    return OK;
}

/* The state of the days that count on a day. That of all is it, but where the sweep has not come.
 */
static struct status state_on_day(struct store_view *view, const struct store_trait *trait,
                                  struct id member, int32_t today, struct arena *arena,
                                  struct trait_state *out) {
    const struct store_key key = store_key_trait_state(trait->number, member);
    TRY(state_get(view, &key, arena, out));
    if (out->count == 0 || trait_day_counts(trait, out->first_day, today)) {
        return OK;
    }
    return fold(view, trait, member, today - trait->window_days + 1, arena, out);
}

static struct status value_get(struct store_view *view, const struct store_trait *trait,
                               const struct id *members, size_t member_count, int32_t today,
                               struct arena *scratch, struct store_trait_value *out) {
    struct trait_state *states = arena_array(scratch, member_count, sizeof *states);
    for (size_t i = 0; i < member_count; i++) {
        TRY(state_on_day(view, trait, members[i], today, scratch, &states[i]));
    }
    *out = trait_states_value(states, member_count, trait, today, scratch);
    if (out->datum.kind == STORE_TRAIT_TEXT) {
        out->datum.text = arena_string(view->arena, bytes_of_string(out->datum.text));
    }
    return OK;
}

/* States take more than what they come to, and go at once: a page is of a thousand profiles. */
struct status store_trait_value_get(struct store_view *view, const struct store_trait *trait,
                                    const struct id *members, size_t member_count, int32_t today,
                                    struct store_trait_value *out) {
    struct arena scratch;
    arena_init(&scratch, SIZE_MAX);
    const struct status status =
        value_get(view, trait, members, member_count, today, &scratch, out);
    arena_free(&scratch);
    return status;
}

/* ---- states that change ---- */

static struct trait_state state_copy(const struct trait_state *state, struct arena *arena) {
    struct trait_state copy = *state;
    copy.cells = arena_array(arena, room_of(state->count), sizeof *copy.cells);
    for (size_t i = 0; i < state->count; i++) {
        copy.cells[i] = state->cells[i];
    }
    return copy;
}

static struct status change_of(struct store_view *view, const struct store_trait *trait,
                               struct id member, const struct store_key *key,
                               struct trait_change **out) {
    struct overlay_entry *entry = overlay_find(view->overlay, store_key_bytes(key));
    view->overlay->wish_count++;
    if (entry != NULL) {
        *out = entry->trait;
        return OK;
    }
    struct trait_change *change = arena_alloc(view->arena, sizeof *change);
    *change = (struct trait_change){.trait = trait};
    TRY(state_get(view, key, view->arena, &change->state));
    if (view_wish(view, key) != NULL) { /* Of a what-if, which is to stay as it is. */
        change->state = state_copy(&change->state, view->arena);
    }
    const struct profile *owner = NULL;
    TRY(store_profile_get(view, member, &owner)); /* Brings it into the overlay for apply. */
    assert(owner != NULL);
    entry = overlay_set(view->overlay, store_key_bytes(key));
    entry->trait = change;
    entry->wished = true;
    entry->seal = true;
    view->overlay->wished_count++;
    *out = change;
    return OK;
}

struct status trait_state_change(struct store_view *view, const struct store_trait *trait,
                                 struct id member, struct trait_change **out) {
    const struct store_key key = store_key_trait_state(trait->number, member);
    const bool is_new = overlay_find(view->overlay, store_key_bytes(&key)) == NULL;
    TRY(change_of(view, trait, member, &key, out));
    if (is_new) {
        (*out)->was_due = trait_state_due(&(*out)->state, trait, &(*out)->due_day);
    }
    return OK;
}

struct status trait_day_change(struct store_view *view, const struct store_trait *trait,
                               struct id member, int32_t day, struct trait_change **out) {
    const struct store_key key = store_key_trait_day(trait->number, member, day);
    TRY(change_of(view, trait, member, &key, out));
    (*out)->is_day = true;
    return OK;
}

/* Days, as a list that grows. */
struct day_list {
    size_t count;
    int32_t *items;
};

static void day_list_add(struct day_list *list, int32_t day, struct arena *arena) {
    list->items = arena_grow(arena, list->items, list->count, sizeof *list->items);
    list->items[list->count++] = day;
}

/* Only once no scan is open: what is wished meanwhile may be seen by it. */
static struct status days_clear(struct store_view *view, const struct store_trait *trait,
                                struct id member, const struct day_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        struct trait_change *day = NULL;
        TRY(trait_day_change(view, trait, member, list->items[i], &day));
        day->state = (struct trait_state){.count = 0};
    }
    return OK;
}

struct status trait_state_clear(struct store_view *view, struct trait_change *whole,
                                struct id member) {
    struct trait_days days;
    struct trait_state day;
    struct day_list list = {.count = 0};
    whole->state = (struct trait_state){.count = 0};
    if (whole->trait->window_days == 0) {
        return OK;
    }
    TRY(trait_days_open(view, whole->trait, member, INT32_MIN, view->arena, &days));
    struct status status = trait_days_next(&days, &day);
    while (status_is_ok(status) && day.count > 0) {
        day_list_add(&list, day.cells[0].day, view->arena);
        status = trait_days_next(&days, &day);
    }
    trait_days_close(&days);
    TRY(status);
    return days_clear(view, whole->trait, member, &list);
}

struct status trait_state_fold(struct store_view *view, struct trait_change *whole,
                               struct id member) {
    return fold(view, whole->trait, member, INT32_MIN, view->arena, &whole->state);
}

/* Takes a day off what all days come to. */
static void take_day(struct trait_change *whole, const struct trait_state *day, bool *is_to_fold) {
    for (size_t i = 0; i < day->count; i++) {
        struct trait_cell cell = day->cells[i];
        cell.day = 0;
        *is_to_fold =
            trait_state_take(&whole->state, whole->trait, &cell) != TRAIT_TAKEN || *is_to_fold;
    }
}

/* Takes off the days that are out of the window, up to the first one that is not. */
static struct status take_days(struct trait_change *whole, struct trait_days *days, int32_t today,
                               struct day_list *out, bool *is_to_fold) {
    for (;;) {
        struct trait_state day;
        TRY(trait_days_next(days, &day));
        if (day.count == 0) {
            return OK;
        }
        if (trait_day_counts(whole->trait, day.cells[0].day, today)) {
            whole->state.first_day = day.cells[0].day;
            return OK;
        }
        take_day(whole, &day, is_to_fold);
        day_list_add(out, day.cells[0].day, days->arena);
    }
}

struct status trait_state_forget(struct store_view *view, struct trait_change *whole,
                                 struct id member, int32_t today) {
    const struct store_trait *trait = whole->trait;
    struct trait_days days;
    struct day_list gone = {.count = 0};
    bool is_to_fold = false;
    if (whole->state.left_out > 0 && !trait_day_counts(trait, whole->state.left_out_day, today)) {
        whole->state.left_out = 0;
        whole->state.left_out_day = 0;
    }
    TRY(trait_days_open(view, trait, member, INT32_MIN, view->arena, &days));
    const struct status status = take_days(whole, &days, today, &gone, &is_to_fold);
    trait_days_close(&days);
    TRY(status);
    TRY(days_clear(view, trait, member, &gone));
    return is_to_fold ? trait_state_fold(view, whole, member) : OK;
}
