/* What the server refuses to start with: it says why in one line and exits with 1, and what was
 * there stays as it was. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/engine/engine.h"
#include "server/store/keys.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"
#include "tests/server/program.h"
#include "tests/server/server.h"

enum { KEY_FILE_SIZE = 65, NEWER_FORMAT = 250 };

static struct server server;

static void setup(void) { scratch_open(); }

static void teardown(void) {
    scratch_close();
    leaks_check();
}

TestSuite(start, .init = setup, .fini = teardown, .timeout = 30);

/* A data directory that a server has made and left. */
static const char *old_data(void) {
    const char *data = scratch_path("data");
    cr_assert(server_start(&server, data, NULL), "%s", server.log);
    cr_assert_eq(server_stop(&server), 0);
    return data;
}

/* Starts a server that must refuse, saying `reason` and `text`. */
static void expect_refusal(const char *data, const char *address, const char *reason,
                           const char *text) {
    const char *const arguments[] = {
        SERVER_PROGRAM,     "serve", "--data", data, "--listen", address,
        "--default-region", "SA",    NULL};
    struct program program = program_run(arguments, NULL);

    cr_expect_eq(program.code, 1);
    cr_expect_str_empty(program.out);
    char mark[64];
    snprintf(mark, sizeof mark, "reason=%s: ", reason);
    cr_expect_neq(strstr(program.err, mark), NULL, "%s", program.err);
    cr_expect_neq(strstr(program.err, text), NULL, "%s", program.err);
    cr_expect_eq(strstr(program.err, " serving\n"), NULL, "%s", program.err);
    program_free(&program);
}

static void expect_data_refused(const char *data, const char *reason, const char *text) {
    expect_refusal(data, "127.0.0.1:0", reason, text);
}

/* Starts a server that must serve, and stops it. */
static void expect_serves(const char *data) {
    cr_expect(server_start(&server, data, NULL), "%s", server.log);
    cr_expect_eq(server_stop(&server), 0);
}

/* ---- the directory ---- */

Test(start, empty_directory_becomes_a_store) {
    const char *data = scratch_path("data");
    cr_assert_eq(mkdir(data, 0700), 0);

    expect_serves(data);
    expect_serves(data);
}

Test(start, second_server_on_a_directory_is_refused) {
    const char *data = scratch_path("data");
    cr_assert(server_start(&server, data, NULL));

    expect_data_refused(data, "STORE_IN_USE", "can't open");

    cr_expect_eq(server_stop(&server), 0);
    expect_serves(data);
}

Test(start, directory_with_other_files_is_refused) {
    const char *data = scratch_path("data");
    cr_assert_eq(mkdir(data, 0700), 0);
    scratch_write(scratch_path("data/letter"), "hello", 5, 0600);

    expect_data_refused(data, "NOT_A_STORE", "can't open the data directory");

    cr_expect_neq(access(scratch_path("data/root.key"), F_OK), 0);
    cr_expect_neq(access(scratch_path("data/workspaces"), F_OK), 0);
}

/* A server was killed while it made its root key. */
Test(start, root_key_that_was_not_finished_is_no_obstacle) {
    const char *data = scratch_path("data");
    cr_assert_eq(mkdir(data, 0700), 0);
    scratch_write(scratch_path("data/root.key.Ab3dEf"), "", 0, 0600);

    expect_serves(data);
}

Test(start, file_in_place_of_the_directory_is_refused) {
    const char *data = scratch_path("data");
    scratch_write(data, "hello", 5, 0600);

    expect_data_refused(data, "NOT_A_STORE", "not a directory");
}

Test(start, directory_whose_parent_is_missing_is_refused) {
    expect_data_refused(scratch_path("missing/data"), "NOT_A_STORE", "parent");
}

/* Sets the version in the row of the format: 4 bytes, big-endian. */
static void write_version(const char *directory, uint32_t version) {
    struct engine *engine = NULL;
    cr_assert(status_is_ok(engine_open(&(struct engine_options){.directory = directory}, &engine)));
    struct engine_txn *txn = NULL;
    cr_assert(status_is_ok(engine_write_begin(engine, ENGINE_WRITE_ORDINARY, &txn)));
    const struct store_key key = store_key_table(STORE_TABLE_FORMAT);
    struct bytes row;
    cr_assert(status_is_ok(engine_get(txn, store_key_bytes(&key), &row)));
    uint8_t changed[256];
    cr_assert(row.size >= 4 && row.size <= sizeof changed);
    memcpy(changed, row.data, row.size);
    for (size_t i = 0; i < 4; i++) {
        changed[i] = (uint8_t)(version >> (24 - 8 * i));
    }
    cr_assert(status_is_ok(engine_put(txn, store_key_bytes(&key), bytes_of(changed, row.size))));
    cr_assert(status_is_ok(engine_commit(txn)));
    engine_close(engine);
}

Test(start, store_of_a_newer_version_is_refused) {
    const char *data = old_data();
    write_version(scratch_path("data/workspaces/default"), NEWER_FORMAT);

    expect_data_refused(data, "STORE_VERSION", "newer version");
}

/* ---- keys ---- */

