/* Rows in LMDB.
 *
 * Each table that the options name is a database of LMDB, called by its byte; all else lies in the
 * main one, beside their records: no key of it begins with such a byte. Rows of a table of sets are
 * values of one key each, sorted and of one size (MDB_DUPFIXED): 41 04 city 06 riyadh has the ids
 * of all who live there, 16 bytes each and nothing between them. Rows that lie beside others have
 * their owner first, then a byte for their table, 0 for that beside which they lie: 44, the id of a
 * profile, that of a decision is the id, 44, the other id there, behind the id, 00 of the profile.
 */

#include <assert.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/lmdb_engine.h"

struct engine_scan {
    struct engine_txn *txn;
    const struct tree *tree;
    MDB_cursor *cursor; /* NULL in a tree that is missing. */
    enum engine_order order;
    bool started;
    bool ended;
    size_t prefix_size; /* Both as keys lie; no prefix where rows of other tables are passed by. */
    size_t from_size;
    uint8_t prefix[ENGINE_KEY_SIZE_MAX];
    uint8_t from[ENGINE_KEY_SIZE_MAX];
    uint8_t row[ENGINE_KEY_SIZE_MAX]; /* The key of a row that lies in another form. */
};

/* ---- keys and values ---- */

static void assert_key(struct bytes key) {
    assert(key.data != NULL);
    assert(key.size > 0);
    assert(key.size <= ENGINE_KEY_SIZE_MAX);
}

/* LMDB reads from what it is given and has no const. */
static MDB_val val_of(struct bytes bytes) {
    return (MDB_val){bytes.size, bytes.size > 0 ? (void *)bytes.data : ""};
}

static struct bytes bytes_of_val(MDB_val val) { return bytes_of(val.mv_data, val.mv_size); }

static const struct tree *tree_of(const struct engine *engine, uint8_t first) {
    return &engine->trees[engine->tree_of[first]];
}

/* What stands for the table of a row behind its owner. */
static uint8_t rank_of(const struct tree *tree) {
    return tree->first == tree->beside ? 0 : tree->first;
}

/* A key that has an owner, as it lies. */
static void owned_key(const struct tree *tree, struct bytes key, uint8_t *out) {
    assert(key.size > ENGINE_OWNER_SIZE);
    memcpy(out, key.data + 1, ENGINE_OWNER_SIZE);
    out[ENGINE_OWNER_SIZE] = rank_of(tree);
    memcpy(out + 1 + ENGINE_OWNER_SIZE, key.data + 1 + ENGINE_OWNER_SIZE,
           key.size - 1 - ENGINE_OWNER_SIZE);
}

/* A key as LMDB has it: that of a set, and the member behind it. */
struct place {
    MDB_val key;
    MDB_val member; /* Of no size where the tree is not of sets. */
};

/* `buffer` is for a key that lies in another form. */
static struct place place_of(const struct tree *tree, struct bytes key,
                             uint8_t buffer[ENGINE_KEY_SIZE_MAX]) {
    assert(key.size > tree->member_size);
    const size_t set_size = key.size - tree->member_size;
    if (tree->beside != 0) {
        owned_key(tree, key, buffer);
        return (struct place){val_of(bytes_of(buffer, key.size)), val_of(bytes_of(NULL, 0))};
    }
    return (struct place){val_of(bytes_of(key.data, set_size)),
                          val_of(bytes_of(key.data + set_size, tree->member_size))};
}

static int member_find(MDB_txn *txn, const struct tree *tree, struct place *place) {
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, tree->handle, &cursor);
    if (code == 0) {
        code = mdb_cursor_get(cursor, &place->key, &place->member, MDB_GET_BOTH);
        mdb_cursor_close(cursor);
    }
    return code;
}

struct status engine_get(struct engine_txn *txn, struct bytes key, struct bytes *out) {
    assert(!txn->reset);
    assert_key(key);
    TRY(txn->failure);
    const struct tree *tree = tree_of(txn->engine, key.data[0]);
    uint8_t buffer[ENGINE_KEY_SIZE_MAX];
    struct place place = place_of(tree, key, buffer);
    MDB_val value = val_of(bytes_of(NULL, 0));
    int code = MDB_NOTFOUND;
    if (!tree->is_missing) {
        code = tree->member_size > 0 ? member_find(txn->txn, tree, &place)
                                     : mdb_get(txn->txn, tree->handle, &place.key, &value);
    }
    if (code == MDB_NOTFOUND) {
        *out = bytes_of(NULL, 0);
        return OK;
    }
    TRY(lmdb_status(code));
    *out = bytes_of_val(value);
    return OK;
}

