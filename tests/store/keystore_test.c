/* The keystore: slots, their keys over restarts, the keys of days, and what is refused. */

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "server/store/keystore.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"
#include "tests/engine/seeded.h"

enum {
    TWO_BLOCKS = 2 * KEYSTORE_BLOCK_SLOTS,
    EIGHT_BLOCKS = 8 * KEYSTORE_BLOCK_SLOTS,
};

static const struct vault_key root = {{1, 2, 3}};
static struct seeded seeded = {4};
static struct random random_source;
static struct keystore *keystore;

static struct status try_open(const struct vault_key *with, bool create) {
    return keystore_open(scratch_path("keys"), create ? KEYSTORE_CREATE : KEYSTORE_OPEN, with,
                         &random_source, &keystore);
}

static void reopen(void) {
    keystore_close(keystore);
    keystore = NULL;
    const struct status status = try_open(&root, true);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
}

static void open_suite(void) {
    cr_assert_eq(vault_init().code, STATUS_OK);
    scratch_open();
    random_source = seeded_random(&seeded);
    reopen();
}

static void close_suite(void) {
    keystore_close(keystore);
    scratch_close();
    leaks_check();
}

TestSuite(keystore, .init = open_suite, .fini = close_suite);

static uint64_t take(void) {
    uint64_t slot = UINT64_MAX;
    const struct status status = keystore_slot_take(keystore, &slot);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    return slot;
}

static struct vault_key key_of(uint64_t slot) {
    struct vault_key key;
    const struct status status = keystore_key(keystore, slot, &key);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    return key;
}

static struct vault_key day_of(uint32_t day, bool create) {
    struct vault_key key;
    const struct status status = keystore_day_key(keystore, day, create, &key);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    return key;
}

static bool same(struct vault_key a, struct vault_key b) {
    return memcmp(a.bytes, b.bytes, VAULT_KEY_SIZE) == 0;
}

/* Opens the engine below; the keystore must be closed. */
static struct engine *open_below(void) {
    const struct engine_options options = {
        .directory = scratch_path("keys"), .map_size = 64 << 20, .create = true};
    struct engine *engine = NULL;
    const struct status status = engine_open(&options, &engine);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    return engine;
}

/* Sets an entry below the keystore, or flips one bit of what it has; the keystore is closed for
 * it and stays so. */
static void meddle(struct bytes key, struct bytes value, bool flip, size_t byte) {
    keystore_close(keystore);
    keystore = NULL;
    struct engine *engine = open_below();
    struct engine_txn *txn;
    cr_assert_eq(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn).code, STATUS_OK);
    static uint8_t copy[ENGINE_VALUE_SIZE_MAX];
    if (flip) {
        cr_assert_eq(engine_get(txn, key, &value).code, STATUS_OK);
        cr_assert_lt(byte, value.size);
        memcpy(copy, value.data, value.size);
        copy[byte] ^= 1;
        value.data = copy;
    }
    cr_assert_eq(engine_put(txn, key, value).code, STATUS_OK);
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);
    engine_close(engine);
}

static bool has_entry(struct bytes key) {
    keystore_close(keystore);
    keystore = NULL;
    struct engine *engine = open_below();
    struct engine_txn *txn;
    cr_assert_eq(engine_read_begin(engine, &txn).code, STATUS_OK);
    struct bytes value;
    cr_assert_eq(engine_get(txn, key, &value).code, STATUS_OK);
    const bool found = value.data != NULL;
    engine_read_end(txn);
    engine_close(engine);
    reopen();
    return found;
}

/* ---- slots ---- */

Test(keystore, slots_count_up_over_blocks) {
    for (uint64_t i = 0; i <= TWO_BLOCKS; i++) {
        cr_assert_eq(take(), i);
    }
}

Test(keystore, every_slot_has_a_key_of_its_own) {
    enum { SLOTS = KEYSTORE_BLOCK_SLOTS + 10 };
    static struct vault_key keys[SLOTS];
    for (size_t i = 0; i < SLOTS; i++) {
        keys[i] = key_of(take());
        for (size_t j = 0; j < i; j++) {
            cr_assert_not(same(keys[i], keys[j]));
        }
    }
}

Test(keystore, keys_are_the_same_after_a_restart) {
    const uint64_t first = take();
    const uint64_t second = take();
    const struct vault_key first_key = key_of(first);
    const struct vault_key second_key = key_of(second);

    reopen();

    cr_assert(same(key_of(first), first_key));
    cr_assert(same(key_of(second), second_key));
}

