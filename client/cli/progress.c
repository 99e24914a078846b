/* Progress in a line. The time left is guessed by how fast it went since it was told first. */

#include "client/cli/progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum {
    US_PER_SECOND = 1000000,
    LOG_EVERY_US = 10 * US_PER_SECOND,
    LOG_TENTH_US = US_PER_SECOND,       /* At least between two lines. */
    GUESS_AFTER_US = 2 * US_PER_SECOND, /* Before that, it would be a guess of nothing. */
    LINE_SIZE = 128,
};

int64_t progress_now_us(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

void progress_wait(int64_t began_us, int64_t done, int64_t rate) {
    const int64_t due_us = rate == 0 ? 0 : began_us + done * US_PER_SECOND / rate;
    const struct timespec due = {due_us / US_PER_SECOND, due_us % US_PER_SECOND * 1000};
    if (due_us > progress_now_us()) {
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    }
}

static void add_duration(int64_t seconds, char *out, size_t size) {
    if (seconds < 1) {
        snprintf(out, size, "1 s");
    } else if (seconds < 60) {
        snprintf(out, size, "%" PRId64 " s", seconds);
    } else if (seconds < 3600) {
        snprintf(out, size, "%" PRId64 " min", (seconds + 30) / 60);
    } else {
        snprintf(out, size, "%" PRId64 " h %" PRId64 " min", seconds / 3600, seconds % 3600 / 60);
    }
}

/* "400 profiles, pass 2, 12 %, about 3 min left": as much of it as is known. */
static void format_line(const struct progress *progress, const struct progress_place *place,
                        int64_t now_us, char line[LINE_SIZE]) {
    snprintf(line, LINE_SIZE, "%" PRId64 " %s", place->profiles,
             progress->noun == NULL ? "profiles" : progress->noun);
    size_t used = strlen(line);
    if (progress->pass > 1) {
        snprintf(line + used, LINE_SIZE - used, ", pass %" PRId32, progress->pass);
        used = strlen(line);
    }
    if (place->whole <= 0 || place->looked_at > place->whole) {
        return;
    }
    snprintf(line + used, LINE_SIZE - used, ", %" PRId64 " %%",
             place->looked_at * 100 / place->whole);
    const int64_t taken_us = now_us - progress->begun_us;
    const int64_t come = place->looked_at - progress->begun_at;
    if (taken_us < GUESS_AFTER_US || come <= 0) {
        return;
    }
    const double seconds =
        (double)taken_us / US_PER_SECOND * (double)(place->whole - place->looked_at) / (double)come;
    used = strlen(line);
    snprintf(line + used, LINE_SIZE - used, ", about ");
    used = strlen(line);
    add_duration((int64_t)seconds, line + used, LINE_SIZE - used);
    used = strlen(line);
    snprintf(line + used, LINE_SIZE - used, " left");
}

static int64_t tenth_of(const struct progress_place *place) {
    return place->whole > 0 ? place->looked_at * 10 / place->whole : 0;
}

/* Whether a log is to have a line of it. */
static bool is_due(const struct progress *progress, const struct progress_place *place,
                   int64_t now_us) {
    const int64_t since_us = now_us - progress->told_us;
    return since_us >= LOG_EVERY_US ||
           (since_us >= LOG_TENTH_US && tenth_of(place) > progress->told_tenth);
}

void progress_tell(struct progress *progress, const struct progress_place *place, int64_t now_us) {
    if (progress->begun_us == 0) {
        progress->begun_us = now_us;
        progress->begun_at = place->looked_at;
        progress->told_us = now_us;
        progress->told_tenth = tenth_of(place);
    }
    const bool is_over = place->whole > 0 && place->looked_at >= place->whole;
    if (is_over || (!progress->screen.terminal && !is_due(progress, place, now_us))) {
        return;
    }
    char line[LINE_SIZE];
    format_line(progress, place, now_us, line);
    if (progress->screen.terminal) {
        fprintf(progress->screen.out, "\r%s\033[K", line);
        fflush(progress->screen.out);
        progress->is_shown = true;
    } else {
        fprintf(progress->screen.out, "%s\n", line);
    }
    progress->told_us = now_us;
    progress->told_tenth = tenth_of(place);
}

void progress_pass(struct progress *progress, int32_t pass) {
    if (progress->pass != pass) {
        progress->pass = pass;
        progress->begun_us = 0;
    }
}

void progress_end(struct progress *progress) {
    if (progress->is_shown) {
        fputs("\r\033[K", progress->screen.out);
        progress->is_shown = false;
    }
}
