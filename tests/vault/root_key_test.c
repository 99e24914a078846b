/* The root key's file: made once, private, and refused when it is anything else. */

#include <criterion/criterion.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/vault/vault.h"
#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"

enum { DIGITS = 2 * VAULT_KEY_SIZE };

static const char digits[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eFF\n";

static void init(void) {
    scratch_open();
    cr_assert_eq(vault_init().code, STATUS_OK);
}

static void fini(void) {
    scratch_close();
    leaks_check();
}

TestSuite(root_key, .init = init, .fini = fini);

static void assert_refused(const char *path) {
    static const struct vault_key untouched = {{0x5a}};
    struct vault_key key = untouched;
    const struct status status = vault_root_load(path, true, &key);
    cr_assert_eq(status.code, STATUS_FAILED_PRECONDITION);
    cr_assert_eq(status.reason, REASON_KEY_INVALID);
    cr_assert_arr_eq(key.bytes, untouched.bytes, VAULT_KEY_SIZE);
}

static size_t count_files(void) {
    DIR *directory = opendir(scratch_path(""));
    cr_assert_not_null(directory);
    size_t count = 0;
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count - 2;
}

Test(root_key, file_is_read) {
    scratch_write(scratch_path("key"), digits, sizeof digits - 1, 0400);

    struct vault_key key;
    const struct status status = vault_root_load(scratch_path("key"), false, &key);

    cr_assert_eq(status.code, STATUS_OK, "%s", status.text);
    cr_assert_eq(key.bytes[0], 0);
    cr_assert_eq(key.bytes[1], 1);
    cr_assert_eq(key.bytes[30], 0x1e);
    cr_assert_eq(key.bytes[31], 0xff);
}

Test(root_key, missing_is_refused_without_create) {
    struct vault_key key;
    cr_assert_eq(vault_root_load(scratch_path("key"), false, &key).reason, REASON_KEY_INVALID);
    cr_assert_eq(count_files(), 0);
}

Test(root_key, missing_is_made_and_read_again) {
    struct vault_key made;
    struct vault_key again;
    struct vault_key other;
    cr_assert_eq(vault_root_load(scratch_path("key"), true, &made).code, STATUS_OK);

    struct stat file;
    cr_assert_eq(stat(scratch_path("key"), &file), 0);
    cr_assert_eq(file.st_mode & 07777, 0400);
    cr_assert_eq(file.st_size, DIGITS + 1);
    cr_assert_eq(count_files(), 1);
    cr_assert_eq(vault_root_load(scratch_path("key"), true, &again).code, STATUS_OK);
    cr_assert_arr_eq(made.bytes, again.bytes, VAULT_KEY_SIZE);
    cr_assert_eq(vault_root_load(scratch_path("other"), true, &other).code, STATUS_OK);
    cr_assert_arr_neq(made.bytes, other.bytes, VAULT_KEY_SIZE);
}

Test(root_key, missing_directory_is_an_error) {
    struct vault_key key;
    const struct status status = vault_root_load(scratch_path("no/key"), true, &key);
    cr_assert_eq(status.reason, REASON_STORAGE_FAILED);
}

Test(root_key, file_that_others_can_open_is_refused) {
    static const unsigned modes[] = {0440, 0404, 0420, 0402, 0410, 0401, 0644, 0666};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        scratch_write(scratch_path("key"), digits, sizeof digits - 1, modes[i]);
        assert_refused(scratch_path("key"));
        cr_assert_eq(unlink(scratch_path("key")), 0);
    }
    scratch_write(scratch_path("key"), digits, sizeof digits - 1, 0600);
    struct vault_key key;
    cr_assert_eq(vault_root_load(scratch_path("key"), false, &key).code, STATUS_OK);
}

Test(root_key, file_of_another_size_is_refused) {
    for (size_t size = 0; size < DIGITS + 1; size++) {
        scratch_write(scratch_path("key"), digits, size, 0600);
        assert_refused(scratch_path("key"));
    }
    char longer[DIGITS + 2];
    memcpy(longer, digits, DIGITS + 1);
    longer[DIGITS + 1] = '\n';
    scratch_write(scratch_path("key"), longer, sizeof longer, 0600);
    assert_refused(scratch_path("key"));
}

Test(root_key, file_of_something_else_is_refused) {
    for (size_t i = 0; i <= DIGITS; i++) {
        char text[DIGITS + 1];
        memcpy(text, digits, sizeof text);
        text[i] = i % 2 == 0 ? 'g' : '\0';
        scratch_write(scratch_path("key"), text, sizeof text, 0600);
        assert_refused(scratch_path("key"));
    }
}

Test(root_key, directory_or_pipe_is_refused) {
    cr_assert_eq(mkdir(scratch_path("directory"), 0700), 0);
    assert_refused(scratch_path("directory"));
    cr_assert_eq(mkfifo(scratch_path("pipe"), 0600), 0);
    assert_refused(scratch_path("pipe"));
}