/* What comes behind all that there is: told so, LMDB leaves full pages behind and splits none. Of
 * what does not it changes nothing, and says so. */
static int place_put(MDB_txn *txn, const struct tree *tree, struct place *place, MDB_val *value) {
    const bool is_member = tree->member_size > 0;
    MDB_val *data = is_member ? &place->member : value;
    int code = MDB_KEYEXIST;
    if (is_member || tree->in_order) {
        code =
            mdb_put(txn, tree->handle, &place->key, data, is_member ? MDB_APPENDDUP : MDB_APPEND);
    }
    return code == MDB_KEYEXIST ? mdb_put(txn, tree->handle, &place->key, data, 0) : code;
}

struct status engine_put(struct engine_txn *txn, struct bytes key, struct bytes value) {
    assert(txn->write);
    assert(txn->scans == 0);
    assert_key(key);
    assert(value.size <= ENGINE_VALUE_SIZE_MAX);
    TRY(txn->failure);
    const struct tree *tree = tree_of(txn->engine, key.data[0]);
    assert(!tree->is_missing);
    assert(tree->member_size == 0 || value.size == 0);
    uint8_t buffer[ENGINE_KEY_SIZE_MAX];
    struct place place = place_of(tree, key, buffer);
    MDB_val inner_value = val_of(value);
    txn->failure = lmdb_status(place_put(txn->txn, tree, &place, &inner_value));
    return txn->failure;
}

struct status engine_delete(struct engine_txn *txn, struct bytes key) {
    assert(txn->write);
    assert(txn->scans == 0);
    assert_key(key);
    TRY(txn->failure);
    const struct tree *tree = tree_of(txn->engine, key.data[0]);
    assert(!tree->is_missing);
    uint8_t buffer[ENGINE_KEY_SIZE_MAX];
    struct place place = place_of(tree, key, buffer);
    const int code =
        mdb_del(txn->txn, tree->handle, &place.key, tree->member_size > 0 ? &place.member : NULL);
    txn->failure = code == MDB_NOTFOUND ? OK : lmdb_status(code);
    return txn->failure;
}

/* ---- scans ---- */

static void bounds_set(struct engine_scan *scan, struct bytes prefix, struct bytes from) {
    const bool is_owned = scan->tree->beside != 0;
    scan->prefix_size = is_owned && prefix.size == 1 ? 0 : prefix.size;
    scan->from_size = from.size;
    if (is_owned && scan->prefix_size > 0) {
        owned_key(scan->tree, prefix, scan->prefix);
    } else if (scan->prefix_size > 0) {
        memcpy(scan->prefix, prefix.data, prefix.size);
    }
    if (is_owned && from.size > 0) {
        owned_key(scan->tree, from, scan->from);
    } else if (from.size > 0) {
        memcpy(scan->from, from.data, from.size);
    }
}

struct status engine_scan_open(struct engine_txn *txn, struct bytes prefix, struct bytes from,
                               enum engine_order order, struct engine_scan **out) {
    assert(!txn->reset);
    assert(prefix.size <= ENGINE_KEY_SIZE_MAX);
    assert(from.size <= ENGINE_KEY_SIZE_MAX);
    assert(from.size == 0 || bytes_start_with(from, prefix));
    assert(prefix.size > 0 || txn->engine->tree_count == 1);
    TRY(txn->failure);
    const struct tree *tree =
        prefix.size == 0 ? &txn->engine->trees[0] : tree_of(txn->engine, prefix.data[0]);
    assert(from.size == 0 || from.size >= prefix.size + tree->member_size);
    MDB_cursor *cursor = NULL;
    if (!tree->is_missing) {
        TRY(lmdb_status(mdb_cursor_open(txn->txn, tree->handle, &cursor)));
    }
    struct engine_scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL) {
        abort(); /* As the arena does. */
    }
    scan->txn = txn;
    scan->tree = tree;
    scan->cursor = cursor;
    scan->ended = cursor == NULL;
    scan->order = order;
    bounds_set(scan, prefix, from);
    txn->scans++;
    *out = scan;
    return OK;
}

