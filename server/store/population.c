/* Sets of persons: which there are follows from what profiles are found by and from memberships;
 * the only user of Roaring bitmaps. */

#include "server/store/population.h"

#include <assert.h>
#include <roaring/roaring.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/view.h"

enum {
    PART_SLOTS = 65536,
    MOVES_MAX = 16384, /* That wait for the transaction to commit. */
};

/* Names that no attribute has: all live persons, and the members of segments. */
static const char all_name[] = ":live";
static const char segment_name[] = ":segment";

struct population {
    roaring_bitmap_t *bitmap;
};

static roaring_bitmap_t *allocated(roaring_bitmap_t *bitmap) {
    if (bitmap == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    return bitmap;
}

static struct population *population_new(roaring_bitmap_t *bitmap) {
    struct population *population = malloc(sizeof *population);
    if (population == NULL) {
        abort();
    }
    population->bitmap = allocated(bitmap);
    return population;
}

/* ---- rows ---- */

static struct status bitmap_read(struct bytes row, roaring_bitmap_t **out) {
    if (row.data == NULL) {
        *out = allocated(roaring_bitmap_create());
        return OK;
    }
    *out = roaring_bitmap_portable_deserialize_safe((const char *)row.data, row.size);
    return *out != NULL ? OK : store_corrupt("a set of persons does not read");
}

static struct store_key key_of(const struct store *store, const char *name, const char *value,
                               uint32_t part) {
    uint8_t buffer[STORE_TERM_VALUE_SIZE_MAX];
    return store_key_population(bytes_of_string(name), derive_term_part(store, name, value, buffer),
                                part);
}

static struct status row_get(struct store_view *view, const char *name, const char *value,
                             uint32_t part, roaring_bitmap_t **out) {
    const struct store_key key = key_of(view->store, name, value, part);
    struct bytes row;
    assert(view->write == NULL || view->write->moves.count == 0);
    TRY(engine_get(view->txn, store_key_bytes(&key), &row));
    return bitmap_read(row, out);
}

struct status population_row_count(struct bytes value, uint64_t *out) {
    roaring_bitmap_t *bitmap = NULL;
    TRY(bitmap_read(value, &bitmap));
    *out = roaring_bitmap_get_cardinality(bitmap);
    roaring_bitmap_free(bitmap);
    return OK;
}

struct status population_has(struct store_view *view, const char *name, const char *value,
                             uint64_t slot, bool *out) {
    roaring_bitmap_t *bitmap = NULL;
    TRY(row_get(view, name, value, (uint32_t)(slot / PART_SLOTS), &bitmap));
    *out = roaring_bitmap_contains(bitmap, (uint32_t)(slot % PART_SLOTS));
    roaring_bitmap_free(bitmap);
    return OK;
}

/* ---- what a profile is counted by ---- */

static bool is_counted(const struct profile_term *terms, size_t count, const char *field,
                       const char *value) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(terms[i].field, field) == 0 && strcmp(terms[i].value, value) == 0) {
            return true;
        }
    }
    return false;
}

/* For each value the value, and once that there is one; and that the person is there. */
size_t population_terms(struct store_view *view, const struct profile *profile, struct arena *arena,
                        const struct profile_term **out) {
    struct profile_term *terms = NULL;
    size_t count = 0;
    *out = NULL;
    if (profile == NULL || !profile_is_live(profile)) {
        return 0;
    }
    const size_t term_count = view_terms(view, profile, &terms);
    struct profile_term *counted = arena_array(arena, 2 * term_count + 1, sizeof *counted);
    counted[count++] = (struct profile_term){PROFILE_TERM_COUNTED, all_name, ""};
    for (size_t i = 0; i < term_count; i++) {
        if (terms[i].kind != PROFILE_TERM_COUNTED) {
            continue;
        }
        counted[count++] = terms[i];
        if (!is_counted(counted, count, terms[i].field, "")) {
            counted[count++] = (struct profile_term){PROFILE_TERM_COUNTED, terms[i].field, ""};
        }
    }
    *out = counted;
    return count;
}

/* ---- applying ---- */

/* One slot that enters a set, or leaves it. */
struct population_move {
    struct store_key key; /* Of the set's part. */
    uint32_t place;       /* In the part. */
    bool enters;
};

