#pragma once
/* How large something was over time, as columns of block characters. */

#include "client/cli/screen.h"

#include <stdint.h>

enum { SIZE_CHART_COLUMNS_MAX = 60 };

/* What there was at the end of a day, which is counted from 1970. */
struct size_point {
    int64_t day;
    int64_t count;
};

/* The greatest counts of as many spans of days, up to `columns_max`, as there are from the first
 * point to `today`: one day each where they fit, else several; *days tells how many. On days
 * between two points it was as on the day before; the last point's count is that of today. Points
 * are by day, one at least. Answers how many spans. */
size_t size_chart_columns(const struct size_point *points, size_t point_count, int64_t today,
                          size_t columns_max, int64_t columns[SIZE_CHART_COLUMNS_MAX],
                          int64_t *days);

/* Draws it, indented by two, with the first and the last day below, and what a column is where it
 * is of several days. */
void size_chart_draw(const struct screen *screen, const struct size_point *points,
                     size_t point_count, int64_t today);