/* The first row of sets at or after a key; `is_row`: the key has a member behind that of a set. */
static int seek_member(MDB_cursor *cursor, const struct tree *tree, struct bytes bound, bool is_row,
                       MDB_val *key, MDB_val *value) {
    if (!is_row) {
        *key = val_of(bound);
        return mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    }
    const struct place place = place_of(tree, bound, NULL);
    *key = place.key;
    *value = place.member;
    int code = mdb_cursor_get(cursor, key, value, MDB_GET_BOTH_RANGE);
    if (code != MDB_NOTFOUND) {
        return code;
    }
    *key = place.key; /* The next set, behind this one where there is such a one. */
    code = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    const bool is_same = code == 0 && bytes_equal(bytes_of_val(*key), bytes_of_val(place.key));
    return is_same ? mdb_cursor_get(cursor, key, value, MDB_NEXT_NODUP) : code;
}

/* The first row whose key is at or after the bound. */
static int seek(const struct engine_scan *scan, struct bytes bound, bool is_row, MDB_val *key,
                MDB_val *value) {
    if (scan->tree->member_size > 0) {
        return seek_member(scan->cursor, scan->tree, bound, is_row, key, value);
    }
    *key = val_of(bound);
    return mdb_cursor_get(scan->cursor, key, value, MDB_SET_RANGE);
}

/* The first key that is at or after `from`, or has the prefix. */
static int seek_first(const struct engine_scan *scan, MDB_val *key, MDB_val *value) {
    if (scan->from_size > 0) {
        return seek(scan, bytes_of(scan->from, scan->from_size), true, key, value);
    }
    if (scan->prefix_size == 0) {
        return mdb_cursor_get(scan->cursor, key, value, MDB_FIRST);
    }
    return seek(scan, bytes_of(scan->prefix, scan->prefix_size), false, key, value);
}

/* Whether a row lies under this key. */
static bool is_at(const struct tree *tree, struct bytes bound, MDB_val key, MDB_val value) {
    if (tree->member_size == 0) {
        return bytes_equal(bytes_of_val(key), bound);
    }
    const struct place place = place_of(tree, bound, NULL);
    return bytes_equal(bytes_of_val(key), bytes_of_val(place.key)) &&
           bytes_equal(bytes_of_val(value), bytes_of_val(place.member));
}

/* The last key that is at or before `from`, or has the prefix: the one before the first that is
 * not. */
static int seek_last(const struct engine_scan *scan, MDB_val *key, MDB_val *value) {
    uint8_t bound[ENGINE_KEY_SIZE_MAX];
    size_t size = scan->prefix_size;
    int code;
    if (scan->from_size > 0) {
        const struct bytes from = bytes_of(scan->from, scan->from_size);
        code = seek(scan, from, true, key, value);
        if (code == 0 && is_at(scan->tree, from, *key, *value)) {
            return 0;
        }
    } else {
        /* The least key after all that have the prefix: its last byte that can be raised is, and
         * what follows goes. 41 ff ff -> 42. A prefix of ff alone has no key after it. */
        while (size > 0 && scan->prefix[size - 1] == 0xff) {
            size--;
        }
        if (size == 0) {
            return mdb_cursor_get(scan->cursor, key, value, MDB_LAST);
        }
        memcpy(bound, scan->prefix, size);
        bound[size - 1]++;
        code = seek(scan, bytes_of(bound, size), false, key, value);
    }
    if (code == MDB_NOTFOUND) {
        return mdb_cursor_get(scan->cursor, key, value, MDB_LAST);
    }
    return code != 0 ? code : mdb_cursor_get(scan->cursor, key, value, MDB_PREV);
}

static int scan_step(struct engine_scan *scan, MDB_val *key, MDB_val *value) {
    const bool started = scan->started;
    scan->started = true;
    switch (scan->order) {
    case ENGINE_ASCENDING:
        return started ? mdb_cursor_get(scan->cursor, key, value, MDB_NEXT)
                       : seek_first(scan, key, value);
    case ENGINE_DESCENDING:
        return started ? mdb_cursor_get(scan->cursor, key, value, MDB_PREV)
                       : seek_last(scan, key, value);
    }
    abort(); /* No such order. */
}

