/* Opening a store: what is taken for one, what is refused, and that no file makes it crash. */

#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/engine/engine.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"
#include "tests/engine/seeded.h"

enum {
    MAP_SIZE = 16 << 20,
    PAGE_SIZE = 4096,
    FILE_SIZE_MAX = 4 << 20,
    METAS_SIZE = 2 * PAGE_SIZE,
    FEW_PAGES_SIZE = 4 * PAGE_SIZE,
    MANY_PAGES_SIZE = 20 * PAGE_SIZE
};

static void close_suite(void) {
    scratch_close();
    leaks_check();
}

TestSuite(engine_open, .init = scratch_open, .fini = close_suite);

static struct status try_open(const char *name, bool create, struct engine **out) {
    const struct engine_options options = {
        .directory = scratch_path(name), .map_size = MAP_SIZE, .create = create};
    return engine_open(&options, out);
}

static struct engine *must_open(const char *name) {
    struct engine *engine = NULL;
    const struct status status = try_open(name, true, &engine);
    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    return engine;
}

/* Puts 200 keys of 1,000 bytes each. */
static void fill(struct engine *engine) {
    struct engine_txn *txn;
    cr_assert_eq(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn).code, STATUS_OK);
    static const uint8_t value[1000] = {7};
    for (uint8_t i = 0; i < 200; i++) {
        const uint8_t key[2] = {'k', i};
        cr_assert_eq(engine_put(txn, bytes_of(key, sizeof key), bytes_of(value, sizeof value)).code,
                     STATUS_OK);
    }
    cr_assert_eq(engine_commit(txn).code, STATUS_OK);
}

/* Reads all there is, whatever comes of it. */
static struct status read_all(struct engine *engine, size_t *count) {
    struct engine_txn *txn;
    TRY(engine_read_begin(engine, &txn));
    struct engine_scan *scan;
    struct status status =
        engine_scan_open(txn, bytes_of("k", 1), bytes_of(NULL, 0), ENGINE_ASCENDING, &scan);
    if (status.code == STATUS_OK) {
        struct bytes key = bytes_of("", 1);
        struct bytes value;
        for (*count = 0; status.code == STATUS_OK && key.data != NULL; ++*count) {
            status = engine_scan_next(scan, &key, &value);
        }
        --*count;
        engine_scan_close(scan);
    }
    engine_read_end(txn);
    return status;
}

Test(engine_open, makes_a_private_directory) {
    struct engine *engine = must_open("new");

    struct stat directory;
    struct stat data;
    cr_assert_eq(stat(scratch_path("new"), &directory), 0);
    cr_assert_eq(stat(scratch_path("new/data.mdb"), &data), 0);
    cr_assert_eq(directory.st_mode & 0777, 0700);
    cr_assert_eq(data.st_mode & 0777, 0600);
    engine_close(engine);
}

Test(engine_open, default_map_is_large_and_sparse) {
    struct engine *engine;
    const struct engine_options options = {.directory = scratch_path("new"), .create = true};
    cr_assert_eq(engine_open(&options, &engine).code, STATUS_OK);

    struct engine_stats stats;
    cr_assert_eq(engine_stats(engine, &stats).code, STATUS_OK);
    struct stat data;
    cr_assert_eq(stat(scratch_path("new/data.mdb"), &data), 0);
    cr_assert_geq(stats.map_size, UINT64_C(1) << 30);
    cr_assert_lt(data.st_blocks * 512, 1 << 20);
    engine_close(engine);
}

Test(engine_open, missing_is_not_a_store_without_create) {
    struct engine *engine = NULL;
    cr_assert_eq(try_open("new", false, &engine).reason, REASON_NOT_A_STORE);
    cr_assert_null(engine);
    cr_assert_neq(access(scratch_path("new"), F_OK), 0);
}

Test(engine_open, empty_directory_is_not_a_store_without_create) {
    cr_assert_eq(mkdir(scratch_path("new"), 0700), 0);

    struct engine *engine = NULL;
    cr_assert_eq(try_open("new", false, &engine).reason, REASON_NOT_A_STORE);
    cr_assert_neq(access(scratch_path("new/data.mdb"), F_OK), 0);
}

Test(engine_open, missing_parent_is_refused) {
    struct engine *engine = NULL;
    cr_assert_eq(try_open("no/new", true, &engine).code, STATUS_FAILED_PRECONDITION);
}

Test(engine_open, directory_of_something_else_is_left_alone) {
    cr_assert_eq(mkdir(scratch_path("home"), 0700), 0);
    scratch_write(scratch_path("home/letter.txt"), "x", 1, 0600);

    struct engine *engine = NULL;
    cr_assert_eq(try_open("home", true, &engine).reason, REASON_NOT_A_STORE);
    cr_assert_neq(access(scratch_path("home/data.mdb"), F_OK), 0);
    cr_assert_neq(access(scratch_path("home/LOCK"), F_OK), 0);
}