static void move_add(struct store_view *view, const char *name, const char *value, uint64_t slot,
                     bool enters) {
    struct population_moves *moves = &view->write->moves;
    if (moves->count == moves->capacity) {
        moves->capacity = 2 * moves->capacity + 64;
        moves->items = realloc(moves->items, moves->capacity * sizeof *moves->items);
        if (moves->items == NULL) {
            abort();
        }
    }
    moves->items[moves->count++] = (struct population_move){
        .key = key_of(view->store, name, value, (uint32_t)(slot / PART_SLOTS)),
        .place = (uint32_t)(slot % PART_SLOTS),
        .enters = enters};
}

static void moves_of_profile(struct store_view *view, const struct profile *before,
                             const struct profile *after) {
    struct arena *arena = view->arena;
    const struct profile_term *old_terms = NULL;
    const struct profile_term *new_terms = NULL;
    const size_t old_count = population_terms(view, before, arena, &old_terms);
    const size_t new_count = population_terms(view, after, arena, &new_terms);
    for (size_t i = 0; i < old_count; i++) {
        if (!is_counted(new_terms, new_count, old_terms[i].field, old_terms[i].value)) {
            move_add(view, old_terms[i].field, old_terms[i].value, after->slot, false);
        }
    }
    for (size_t i = 0; i < new_count; i++) {
        if (!is_counted(old_terms, old_count, new_terms[i].field, new_terms[i].value)) {
            move_add(view, new_terms[i].field, new_terms[i].value, after->slot, true);
        }
    }
}

/* Whether a profile is counted as it was: most writes change none of it. */
static bool is_as_before(const struct profile *before, const struct profile *after) {
    if (before == NULL || profile_is_live(before) != profile_is_live(after) ||
        before->attribute_count != after->attribute_count) {
        return false;
    }
    for (size_t i = 0; i < after->attribute_count; i++) {
        const struct profile_attribute *a = &before->attributes[i];
        const struct profile_attribute *b = &after->attributes[i];
        if (strcmp(a->name, b->name) != 0 || strcmp(a->value, b->value) != 0 ||
            a->form != b->form || a->personal != b->personal) {
            return false;
        }
    }
    return true;
}

static struct status moves_find(struct store_view *view) {
    for (size_t i = 0; i < view->overlay->count; i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        if (entry->wished && entry->key.data[0] == STORE_TABLE_PROFILE &&
            !is_as_before(entry->before, entry->profile)) {
            moves_of_profile(view, entry->before, entry->profile);
        }
    }
    for (size_t i = 0; i < view->member_change_count; i++) {
        const struct member_change *change = &view->member_changes[i];
        const struct profile *profile = NULL;
        TRY(store_profile_get(view, change->profile, &profile));
        if (profile == NULL || !profile->has_slot) {
            return store_corrupt("a member of a segment has no slot");
        }
        move_add(view, segment_name, arena_format(view->arena, "%u", change->segment),
                 profile->slot, change->enters);
    }
    return OK;
}

static int by_key(const void *a, const void *b) {
    const struct population_move *const *left = a;
    const struct population_move *const *right = b;
    const int order =
        bytes_compare(store_key_bytes(&(*left)->key), store_key_bytes(&(*right)->key));
    return order != 0 ? order : (*left > *right) - (*left < *right); /* As they were made. */
}

static struct status row_put(struct store_write *write, const struct store_key *key,
                             roaring_bitmap_t *bitmap) {
    if (roaring_bitmap_is_empty(bitmap)) {
        return engine_delete(write->txn, store_key_bytes(key));
    }
    const size_t size = roaring_bitmap_portable_size_in_bytes(bitmap);
    char *row = malloc(size);
    if (row == NULL) {
        abort();
    }
    const size_t written = roaring_bitmap_portable_serialize(bitmap, row);
    assert(written == size);
    write->size += size;
    const struct status status = engine_put(write->txn, store_key_bytes(key), bytes_of(row, size));
    free(row);
    return status;
}

/* Changes one part by all moves of its key. */
static struct status part_change(struct store_write *write, struct population_move *const *moves,
                                 size_t count) {
    roaring_bitmap_t *bitmap = NULL;
    struct bytes row;
    TRY(engine_get(write->txn, store_key_bytes(&moves[0]->key), &row));
    TRY(bitmap_read(row, &bitmap));
    for (size_t i = 0; i < count; i++) {
        if (moves[i]->enters) {
            roaring_bitmap_add(bitmap, moves[i]->place);
        } else {
            roaring_bitmap_remove(bitmap, moves[i]->place);
        }
    }
    const struct status status = row_put(write, &moves[0]->key, bitmap);
    roaring_bitmap_free(bitmap);
    return status;
}

