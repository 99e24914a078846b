/* Full maps, full disks and failing disks. This program has an fstatvfs() and an fdatasync() of its
 * own, which the engine and LMDB find before those of libc. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "server/engine/engine.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"

enum { MAP_SIZE = 2 << 20, VALUE_SIZE = 20000, KEYS_MAX = 200 };

static uint64_t disk_blocks = 1000000;
static uint64_t disk_used_percent = 10;
static int sync_error = 0;
static struct engine *engine;

/* A disk of about 1 GB, unless a test has a larger one. Blocks are of 1 KiB. */
int fstatvfs(int fd, struct statvfs *out) {
    (void)fd;
    *out = (struct statvfs){.f_frsize = 1 << 10, .f_blocks = disk_blocks};
    out->f_bfree = out->f_blocks - out->f_blocks * disk_used_percent / 100;
    out->f_bavail = out->f_bfree;
    return 0;
}

int fdatasync(int fd) {
    (void)fd;
    if (sync_error != 0) {
        errno = sync_error;
        return -1;
    }
    return 0; /* Nothing here is meant to outlive the machine. */
}

static void reopen(void) {
    const struct engine_options options = {
        .directory = scratch_path("store"), .map_size = MAP_SIZE, .create = true};
    engine_close(engine);
    const struct status status = engine_open(&options, &engine);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
}

static void open_suite(void) {
    scratch_open();
    reopen();
}

static void close_suite(void) {
    engine_close(engine);
    scratch_close();
    leaks_check();
}

TestSuite(engine_room, .init = open_suite, .fini = close_suite);

static struct bytes key_of(uint8_t number) {
    static uint8_t key[2] = {'k'};
    key[1] = number;
    return bytes_of(key, sizeof key);
}

static struct bytes value_of(uint8_t fill) {
    static uint8_t value[VALUE_SIZE];
    memset(value, fill, sizeof value);
    return bytes_of(value, sizeof value);
}

/* One transaction of one put. */
static struct status put(uint8_t number, uint8_t fill) {
    struct engine_txn *txn;
    TRY(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn));
    const struct status status = engine_put(txn, key_of(number), value_of(fill));
    if (status.code != STATUS_OK) {
        engine_abort(txn);
        return status;
    }
    return engine_commit(txn);
}

static struct status erase(uint8_t number) {
    struct engine_txn *txn;
    TRY(engine_write_begin(engine, ENGINE_WRITE_ERASE, &txn));
    const struct status status = engine_delete(txn, key_of(number));
    if (status.code != STATUS_OK) {
        engine_abort(txn);
        return status;
    }
    return engine_commit(txn);
}

/* Puts keys until that is refused; how many are in the store. */
static uint8_t fill_map(void) {
    uint8_t count = 0;
    struct status status = OK;
    while (count < KEYS_MAX && status.code == STATUS_OK) {
        status = put(count, count);
        count = (uint8_t)(count + (status.code == STATUS_OK));
    }
    cr_assert_eq(status.code, STATUS_RESOURCE_EXHAUSTED);
    cr_assert_eq(status.reason, REASON_STORAGE_FULL);
    return count;
}

static void assert_keys(uint8_t first, uint8_t end) {
    struct engine_txn *txn;
    cr_assert_eq(engine_read_begin(engine, &txn).code, STATUS_OK);
    for (size_t i = 0; i < KEYS_MAX; i++) {
        struct bytes value;
        cr_assert_eq(engine_get(txn, key_of((uint8_t)i), &value).code, STATUS_OK);
        cr_assert_eq(value.data != NULL, i >= first && i < end);
        cr_assert(value.data == NULL || bytes_equal(value, value_of((uint8_t)i)));
    }
    engine_read_end(txn);
}

Test(engine_room, map_keeps_room_for_erasing) {
    const uint8_t count = fill_map();

    struct engine_stats stats;
    cr_assert_eq(engine_stats(engine, &stats).code, STATUS_OK);
    cr_assert_geq(stats.size * 100, stats.map_size * 80);
    cr_assert_leq(stats.size * 100, stats.map_size * 90);
    assert_keys(0, count);
    for (uint8_t i = 0; i < count; i++) {
        cr_assert_eq(erase(i).code, STATUS_OK);
    }
    assert_keys(0, 0);
}

Test(engine_room, what_is_erased_is_room_for_others) {
    const uint8_t count = fill_map();
    const uint8_t half = count / 2;
    const uint8_t quarter = count / 4;
    for (uint8_t i = 0; i < half; i++) {
        cr_assert_eq(erase(i).code, STATUS_OK);
    }

    for (uint8_t i = 0; i < quarter; i++) {
        const struct status status = put(i, i);
        cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    }

    reopen();
    cr_assert_eq(put(0, 0).code, STATUS_OK);
}

