/* Sizes over time: which days a column is of, and what is drawn. */

#include "client/cli/size_chart.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(size_chart);

enum { DAY = 20513 }; /* 2026-03-01 */

/* The counts with spaces between them, in a buffer of the test's. */
static const char *columns_of(const struct size_point *points, size_t count, int64_t today,
                              size_t max) {
    static char text[1024];
    int64_t columns[SIZE_CHART_COLUMNS_MAX];
    int64_t days = 0;
    const size_t drawn = size_chart_columns(points, count, today, max, columns, &days);
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < drawn; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", i == 0 ? "" : " ",
                                 (int)columns[i]);
    }
    return text;
}

/* What is drawn on a screen so wide; the caller's. */
static char *drawn_on(size_t width, const struct size_point *points, size_t count, int64_t today) {
    char *drawn = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&drawn, &size);
    const struct screen screen = {.out = out, .width = width};
    size_chart_draw(&screen, points, count, today);
    fclose(out);
    return drawn;
}

Test(size_chart, days_between_points_are_as_the_day_before) {
    const struct size_point points[] = {{DAY, 3}, {DAY + 2, 5}, {DAY + 5, 0}};

    cr_expect_str_eq(columns_of(points, 3, DAY + 7, 60), "3 3 5 5 5 0 0 0");
    cr_expect_str_eq(columns_of(points, 3, DAY + 5, 60), "3 3 5 5 5 0");
    cr_expect_str_eq(columns_of(points, 1, DAY, 60), "3");
}

Test(size_chart, a_clock_that_is_behind_loses_no_point) {
    const struct size_point points[] = {{DAY, 3}, {DAY + 1, 4}};

    cr_expect_str_eq(columns_of(points, 2, DAY - 9, 60), "3 4");
}

Test(size_chart, many_days_share_a_column_which_shows_the_most) {
    const struct size_point points[] = {{DAY, 1}, {DAY + 1, 2}, {DAY + 4, 5}, {DAY + 8, 9}};

    cr_expect_str_eq(columns_of(points, 4, DAY + 8, 5), "1 2 5 5 9");
    cr_expect_str_eq(columns_of(points, 4, DAY + 8, 1), "9");
    cr_expect_str_eq(columns_of(points, 4, DAY + 9, 5), "2 2 5 5 9");
}

Test(size_chart, a_peak_of_a_day_is_seen_and_what_a_column_is) {
    const struct size_point points[] = {{DAY, 1}, {DAY + 1, 90}, {DAY + 2, 1}, {DAY + 5, 0}};

    cr_expect_str_eq(columns_of(points, 4, DAY + 8, 3), "90 1 0");
    cr_expect_str_eq(columns_of(points, 4, DAY + 9, 5), "90 1 1 0 0");
    char *drawn = drawn_on(16 + 3, points, 4, DAY + 8);
    cr_expect_not_null(
        strstr(drawn, " 2026-03-01 to 2026-03-09; a column shows the most of 3 days\n"), "%s",
        drawn);
    free(drawn);
}

Test(size_chart, columns_are_as_high_as_the_counts_and_days_stand_below) {
    const struct size_point points[] = {{DAY, 6}, {DAY + 1, 12}, {DAY + 2, 0}, {DAY + 3, 1}};

    char *drawn = drawn_on(80, points, 4, DAY + 3);

    cr_expect_str_eq(drawn, "            12 │ █  \n"
                            "               │ █  \n"
                            "               │ █  \n"
                            "               │██  \n"
                            "               │██  \n"
                            "             0 │██ ▄\n"
                            "                2026-03-01 to 2026-03-04\n");
    free(drawn);
}

Test(size_chart, one_day_and_a_narrow_screen) {
    const struct size_point points[] = {{DAY, 1000000}, {DAY + 1, 1}};

    char *one = drawn_on(80, points, 1, DAY);
    char *narrow = drawn_on(5, points, 2, DAY + 1);

    cr_expect_not_null(strstr(one, "1000000 │█\n"), "%s", one);
    cr_expect_not_null(strstr(one, " 2026-03-01\n"), "%s", one);
    cr_expect_not_null(strstr(narrow, "1000000 │█\n"), "%s", narrow);
    free(one);
    free(narrow);
}

Test(size_chart, little_is_not_nothing) {
    const struct size_point points[] = {{DAY, 1}, {DAY + 1, 1000000}};

    char *drawn = drawn_on(80, points, 2, DAY + 1);

    cr_expect_not_null(strstr(drawn, "0 │▁█\n"), "%s", drawn);
    free(drawn);
}
