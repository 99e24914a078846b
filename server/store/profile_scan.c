/* Profiles in order, with or without terms. One index is walked, the other terms are looked up for
 * each id: their keys end with the id. */

#include <assert.h>
#include <string.h>

#include "server/store/view_scan.h"

enum {
    ROWS_LOOKED_AT_MAX = 20000, /* Of the walked index, in one scan. */
    RARITY_ROWS_MAX = 500,      /* Rows of a term that are counted to tell which one is rarest. */
};

struct walk {
    struct store_key prefix;
    enum store_order order; /* What the walked index is ordered by. */
    size_t driver;          /* The term whose index is walked; SIZE_MAX for none. */
};

/* The term that the fewest profiles have, wishes not counted: of those that many have, the first.
 */
static struct status rarest(struct store_view *view, const struct store_key *term_keys,
                            size_t term_count, size_t *out) {
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < term_count; i++) {
        uint64_t count = 0;
        TRY(view_count_rows(view, &term_keys[i], RARITY_ROWS_MAX, &count));
        if (count < least) {
            least = count;
            *out = i;
        }
    }
    return OK;
}

static struct status plan(struct store_view *view, enum store_order order,
                          const struct store_key *term_keys, size_t term_count, struct walk *out) {
    if (order == STORE_BY_UPDATE) {
        *out = (struct walk){store_key_table(STORE_TABLE_UPDATE_TIME), order, SIZE_MAX};
        return OK;
    }
    if (term_count == 0) {
        *out = (struct walk){store_key_table(STORE_TABLE_PROFILE), order, SIZE_MAX};
        return OK;
    }
    *out = (struct walk){.order = order};
    if (term_count > 1) {
        TRY(rarest(view, term_keys, term_count, &out->driver));
    }
    out->prefix = term_keys[out->driver];
    return OK;
}

static struct status has_all_terms(struct store_view *view, const struct walk *walk,
                                   const struct store_key *term_keys, size_t term_count,
                                   struct id id, bool *out) {
    *out = true;
    for (size_t i = 0; i < term_count && *out; i++) {
        if (i == walk->driver) {
            continue;
        }
        const struct store_key key = store_key_with_id(&term_keys[i], id);
        struct bytes row;
        TRY(view_get(view, &key, &row));
        *out = row.data != NULL;
    }
    return OK;
}

static struct store_key start_of(const struct walk *walk, const struct store_cursor *cursor) {
    if (!cursor->set) {
        return (struct store_key){.size = 0};
    }
    return walk->order == STORE_BY_UPDATE ? store_key_update_time(cursor->update_us, cursor->id)
                                          : store_key_with_id(&walk->prefix, cursor->id);
}

static struct status read_position(const struct walk *walk, struct bytes key,
                                   struct store_cursor *out) {
    const size_t time_size = walk->order == STORE_BY_UPDATE ? 8 : 0;
    if (key.size != walk->prefix.size + time_size + ID_SIZE) {
        return store_corrupt("a key has not the size of its table");
    }
    out->set = true;
    out->update_us = time_size == 0 ? 0 : (int64_t)store_get_u64(key.data + walk->prefix.size);
    memcpy(out->id.bytes, key.data + key.size - ID_SIZE, ID_SIZE);
    return OK;
}

static bool same_position(const struct store_cursor *a, const struct store_cursor *b) {
    return a->set && b->set && id_equal(a->id, b->id) && a->update_us == b->update_us;
}

struct scan_output {
    size_t max;
    struct id *ids;
    size_t count;
    bool more;
    size_t row_count;
};