Test(start, root_key_that_is_missing_is_never_made_anew) {
    const char *data = old_data();
    const char *key = scratch_path("data/root.key");
    cr_assert_eq(unlink(key), 0);

    expect_data_refused(data, "KEY_INVALID", "missing");

    cr_expect_neq(access(key, F_OK), 0);
}

Test(start, root_key_of_another_workspace_alone_is_never_made_anew) {
    const char *data = scratch_path("data");
    const char *const options[] = {"--workspace", "other", NULL};
    cr_assert(server_start(&server, data, options), "%s", server.log);
    cr_assert_eq(server_stop(&server), 0);
    const char *key = scratch_path("data/root.key");
    cr_assert_eq(unlink(key), 0);
    cr_assert_eq(rename(scratch_path("data/workspaces/default"), scratch_path("elsewhere")), 0);

    expect_data_refused(data, "KEY_INVALID", "missing");

    cr_expect_neq(access(key, F_OK), 0);
}

Test(start, wrong_root_key_is_refused) {
    const char *data = old_data();
    const char *path = scratch_path("data/root.key");
    char right[KEY_FILE_SIZE];
    char wrong[KEY_FILE_SIZE];
    cr_assert_eq(scratch_read(path, right, sizeof right), sizeof right);
    memcpy(wrong, right, sizeof wrong);
    wrong[0] = wrong[0] == '0' ? '1' : '0';
    cr_assert_eq(unlink(path), 0);
    scratch_write(path, wrong, sizeof wrong, 0400);

    expect_data_refused(data, "KEY_INVALID", "root key");

    cr_assert_eq(unlink(path), 0);
    scratch_write(path, right, sizeof right, 0400);
    expect_serves(data);
}

Test(start, root_key_that_others_can_read_is_refused) {
    const char *data = old_data();
    cr_assert_eq(chmod(scratch_path("data/root.key"), 0444), 0);

    expect_data_refused(data, "KEY_INVALID", "chmod 0400");
}

/* Without its keys the data can't be read: a new keystore would only hide that they are lost. */
Test(start, keystore_that_is_missing_is_never_made_anew) {
    const char *data = old_data();
    const char *keys = scratch_path("data/keys");
    const char *elsewhere = scratch_path("elsewhere");
    cr_assert_eq(rename(keys, elsewhere), 0);

    expect_data_refused(data, "KEY_INVALID", "in keys/ is missing or holds no keystore: restore");

    cr_expect_neq(access(scratch_path("data/keys/default/data.mdb"), F_OK), 0);
    cr_assert_eq(rmdir(keys), 0);
    cr_assert_eq(rename(elsewhere, keys), 0);
    expect_serves(data);
}

Test(start, keystore_of_a_workspace_that_is_missing_is_never_made_anew) {
    const char *data = old_data();
    const char *keys = scratch_path("data/keys/default");
    const char *elsewhere = scratch_path("elsewhere");
    cr_assert_eq(rename(keys, elsewhere), 0);

    expect_data_refused(data, "KEY_INVALID", "in keys/ is missing or holds no keystore: restore");
    cr_assert_neq(access(keys, F_OK), 0);
    cr_assert_eq(mkdir(keys, 0700), 0);
    expect_data_refused(data, "KEY_INVALID", "in keys/ is missing or holds no keystore: restore");
    cr_expect_neq(access(scratch_path("data/keys/default/data.mdb"), F_OK), 0);
}

Test(start, file_in_place_of_a_folder_is_told) {
    const char *data = old_data();
    const char *keys = scratch_path("data/keys");
    scratch_write(scratch_path("data/workspaces/notes"), "hello", 5, 0600);

    expect_data_refused(data, "NOT_A_STORE", "a file stands where the directory");

    cr_assert_eq(unlink(scratch_path("data/workspaces/notes")), 0);
    cr_assert_eq(rename(keys, scratch_path("elsewhere")), 0);
    scratch_write(keys, "hello", 5, 0600);
    expect_data_refused(data, "NOT_A_STORE", "is a file, not a directory");
}

/* Neither a new root key nor a new store may hide that data were lost. */
Test(start, data_that_is_missing_is_never_made_anew) {
    const char *data = old_data();
    const char *workspaces = scratch_path("data/workspaces");
    const char *key = scratch_path("data/root.key");
    cr_assert_eq(rename(workspaces, scratch_path("elsewhere")), 0);

    expect_data_refused(data, "NOT_A_STORE", "restore workspaces/ and root.key");
    cr_expect_neq(access(workspaces, F_OK), 0);

    cr_assert_eq(rename(key, scratch_path("root.key")), 0);
    expect_data_refused(data, "NOT_A_STORE", "restore workspaces/ and root.key");
    cr_expect_neq(access(workspaces, F_OK), 0);
    cr_expect_neq(access(key, F_OK), 0);

    cr_assert_eq(mkdir(workspaces, 0700), 0);
    expect_data_refused(data, "NOT_A_STORE", "restore workspaces/ and root.key");
    cr_expect_neq(access(key, F_OK), 0);

    cr_assert_eq(rmdir(workspaces), 0);
    cr_assert_eq(rename(scratch_path("root.key"), key), 0);
    cr_assert_eq(rename(scratch_path("elsewhere"), workspaces), 0);
    expect_serves(data);
}

