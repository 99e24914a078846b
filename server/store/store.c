/* Opens and closes a workspace's store: the engine with its data, the keystore beside it, and the
 * subkeys that are derived from the root key for this workspace. */

#include "server/store/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/view.h"

enum {
    FORMAT_ROW_SIZE = 4 + VAULT_FINGERPRINT_SIZE,
    TRAIT_CACHE_ARENA_SIZE = 16 << 20,
};

struct status store_corrupt(const char *text) {
    return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, text);
}

/* The workspace's own key comes from the root key and the hash of the workspace's name. */
static void derive_keys(struct store *store, const struct vault_key *root) {
    const struct bytes name = bytes_of_string(store->workspace);
    const struct fingerprint hash = vault_fingerprint(root, &name, 1);
    struct vault_key workspace_key;
    vault_derive(root, "profiled", store_get_u64(hash.bytes), &workspace_key);
    vault_derive(&workspace_key, "dataindx", 1, &store->index_key);
    vault_derive(&workspace_key, "pagetokn", 1, &store->token_key);
    vault_derive(&workspace_key, "rowtagky", 1, &store->tag_key);
    vault_derive(&workspace_key, "rowsealk", 1, &store->row_key);
    vault_wipe(&workspace_key);
}

/* The row of the format: 4 bytes of version, then a keyed hash that only the right root key and
 * workspace give. 00000004 and 16 bytes. */
static void format_row(const struct store *store, uint8_t out[FORMAT_ROW_SIZE]) {
    store_put_u32(out, STORE_FORMAT);
    const struct fingerprint check = view_hash(store, "format", store->workspace, "");
    memcpy(out + 4, check.bytes, sizeof check.bytes);
}

static struct status write_format(struct store *store) {
    uint8_t row[FORMAT_ROW_SIZE];
    format_row(store, row);
    struct engine_txn *txn = NULL;
    TRY(engine_write_begin(store->engine, ENGINE_WRITE_ORDINARY, &txn));
    const struct store_key key = store_key_table(STORE_TABLE_FORMAT);
    const struct status put = engine_put(txn, store_key_bytes(&key), bytes_of(row, sizeof row));
    if (!status_is_ok(put)) {
        engine_abort(txn);
        return put;
    }
    return engine_commit(txn);
}

/* Reads the row of the format; *found is false in an empty store. */
static struct status check_format(struct store *store, struct engine_txn *txn, bool *found) {
    const struct store_key key = store_key_table(STORE_TABLE_FORMAT);
    struct bytes row;
    TRY(engine_get(txn, store_key_bytes(&key), &row));
    if (row.data == NULL) {
        *found = false;
        struct engine_stats stats;
        TRY(engine_stats(store->engine, &stats));
        return stats.entries == 0 ? OK
                                  : status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                                              "the directory holds another program's data");
    }
    *found = true;
    uint8_t expected[FORMAT_ROW_SIZE];
    format_row(store, expected);
    if (row.size == sizeof expected && store_get_u32(row.data) < STORE_FORMAT) {
        return status_of(
            STATUS_FAILED_PRECONDITION, REASON_STORE_VERSION,
            "the store was made by an earlier version of profiled, in a form that this "
            "one does not read");
    }
    if (row.size < 4 || store_get_u32(row.data) > STORE_FORMAT) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_STORE_VERSION,
                         "the store was made by a newer version of profiled");
    }
    if (!bytes_equal(row, bytes_of(expected, sizeof expected))) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_KEY_INVALID,
                         "the store was made with another root key or for another workspace");
    }
    return OK;
}

/* The keystore is made before the row of the format: a store that has the row and no keystore has
 * lost it, and a new one would only hide that. */
static enum keystore_mode keystore_mode_of(const struct store_options *options, bool found) {
    if (options->read_only) {
        return KEYSTORE_READ_ONLY;
    }
    return options->create && !found ? KEYSTORE_CREATE : KEYSTORE_OPEN;
}

