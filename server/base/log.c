/* Writes each event with one call, so that lines of several threads never mix. */

#include "server/base/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE_MAX = 1024 };

static enum log_level level_min = LOG_INFO;

void log_set_level(enum log_level level) { level_min = level; }

static const char *level_name(enum log_level level) {
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info ";
    case LOG_WARNING:
        return "warn ";
    case LOG_ERROR:
        return "error";
    }
    return "error";
}

static size_t advance(size_t at, int written) {
    assert(written >= 0);
    const size_t end = at + (size_t)written;
    return end > LINE_SIZE_MAX - 2 ? LINE_SIZE_MAX - 2 : end;
}

void log_event(enum log_level level, const char *format, ...) {
    if (level < level_min) {
        return;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm utc;
    gmtime_r(&now.tv_sec, &utc);
    char line[LINE_SIZE_MAX];
    size_t at = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
    at = advance(at, snprintf(line + at, sizeof line - at, ".%03ldZ %s ", now.tv_nsec / 1000000,
                              level_name(level)));
    va_list arguments;
    va_start(arguments, format);
    at = advance(at, vsnprintf(line + at, sizeof line - at, format, arguments));
    va_end(arguments);
    line[at++] = '\n';
    const ssize_t written = write(STDERR_FILENO, line, at);
    (void)written; /* A log that can't be written has nowhere to say so. */
}
