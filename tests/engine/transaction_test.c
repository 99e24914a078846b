/* Transactions: what is seen when, and what a fault of ours runs into. */

#include <criterion/criterion.h>
#include <signal.h>

#include "server/engine/engine.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"

static struct engine *engine;
static int64_t time_us;

static int64_t monotonic_us(void) { return time_us; }

static void reopen(void) {
    const struct engine_options options = {.directory = scratch_path("store"),
                                           .map_size = 16 << 20,
                                           .create = true,
                                           .monotonic_us = monotonic_us};
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

TestSuite(engine_txn, .init = open_suite, .fini = close_suite);

static struct engine_txn *begin_write(void) {
    struct engine_txn *txn;
    const struct status status = engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    return txn;
}

static struct engine_txn *begin_read(void) {
    struct engine_txn *txn;
    cr_assert_eq(engine_read_begin(engine, &txn).code, STATUS_OK);
    return txn;
}

static void put(struct engine_txn *txn, const char *key, const char *value) {
    cr_assert_eq(engine_put(txn, bytes_of_string(key), bytes_of_string(value)).code, STATUS_OK);
}

static void set(const char *key, const char *value) {
    struct engine_txn *txn = begin_write();
    put(txn, key, value);
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);
}

static struct bytes get(struct engine_txn *txn, const char *key) {
    struct bytes value = bytes_of("?", 1);
    cr_assert_eq(engine_get(txn, bytes_of_string(key), &value).code, STATUS_OK);
    return value;
}

static bool is(struct bytes value, const char *expected) {
    return bytes_equal(value, bytes_of_string(expected));
}

Test(engine_txn, missing_key_is_no_error) {
    struct engine_txn *txn = begin_read();

    const struct bytes value = get(txn, "none");

    cr_assert_null(value.data);
    cr_assert_eq(value.size, 0);
    engine_read_end(txn);
}

Test(engine_txn, empty_value_is_a_value) {
    struct engine_txn *txn = begin_write();
    cr_assert_eq(engine_put(txn, bytes_of("a", 1), bytes_of(NULL, 0)).code, STATUS_OK);
    cr_assert_not_null(get(txn, "a").data);
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);

    txn = begin_read();
    const struct bytes value = get(txn, "a");
    cr_assert_not_null(value.data);
    cr_assert_eq(value.size, 0);
    engine_read_end(txn);
}

Test(engine_txn, committed_outlives_a_restart) {
    set("a", "1");
    reopen();

    struct engine_txn *txn = begin_read();
    cr_assert(is(get(txn, "a"), "1"));
    engine_read_end(txn);
}

Test(engine_txn, aborted_leaves_nothing) {
    set("a", "1");
    struct engine_txn *txn = begin_write();
    put(txn, "a", "2");
    put(txn, "b", "2");
    engine_abort(txn);

    txn = begin_read();
    cr_assert(is(get(txn, "a"), "1"));
    cr_assert_null(get(txn, "b").data);
    engine_read_end(txn);
}

Test(engine_txn, writer_sees_its_own) {
    struct engine_txn *txn = begin_write();
    put(txn, "a", "1");
    cr_assert(is(get(txn, "a"), "1"));
    put(txn, "a", "2");
    cr_assert(is(get(txn, "a"), "2"));
    cr_assert_eq(engine_delete(txn, bytes_of("a", 1)).code, STATUS_OK);
    cr_assert_null(get(txn, "a").data);
    engine_abort(txn);
}

Test(engine_txn, deleting_what_is_not_there_is_no_error) {
    struct engine_txn *txn = begin_write();
    cr_assert_eq(engine_delete(txn, bytes_of("none", 4)).code, STATUS_OK);
    put(txn, "a", "1");
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);
}

Test(engine_txn, snapshot_stays_as_it_was_until_renewed) {
    set("a", "1");
    struct engine_txn *snapshot = begin_read();
    cr_assert(is(get(snapshot, "a"), "1"));

    set("a", "2");

    cr_assert(is(get(snapshot, "a"), "1"));
    engine_read_reset(snapshot);
    cr_assert_eq(engine_read_renew(snapshot).code, STATUS_OK);
    cr_assert(is(get(snapshot, "a"), "2"));
    engine_read_end(snapshot);
}