/* From a row of another table that has the same tree to the next that may be of this one. */
static int pass_by(const struct engine_scan *scan, MDB_val *key, MDB_val *value) {
    const uint8_t rank = rank_of(scan->tree);
    const uint8_t other = ((const uint8_t *)key->mv_data)[ENGINE_OWNER_SIZE];
    uint8_t bound[ENGINE_OWNER_SIZE + 1];
    memcpy(bound, key->mv_data, ENGINE_OWNER_SIZE);
    int code;
    switch (scan->order) {
    case ENGINE_ASCENDING:
        bound[ENGINE_OWNER_SIZE] = other < rank ? rank : UINT8_MAX;
        return seek(scan, bytes_of(bound, sizeof bound), true, key, value);
    case ENGINE_DESCENDING:
        bound[ENGINE_OWNER_SIZE] = other > rank ? (uint8_t)(rank + 1) : 0;
        code = seek(scan, bytes_of(bound, sizeof bound), true, key, value);
        return code == MDB_NOTFOUND ? mdb_cursor_get(scan->cursor, key, value, MDB_LAST)
               : code != 0          ? code
                                    : mdb_cursor_get(scan->cursor, key, value, MDB_PREV);
    }
    abort(); /* No such order. */
}

/* The next row of the table; those of others are passed by. */
static int table_step(struct engine_scan *scan, MDB_val *key, MDB_val *value) {
    int code = scan_step(scan, key, value);
    while (scan->tree->beside != 0 && code == 0) {
        if (key->mv_size <= ENGINE_OWNER_SIZE) {
            return MDB_CORRUPTED;
        }
        if (((const uint8_t *)key->mv_data)[ENGINE_OWNER_SIZE] == rank_of(scan->tree)) {
            return 0;
        }
        if (scan->prefix_size > 0) {
            return MDB_NOTFOUND; /* All that begin so are of this table. */
        }
        code = pass_by(scan, key, value);
    }
    return code;
}

/* The key and the value of a row that lies in another form, as the caller knows them. */
static struct status row_restore(struct engine_scan *scan, struct bytes *key, struct bytes *value) {
    const struct tree *tree = scan->tree;
    if (key->size + tree->member_size > sizeof scan->row ||
        (tree->member_size > 0 && value->size != tree->member_size)) {
        return lmdb_status(MDB_CORRUPTED);
    }
    memcpy(scan->row, key->data, key->size);
    if (tree->beside != 0) {
        scan->row[0] = tree->first;
        memcpy(scan->row + 1, key->data, ENGINE_OWNER_SIZE);
        *key = bytes_of(scan->row, key->size);
        return OK;
    }
    memcpy(scan->row + key->size, value->data, value->size);
    *key = bytes_of(scan->row, key->size + value->size);
    *value = bytes_of("", 0);
    return OK;
}

struct status engine_scan_next(struct engine_scan *scan, struct bytes *key, struct bytes *value) {
    MDB_val inner_key;
    MDB_val inner_value;
    if (!scan->ended) {
        const int code = table_step(scan, &inner_key, &inner_value);
        if (code != 0 && code != MDB_NOTFOUND) {
            return lmdb_status(code);
        }
        scan->ended =
            code == MDB_NOTFOUND ||
            !bytes_start_with(bytes_of_val(inner_key), bytes_of(scan->prefix, scan->prefix_size));
    }
    if (scan->ended) {
        *key = bytes_of(NULL, 0);
        *value = bytes_of(NULL, 0);
        return OK;
    }
    *key = bytes_of_val(inner_key);
    *value = bytes_of_val(inner_value);
    return scan->tree->member_size > 0 || scan->tree->beside != 0 ? row_restore(scan, key, value)
                                                                  : OK;
}

void engine_scan_close(struct engine_scan *scan) {
    assert(scan->txn->scans > 0);
    scan->txn->scans--;
    if (scan->cursor != NULL) {
        mdb_cursor_close(scan->cursor);
    }
    free(scan);
}
