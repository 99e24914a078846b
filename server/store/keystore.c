/* The keystore: blocks of profile keys made ahead of use, and the keys of days. Opened blocks are
 * cached, since every read of a profile needs its key; what leaves the cache is wiped. */

#include "server/store/keystore.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION UINT32_C(1)
/* Sparse; room for the keys of a thousand million profiles. */
#define MAP_SIZE ((size_t)64 << 30)

enum {
    TABLE_FORMAT = 'F',
    TABLE_BLOCK = 'B',
    TABLE_DAY = 'D',
    DAY_SECOND = 1, /* Behind the key of a day: it is a second one. */
    BLOCK_KEY_SIZE = 9,
    DAY_KEY_SIZE = 5,
    SEALED_KEY_SIZE = VAULT_KEY_SIZE + VAULT_SEAL_OVERHEAD,
    BLOCK_PLAIN_SIZE = KEYSTORE_BLOCK_SLOTS * VAULT_KEY_SIZE,
    BLOCK_VALUE_SIZE = SEALED_KEY_SIZE + BLOCK_PLAIN_SIZE + VAULT_SEAL_OVERHEAD,
    BLOCK_ARENA_SIZE = 4 * BLOCK_VALUE_SIZE,
    DAYS_CACHED = KEYSTORE_DAYS_KEPT + 2, /* Those kept, today's, and one ahead. */
};

static_assert(SEALED_KEY_SIZE == 72, "as the header says");
static_assert(sizeof(struct vault_key) == VAULT_KEY_SIZE, "a block's keys lie side by side");

/* An opened block. */
struct block {
    uint64_t number;
    struct vault_key keys[KEYSTORE_BLOCK_SLOTS];
};

struct day {
    bool known;
    uint32_t number;
    struct vault_key key;
};

struct keystore {
    struct engine *engine;
    const struct random *random;
    struct vault_key wrap; /* Derived from the root key; seals block keys and day keys. */
    /* The writer's own. */
    uint64_t block_next; /* The block that is made next. */
    uint64_t slot_next;  /* The slot that is taken next. */
    uint64_t slot_end;   /* The end of the block that slots are taken from. */
    uint32_t destroyed;  /* The day on which outlived keys of days were last looked for. */
    /* Both caches map a number to its place by remainder. */
    pthread_rwlock_t lock;
    struct block *blocks[KEYSTORE_CACHE_BLOCKS_MAX];
    struct day days[DAYS_CACHED];
    uint32_t today; /* The latest day that a key was made for; earlier ones may be outlived. */
};

static const struct status corrupt = {STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                                      "the keystore is damaged: restore it from a copy"};

/* ---- keys and values ---- */

