/* The rows of traits: what they are, and their states. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/day.h"
#include "server/store/trait_state.h"

/* ---- traits ---- */

static char *borrowed(const char *text) { return (char *)(uintptr_t)text; }

static struct status trait_read(const Stored__V1__Trait *row, struct store_trait *out) {
    if (row->place.len != 0 && row->place.len != ID_SIZE) {
        return store_corrupt("the place of a trait is no id");
    }
    *out = (struct store_trait){
        .number = row->number,
        .name = row->name,
        .description = row->description,
        .aggregation = (enum store_trait_aggregation)row->aggregation,
        .field = (enum store_trait_field)row->field,
        .field_name = row->field_name,
        .filter = row->filter,
        .window_days = (int32_t)row->window_days,
        .create_us = (int64_t)row->create_us,
        .ready = row->ready,
        .place_kind = (enum store_kind)row->place_kind,
        .place_us = row->place_us,
        .looked_at = (int64_t)row->looked_at,
        .whole = (int64_t)row->whole,
    };
    if (row->place.len == ID_SIZE) {
        memcpy(out->place.bytes, row->place.data, ID_SIZE);
    }
    return OK;
}

static struct status traits_read(Stored__V1__Trait *const *rows, size_t count, struct arena *arena,
                                 struct store_trait **out) {
    *out = arena_array(arena, count, sizeof **out);
    for (size_t i = 0; i < count; i++) {
        TRY(trait_read(rows[i], &(*out)[i]));
    }
    return OK;
}

struct status trait_rows_read(struct arena *arena, struct bytes packed, struct store_traits *out) {
    *out = (struct store_traits){.count = 0};
    if (packed.data == NULL) {
        return OK;
    }
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__traits__descriptor, packed, &message));
    const Stored__V1__Traits *row = (const Stored__V1__Traits *)message;
    out->last_number = row->last_number;
    out->mark_day = row->mark_day;
    out->count = row->n_traits;
    out->gone_count = row->n_gone;
    TRY(traits_read(row->traits, row->n_traits, arena, &out->items));
    return traits_read(row->gone, row->n_gone, arena, &out->gone);
}

struct status trait_filters_compile(const struct store *store, struct store_traits *traits,
                                    struct arena *arena) {
    for (size_t i = 0; i < traits->count; i++) {
        struct store_trait *trait = &traits->items[i];
        if (trait->filter[0] != '\0') {
            TRY(store->trait_filters->compile(trait->filter, arena, &trait->compiled));
        }
    }
    return OK;
}

/* Whoever writes needs them at each interaction: they are read again where the row is another one.
 */
static struct status read_cached(struct store *store, const struct store_key *key, struct bytes row,
                                 const struct store_traits **out) {
    struct trait_cache *cache = &store->trait_cache;
    if (cache->row.data == NULL || !bytes_equal(cache->row, row)) {
        struct bytes packed = {NULL, 0};
        arena_reset(&cache->arena);
        cache->row = bytes_of(NULL, 0);
        TRY(view_untagged(store, store_key_bytes(key), row, &cache->arena, &packed));
        struct store_traits *traits = arena_alloc(&cache->arena, sizeof *traits);
        TRY(trait_rows_read(&cache->arena, packed, traits));
        TRY(trait_filters_compile(store, traits, &cache->arena));
        cache->traits = traits;
        cache->row =
            bytes_of(memcpy(arena_alloc(&cache->arena, row.size), row.data, row.size), row.size);
    }
    *out = cache->traits;
    return OK;
}

static struct status read_traits(struct store_view *view, const struct store_traits **out) {
    const struct store_key key = store_key_table(STORE_TABLE_TRAITS);
    struct bytes row = {NULL, 0};
    TRY(view_get(view, &key, &row));
    if (row.data != NULL && view->write != NULL) {
        return read_cached(view->store, &key, row, out);
    }
    struct store_traits *traits = arena_alloc(view->arena, sizeof *traits);
    TRY(view_untagged(view->store, store_key_bytes(&key), row, view->arena, &row));
    TRY(trait_rows_read(view->arena, row, traits));
    *out = traits;
    return OK;
}

struct status store_traits_get(struct store_view *view, const struct store_traits **out) {
    if (view->traits == NULL) {
        TRY(read_traits(view, &view->traits));
    }
    *out = view->traits;
    return OK;
}