static struct status parts_change(struct store_write *write, struct population_move *const *sorted,
                                  size_t count) {
    for (size_t from = 0; from < count;) {
        size_t to = from + 1;
        while (to < count && bytes_equal(store_key_bytes(&sorted[from]->key),
                                         store_key_bytes(&sorted[to]->key))) {
            to++;
        }
        TRY(part_change(write, sorted + from, to - from));
        from = to;
    }
    return OK;
}

struct status population_write(struct store_write *write) {
    struct population_moves *moves = &write->moves;
    if (moves->count == 0) {
        return OK;
    }
    struct population_move **sorted = calloc(moves->count, sizeof(struct population_move *));
    if (sorted == NULL) {
        abort();
    }
    for (size_t i = 0; i < moves->count; i++) {
        sorted[i] = &moves->items[i];
    }
    qsort(sorted, moves->count, sizeof(struct population_move *), by_key);
    const struct status status = parts_change(write, sorted, moves->count);
    free(sorted);
    moves->count = 0;
    return status;
}

struct status population_apply(struct store_view *view) {
    TRY(moves_find(view));
    return view->write->moves.count < MOVES_MAX ? OK : population_write(view->write);
}

/* ---- reading ---- */

void population_free(struct population *population) {
    if (population != NULL) {
        roaring_bitmap_free(population->bitmap);
        free(population);
    }
}

/* The parts of all who are there come last first: the first row tells how many there are. */
struct status population_part_count(struct store_view *view, uint32_t *out) {
    const struct store_key first =
        store_key_population(bytes_of_string(all_name), bytes_of("", 0), 0);
    const struct bytes prefix = bytes_of(first.bytes, first.size - 4);
    struct engine_scan *scan = NULL;
    struct bytes key;
    struct bytes value;
    TRY(engine_scan_open(view->txn, prefix, bytes_of(NULL, 0), ENGINE_DESCENDING, &scan));
    const struct status status = engine_scan_next(scan, &key, &value);
    *out = status_is_ok(status) && key.size == first.size
               ? store_get_u32(key.data + key.size - 4) + 1
               : 0;
    engine_scan_close(scan);
    return status;
}

static struct status population_get(struct store_view *view, const char *name, const char *value,
                                    uint32_t part, struct population **out) {
    roaring_bitmap_t *bitmap = NULL;
    TRY(row_get(view, name, value, part, &bitmap));
    *out = population_new(bitmap);
    return OK;
}

struct status population_of_all(struct store_view *view, uint32_t part, struct population **out) {
    return population_get(view, all_name, "", part, out);
}

struct status population_count_all(struct store_view *view, uint64_t *out) {
    uint32_t parts = 0;
    *out = 0;
    TRY(population_part_count(view, &parts));
    for (uint32_t part = 0; part < parts; part++) {
        struct population *all = NULL;
        TRY(population_of_all(view, part, &all));
        *out += population_count(all);
        population_free(all);
    }
    return OK;
}

struct status population_of_attribute(struct store_view *view, const char *name, const char *value,
                                      uint32_t part, struct population **out) {
    return population_get(view, name, value, part, out);
}

struct status population_of_segment(struct store_view *view, uint32_t segment, uint32_t part,
                                    struct population **out) {
    return population_get(view, segment_name, arena_format(view->arena, "%u", segment), part, out);
}

struct population *population_of_none(void) {
    return population_new(roaring_bitmap_create());
}

void population_and(struct population *population, const struct population *other) {
    roaring_bitmap_and_inplace(population->bitmap, other->bitmap);
}

void population_or(struct population *population, const struct population *other) {
    roaring_bitmap_or_inplace(population->bitmap, other->bitmap);
}

void population_without(struct population *population, const struct population *other) {
    roaring_bitmap_andnot_inplace(population->bitmap, other->bitmap);
}

struct population *population_copy(const struct population *population) {
    return population_new(roaring_bitmap_copy(population->bitmap));
}

uint64_t population_count(const struct population *population) {
    return roaring_bitmap_get_cardinality(population->bitmap);
}