static void put_u32(uint8_t *out, uint32_t value) {
    for (size_t i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static void put_u64(uint8_t *out, uint64_t value) {
    put_u32(out, (uint32_t)(value >> 32));
    put_u32(out + 4, (uint32_t)value);
}

static uint64_t get_number(const uint8_t *data, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | data[i];
    }
    return value;
}

/* Example: block 3 is 42 00 00 00 00 00 00 00 03. */
static struct bytes block_key(uint64_t number, uint8_t out[BLOCK_KEY_SIZE]) {
    out[0] = TABLE_BLOCK;
    put_u64(out + 1, number);
    return bytes_of(out, BLOCK_KEY_SIZE);
}

/* Example: day 20780 (2026-11-23) is 44 00 00 51 2c. */
static struct bytes day_key(uint32_t number, uint8_t out[DAY_KEY_SIZE]) {
    out[0] = TABLE_DAY;
    put_u32(out + 1, number);
    return bytes_of(out, DAY_KEY_SIZE);
}

/* The bytes are of an arena, and so of nobody else. */
static void wipe(struct bytes keys) {
    assert(keys.size % VAULT_KEY_SIZE == 0);
    for (size_t at = 0; at < keys.size; at += VAULT_KEY_SIZE) {
        vault_wipe((struct vault_key *)(keys.data + at));
    }
}

/* Opens one sealed key, bound to the key of its entry. */
static struct status open_key(const struct vault_key *wrap, struct bytes entry, struct bytes sealed,
                              struct arena *arena, struct vault_key *out) {
    struct bytes plain;
    TRY(vault_open(wrap, entry, sealed, arena, &plain));
    if (plain.size != VAULT_KEY_SIZE) {
        wipe(bytes_of(plain.data, plain.size - plain.size % VAULT_KEY_SIZE));
        return corrupt;
    }
    memcpy(out->bytes, plain.data, VAULT_KEY_SIZE);
    wipe(plain);
    return OK;
}

static void make_key(const struct random *random, struct vault_key *out) {
    random_fill(random, out->bytes, VAULT_KEY_SIZE);
}

/* ---- blocks ---- */

/* The value of a block: its own key sealed under `wrap`, then its keys sealed under that. Both are
 * bound to the block's number. */
static struct bytes seal_block(const struct keystore *keystore, const struct block *block,
                               struct bytes entry, struct arena *arena) {
    struct vault_key key;
    make_key(keystore->random, &key);
    const struct bytes head = vault_seal(&keystore->wrap, entry, bytes_of(key.bytes, sizeof key),
                                         keystore->random, arena);
    const struct bytes body =
        vault_seal(&key, entry, bytes_of(block->keys, BLOCK_PLAIN_SIZE), keystore->random, arena);
    vault_wipe(&key);
    uint8_t *value = arena_alloc(arena, BLOCK_VALUE_SIZE);
    assert(head.size + body.size == BLOCK_VALUE_SIZE);
    memcpy(value, head.data, head.size);
    memcpy(value + head.size, body.data, body.size);
    return bytes_of(value, BLOCK_VALUE_SIZE);
}

static struct status open_block(const struct keystore *keystore, struct bytes entry,
                                struct bytes value, struct arena *arena, struct block *out) {
    if (value.size != BLOCK_VALUE_SIZE) {
        return corrupt;
    }
    struct vault_key key;
    TRY(open_key(&keystore->wrap, entry, bytes_of(value.data, SEALED_KEY_SIZE), arena, &key));
    struct bytes plain;
    const struct status status = vault_open(
        &key, entry, bytes_of(value.data + SEALED_KEY_SIZE, value.size - SEALED_KEY_SIZE), arena,
        &plain);
    vault_wipe(&key);
    TRY(status);
    assert(plain.size == BLOCK_PLAIN_SIZE);
    memcpy(out->keys, plain.data, BLOCK_PLAIN_SIZE);
    wipe(plain);
    return OK;
}

static struct block *block_new(uint64_t number) {
    struct block *block = calloc(1, sizeof *block);
    if (block == NULL) {
        abort(); /* As the arena does. */
    }
    block->number = number;
    return block;
}

static void block_free(struct block *block) {
    if (block == NULL) {
        return;
    }
    wipe(bytes_of(block->keys, BLOCK_PLAIN_SIZE));
    free(block);
}

/* Puts a block into the cache, which owns it from now on; what had its place is wiped. */
static void cache_block(struct keystore *keystore, struct block *block) {
    struct block **place = &keystore->blocks[block->number % KEYSTORE_CACHE_BLOCKS_MAX];
    pthread_rwlock_wrlock(&keystore->lock);
    struct block *old = *place;
    *place = block;
    pthread_rwlock_unlock(&keystore->lock);
    block_free(old);
}

/* Commits one entry. */
static struct status write_entry(struct engine *engine, struct bytes key, struct bytes value) {
    struct engine_txn *txn;
    TRY(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn));
    const struct status status = engine_put(txn, key, value);
    if (status.code != STATUS_OK) {
        engine_abort(txn);
        return status;
    }
    return engine_commit(txn);
}

