/* A test's own directory, under Bazel's TEST_TMPDIR or /tmp; in memory, where the test asks for
 * that and there is room. */

#include "tests/engine/scratch.h"

#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PATHS_MAX = 8 };

static char root[PATH_MAX / 2];

/* A GiB, so that a small memory is not filled by tests that run side by side. */
static bool has_room(const char *path) {
    struct statvfs info;
    return statvfs(path, &info) == 0 && info.f_bavail >= ((uint64_t)1 << 30) / info.f_frsize;
}

static const char *parent_of_all(void) {
    const char *in_memory = getenv("PROFILED_SCRATCH_IN_MEMORY");
    return in_memory != NULL && has_room("/dev/shm") ? "/dev/shm" : getenv("TEST_TMPDIR");
}

void scratch_open(void) {
    const char *parent = parent_of_all();
    const int size =
        snprintf(root, sizeof root, "%s/profiled.XXXXXX", parent != NULL ? parent : "/tmp");
    assert(size > 0 && (size_t)size < sizeof root);
    const char *made = mkdtemp(root);
    assert(made != NULL);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void scratch_close(void) {
    const int failed = nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    assert(failed == 0);
}

const char *scratch_path(const char *name) {
    static char paths[PATHS_MAX][PATH_MAX];
    static size_t next;
    char *path = paths[next++ % PATHS_MAX];
    const int size = snprintf(path, PATH_MAX, "%s/%s", root, name);
    assert(size > 0 && size < PATH_MAX);
    return path;
}

void scratch_write(const char *path, const void *data, size_t size, unsigned mode) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert(fd >= 0);
    const ssize_t written = write(fd, data, size);
    assert(written >= 0 && (size_t)written == size);
    const int failed = fchmod(fd, mode);
    assert(failed == 0);
    close(fd);
}

size_t scratch_read(const char *path, void *out, size_t size_max) {
    const int fd = open(path, O_RDONLY);
    assert(fd >= 0);
    const ssize_t size = read(fd, out, size_max);
    assert(size >= 0);
    close(fd);
    return (size_t)size;
}
