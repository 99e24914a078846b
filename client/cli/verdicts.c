/* The file of an import's verdicts. A run that was killed may have left half a line, and may not
 * have written what the server had done: the next run cuts the one and tells the other. */

#include "client/cli/verdicts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool told_unwritable(const char *path) {
    fprintf(stderr, "profilectl: %s can't be written: %s\n", path, strerror(errno));
    return false;
}

/* The row of a line that we wrote; 0 for any other line. */
static int64_t row_of(const char *line) {
    static const char begin[] = "{\"row\":";
    return strncmp(line, begin, sizeof begin - 1) == 0 ? strtoll(line + sizeof begin - 1, NULL, 10)
                                                       : 0;
}

/* Finds the last row that has a line, and where the whole lines end. */
static bool scan(FILE *file, int64_t *last_row, off_t *whole_size) {
    char *line = NULL;
    size_t room = 0;
    *last_row = 0;
    *whole_size = 0;
    for (ssize_t size = getline(&line, &room, file); size > 0 && line[size - 1] == '\n';
         size = getline(&line, &room, file)) {
        const int64_t row = row_of(line);
        *last_row = row > *last_row ? row : *last_row;
        *whole_size += size;
    }
    free(line);
    return ferror(file) == 0;
}

/* Opens a regular file behind its last whole line. */
static bool reopen(struct verdicts *verdicts, const char *path, int64_t durable_row) {
    verdicts->file = fopen(path, "a+");
    if (verdicts->file == NULL) {
        return told_unwritable(path);
    }
    off_t size;
    rewind(verdicts->file); /* Reading begins at the start; writing goes to the end. */
    if (!scan(verdicts->file, &verdicts->told_row, &size) ||
        ftruncate(fileno(verdicts->file), size) != 0 || fseek(verdicts->file, 0, SEEK_END) != 0) {
        const bool told = told_unwritable(path);
        fclose(verdicts->file);
        verdicts->file = NULL;
        return told;
    }
    if (verdicts->told_row < durable_row) {
        fprintf(stderr,
                "profilectl: rows %" PRId64 "-%" PRId64 " are in and have no line in %s: the run "
                "before ended, or wrote to another file, before their verdicts came\n",
                verdicts->told_row + 1, durable_row, path);
    }
    return true;
}

bool verdicts_open(struct verdicts *verdicts, const char *path, int64_t durable_row) {
    *verdicts = (struct verdicts){.told_row = durable_row};
    if (path == NULL) {
        return true;
    }
    if (strcmp(path, "-") == 0) {
        verdicts->file = stdout;
        return true;
    }
    struct stat info;
    const bool special = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
    if (durable_row > 0 && !special) {
        return reopen(verdicts, path, durable_row);
    }
    verdicts->file = fopen(path, "w");
    return verdicts->file != NULL || told_unwritable(path);
}

void verdicts_flush(const struct verdicts *verdicts) {
    if (verdicts->file != NULL) {
        fflush(verdicts->file); /* A failure stays in ferror(), for verdicts_close(). */
    }
}

bool verdicts_close(struct verdicts *verdicts) {
    FILE *file = verdicts->file;
    verdicts->file = NULL;
    if (file == NULL) {
        return true;
    }
    const bool bad = ferror(file) != 0;
    const bool closed = file == stdout ? fflush(file) == 0 : fclose(file) == 0;
    if (bad || !closed) {
        fprintf(stderr, "profilectl: the verdicts could not be written\n");
    }
    return !bad && closed;
}