/* Makes the next block and begins to take slots from it. */
static struct status make_block(struct keystore *keystore) {
    struct block *block = block_new(keystore->block_next);
    random_fill(keystore->random, (uint8_t *)block->keys, BLOCK_PLAIN_SIZE);
    struct arena arena;
    arena_init(&arena, BLOCK_ARENA_SIZE);
    uint8_t buffer[BLOCK_KEY_SIZE];
    const struct bytes entry = block_key(block->number, buffer);
    const struct status status =
        write_entry(keystore->engine, entry, seal_block(keystore, block, entry, &arena));
    arena_free(&arena);
    if (status.code != STATUS_OK) {
        block_free(block);
        return status;
    }
    keystore->slot_next = block->number * KEYSTORE_BLOCK_SLOTS;
    keystore->slot_end = keystore->slot_next + KEYSTORE_BLOCK_SLOTS;
    keystore->block_next++;
    cache_block(keystore, block);
    return OK;
}

struct status keystore_slot_take(struct keystore *keystore, uint64_t *out) {
    if (keystore->slot_next == keystore->slot_end) {
        TRY(make_block(keystore));
    }
    assert(keystore->slot_next < keystore->slot_end);
    *out = keystore->slot_next++;
    return OK;
}

static bool find_cached_key(struct keystore *keystore, uint64_t slot, struct vault_key *out) {
    const uint64_t number = slot / KEYSTORE_BLOCK_SLOTS;
    pthread_rwlock_rdlock(&keystore->lock);
    const struct block *block = keystore->blocks[number % KEYSTORE_CACHE_BLOCKS_MAX];
    const bool found = block != NULL && block->number == number;
    if (found) {
        *out = block->keys[slot % KEYSTORE_BLOCK_SLOTS];
    }
    pthread_rwlock_unlock(&keystore->lock);
    return found;
}

static struct status read_block(struct keystore *keystore, struct block *out) {
    struct engine_txn *txn;
    TRY(engine_read_begin(keystore->engine, &txn));
    struct arena arena;
    arena_init(&arena, BLOCK_ARENA_SIZE);
    uint8_t buffer[BLOCK_KEY_SIZE];
    const struct bytes entry = block_key(out->number, buffer);
    struct bytes value;
    struct status status = engine_get(txn, entry, &value);
    if (status.code == STATUS_OK) {
        /* A block that is missing has no size. */
        status = open_block(keystore, entry, value, &arena, out);
    }
    arena_free(&arena);
    engine_read_end(txn);
    return status;
}

struct status keystore_key(struct keystore *keystore, uint64_t slot, struct vault_key *out) {
    if (find_cached_key(keystore, slot, out)) {
        return OK;
    }
    struct block *block = block_new(slot / KEYSTORE_BLOCK_SLOTS);
    const struct status status = read_block(keystore, block);
    if (status.code != STATUS_OK) {
        block_free(block);
        return status;
    }
    *out = block->keys[slot % KEYSTORE_BLOCK_SLOTS];
    cache_block(keystore, block);
    return OK;
}

/* ---- days ---- */

static bool find_cached_day(struct keystore *keystore, uint32_t number, struct vault_key *out) {
    pthread_rwlock_rdlock(&keystore->lock);
    const struct day *day = &keystore->days[number % DAYS_CACHED];
    const bool found = day->known && day->number == number;
    if (found) {
        *out = day->key;
    }
    pthread_rwlock_unlock(&keystore->lock);
    return found;
}

static bool is_outlived(uint32_t number, uint32_t today) {
    return number < today && today - number > KEYSTORE_DAYS_KEPT;
}

static void cache_day(struct keystore *keystore, uint32_t number, const struct vault_key *key) {
    pthread_rwlock_wrlock(&keystore->lock);
    /* A reader may come with a key that was destroyed after it had read it. */
    if (!is_outlived(number, keystore->today)) {
        keystore->days[number % DAYS_CACHED] =
            (struct day){.known = true, .number = number, .key = *key};
    }
    pthread_rwlock_unlock(&keystore->lock);
}

static void forget_outlived_days(struct keystore *keystore, uint32_t today) {
    pthread_rwlock_wrlock(&keystore->lock);
    keystore->today = today;
    for (size_t i = 0; i < DAYS_CACHED; i++) {
        struct day *day = &keystore->days[i];
        if (day->known && is_outlived(day->number, today)) {
            vault_wipe(&day->key);
            day->known = false;
        }
    }
    pthread_rwlock_unlock(&keystore->lock);
}