Test(engine_open, file_in_the_place_of_the_directory_is_refused) {
    scratch_write(scratch_path("file"), "x", 1, 0600);

    struct engine *engine = NULL;
    cr_assert_eq(try_open("file", true, &engine).reason, REASON_NOT_A_STORE);
}

Test(engine_open, start_that_ended_early_is_taken_up) {
    cr_assert_eq(mkdir(scratch_path("new"), 0700), 0);
    scratch_write(scratch_path("new/LOCK"), "", 0, 0600);
    scratch_write(scratch_path("new/data.mdb"), "", 0, 0600);

    engine_close(must_open("new"));
}

Test(engine_open, second_open_is_refused_until_the_first_is_closed) {
    struct engine *first = must_open("new");

    struct engine *second = NULL;
    cr_assert_eq(try_open("new", true, &second).reason, REASON_STORE_IN_USE);
    engine_close(first);
    second = must_open("new");
    engine_close(second);
}

Test(engine_open, read_only_reads) {
    struct engine *engine = must_open("new");
    fill(engine);
    engine_close(engine);

    const struct engine_options options = {
        .directory = scratch_path("new"), .map_size = MAP_SIZE, .read_only = true};
    cr_assert_eq(engine_open(&options, &engine).code, STATUS_OK);
    size_t count;
    cr_assert_eq(read_all(engine, &count).code, STATUS_OK);
    cr_assert_eq(count, 200);
    cr_assert_eq(engine_check_readers(engine).code, STATUS_OK);
    engine_close(engine);
}

Test(engine_open, garbage_is_not_a_store) {
    static uint8_t garbage[3 * PAGE_SIZE];
    struct seeded seeded = {1};
    seeded_fill(&seeded, garbage, sizeof garbage);
    cr_assert_eq(mkdir(scratch_path("new"), 0700), 0);

    for (size_t size = 1; size <= sizeof garbage; size += 1171) {
        scratch_write(scratch_path("new/data.mdb"), garbage, size, 0600);
        struct engine *engine = NULL;
        cr_assert_eq(try_open("new", true, &engine).reason, REASON_NOT_A_STORE);
        cr_assert_null(engine);
    }
}

Test(engine_open, other_version_of_the_format_is_told) {
    engine_close(must_open("new"));
    static uint8_t file[FILE_SIZE_MAX];
    const size_t size = scratch_read(scratch_path("new/data.mdb"), file, sizeof file);
    file[20] = 99; /* After the page's header, the magic; then the version. */
    scratch_write(scratch_path("new/data.mdb"), file, size, 0600);

    struct engine *engine = NULL;
    cr_assert_eq(try_open("new", true, &engine).reason, REASON_STORE_VERSION);
}

/* The file is longer than its pages: those end where the last byte is that is not zero. */
Test(engine_open, file_cut_short_is_corrupt_and_never_a_crash) {
    struct engine *engine = must_open("new");
    fill(engine);
    fill(engine);
    engine_close(engine);
    static uint8_t file[FILE_SIZE_MAX];
    const size_t size = scratch_read(scratch_path("new/data.mdb"), file, sizeof file);
    size_t end = size;
    while (end > 0 && file[end - 1] == 0) {
        end--;
    }
    cr_assert_gt(end, MANY_PAGES_SIZE);

    for (size_t cut = METAS_SIZE; cut < end; cut += PAGE_SIZE / 2) {
        scratch_write(scratch_path("new/data.mdb"), file, cut, 0600);
        engine = NULL;
        const struct status status = try_open("new", true, &engine);
        cr_assert_eq(status.reason, REASON_STORE_CORRUPT, "%s", status.text);
    }
}

Test(engine_open, file_without_its_spare_end_is_whole) {
    struct engine *engine = must_open("new");
    fill(engine);
    engine_close(engine);
    struct stat data;
    cr_assert_eq(stat(scratch_path("new/data.mdb"), &data), 0);
    cr_assert_gt(data.st_size, FILE_SIZE_MAX);
    cr_assert_eq(truncate(scratch_path("new/data.mdb"), FILE_SIZE_MAX), 0);

    engine = must_open("new");
    fill(engine);
    size_t count;
    cr_assert_eq(read_all(engine, &count).code, STATUS_OK);
    cr_assert_eq(count, 200);
    engine_close(engine);
}

Test(engine_open, file_cut_short_is_refused_read_only) {
    struct engine *engine = must_open("new");
    fill(engine);
    engine_close(engine);
    cr_assert_eq(truncate(scratch_path("new/data.mdb"), FEW_PAGES_SIZE), 0);

    const struct engine_options options = {
        .directory = scratch_path("new"), .map_size = MAP_SIZE, .read_only = true};
    cr_assert_eq(engine_open(&options, &engine).reason, REASON_STORE_CORRUPT);
}
