/* Costs are held against echo in both runs, so that they may be of different hours. */

#include "tests/bench/growth.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* GetProfile and ResolveProfile may cost so many times as much. */
#define GROWTH_MAX 2.0

static bool is_aimed_at(const struct row *row) {
    return strcmp(row->name, "GetProfile") == 0 || strncmp(row->name, "ResolveProfile", 14) == 0;
}

/* The cost of a row in the other run; NAN where it has none. */
static double cost_before(const json_t *before, const struct row *row) {
    size_t at = 0;
    json_t *other = NULL;
    json_array_foreach(json_object_get(before, "rows"), at, other) {
        const char *name = json_string_value(json_object_get(other, "row"));
        const json_t *ratio = json_object_get(other, "cpu_ratio_to_echo");
        if (name != NULL && strcmp(name, row->name) == 0 &&
            json_integer_value(json_object_get(other, "outstanding")) == row->outstanding &&
            json_integer_value(json_object_get(other, "items_per_call")) == row->items &&
            json_is_object(ratio)) {
            return json_number_value(json_object_get(ratio, "median"));
        }
    }
    return NAN;
}

static void print_row(const struct report *report, const json_t *before, const struct row *row,
                      size_t place) {
    const double was = cost_before(before, row);
    const double is = report_figure(report, place, offsetof(struct sample, echo_ratio)).median;
    if (isnan(was) || isnan(is) || was == 0) {
        return;
    }
    printf("%-35s %5u %5u %10.2f %10.2f %8.2f", row->name, row->outstanding, row->items, was, is,
           is / was);
    if (is_aimed_at(row)) {
        printf("  %s", is / was <= GROWTH_MAX ? "met" : "missed");
    }
    putchar('\n');
}

void growth_print(const struct report *report) {
    json_error_t error;
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    json_t *before = report->against == NULL ? NULL : json_load_file(report->against, 0, &error);
    if (report->against != NULL && before == NULL) {
        fprintf(stderr, "%s: %s\n", report->against, error.text);
    }
    if (before == NULL) {
        return;
    }
    printf("\ncost to echo, of %lld profiles and of %llu; at most %.0f times as much is aimed at\n",
           (long long)json_integer_value(json_object_get(before, "profiles")),
           (unsigned long long)report->profiles, GROWTH_MAX);
    for (size_t i = 0; i < count; i++) {
        if (report->wanted[i]) {
            print_row(report, before, &rows[i], i);
        }
    }
    json_decref(before);
}