/* Finds the earliest day with a key. */
static struct status find_first_day(struct engine_txn *txn, bool *found, uint32_t *out) {
    const uint8_t table = TABLE_DAY;
    struct engine_scan *scan;
    TRY(engine_scan_open(txn, bytes_of(&table, 1), bytes_of(NULL, 0), ENGINE_ASCENDING, &scan));
    struct bytes key;
    struct bytes value;
    struct status status = engine_scan_next(scan, &key, &value);
    if (status.code == STATUS_OK && key.size != 0 && key.size != DAY_KEY_SIZE) {
        status = corrupt;
    }
    if (status.code == STATUS_OK) {
        *found = key.size != 0;
        *out = *found ? (uint32_t)get_number(key.data + 1, key.size - 1) : 0;
    }
    engine_scan_close(scan);
    return status;
}

static struct status delete_outlived_days(struct engine_txn *txn, uint32_t today) {
    for (;;) { /* Each turn deletes one. */
        bool found = false;
        uint32_t number = 0;
        TRY(find_first_day(txn, &found, &number));
        if (!found || !is_outlived(number, today)) {
            return OK;
        }
        uint8_t buffer[DAY_KEY_SIZE];
        TRY(engine_delete(txn, day_key(number, buffer)));
    }
}

/* The sealed key of an entry, without what says that it is a second one. */
static struct bytes day_sealed(struct bytes value, bool *is_second) {
    *is_second = value.size == SEALED_KEY_SIZE + 1 && value.data[SEALED_KEY_SIZE] == DAY_SECOND;
    return *is_second ? bytes_of(value.data, SEALED_KEY_SIZE) : value;
}

static struct status read_day(struct keystore *keystore, uint32_t number, bool *found,
                              struct vault_key *out) {
    struct engine_txn *txn;
    TRY(engine_read_begin(keystore->engine, &txn));
    struct arena arena;
    arena_init(&arena, SEALED_KEY_SIZE);
    uint8_t buffer[DAY_KEY_SIZE];
    const struct bytes entry = day_key(number, buffer);
    struct bytes value;
    struct status status = engine_get(txn, entry, &value);
    const bool there = status.code == STATUS_OK && value.data != NULL;
    if (there) {
        bool is_second = false;
        status = open_key(&keystore->wrap, entry, day_sealed(value, &is_second), &arena, out);
    }
    if (status.code == STATUS_OK) {
        *found = there;
    }
    arena_free(&arena);
    engine_read_end(txn);
    return status;
}

/* Example of a value: 72 bytes; 72 bytes and 01 of a second key. */
static struct status write_day(struct keystore *keystore, uint32_t number, bool is_second,
                               const struct vault_key *key) {
    /* Erasing needs a day's key too, and for the one that comes in another goes. */
    struct engine_txn *txn;
    TRY(engine_write_begin(keystore->engine, ENGINE_WRITE_ERASE, &txn));
    struct arena arena;
    arena_init(&arena, SEALED_KEY_SIZE);
    uint8_t buffer[DAY_KEY_SIZE];
    const struct bytes entry = day_key(number, buffer);
    const struct bytes sealed = vault_seal(
        &keystore->wrap, entry, bytes_of(key->bytes, VAULT_KEY_SIZE), keystore->random, &arena);
    uint8_t value[SEALED_KEY_SIZE + 1];
    assert(sealed.size == SEALED_KEY_SIZE);
    memcpy(value, sealed.data, SEALED_KEY_SIZE);
    value[SEALED_KEY_SIZE] = DAY_SECOND;
    struct status status =
        engine_put(txn, entry, bytes_of(value, SEALED_KEY_SIZE + (is_second ? 1 : 0)));
    arena_free(&arena);
    if (status.code == STATUS_OK) {
        status = delete_outlived_days(txn, number);
    }
    if (status.code != STATUS_OK) {
        engine_abort(txn);
        return status;
    }
    return engine_commit(txn);
}

/* What to do where a day has no key. */
enum day_making { DAY_NONE, DAY_FIRST_KEY, DAY_SECOND_KEY };

