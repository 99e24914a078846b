/* The root key's file: read with care for who else can, made so that no crash leaves half of one
 * and no second start replaces one that is in use. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "server/vault/vault.h"

/* 64 hexadecimal digits and a newline. */
enum { FILE_SIZE = 2 * VAULT_KEY_SIZE + 1 };

static struct status refusal(const char *text) {
    return (struct status){STATUS_FAILED_PRECONDITION, REASON_KEY_INVALID, text};
}

static struct status failure(int error) {
    return error == ENOSPC || error == EDQUOT
               ? (struct status){STATUS_RESOURCE_EXHAUSTED, REASON_STORAGE_FULL,
                                 "no room for the root key's file"}
               : (struct status){STATUS_UNAVAILABLE, REASON_STORAGE_FAILED,
                                 "the root key's file could not be made"};
}

/* Reads up to `size` bytes; -1 on failure. */
static ssize_t read_all(int fd, char *out, size_t size) {
    size_t at = 0;
    while (at < size) {
        const ssize_t got = read(fd, out + at, size - at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        at += (size_t)got;
    }
    return (ssize_t)at;
}

static bool parse(const char *text, size_t size, struct vault_key *out) {
    if (size != FILE_SIZE || text[FILE_SIZE - 1] != '\n') {
        return false;
    }
    size_t key_size = 0;
    const int failed =
        sodium_hex2bin(out->bytes, VAULT_KEY_SIZE, text, FILE_SIZE - 1, NULL, &key_size, NULL);
    return failed == 0 && key_size == VAULT_KEY_SIZE;
}

static struct status read_file(int fd, struct vault_key *out) {
    struct stat file;
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
        return refusal("the root key's file is not a regular file");
    }
    if ((file.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return refusal("the root key's file is open to others: chmod 0400");
    }
    char text[FILE_SIZE + 1]; /* One more, so that a longer file shows. */
    const ssize_t size = read_all(fd, text, sizeof text);
    struct vault_key key;
    const bool good = size >= 0 && parse(text, (size_t)size, &key);
    sodium_memzero(text, sizeof text);
    if (good) {
        *out = key;
    }
    vault_wipe(&key);
    return good ? OK
                : refusal("the root key's file does not hold 64 hexadecimal digits and a "
                          "newline");
}

static int write_all(int fd, const char *data, size_t size) {
    size_t at = 0;
    while (at < size) {
        const ssize_t written = write(fd, data + at, size - at);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return errno;
        }
        at += (size_t)written;
    }
    return 0;
}

/* Fills the file with a new key and syncs it. */
static int write_key(int fd) {
    struct vault_key key;
    randombytes_buf(key.bytes, VAULT_KEY_SIZE);
    char text[FILE_SIZE + 1];
    sodium_bin2hex(text, FILE_SIZE, key.bytes, VAULT_KEY_SIZE);
    text[FILE_SIZE - 1] = '\n';
    int error = write_all(fd, text, FILE_SIZE);
    sodium_memzero(text, sizeof text);
    vault_wipe(&key);
    if (error == 0 && (fchmod(fd, 0400) != 0 || fsync(fd) != 0)) {
        error = errno;
    }
    return error;
}

/* Syncs the directory that holds a file: its new name is durable then. */
static int sync_directory_of(const char *path) {
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        memcpy(directory, ".", sizeof ".");
    } else {
        /* With the slash, so that "/key" gives "/". */
        const size_t size = (size_t)(slash - path) + 1;
        memcpy(directory, path, size);
        directory[size] = '\0';
    }
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    const int error = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    return error;
}

/* Makes the file, unless somebody else does at the same moment: then theirs stays. */
static struct status make_file(const char *path) {
    char temporary[PATH_MAX];
    const int size = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (size < 0 || (size_t)size >= sizeof temporary) {
        return failure(ENAMETOOLONG);
    }
    const int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return failure(errno);
    }
    int error = write_key(fd);
    close(fd);
    if (error == 0 && renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) != 0) {
        error = errno;
    }
    if (error != 0) {
        unlink(temporary);
    }
    if (error != 0 && error != EEXIST) {
        return failure(error);
    }
    error = sync_directory_of(path);
    return error == 0 ? OK : failure(error);
}

struct status vault_root_load(const char *path, bool create, struct vault_key *out) {
    /* A pipe at that path must not make the start hang. */
    const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = open(path, flags);
    if (fd < 0 && errno == ENOENT && create) {
        TRY(make_file(path));
        fd = open(path, flags);
    }
    if (fd < 0) {
        return errno == ENOENT ? refusal("the root key's file is missing")
                               : refusal("the root key's file can't be opened");
    }
    const struct status status = read_file(fd, out);
    close(fd);
    return status;
}