static struct status walk_rows(struct store_view *view, struct view_scan *scan,
                               const struct walk *walk, const struct store_key *term_keys,
                               size_t term_count, struct store_cursor *cursor,
                               struct scan_output *out) {
    struct store_cursor start = *cursor;
    if (walk->order != STORE_BY_UPDATE) {
        start.update_us = 0; /* As positions have it: the time is no part of this order. */
    }
    for (size_t looked = 0; looked < ROWS_LOOKED_AT_MAX; looked++) {
        struct view_row row;
        TRY(view_scan_next(scan, &row));
        if (row.key.data == NULL) {
            out->more = false;
            return OK;
        }
        out->row_count++;
        struct store_cursor position = {.set = false};
        TRY(read_position(walk, row.key, &position));
        if (same_position(&position, &start)) {
            continue; /* The last of the page before. */
        }
        bool wanted = false;
        TRY(has_all_terms(view, walk, term_keys, term_count, position.id, &wanted));
        if (wanted && out->count == out->max) {
            return OK; /* There is at least one more: it comes with the next call. */
        }
        *cursor = position;
        if (wanted) {
            out->ids[out->count++] = position.id;
        }
        if (store_view_is_over(view)) {
            return OK; /* Behind this row, so that each call comes further. */
        }
    }
    return OK;
}

struct status store_profile_scan(struct store_view *view, enum store_order order, bool descending,
                                 const struct profile_term *terms, size_t term_count,
                                 struct store_cursor *cursor, size_t max, struct id *out,
                                 size_t *count, bool *more, struct store_scan_report *report) {
    struct store_key *term_keys = arena_array(view->arena, term_count, sizeof *term_keys);
    for (size_t i = 0; i < term_count; i++) {
        assert(terms[i].kind != PROFILE_TERM_IDENTITY);
        term_keys[i] = derive_term_key(view->store, &terms[i]);
    }
    struct walk walk;
    TRY(plan(view, order, term_keys, term_count, &walk));
    const struct store_key from = start_of(&walk, cursor);
    struct view_scan *scan = NULL;
    TRY(view_scan_open(view, &walk.prefix, store_key_bytes(&from),
                       descending ? ENGINE_DESCENDING : ENGINE_ASCENDING, &scan));
    struct scan_output output = {.max = max, .ids = out, .more = true};
    struct store_cursor moved = *cursor;
    const struct status walked =
        walk_rows(view, scan, &walk, term_keys, term_count, &moved, &output);
    view_scan_close(scan);
    TRY(walked);
    *cursor = moved;
    *count = output.count;
    *more = output.more;
    if (report != NULL) {
        report->by_term = term_count > 0 && order != STORE_BY_UPDATE;
        report->term = report->by_term ? walk.driver : 0;
        report->row_count += output.row_count;
    }
    return OK;
}

enum { EACH_ARENA_SIZE = 16 << 20 }; /* Of one profile: a row has at most 100,000 bytes. */

/* Unpacks the rows of the profile table one by one, each in the memory of the one before. */
static struct status each_row(struct store_view *row_view, struct engine_scan *scan, size_t max,
                              store_profile_fn *each, void *state, bool *more) {
    const int64_t end_us = engine_monotonic_us(row_view->txn) + (int64_t)ENGINE_READ_MS_MAX * 1000;
    for (size_t count = 0, looked = 0;; looked++) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        *more = key.data != NULL;
        if (!*more || (looked > 0 && engine_monotonic_us(row_view->txn) >= end_us)) {
            return OK;
        }
        if (key.size != 1 + ID_SIZE) {
            return store_corrupt("a key has not the size of its table");
        }
        struct id id;
        memcpy(id.bytes, key.data + 1, ID_SIZE);
        struct profile *profile = NULL;
        arena_reset(row_view->arena);
        TRY(profile_row_unpack(row_view, id, value, &profile));
        if (!id_is_zero(profile->merged_into)) {
            continue;
        }
        if (count == max) {
            return OK;
        }
        each(state, profile);
        count++;
    }
}

struct status store_profile_each(struct store_view *view, size_t max, store_profile_fn *each,
                                 void *state, bool *more) {
    assert(view->overlay->wished_count == 0);
    const struct store_key prefix = store_key_table(STORE_TABLE_PROFILE);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(view->txn, store_key_bytes(&prefix), bytes_of(NULL, 0), ENGINE_DESCENDING,
                         &scan));
    struct arena arena;
    arena_init(&arena, EACH_ARENA_SIZE);
    struct store_view row_view = {.store = view->store, .arena = &arena, .txn = view->txn};
    const struct status status = each_row(&row_view, scan, max, each, state, more);
    arena_free(&arena);
    engine_scan_close(scan);
    return status;
}