static struct status find_day(struct keystore *keystore, uint32_t day, enum day_making making,
                              struct vault_key *out) {
    if (find_cached_day(keystore, day, out)) {
        return OK;
    }
    struct vault_key key;
    bool found;
    TRY(read_day(keystore, day, &found, &key));
    if (!found && making == DAY_NONE) {
        return (struct status){STATUS_NOT_FOUND, REASON_NONE, "there is no key of that day"};
    }
    if (!found) {
        make_key(keystore->random, &key);
        TRY(write_day(keystore, day, making == DAY_SECOND_KEY, &key));
        forget_outlived_days(keystore, day);
    }
    cache_day(keystore, day, &key);
    *out = key;
    vault_wipe(&key);
    return OK;
}

struct status keystore_day_key(struct keystore *keystore, uint32_t day, bool create,
                               struct vault_key *out) {
    return find_day(keystore, day, create ? DAY_FIRST_KEY : DAY_NONE, out);
}

struct status keystore_day_key_again(struct keystore *keystore, uint32_t day,
                                     struct vault_key *out) {
    return find_day(keystore, day, DAY_SECOND_KEY, out);
}

struct status keystore_day_is_second(struct keystore *keystore, uint32_t day, bool *out) {
    struct engine_txn *txn;
    TRY(engine_read_begin(keystore->engine, &txn));
    uint8_t buffer[DAY_KEY_SIZE];
    struct bytes value;
    const struct status status = engine_get(txn, day_key(day, buffer), &value);
    if (status.code == STATUS_OK) {
        (void)day_sealed(value, out);
    }
    engine_read_end(txn);
    return status;
}

static struct status destroy_outlived_days(struct keystore *keystore, uint32_t today) {
    struct engine_txn *txn;
    TRY(engine_write_begin(keystore->engine, ENGINE_WRITE_ERASE, &txn));
    const struct status status = delete_outlived_days(txn, today);
    if (status.code != STATUS_OK) {
        engine_abort(txn);
        return status;
    }
    return engine_commit(txn);
}

struct status keystore_days_destroy(struct keystore *keystore, uint32_t today) {
    if (today <= keystore->destroyed) {
        return OK;
    }
    struct engine_txn *txn;
    TRY(engine_read_begin(keystore->engine, &txn));
    bool found = false;
    uint32_t number = 0;
    const struct status status = find_first_day(txn, &found, &number);
    engine_read_end(txn);
    TRY(status);
    if (found && is_outlived(number, today)) {
        TRY(destroy_outlived_days(keystore, today));
        forget_outlived_days(keystore, today);
    }
    keystore->destroyed = today;
    return OK;
}

/* ---- opening ---- */

static const char check_text[] = "profiled keystore";

enum { VERSION_SIZE = 4, CHECK_SIZE = sizeof check_text - 1 + VAULT_SEAL_OVERHEAD };

/* The format entry: the version, then a text sealed under `wrap`, which tells a wrong root key.
 * Example: 46 -> 00 00 00 01, 57 bytes. */
static struct status write_format(struct keystore *keystore) {
    uint8_t value[VERSION_SIZE + CHECK_SIZE];
    put_u32(value, FORMAT_VERSION);
    struct arena arena;
    arena_init(&arena, CHECK_SIZE);
    const struct bytes sealed =
        vault_seal(&keystore->wrap, bytes_of(value, VERSION_SIZE),
                   bytes_of(check_text, sizeof check_text - 1), keystore->random, &arena);
    assert(sealed.size == CHECK_SIZE);
    memcpy(value + VERSION_SIZE, sealed.data, sealed.size);
    arena_free(&arena);
    const uint8_t key = TABLE_FORMAT;
    return write_entry(keystore->engine, bytes_of(&key, 1), bytes_of(value, sizeof value));
}

