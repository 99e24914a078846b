/* The row of traits: what they are. */

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