struct store_traits *store_traits_copy(const struct store_traits *traits, struct arena *arena) {
    struct store_traits *copy = arena_alloc(arena, sizeof *copy);
    *copy = *traits;
    copy->items = arena_append(arena, traits->items, traits->count, sizeof *copy->items);
    copy->gone = arena_append(arena, traits->gone, traits->gone_count, sizeof *copy->gone);
    return copy;
}

static Stored__V1__Trait *trait_row(struct store_trait *trait, struct arena *arena) {
    Stored__V1__Trait *row = arena_alloc(arena, sizeof *row);
    stored__v1__trait__init(row);
    row->number = trait->number;
    row->name = borrowed(trait->name);
    row->description = borrowed(trait->description);
    row->aggregation = trait->aggregation;
    row->field = trait->field;
    row->field_name = borrowed(trait->field_name);
    row->window_days = (uint32_t)trait->window_days;
    row->create_us = (uint64_t)trait->create_us;
    row->filter = borrowed(trait->filter);
    row->ready = trait->ready;
    row->place_kind = trait->place_kind;
    row->place_us = trait->place_us;
    row->place = (ProtobufCBinaryData){ID_SIZE, trait->place.bytes};
    row->looked_at = (uint64_t)trait->looked_at;
    row->whole = (uint64_t)trait->whole;
    return row;
}

static Stored__V1__Trait **trait_row_list(struct store_trait *traits, size_t count,
                                          struct arena *arena) {
    Stored__V1__Trait **rows = arena_array(arena, count, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        rows[i] = trait_row(&traits[i], arena);
    }
    return rows;
}

static int by_name(const void *a, const void *b) {
    const struct store_trait *left = a;
    const struct store_trait *right = b;
    return strcmp(left->name, right->name);
}

struct status store_traits_put(struct store_view *view, struct store_traits *traits) {
    const struct store_key key = store_key_table(STORE_TABLE_TRAITS);
    qsort(traits->items, traits->count, sizeof *traits->items, by_name);
    Stored__V1__Traits row = STORED__V1__TRAITS__INIT;
    row.last_number = traits->last_number;
    row.mark_day = traits->mark_day;
    row.n_traits = traits->count;
    row.traits = trait_row_list(traits->items, traits->count, view->arena);
    row.n_gone = traits->gone_count;
    row.gone = trait_row_list(traits->gone, traits->gone_count, view->arena);
    TRY(view_put_tagged(view, &key, store_pack(view->arena, &row.base)));
    view->traits = traits;
    view->store->is_backfilling = true; /* The next step looks whether it is so. */
    return OK;
}

static const struct store_trait *find(const struct store_trait *traits, size_t count,
                                      uint32_t number) {
    for (size_t i = 0; i < count; i++) {
        if (traits[i].number == number) {
            return &traits[i];
        }
    }
    return NULL;
}

const struct store_trait *trait_of_number(const struct store_traits *traits, uint32_t number) {
    const struct store_trait *there = find(traits->items, traits->count, number);
    return there != NULL ? there : find(traits->gone, traits->gone_count, number);
}

/* ---- states ---- */

void trait_key_read(struct bytes key, uint32_t *number, struct id *member) {
    *number = store_get_u32(key.data + key.size - ID_SIZE - 4);
    memcpy(member->bytes, key.data + key.size - ID_SIZE, ID_SIZE);
}