Test(engine_room, transaction_over_the_map_leaves_what_was) {
    cr_assert_eq(put(0, 0).code, STATUS_OK);
    struct engine_txn *txn;
    cr_assert_eq(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn).code, STATUS_OK);
    struct status status = OK;
    for (uint8_t i = 1; i < KEYS_MAX && status.code == STATUS_OK; i++) {
        status = engine_put(txn, key_of(i), value_of(i));
    }
    cr_assert_eq(status.reason, REASON_STORAGE_FULL);

    /* Such a transaction goes on failing, and commits nothing. */
    struct bytes value;
    struct engine_scan *scan;
    cr_assert_eq(engine_get(txn, key_of(0), &value).reason, REASON_STORAGE_FULL);
    cr_assert_eq(
        engine_scan_open(txn, bytes_of("k", 1), bytes_of("", 0), ENGINE_ASCENDING, &scan).reason,
        REASON_STORAGE_FULL);
    cr_assert_eq(engine_delete(txn, key_of(0)).reason, REASON_STORAGE_FULL);
    cr_assert_eq(engine_commit(txn).reason, REASON_STORAGE_FULL);

    assert_keys(0, 1);
    cr_assert_eq(put(1, 1).code, STATUS_OK);
    cr_assert_eq(erase(0).code, STATUS_OK);
    reopen();
    assert_keys(1, 2);
}

Test(engine_room, nearly_full_disk_takes_erasing_only) {
    cr_assert_eq(put(0, 0).code, STATUS_OK);
    cr_assert_eq(put(1, 1).code, STATUS_OK);

    disk_used_percent = ENGINE_FILL_PERCENT_MAX;

    cr_assert_eq(put(2, 2).reason, REASON_STORAGE_FULL);
    cr_assert_eq(erase(0).code, STATUS_OK);
    disk_used_percent = ENGINE_FILL_PERCENT_MAX - 1;
    cr_assert_eq(put(2, 2).code, STATUS_OK);
    assert_keys(1, 3);
}

Test(engine_room, large_disk_is_full_only_when_little_is_left) {
    enum { GIB = 1 << 20 }; /* Blocks. */
    cr_assert_eq(put(0, 0).code, STATUS_OK);

    disk_used_percent = 90;
    disk_blocks = (uint64_t)ENGINE_DISK_FREE_GIB_MIN * 10 * GIB; /* A tenth is just enough. */
    cr_assert_eq(put(1, 1).code, STATUS_OK);
    disk_blocks -= 10;
    cr_assert_eq(put(2, 2).reason, REASON_STORAGE_FULL);

    cr_assert_eq(erase(0).code, STATUS_OK);
    assert_keys(1, 2);
}

Test(engine_room, failed_sync_stops_all_writing) {
    cr_assert_eq(put(0, 0).code, STATUS_OK);

    sync_error = EIO;
    const struct status status = put(1, 1);
    sync_error = 0;

    cr_assert_eq(status.code, STATUS_UNAVAILABLE);
    cr_assert_eq(status.reason, REASON_STORAGE_FAILED);
    cr_assert_eq(put(2, 2).reason, REASON_STORAGE_FAILED);
    cr_assert_eq(erase(0).reason, REASON_STORAGE_FAILED);
    assert_keys(0, 1);
    reopen();
    assert_keys(0, 1);
    cr_assert_eq(put(1, 1).code, STATUS_OK);
    assert_keys(0, 2);
}

Test(engine_room, failed_sync_on_a_full_disk_stops_all_writing_and_says_full) {
    cr_assert_eq(put(0, 0).code, STATUS_OK);
    struct engine_txn *txn;
    cr_assert_eq(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn).code, STATUS_OK);
    cr_assert_eq(engine_put(txn, key_of(1), value_of(1)).code, STATUS_OK);

    disk_used_percent = 100;
    sync_error = EIO;
    const struct status status = engine_commit(txn);
    sync_error = 0;

    cr_assert_eq(status.code, STATUS_UNAVAILABLE);
    cr_assert_eq(status.reason, REASON_STORAGE_FAILED);
    cr_assert_not_null(strstr(status.text, "full"));
    cr_assert_eq(erase(0).reason, REASON_STORAGE_FAILED);
    assert_keys(0, 1);
}

Test(engine_room, no_space_at_sync_stops_all_writing_and_says_full) {
    sync_error = ENOSPC;
    const struct status status = put(1, 1);
    sync_error = 0;

    cr_assert_eq(status.reason, REASON_STORAGE_FAILED);
    cr_assert_not_null(strstr(status.text, "full"));
    cr_assert_eq(put(1, 1).reason, REASON_STORAGE_FAILED);
}
