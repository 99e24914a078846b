/* Stores whose files were damaged or lost: verify says so and ends with 1, and no server puts an
 * empty store in the place of a lost one. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"
#include "tests/server/program.h"
#include "tests/server/server.h"

enum { FILE_SIZE_MAX = 1 << 20, PAGE_SIZE = 4096, PAGE_FLAGS = 10, LEAF = 2, PEOPLE = 20 };

static struct server server;
static uint8_t whole[FILE_SIZE_MAX];

static void setup(void) { scratch_open(); }

static void teardown(void) {
    scratch_close();
    leaks_check();
}

TestSuite(damage, .init = setup, .fini = teardown, .timeout = 120);

/* A store with some people in it, which no server has open. */
static const char *old_data(void) {
    const char *data = scratch_path("data");
    cr_assert(server_start(&server, data, NULL), "%s", server.log);
    for (int i = 0; i < PEOPLE; i++) {
        char identity[64];
        snprintf(identity, sizeof identity, "external_id:damage-%d", i);
        const char *const arguments[] = {
            "client/profilectl", "profile", "create", "--server", server.address, "--name", "Salma",
            "--identity",        identity,  NULL};
        struct program program = program_run(arguments, NULL);
        cr_assert_eq(program.code, 0, "%s", program.err);
        program_free(&program);
    }
    cr_assert_eq(server_stop(&server), 0);
    return data;
}

static const char *data_file(const char *data) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/workspaces/default/data.mdb", data);
    return path;
}

/* Runs verify, expects an end of its own, and tells its exit code. */
static int verify(const char *data, bool *told) {
    const char *const arguments[] = {SERVER_PROGRAM, "verify", "--data", data, NULL};
    struct program program = program_run(arguments, NULL);
    *told = strstr(program.out, "NOT sound") != NULL || strlen(program.err) > 0;
    const int code = program.code;
    program_free(&program);
    return code;
}

Test(damage, flipped_bits_of_pages_end_in_a_finding) {
    static const struct {
        size_t offset;
        uint8_t bits;
    } flips[] = {{16, 1}, {17, 8}, {13, 8}, {10, 1}, {12, 4}, {20, 64}, {24, 255}};
    const char *data = old_data();
    const size_t size = scratch_read(data_file(data), whole, sizeof whole);
    bool told = false;
    cr_assert_eq(verify(data, &told), 0);

    for (size_t page = 2; (page + 1) * PAGE_SIZE <= size; page++) {
        uint8_t *bytes = whole + page * PAGE_SIZE;
        if (bytes[PAGE_FLAGS] != LEAF) {
            continue;
        }
        for (size_t i = 0; i < sizeof flips / sizeof *flips; i++) {
            bytes[flips[i].offset] ^= flips[i].bits;
            scratch_write(data_file(data), whole, size, 0600);
            bytes[flips[i].offset] ^= flips[i].bits;

            const int code = verify(data, &told);

            /* A page that no tree holds any more may say what it likes. */
            cr_expect(code == 0 || (code == 1 && told), "page %zu, flip %zu: %d", page, i, code);
        }
    }
}

static void expect_no_new_store(const char *data) {
    const char *const arguments[] = {SERVER_PROGRAM, "serve",       "--data", data,
                                     "--listen",     "127.0.0.1:0", NULL};
    struct program program = program_run(arguments, NULL);

    cr_expect_eq(program.code, 1);
    cr_expect_not_null(strstr(program.err, "restore it"), "%s", program.err);
    cr_expect_null(strstr(program.err, " serving\n"));
    program_free(&program);
}

Test(damage, lost_data_file_is_not_replaced) {
    const char *data = old_data();
    cr_assert_eq(unlink(data_file(data)), 0);

    expect_no_new_store(data);
}

Test(damage, emptied_data_file_is_not_replaced) {
    const char *data = old_data();
    cr_assert_eq(truncate(data_file(data), 0), 0);

    expect_no_new_store(data);
}
