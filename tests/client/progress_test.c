/* How far something has come, as a log and as a terminal have it. */

#include "client/cli/progress.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECOND = 1000000 };

/* One stop on the way: when, and where. */
struct stop {
    int64_t second;
    struct progress_place place;
};

static char *tell(bool terminal, const struct stop *stops, size_t count) {
    char *out = NULL;
    size_t size;
    struct progress progress = {
        .screen = {.out = open_memstream(&out, &size), .width = 80, .terminal = terminal}};
    for (size_t i = 0; i < count; i++) {
        progress_tell(&progress, &stops[i].place, (1000 + stops[i].second) * SECOND);
    }
    progress_end(&progress);
    fclose(progress.screen.out);
    return out;
}

#define CHECK(TERMINAL, EXPECTED, ...)                                                             \
    do {                                                                                           \
        const struct stop stops[] = {__VA_ARGS__};                                                 \
        char *out = tell(TERMINAL, stops, sizeof stops / sizeof *stops);                           \
        cr_expect_str_eq(out, EXPECTED, "%s", out);                                                \
        free(out);                                                                                 \
    } while (0)

Test(progress, a_log_has_a_line_for_each_tenth) {
    CHECK(false,
          "100 profiles, 10 %, about 18 s left\n"
          "180 profiles, 20 %, about 16 s left\n",
          {0, {0, 0, 1000}}, {1, {40, 50, 1000}}, {2, {100, 100, 1000}}, {3, {140, 150, 1000}},
          {4, {180, 200, 1000}});
}

Test(progress, a_log_has_a_line_for_each_ten_seconds) {
    CHECK(false,
          "300 profiles, 3 %, about 5 min left\n"
          "600 profiles, 6 %, about 5 min left\n",
          {0, {0, 0, 10000}}, {9, {200, 250, 10000}}, {10, {300, 300, 10000}},
          {15, {450, 450, 10000}}, {20, {600, 600, 10000}});
}

Test(progress, without_a_number_there_is_no_share) {
    CHECK(false, "20000 profiles\n", {0, {0, 0, 0}}, {10, {20000, 20000, 0}});
}

Test(progress, what_takes_no_time_and_what_is_over_is_not_told) {
    CHECK(false, "", {0, {200, 200, 1000}}, {0, {900, 900, 1000}}, {30, {1000, 1000, 1000}});
}

Test(progress, what_goes_on_is_timed_from_where_it_goes_on) {
    CHECK(false, "600 profiles, 60 %, about 40 s left\n", {0, {500, 500, 1000}},
          {10, {600, 600, 1000}});
}

Test(progress, what_is_left_is_a_second_at_least) {
    CHECK(false, "999 profiles, 99 %, about 1 s left\n", {0, {0, 0, 1000}}, {10, {999, 999, 1000}});
}

Test(progress, another_way_is_named_and_timed_anew) {
    char *out = NULL;
    size_t size;
    struct progress progress = {.screen = {.out = open_memstream(&out, &size), .width = 80}};
    const struct progress_place places[] = {{500, 500, 1000}, {500, 100, 1000}, {500, 200, 1000}};
    for (int i = 0; i < 3; i++) {
        progress_pass(&progress, i == 0 ? 1 : 2);
        progress_tell(&progress, &places[i], (int64_t)(1000 + 10 * i) * SECOND);
    }
    fclose(progress.screen.out);
    cr_expect_str_eq(out, "500 profiles, pass 2, 20 %, about 1 min left\n", "%s", out);
    free(out);
}

Test(progress, long_times_are_hours) {
    CHECK(false, "5 profiles, 0 %, about 2 h 46 min left\n", {0, {0, 0, 5005}}, {10, {5, 5, 5005}});
}

Test(progress, a_terminal_has_one_line_which_goes_at_the_end) {
    CHECK(true, "\r10 profiles\033[K\r20 profiles, 2 %\033[K\r\033[K", {0, {10, 10, 0}},
          {1, {20, 20, 1000}}, {2, {1000, 1000, 1000}});
}