Test(keystore, restart_begins_a_new_block) {
    for (uint64_t i = 0; i < 3; i++) {
        cr_assert_eq(take(), i);
    }
    reopen();
    cr_assert_eq(take(), KEYSTORE_BLOCK_SLOTS);
    cr_assert_eq(take(), KEYSTORE_BLOCK_SLOTS + 1);
    reopen();
    cr_assert_eq(take(), TWO_BLOCKS);
}

Test(keystore, restart_without_use_makes_no_block) {
    reopen();
    reopen();
    cr_assert_eq(take(), 0);
}

Test(keystore, slot_of_no_block_is_corrupt) {
    take();
    struct vault_key key;
    const struct status status = keystore_key(keystore, KEYSTORE_BLOCK_SLOTS, &key);
    cr_assert_eq(status.code, STATUS_DATA_LOSS);
    cr_assert_eq(status.reason, REASON_STORE_CORRUPT);
}

Test(keystore, blocks_that_share_a_place_in_the_cache_take_turns) {
    const uint64_t low = take();
    const struct vault_key low_key = key_of(low);
    /* A block just before the one that falls on the place of block 0. */
    const uint8_t before[9] = {'B', 0, 0, 0, 0, 0, 0, 0x0f, 0xff};
    cr_assert_eq(KEYSTORE_CACHE_BLOCKS_MAX, 0x1000);
    meddle(bytes_of(before, sizeof before), bytes_of("", 0), false, 0);
    reopen();

    const uint64_t high = take();
    cr_assert_eq(high, (uint64_t)KEYSTORE_CACHE_BLOCKS_MAX * KEYSTORE_BLOCK_SLOTS);
    const struct vault_key high_key = key_of(high);

    for (int turn = 0; turn < 3; turn++) {
        cr_assert(same(key_of(low), low_key));
        cr_assert(same(key_of(high), high_key));
    }
}

Test(keystore, damaged_block_is_corrupt) {
    static const uint8_t block[9] = {'B'};
    take();
    static const size_t bytes[] = {0, 30, 71, 72, 100, 5000, 8303};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        meddle(bytes_of(block, sizeof block), bytes_of(NULL, 0), true, bytes[i]);
        reopen();
        struct vault_key key;
        cr_assert_eq(keystore_key(keystore, 0, &key).reason, REASON_STORE_CORRUPT);
        meddle(bytes_of(block, sizeof block), bytes_of(NULL, 0), true, bytes[i]);
        reopen();
        cr_assert_eq(keystore_key(keystore, 0, &key).code, STATUS_OK);
    }
}

/* ---- days ---- */

Test(keystore, day_without_a_key_is_not_found) {
    struct vault_key key;
    cr_assert_eq(keystore_day_key(keystore, 20780, false, &key).code, STATUS_NOT_FOUND);
}

Test(keystore, day_keeps_its_key_over_a_restart) {
    const struct vault_key key = day_of(20780, true);
    cr_assert(same(day_of(20780, true), key));
    cr_assert(same(day_of(20780, false), key));

    reopen();

    cr_assert(same(day_of(20780, false), key));
    cr_assert_not(same(day_of(20781, true), key));
}

Test(keystore, keys_of_days_are_destroyed_after_two_days) {
    static const uint8_t first_day[5] = {'D', 0, 0, 0x51, 0x2c};
    const struct vault_key first = day_of(20780, true);
    const struct vault_key second = day_of(20781, true);
    day_of(20782, true);
    cr_assert(same(day_of(20780, false), first));
    cr_assert(has_entry(bytes_of(first_day, sizeof first_day)));
    day_of(20780, false); /* In the cache, too. */

    day_of(20783, true);

    struct vault_key key;
    cr_assert_eq(keystore_day_key(keystore, 20780, false, &key).code, STATUS_NOT_FOUND);
    cr_assert(same(day_of(20781, false), second));
    cr_assert_not(has_entry(bytes_of(first_day, sizeof first_day)));
    cr_assert_eq(keystore_day_key(keystore, 20780, false, &key).code, STATUS_NOT_FOUND);
}

Test(keystore, long_pause_destroys_all_days_before_it) {
    for (uint32_t day = 1; day <= 3; day++) {
        day_of(day, true);
    }

    day_of(1000, true);

    struct vault_key key;
    for (uint32_t day = 1; day <= 3; day++) {
        cr_assert_eq(keystore_day_key(keystore, day, false, &key).code, STATUS_NOT_FOUND);
    }
}