static struct status open_keystore(struct store *store, const struct store_options *options,
                                   bool found) {
    const struct status status =
        keystore_open(options->keys_directory, keystore_mode_of(options, found), options->root,
                      options->random, &store->keystore);
    if (found && status.reason == REASON_NOT_A_STORE) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_KEY_INVALID,
                         "the workspace's directory in keys/ is missing or holds no keystore: "
                         "restore it, nothing else can read the data");
    }
    return status;
}

static struct status prepare(struct store *store, const struct store_options *options) {
    TRY(engine_open(&(struct engine_options){.directory = options->data_directory,
                                             .map_size = options->map_size,
                                             .tables = store_tables,
                                             .table_count = store_table_count,
                                             .create = options->create,
                                             .read_only = options->read_only,
                                             .monotonic_us = options->monotonic_us},
                    &store->engine));
    struct engine_txn *txn = NULL;
    TRY(engine_read_begin(store->engine, &txn));
    bool found = false;
    const struct status checked = check_format(store, txn, &found);
    engine_read_end(txn);
    TRY(checked);
    if (!found && !options->create) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                         "the directory holds no store");
    }
    TRY(open_keystore(store, options, found));
    if (!found && keystore_has_keys(store->keystore)) {
        /* An empty store in its place would only hide the loss. */
        return store_corrupt("the keystore has keys of profiles, but the data is gone: restore it");
    }
    return found ? OK : write_format(store);
}

struct status store_open(const struct store_options *options, struct store **out) {
    assert(options->workspace[0] != '\0');
    assert(options->terms != NULL);
    struct store *store = calloc(1, sizeof *store);
    assert(store != NULL);
    store->random = options->random;
    store->terms = options->terms;
    store->trait_filters = options->trait_filters;
    store->follower = options->follower;
    store->backfill_max = options->backfill_max;
    store->is_backfilling = true; /* Somebody may have closed it before the end. */
    arena_init(&store->trait_cache.arena, TRAIT_CACHE_ARENA_SIZE);
    store->workspace = strdup(options->workspace);
    store->default_region = strdup(options->default_region == NULL ? "" : options->default_region);
    assert(store->workspace != NULL && store->default_region != NULL);
    derive_keys(store, options->root);
    const struct status status = prepare(store, options);
    if (!status_is_ok(status)) {
        store_close(store);
        return status;
    }
    *out = store;
    return OK;
}

void store_close(struct store *store) {
    if (store == NULL) {
        return;
    }
    if (store->follower_state != NULL) {
        store->follower->close(store->follower_state);
    }
    arena_free(&store->trait_cache.arena);
    keystore_close(store->keystore);
    engine_close(store->engine);
    vault_wipe(&store->index_key);
    vault_wipe(&store->token_key);
    vault_wipe(&store->tag_key);
    vault_wipe(&store->row_key);
    free(store->workspace);
    free(store->default_region);
    free(store);
}

const char *store_workspace(const struct store *store) { return store->workspace; }

const char *store_default_region(const struct store *store) { return store->default_region; }

struct fingerprint store_fingerprint(const struct store *store, const struct bytes *parts,
                                     size_t count) {
    return vault_fingerprint(&store->index_key, parts, count);
}

struct fingerprint view_hash(const struct store *store, const char *purpose, const char *first,
                             const char *second) {
    const struct bytes parts[] = {bytes_of_string(purpose), bytes_of_string(first),
                                  bytes_of_string(second)};
    return vault_fingerprint(&store->index_key, parts, 3);
}

struct status store_follow_step(struct store *store, int64_t now_us, int64_t step_us, bool *more,
                                int64_t *next_us) {
    bool more_windows = false;
    *more = false;
    *next_us = INT64_MAX;
    TRY(mark_step(store, now_us, &more_windows));
    if (store->follower != NULL) {
        TRY(store->follower->step(store, &store->follower_state, now_us, step_us, more, next_us));
    }
    *more = *more || more_windows;
    return OK;
}

struct status store_check_readers(struct store *store) {
    return engine_check_readers(store->engine);
}