static struct status cell_read(const Stored__V1__TraitCell *row, struct arena *arena,
                               struct trait_cell *out) {
    *out = (struct trait_cell){.day = row->day,
                               .count = (int64_t)row->count,
                               .sum = row->sum,
                               .sum_millionths = row->sum_millionths,
                               .occur_us = row->occur_us};
    switch (row->value_case) {
    case STORED__V1__TRAIT_CELL__VALUE_TEXT:
        out->datum = (struct store_trait_datum){
            .kind = STORE_TRAIT_TEXT, .text = arena_string(arena, bytes_of_string(row->text))};
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

static struct status cells_read(const Stored__V1__TraitState *row, struct arena *arena,
                                struct trait_state *out) {
    *out = (struct trait_state){.count = row->n_cells,
                                .left_out = (int64_t)row->left_out,
                                .left_out_day = row->left_out_day};
    out->cells = arena_array(arena, room_of(row->n_cells), sizeof *out->cells);
    for (size_t i = 0; i < row->n_cells; i++) {
        TRY(cell_read(row->cells[i], arena, &out->cells[i]));
    }
    return OK;
}

/* The message takes more than the state, and goes at once: a call may read thousands. */
struct status trait_state_read(struct bytes packed, struct arena *arena, struct trait_state *out) {
    struct arena scratch;
    ProtobufCMessage *message = NULL;
    arena_init(&scratch, SIZE_MAX);
    struct status status =
        store_unpack(&scratch, &stored__v1__trait_state__descriptor, packed, &message);
    if (status_is_ok(status)) {
        status = cells_read((const Stored__V1__TraitState *)message, arena, out);
    }
    arena_free(&scratch);
    return status;
}

static void cell_row(struct trait_cell *cell, Stored__V1__TraitCell *out) {
    stored__v1__trait_cell__init(out);
    out->day = cell->day;
    out->count = (uint64_t)cell->count;
    out->sum = cell->sum;
    out->sum_millionths = cell->sum_millionths;
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
    row.left_out = (uint64_t)state->left_out;
    row.left_out_day = state->left_out_day;
    const struct bytes packed = store_pack(arena, &row.base);
    arena_free(&scratch);
    return packed;
}

/* Into an arena of the caller's, but for what the view wishes. */
static struct status state_get(struct store_view *view, const struct store_trait *trait,
                               struct id member, struct arena *arena, struct trait_state *out) {
    const struct store_key key = store_key_trait_state(trait->number, member);
    const struct overlay_entry *entry = view_wish(view, &key);
    *out = (struct trait_state){.count = 0};
    if (entry != NULL) {
        *out = entry->trait->state;
        return OK;
    }
    struct bytes row;
    TRY(engine_get(view->txn, store_key_bytes(&key), &row));
    if (row.data == NULL) {
        return OK;
    }
    TRY(view_open_sealed(view, store_key_bytes(&key), row, &row));
    return trait_state_read(row, arena, out);
}

struct status trait_state_get(struct store_view *view, const struct store_trait *trait,
                              struct id member, struct trait_state *out) {
    return state_get(view, trait, member, view->arena, out);
}

static struct trait_state state_copy(const struct trait_state *state, struct arena *arena) {
    struct trait_state copy = *state;
    copy.cells = arena_array(arena, room_of(state->count), sizeof *copy.cells);
    for (size_t i = 0; i < state->count; i++) {
        copy.cells[i] = state->cells[i];
    }
    return copy;
}

struct status trait_state_change(struct store_view *view, const struct store_trait *trait,
                                 struct id member, struct trait_state **out) {
    const struct store_key key = store_key_trait_state(trait->number, member);
    struct overlay_entry *entry = overlay_find(view->overlay, store_key_bytes(&key));
    if (entry == NULL) {
        struct trait_change *change = arena_alloc(view->arena, sizeof *change);
        change->trait = trait;
        TRY(trait_state_get(view, trait, member, &change->state));
        if (view_wish(view, &key) != NULL) { /* Of a what-if, which is to stay as it is. */
            change->state = state_copy(&change->state, view->arena);
        }
        change->was_due = trait_state_due(&change->state, trait, &change->due_day);
        const struct profile *owner = NULL;
        TRY(store_profile_get(view, member, &owner)); /* Brings it into the overlay for apply. */
        assert(owner != NULL);
        entry = overlay_set(view->overlay, store_key_bytes(&key));
        entry->trait = change;
        entry->wished = true;
        entry->seal = true;
        view->overlay->wished_count++;
    }
    *out = &entry->trait->state;
    return OK;
}

struct status store_trait_states_clear(struct store_view *view, struct id member) {
    const struct store_traits *traits = NULL;
    TRY(store_traits_get(view, &traits));
    for (size_t i = 0; i < traits->count; i++) {
        struct trait_state *state = NULL;
        TRY(trait_state_change(view, &traits->items[i], member, &state));
        *state = (struct trait_state){.count = 0};
    }
    return OK;
}

static struct status value_get(struct store_view *view, const struct store_trait *trait,
                               const struct id *members, size_t member_count, int32_t today,
                               struct arena *scratch, struct store_trait_value *out) {
    struct trait_state *states = arena_array(scratch, member_count, sizeof *states);
    for (size_t i = 0; i < member_count; i++) {
        TRY(state_get(view, trait, members[i], scratch, &states[i]));
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