Test(keystore, damaged_day_is_corrupt) {
    static const uint8_t day[5] = {'D', 0, 0, 0, 7};
    day_of(7, true);
    meddle(bytes_of(day, sizeof day), bytes_of(NULL, 0), true, 40);
    reopen();

    struct vault_key key;
    cr_assert_eq(keystore_day_key(keystore, 7, true, &key).reason, REASON_STORE_CORRUPT);
}

/* ---- opening ---- */

Test(keystore, wrong_root_key_is_refused) {
    struct vault_key other = root;
    other.bytes[31] ^= 1;
    keystore_close(keystore);
    keystore = NULL;

    const struct status status = try_open(&other, true);

    cr_assert_eq(status.code, STATUS_FAILED_PRECONDITION);
    cr_assert_eq(status.reason, REASON_KEY_INVALID);
    cr_assert_null(keystore);
    reopen();
}

Test(keystore, second_open_is_refused) {
    struct keystore *second = NULL;
    const struct status status =
        keystore_open(scratch_path("keys"), KEYSTORE_CREATE, &root, &random_source, &second);
    cr_assert_eq(status.reason, REASON_STORE_IN_USE);
    cr_assert_null(second);
}

Test(keystore, missing_is_not_a_store_without_create) {
    struct keystore *other = NULL;
    const struct status status =
        keystore_open(scratch_path("other"), KEYSTORE_OPEN, &root, &random_source, &other);
    cr_assert_eq(status.reason, REASON_NOT_A_STORE);
}

Test(keystore, other_data_is_not_a_keystore) {
    const struct engine_options options = {
        .directory = scratch_path("other"), .map_size = 1 << 20, .create = true};
    struct engine *engine;
    cr_assert_eq(engine_open(&options, &engine).code, STATUS_OK);
    struct engine_txn *txn;
    cr_assert_eq(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn).code, STATUS_OK);
    cr_assert_eq(engine_put(txn, bytes_of("x", 1), bytes_of("y", 1)).code, STATUS_OK);
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);
    engine_close(engine);

    struct keystore *other = NULL;
    const struct status status =
        keystore_open(scratch_path("other"), KEYSTORE_CREATE, &root, &random_source, &other);
    cr_assert_eq(status.reason, REASON_NOT_A_STORE);
}

Test(keystore, other_version_is_refused) {
    meddle(bytes_of("F", 1), bytes_of(NULL, 0), true, 3);
    cr_assert_eq(try_open(&root, true).reason, REASON_STORE_VERSION);
}

Test(keystore, format_cut_short_is_corrupt) {
    meddle(bytes_of("F", 1), bytes_of("\0\0\0\1", 4), false, 0);
    cr_assert_eq(try_open(&root, true).reason, REASON_STORE_CORRUPT);
}

/* ---- threads ---- */

static atomic_uint_fast64_t taken;
static atomic_bool finished;
static atomic_uint faults;

/* Reads keys of slots that were taken, again and again: each must stay what it was. */
static void *read_keys(void *argument) {
    struct seeded own = *(const struct seeded *)argument;
    static _Thread_local struct vault_key seen[EIGHT_BLOCKS];
    static _Thread_local bool known[EIGHT_BLOCKS];
    while (!atomic_load(&finished)) {
        const uint64_t count = atomic_load(&taken);
        if (count == 0) {
            continue;
        }
        const size_t slot = seeded_below(&own, count);
        struct vault_key key;
        if (keystore_key(keystore, slot, &key).code != STATUS_OK ||
            (known[slot] && !same(seen[slot], key))) {
            atomic_fetch_add(&faults, 1);
        }
        seen[slot] = key;
        known[slot] = true;
    }
    return NULL;
}

Test(keystore, threads_read_while_the_writer_takes_slots) {
    static struct seeded seeds[2] = {{1}, {2}};
    pthread_t readers[2];
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(pthread_create(&readers[i], NULL, read_keys, &seeds[i]), 0);
    }

    for (uint64_t i = 0; i < EIGHT_BLOCKS; i++) {
        cr_assert_eq(take(), i);
        atomic_store(&taken, i + 1);
    }
    atomic_store(&finished, true);

    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(pthread_join(readers[i], NULL), 0);
    }
    cr_assert_eq(atomic_load(&faults), 0);
}
