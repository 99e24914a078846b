#pragma once
/* The directory that a store lives in. Functions return 0 or an errno; the engine turns those into
 * a status in one place. */

#include <stdbool.h>
#include <stdint.h>

enum directory_content {
    DIRECTORY_EMPTY,   /* Nothing, or what a start leaves that ended before the first write. */
    DIRECTORY_STORE,   /* A data file that is not empty. */
    DIRECTORY_FOREIGN, /* Something else. */
};

/* Opens the directory; makes it durably, for its owner alone, when it is missing and `create` says
 * so. ENOENT when it is missing, ENOTDIR when it is something else. */
int directory_open(const char *path, bool create, int *fd);

/* Tells what the directory holds. */
int directory_survey(int fd, enum directory_content *out);

/* Locks the directory against other processes until *lock_fd is closed. EWOULDBLOCK when another
 * one holds the lock. */
int directory_lock(int fd, int *lock_fd);

/* Bytes of its file system that are left to us, and all that are ours to use, taken ones included.
 */
int directory_space(int fd, uint64_t *free, uint64_t *total);
