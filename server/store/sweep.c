/* What has had its time: answered requests of days gone by, imports that nobody took up again,
 * changes that nobody is to read any more, interactions that are past retention, the events of
 * those that are so for long, what traits forget. A few rows at a time, so that no write waits for
 * long. */

#include <assert.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/trait_state.h"

enum {
    IMPORT_DAYS_KEPT = 30,
    IMPORTS_LOOKED_AT_MAX = 1000,
    REQUEST_KEY_SIZE = 1 + 4 + ID_SIZE, /* Without the part. */
    EVENT_DAY_KEY_SIZE = 1 + 8 + 4 + VAULT_FINGERPRINT_SIZE,
    PARTS_MAX = 64, /* Rows of one answer. */
};

struct sweep {
    struct store *store;
    struct arena *arena;
    struct engine_txn *txn;
    int64_t now_us;
    size_t max;
    size_t count;
    struct bytes *keys;
};

static void note(struct sweep *sweep, struct bytes key) {
    assert(sweep->count < sweep->max + PARTS_MAX);
    sweep->keys[sweep->count++] = arena_copy(sweep->arena, key);
}

/* The parts of an answer go together. */
static bool is_further_part(const struct sweep *sweep, struct bytes key) {
    return sweep->count > 0 &&
           bytes_start_with(sweep->keys[sweep->count - 1], bytes_of(key.data, REQUEST_KEY_SIZE));
}

/* Rows lie by day: those before yesterday's come first. */
static struct status find_requests(struct sweep *sweep, struct engine_scan *scan) {
    const uint32_t today = (uint32_t)(sweep->now_us / US_PER_DAY);
    while (sweep->count < sweep->max + PARTS_MAX) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL || key.size < REQUEST_KEY_SIZE ||
            store_get_u32(key.data + 1) + 2 > today ||
            (sweep->count >= sweep->max && !is_further_part(sweep, key))) {
            return OK;
        }
        note(sweep, key);
    }
    return OK;
}

/* They lie by hash: each sweep goes on where the one before it stopped. */
static struct status find_imports(struct sweep *sweep, struct engine_scan *scan) {
    struct store_key *next = &sweep->store->import_next;
    for (size_t i = 0; i < IMPORTS_LOOKED_AT_MAX && sweep->count < sweep->max; i++) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            next->size = 0;
            return OK;
        }
        assert(key.size <= sizeof next->bytes);
        memcpy(next->bytes, key.data, key.size);
        next->size = key.size;
        TRY(view_untagged(sweep->store, key, value, sweep->arena, &value));
        ProtobufCMessage *message = NULL;
        TRY(store_unpack(sweep->arena, &stored__v1__import__descriptor, value, &message));
        const int64_t update_us = (int64_t)((const Stored__V1__Import *)message)->update_us;
        if (sweep->now_us - update_us > IMPORT_DAYS_KEPT * US_PER_DAY) {
            note(sweep, key);
        }
    }
    return OK;
}

static struct status find(struct sweep *sweep, enum store_table table, struct bytes from,
                          struct status (*look)(struct sweep *, struct engine_scan *)) {
    const struct store_key prefix = store_key_table(table);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(sweep->txn, store_key_bytes(&prefix), from, ENGINE_ASCENDING, &scan));
    const struct status looked = look(sweep, scan);
    engine_scan_close(scan);
    return looked;
}

/* Rows of days lie by day; each goes with its event's. */
static struct status find_events(struct sweep *sweep) {
    const struct store_key days = store_key_event_days();
    const int32_t today = (int32_t)(sweep->now_us / US_PER_DAY);
    struct engine_scan *scan = NULL;
    struct status status = OK;
    TRY(engine_scan_open(sweep->txn, store_key_bytes(&days), bytes_of(NULL, 0), ENGINE_ASCENDING,
                         &scan));
    while (sweep->count < sweep->max) {
        struct bytes key;
        struct bytes value;
        status = engine_scan_next(scan, &key, &value);
        if (!status_is_ok(status) || key.data == NULL || key.size != EVENT_DAY_KEY_SIZE ||
            store_day_of_key(store_get_u32(key.data + days.size)) >= today) {
            break;
        }
        struct fingerprint hash;
        memcpy(hash.bytes, key.data + key.size - sizeof hash.bytes, sizeof hash.bytes);
        const struct store_key event = store_key_hash(STORE_TABLE_EVENT, hash);
        note(sweep, store_key_bytes(&event));
        note(sweep, key);
    }
    engine_scan_close(scan);
    return status;
}

static struct status find_changes(struct sweep *sweep) {
    struct store_view view = {.store = sweep->store, .arena = sweep->arena, .txn = sweep->txn};
    size_t found = 0;
    if (sweep->count >= sweep->max) {
        return OK;
    }
    overlay_init(&view.own_overlay, sweep->arena);
    view.overlay = &view.own_overlay;
    TRY(change_rows_old(&view, sweep->now_us, sweep->max - sweep->count, sweep->keys + sweep->count,
                        &found));
    sweep->count += found;
    return OK;
}

static struct status sweep_txn(struct sweep *sweep) {
    TRY(find(sweep, STORE_TABLE_REQUEST, bytes_of(NULL, 0), find_requests));
    const struct store_key from = sweep->store->import_next;
    TRY(find(sweep, STORE_TABLE_IMPORT, store_key_bytes(&from), find_imports));
    TRY(find_events(sweep));
    TRY(find_changes(sweep));
    for (size_t i = 0; i < sweep->count; i++) {
        TRY(engine_delete(sweep->txn, sweep->keys[i]));
    }
    return OK;
}

static struct status sweep_rows(struct store *store, int64_t now_us, size_t max, size_t *deleted) {
    TRY(keystore_days_destroy(store->keystore, (uint32_t)(now_us / US_PER_DAY)));
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    struct sweep sweep = {.store = store, .arena = &arena, .now_us = now_us, .max = max};
    sweep.keys = arena_array(&arena, max + PARTS_MAX, sizeof *sweep.keys);
    struct status status = engine_write_begin(store->engine, ENGINE_WRITE_ERASE, &sweep.txn);
    if (status_is_ok(status)) {
        status = sweep_txn(&sweep);
        if (status_is_ok(status) && sweep.count > 0) {
            status = engine_commit(sweep.txn);
        } else {
            engine_abort(sweep.txn);
        }
    }
    if (status_is_ok(status)) {
        *deleted = sweep.count < max ? sweep.count : max;
    }
    arena_free(&arena);
    if (status_is_ok(status) && *deleted < max) {
        size_t removed = 0;
        status = retention_sweep(store, now_us, max - *deleted, &removed);
        *deleted += removed;
    }
    return status;
}

struct status store_sweep(struct store *store, int64_t now_us, size_t max, size_t *deleted) {
    size_t rows = 0;
    size_t forgotten = 0;
    TRY(sweep_rows(store, now_us, max, &rows));
    if (rows < max) {
        TRY(trait_sweep(store, now_us, max - rows, &forgotten));
    }
    *deleted = rows + forgotten;
    return OK;
}
