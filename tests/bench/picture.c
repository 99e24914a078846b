/* The picture: a bar for each row, as SVG. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/peer.h"
#include "tests/bench/report.h"

enum {
    LINE = 18,   /* Pixels of a row. */
    BAR = 12,    /* Of its bar. */
    NAMES = 330, /* Where bars begin. */
    BARS = 480,  /* As long as they get. */
    WIDTH = 920,
    HEAD = 70,
    DECADES = 7, /* 1 to 10 million a second. */
};

static const char *colour_of(const struct row *row) {
    if (row->way != ROW_PEER) {
        return row->way == ROW_STORE || row->way == ROW_CORE || strncmp(row->name, "Echo", 4) == 0
                   ? "#9aa5b1"
                   : "#2f6fb3";
    }
    return row->peer == &peer_postgres ? "#5b8c5a"
           : row->peer == &peer_redis  ? "#b5473c"
                                       : "#c58b2a";
}

static double length_of(double items_per_second) {
    const double decades = log10(items_per_second < 1 ? 1 : items_per_second);
    return decades / DECADES * BARS;
}

static void draw_scale(FILE *file, double height) {
    for (int i = 0; i <= DECADES; i++) {
        const double x = NAMES + (double)i * BARS / DECADES;
        fprintf(file,
                "<line x1=\"%.0f\" y1=\"%d\" x2=\"%.0f\" y2=\"%.0f\" stroke=\"#e1e5ea\"/>"
                "<text x=\"%.0f\" y=\"%d\" text-anchor=\"middle\" fill=\"#667\">%.0f</text>\n",
                x, HEAD - 6, x, height - 10, x, HEAD - 12, pow(10, i));
    }
}

static void draw_row(FILE *file, const struct row *row, const struct figure *rate, double y) {
    fprintf(file, "<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%s, %u at once%s", NAMES - 8,
            y + BAR - 2, row->name, row->outstanding, row->items > 1 ? "" : "</text>\n");
    if (row->items > 1) {
        fprintf(file, " x %u</text>\n", row->items);
    }
    fprintf(file,
            "<rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>"
            "<text x=\"%.1f\" y=\"%.0f\" fill=\"#334\">%.0f</text>\n",
            NAMES, y, length_of(rate->median), BAR, colour_of(row),
            NAMES + length_of(rate->median) + 5, y + BAR - 2, rate->median);
}

bool report_write_picture(const struct report *report, const char *path) {
    size_t count = 0;
    size_t shown = 0;
    const struct row *rows = rows_all(&count);
    for (size_t i = 0; i < count; i++) {
        shown += report->wanted[i];
    }
    const double height = HEAD + (double)shown * LINE + 16;
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return false;
    }
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
            "font-family=\"sans-serif\" font-size=\"11\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
            "<text x=\"16\" y=\"24\" font-size=\"15\">Items a second, median of %u rounds, %llu "
            "profiles; logarithmic</text>\n",
            WIDTH, height, report->rounds, (unsigned long long)report->profiles);
    draw_scale(file, height);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (report->wanted[i]) {
            const struct figure rate =
                report_figure(report, i, offsetof(struct sample, items_per_second));
            draw_row(file, &rows[i], &rate, HEAD + (double)at++ * LINE);
        }
    }
    fputs("</svg>\n", file);
    return fclose(file) == 0;
}