Test(engine_txn, reader_does_not_see_the_open_writer) {
    struct engine_txn *writer = begin_write();
    put(writer, "a", "1");

    struct engine_txn *snapshot = begin_read();
    cr_assert_null(get(snapshot, "a").data);
    engine_read_end(snapshot);
    engine_abort(writer);
}

Test(engine_txn, one_thread_may_hold_several_snapshots) {
    struct engine_txn *first = begin_read();
    set("a", "1");
    struct engine_txn *second = begin_read();

    cr_assert_null(get(first, "a").data);
    cr_assert(is(get(second, "a"), "1"));

    struct engine_stats stats;
    cr_assert_eq(engine_stats(engine, &stats).code, STATUS_OK);
    cr_assert_eq(stats.readers, 2);
    engine_read_reset(first);
    cr_assert_eq(engine_stats(engine, &stats).code, STATUS_OK);
    cr_assert_eq(stats.readers, 1);
    cr_assert_eq(stats.entries, 1);
    cr_assert_gt(stats.size, 0);
    cr_assert_eq(stats.map_size, 16 << 20);
    engine_read_end(first);
    engine_read_end(second);
}

Test(engine_txn, greatest_key_and_value_fit) {
    static uint8_t key[ENGINE_KEY_SIZE_MAX];
    static uint8_t value[ENGINE_VALUE_SIZE_MAX];
    memset(key, 0xff, sizeof key);
    memset(value, 0x5a, sizeof value);
    struct engine_txn *txn = begin_write();
    cr_assert_eq(engine_put(txn, bytes_of(key, sizeof key), bytes_of(value, sizeof value)).code,
                 STATUS_OK);
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);

    txn = begin_read();
    struct bytes found;
    cr_assert_eq(engine_get(txn, bytes_of(key, sizeof key), &found).code, STATUS_OK);
    cr_assert(bytes_equal(found, bytes_of(value, sizeof value)));
    engine_read_end(txn);
}

Test(engine_txn, key_over_the_limit_is_our_fault, .signal = SIGABRT) {
    static const uint8_t key[ENGINE_KEY_SIZE_MAX + 1];
    struct engine_txn *txn = begin_write();
    (void)engine_put(txn, bytes_of(key, sizeof key), bytes_of("", 0)).code;
}

Test(engine_txn, empty_key_is_our_fault, .signal = SIGABRT) {
    struct engine_txn *txn = begin_write();
    (void)engine_put(txn, bytes_of("", 0), bytes_of("", 0)).code;
}

Test(engine_txn, value_over_the_limit_is_our_fault, .signal = SIGABRT) {
    static const uint8_t value[ENGINE_VALUE_SIZE_MAX + 1];
    struct engine_txn *txn = begin_write();
    (void)engine_put(txn, bytes_of("a", 1), bytes_of(value, sizeof value)).code;
}

Test(engine_txn, second_writer_is_our_fault, .signal = SIGABRT) {
    begin_write();
    begin_write();
}

Test(engine_txn, write_through_a_snapshot_is_our_fault, .signal = SIGABRT) {
    (void)engine_put(begin_read(), bytes_of("a", 1), bytes_of("", 0)).code;
}

Test(engine_txn, closing_with_an_open_snapshot_is_our_fault, .signal = SIGABRT) {
    begin_read();
    engine_close(engine);
}

/* ---- time ---- */

Test(engine_txn, snapshot_is_over_after_its_second_and_a_new_one_has_another) {
    time_us = 5000;
    struct engine_txn *txn = begin_read();

    cr_expect_not(engine_read_is_over(txn));
    time_us += ENGINE_READ_MS_MAX * 1000 - 1;
    cr_expect_not(engine_read_is_over(txn));
    time_us++;
    cr_expect(engine_read_is_over(txn));
    engine_read_reset(txn);
    cr_assert_eq(engine_read_renew(txn).code, STATUS_OK);
    cr_expect_not(engine_read_is_over(txn));
    engine_read_end(txn);
}

Test(engine_txn, write_is_never_over) {
    struct engine_txn *txn = begin_write();

    time_us += INT64_C(3600) * 1000000;

    cr_expect_not(engine_read_is_over(txn));
    engine_abort(txn);
}
