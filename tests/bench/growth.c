/* What the machine made of echo in both runs is taken out, so that they may be of different hours:
 * of many calls at once, for alone its cost hangs on how deep the processor sleeps in between. */

#include "tests/bench/growth.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* GetProfile and ResolveProfile may cost so many times as much. */
#define GROWTH_MAX 2.0

enum { ECHO_OUTSTANDING = 128 };

static bool is_aimed_at(const struct row *row) {
    return strcmp(row->name, "GetProfile") == 0 || strncmp(row->name, "ResolveProfile", 14) == 0;
}

static const struct row *echo_row(void) {
    size_t count = 0;
    const struct row *rows = rows_all(&count);
    return &rows[row_find("Echo, 200 bytes", ECHO_OUTSTANDING, 1)];
}

/* The processor time of a row in the other run, in us; NAN where it has none. */
static double cpu_before(const json_t *before, const struct row *row) {
    size_t at = 0;
    json_t *other = NULL;
    json_array_foreach(json_object_get(before, "rows"), at, other) {
        const char *name = json_string_value(json_object_get(other, "row"));
        const json_t *cpu = json_object_get(other, "server_cpu_us_per_item");
        if (name != NULL && strcmp(name, row->name) == 0 &&
            json_integer_value(json_object_get(other, "outstanding")) == row->outstanding &&
            json_integer_value(json_object_get(other, "items_per_call")) == row->items &&
            json_is_object(cpu)) {
            return json_number_value(json_object_get(cpu, "median"));
        }
    }
    return NAN;
}

static double cpu_now(const struct report *report, const struct row *row) {
    return report_figure(report, row_find(row->name, row->outstanding, row->items),
                         offsetof(struct sample, cpu_us))
        .median;
}

static void print_row(const struct report *report, const json_t *before, const struct row *row) {
    const double was = cpu_before(before, row);
    const double is = cpu_now(report, row);
    const double machine = cpu_now(report, echo_row()) / cpu_before(before, echo_row());
    const double growth = is / was / machine;
    if (isnan(growth)) {
        return;
    }
    printf("%-35s %5u %5u %10.1f %10.1f %8.2f", row->name, row->outstanding, row->items, was, is,
           growth);
    if (is_aimed_at(row)) {
        printf("  %s", growth <= GROWTH_MAX ? "met" : "missed");
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
    printf("\nCPU us an item, of %lld profiles and of %llu, and growth; at most %.0f is aimed at\n",
           (long long)json_integer_value(json_object_get(before, "profiles")),
           (unsigned long long)report->profiles, GROWTH_MAX);
    for (size_t i = 0; i < count; i++) {
        if (report->wanted[i]) {
            print_row(report, before, &rows[i]);
        }
    }
    json_decref(before);
}
