/* The directory of a store: made durably, looked at before anything is written into it, and locked
 * for one process. LMDB itself would let two processes in. */

#include "server/engine/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A new name is durable once the directory that it stands in is synced. */
static int sync_parent(int fd) {
    const int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) {
        return errno;
    }
    const int error = fsync(parent) == 0 ? 0 : errno;
    close(parent);
    return error;
}

int directory_open(const char *path, bool create, int *fd) {
    bool made = false;
    if (create) {
        made = mkdir(path, 0700) == 0;
        if (!made && errno != EEXIST) {
            return errno;
        }
    }
    const int opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) {
        return errno;
    }
    const int error = made ? sync_parent(opened) : 0;
    if (error != 0) {
        close(opened);
        return error;
    }
    *fd = opened;
    return 0;
}

/* Names that may stand in a directory which holds no data yet. */
static bool is_ours(const char *name) {
    static const char *const names[] = {".", "..", "LOCK", "lock.mdb", "data.mdb", "lost+found"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int find_foreign(int fd, bool *found) {
    const int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) {
        return errno;
    }
    DIR *directory = fdopendir(copy);
    if (directory == NULL) {
        const int error = errno;
        close(copy);
        return error;
    }
    *found = false;
    const struct dirent *entry;
    errno = 0;
    while (!*found && (entry = readdir(directory)) != NULL) {
        *found = !is_ours(entry->d_name);
    }
    const int error = *found ? 0 : errno;
    closedir(directory);
    return error;
}

int directory_survey(int fd, enum directory_content *out) {
    struct stat data;
    if (fstatat(fd, "data.mdb", &data, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISREG(data.st_mode)) {
            *out = DIRECTORY_FOREIGN;
            return 0;
        }
        if (data.st_size > 0) {
            *out = DIRECTORY_STORE;
            return 0;
        }
    } else if (errno != ENOENT) {
        return errno;
    }
    bool foreign = false;
    const int error = find_foreign(fd, &foreign);
    if (error == 0) {
        *out = foreign ? DIRECTORY_FOREIGN : DIRECTORY_EMPTY;
    }
    return error;
}

int directory_lock(int fd, int *lock_fd) {
    const int opened = openat(fd, "LOCK", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (opened < 0) {
        return errno;
    }
    if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        close(opened);
        return error;
    }
    *lock_fd = opened;
    return 0;
}

int directory_space(int fd, uint64_t *free, uint64_t *total) {
    struct statvfs space;
    if (fstatvfs(fd, &space) != 0) {
        return errno;
    }
    /* Without the blocks that are kept for root, as df counts. */
    *free = (uint64_t)space.f_bavail * space.f_frsize;
    *total = ((uint64_t)space.f_blocks - space.f_bfree + space.f_bavail) * space.f_frsize;
    return 0;
}