static struct status check_format(const struct keystore *keystore, struct bytes value) {
    if (value.size < VERSION_SIZE) {
        return corrupt;
    }
    if (get_number(value.data, VERSION_SIZE) != FORMAT_VERSION) {
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_STORE_VERSION,
                               "the keystore was made by another version of the server"};
    }
    if (value.size != VERSION_SIZE + CHECK_SIZE) {
        return corrupt;
    }
    struct arena arena;
    arena_init(&arena, CHECK_SIZE);
    struct bytes plain = bytes_of(NULL, 0);
    const struct status status =
        vault_open(&keystore->wrap, bytes_of(value.data, VERSION_SIZE),
                   bytes_of(value.data + VERSION_SIZE, CHECK_SIZE), &arena, &plain);
    const bool good =
        status.code == STATUS_OK && bytes_equal(plain, bytes_of(check_text, sizeof check_text - 1));
    arena_free(&arena);
    return good ? OK
                : (struct status){STATUS_FAILED_PRECONDITION, REASON_KEY_INVALID,
                                  "the root key is not the one that the keystore was made with"};
}

/* Reads what the store has: its format, and the last block. */
static struct status read_state(struct keystore *keystore, struct engine_txn *txn, bool *empty) {
    struct engine_stats stats;
    TRY(engine_stats(keystore->engine, &stats));
    *empty = stats.entries == 0;
    if (*empty) {
        return OK;
    }
    const uint8_t format_key = TABLE_FORMAT;
    struct bytes key;
    struct bytes value;
    TRY(engine_get(txn, bytes_of(&format_key, 1), &value));
    if (value.data == NULL) {
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                               "the directory holds something else than a keystore"};
    }
    TRY(check_format(keystore, value));
    const uint8_t table = TABLE_BLOCK;
    struct engine_scan *scan;
    TRY(engine_scan_open(txn, bytes_of(&table, 1), bytes_of(NULL, 0), ENGINE_DESCENDING, &scan));
    struct status status = engine_scan_next(scan, &key, &value);
    if (status.code == STATUS_OK && key.size != 0 && key.size != BLOCK_KEY_SIZE) {
        status = corrupt;
    }
    if (status.code == STATUS_OK && key.size != 0) {
        keystore->block_next = get_number(key.data + 1, key.size - 1) + 1;
    }
    engine_scan_close(scan);
    return status;
}

static struct status start(struct keystore *keystore, const char *directory,
                           enum keystore_mode mode) {
    const struct engine_options options = {.directory = directory,
                                           .map_size_most = MAP_SIZE,
                                           .create = mode == KEYSTORE_CREATE,
                                           .read_only = mode == KEYSTORE_READ_ONLY};
    TRY(engine_open(&options, &keystore->engine));
    struct engine_txn *txn;
    TRY(engine_read_begin(keystore->engine, &txn));
    bool empty = false;
    const struct status status = read_state(keystore, txn, &empty);
    engine_read_end(txn);
    TRY(status);
    if (!empty) {
        return OK;
    }
    if (mode != KEYSTORE_CREATE) {
        return (struct status){STATUS_FAILED_PRECONDITION, REASON_NOT_A_STORE,
                               "there is no keystore in the directory"};
    }
    return write_format(keystore);
}

struct status keystore_open(const char *directory, enum keystore_mode mode,
                            const struct vault_key *root, const struct random *random,
                            struct keystore **out) {
    struct keystore *keystore = calloc(1, sizeof *keystore);
    if (keystore == NULL) {
        abort(); /* As the arena does. */
    }
    keystore->random = random;
    vault_derive(root, "keystore", 1, &keystore->wrap);
    const int failed = pthread_rwlock_init(&keystore->lock, NULL);
    assert(failed == 0);
    const struct status status = start(keystore, directory, mode);
    if (status.code != STATUS_OK) {
        keystore_close(keystore);
        return status;
    }
    *out = keystore;
    return OK;
}

bool keystore_has_keys(const struct keystore *keystore) { return keystore->block_next > 0; }

void keystore_close(struct keystore *keystore) {
    if (keystore == NULL) {
        return;
    }
    for (size_t i = 0; i < KEYSTORE_CACHE_BLOCKS_MAX; i++) {
        block_free(keystore->blocks[i]);
    }
    for (size_t i = 0; i < DAYS_CACHED; i++) {
        vault_wipe(&keystore->days[i].key);
    }
    vault_wipe(&keystore->wrap);
    pthread_rwlock_destroy(&keystore->lock);
    engine_close(keystore->engine);
    free(keystore);
}