/* As a start that was cut off early leaves them. */
Test(start, empty_folders_become_a_store) {
    const char *data = scratch_path("data");
    cr_assert_eq(mkdir(data, 0700), 0);
    cr_assert_eq(mkdir(scratch_path("data/keys"), 0700), 0);
    cr_assert_eq(mkdir(scratch_path("data/workspaces"), 0700), 0);

    expect_serves(data);
}

/* ---- addresses ---- */

static size_t lines_of(const char *text) {
    size_t count = 0;
    for (const char *at = text; *at != '\0'; at++) {
        count += *at == '\n';
    }
    return count;
}

/* Once, naming the address, and with nothing made. */
static void expect_address_refused(const char *address, const char *text) {
    const char *data = scratch_path("new");
    const char *const arguments[] = {SERVER_PROGRAM, "serve",    "--data", data, "--listen",
                                     "127.0.0.1:0",  "--listen", address,  NULL};
    struct program program = program_run(arguments, NULL);

    cr_expect_eq(program.code, 1);
    cr_expect_eq(lines_of(program.err), 1, "%s", program.err);
    cr_expect_neq(strstr(program.err, address), NULL, "%s", program.err);
    cr_expect_neq(strstr(program.err, text), NULL, "%s", program.err);
    cr_expect_eq(strstr(program.err, "reason=NONE"), NULL, "%s", program.err);
    cr_expect_neq(access(data, F_OK), 0);
    program_free(&program);
}

Test(start, address_that_is_refused_leaves_nothing) {
    expect_address_refused("0.0.0.0:1", "only loopback addresses and unix sockets");
    expect_address_refused("::1:500", "write [::1]:PORT");
    expect_address_refused("unix:", "the path is missing");
    expect_address_refused("unix:/start_test_no_such/socket", "folder");
}

Test(start, localhost_may_be_in_any_case) {
    const char *const options[] = {"--listen", "LOCALHOST:0", NULL};

    cr_expect(server_start(&server, scratch_path("data"), options), "%s", server.log);
    cr_expect_eq(server_stop(&server), 0);
}

Test(start, address_that_others_can_reach_is_refused) {
    expect_refusal(scratch_path("data"), "0.0.0.0:0", "FIELD_INVALID",
                   "only loopback addresses and unix sockets");
}

Test(start, port_in_use_is_refused) {
    cr_assert(server_start(&server, scratch_path("data"), NULL));

    expect_refusal(scratch_path("other"), server.address, "FAILED_PRECONDITION", "in use");
    expect_address_refused(server.address, "in use");

    cr_expect_eq(server_stop(&server), 0);
}

/* ---- the command line ---- */

static void expect_usage_error(const char *const *arguments) {
    struct program program = program_run(arguments, NULL);

    cr_expect_eq(program.code, 2);
    cr_expect_str_empty(program.out);
    cr_expect_str_not_empty(program.err);
    program_free(&program);
}

Test(start, wrong_usage_is_2) {
    const char *const nothing[] = {SERVER_PROGRAM, NULL};
    const char *const no_data[] = {SERVER_PROGRAM, "serve", NULL};
    const char *const empty_data[] = {SERVER_PROGRAM, "serve", "--data", "", NULL};
    const char *const no_command[] = {SERVER_PROGRAM, "surf", "--data", "data", NULL};
    const char *const no_region[] = {SERVER_PROGRAM,     "serve", "--data", "data",
                                     "--default-region", "QQ",    NULL};
    const char *const no_size[] = {SERVER_PROGRAM, "serve", "--data", "data",
                                   "--map-size",   "1G",    NULL};

    expect_usage_error(nothing);
    expect_usage_error(no_data);
    expect_usage_error(empty_data);
    expect_usage_error(no_command);
    expect_usage_error(no_region);
    expect_usage_error(no_size);
}

Test(start, help_is_on_standard_output) {
    const char *const arguments[] = {SERVER_PROGRAM, "--help", NULL};
    struct program program = program_run(arguments, NULL);

    cr_expect_eq(program.code, 0);
    cr_expect_neq(strstr(program.out, "--data"), NULL);
    cr_expect_str_empty(program.err);
    program_free(&program);
}

/* ---- options ---- */

Test(start, map_size_is_a_number_of_gib_from_a_64th_on) {
    static const char *const bad[] = {"0.0156", "0", "-1", "65537", "nan", "", "1GiB"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const arguments[] = {SERVER_PROGRAM, "serve", "--data", scratch_path("data"),
                                         "--map-size",   bad[i],  NULL};
        struct program program = program_run(arguments, NULL);

        cr_expect_eq(program.code, 2, "%s", bad[i]);
        cr_expect_neq(strstr(program.err, "--map-size takes"), NULL, "%s", program.err);
        program_free(&program);
    }
    const char *const options[] = {"--map-size", "0.5", NULL};
    cr_assert(server_start(&server, scratch_path("data"), options), "%s", server.log);
    cr_expect_eq(server_stop(&server), 0);
}
