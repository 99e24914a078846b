/* Sizes over time, drawn with eighths of blocks: a column shows the most there was on its days, so
 * that no peak goes missing between two columns. */

#include "client/cli/size_chart.h"

#include "client/rfc3339.h"

#include <assert.h>
#include <inttypes.h>

enum { HEIGHT = 6, STEPS = 8, AXIS_WIDTH = 16, SECONDS_PER_DAY = 86400 };

/* What there was at the end of a day. */
static int64_t count_on(const struct size_point *points, size_t point_count, int64_t day) {
    int64_t count = 0;
    for (size_t i = 0; i < point_count && points[i].day <= day; i++) {
        count = points[i].count;
    }
    return count;
}

/* The most there was at the end of one of the days from one to another one. */
static int64_t most_within(const struct size_point *points, size_t point_count, int64_t from,
                           int64_t to) {
    int64_t most = count_on(points, point_count, from);
    for (size_t i = 0; i < point_count && points[i].day <= to; i++) {
        most = points[i].day > from && points[i].count > most ? points[i].count : most;
    }
    return most;
}

size_t size_chart_columns(const struct size_point *points, size_t point_count, int64_t today,
                          size_t columns_max, int64_t columns[SIZE_CHART_COLUMNS_MAX],
                          int64_t *days) {
    assert(point_count > 0 && columns_max > 0 && columns_max <= SIZE_CHART_COLUMNS_MAX);
    const int64_t last = points[point_count - 1].day > today ? points[point_count - 1].day : today;
    const int64_t all_days = last - points[0].day + 1;
    const int64_t span = (all_days + (int64_t)columns_max - 1) / (int64_t)columns_max;
    const size_t count = (size_t)((all_days + span - 1) / span);
    for (size_t i = 0; i < count; i++) {
        const int64_t to = last - (int64_t)i * span;
        columns[count - 1 - i] = most_within(points, point_count, to - span + 1, to);
    }
    *days = span;
    return count;
}

/* The part of a column that stands in a row, in eighths; whatever there is shows. */
static int64_t eighths_of(int64_t count, int64_t most, int64_t row) {
    const double share = most <= 0 ? 0 : (double)count / (double)most;
    int64_t eighths = (int64_t)(share * HEIGHT * STEPS + 0.5);
    eighths = eighths == 0 && count > 0 ? 1 : eighths;
    const int64_t here = eighths - row * STEPS;
    return here < 0 ? 0 : here > STEPS ? STEPS : here;
}

static void draw_row(const struct screen *screen, const int64_t *columns, size_t count,
                     int64_t most, int64_t row) {
    static const char *const steps[] = {" ",
                                        "\xe2\x96\x81",
                                        "\xe2\x96\x82",
                                        "\xe2\x96\x83",
                                        "\xe2\x96\x84",
                                        "\xe2\x96\x85",
                                        "\xe2\x96\x86",
                                        "\xe2\x96\x87",
                                        "\xe2\x96\x88"};
    if (row == HEIGHT - 1) {
        fprintf(screen->out, "%*" PRId64 " ", AXIS_WIDTH - 2, most);
    } else if (row == 0) {
        fprintf(screen->out, "%*d ", AXIS_WIDTH - 2, 0);
    } else {
        fprintf(screen->out, "%*s", AXIS_WIDTH - 1, "");
    }
    fputs("\xe2\x94\x82", screen->out);
    for (size_t i = 0; i < count; i++) {
        fputs(steps[eighths_of(columns[i], most, row)], screen->out);
    }
    fputc('\n', screen->out);
}

static void draw_day(const struct screen *screen, int64_t day, const char *end) {
    char text[RFC3339_SIZE];
    if (rfc3339_format(day * SECONDS_PER_DAY, 0, text)) {
        fprintf(screen->out, "%.10s%s", text, end);
    }
}

void size_chart_draw(const struct screen *screen, const struct size_point *points,
                     size_t point_count, int64_t today) {
    int64_t columns[SIZE_CHART_COLUMNS_MAX];
    int64_t days = 0;
    const size_t room = screen->width > AXIS_WIDTH ? screen->width - AXIS_WIDTH : 1;
    const size_t columns_max = room < SIZE_CHART_COLUMNS_MAX ? room : SIZE_CHART_COLUMNS_MAX;
    const size_t count =
        size_chart_columns(points, point_count, today, columns_max, columns, &days);
    int64_t most = 0;
    for (size_t i = 0; i < count; i++) {
        most = columns[i] > most ? columns[i] : most;
    }
    for (int64_t row = HEIGHT - 1; row >= 0; row--) {
        draw_row(screen, columns, count, most, row);
    }
    fprintf(screen->out, "%*s", AXIS_WIDTH, "");
    const bool one_day = points[0].day >= today;
    draw_day(screen, points[0].day, one_day ? "" : " to ");
    if (!one_day) {
        draw_day(screen, today, "");
    }
    if (days > 1) {
        fprintf(screen->out, "; a column shows the most of %" PRId64 " days", days);
    }
    fputc('\n', screen->out);
}
