/* Targets are for two processors, the load beside the server, and 1,000,000 profiles. */

#include "tests/bench/targets.h"

#include <stdio.h>

/* A row by what names it. */
struct place {
    const char *name;
    uint32_t outstanding;
    uint32_t items;
};

struct target {
    const char *text;
    struct place row;
    struct place other; /* NULL for a name: the figure itself, not a ratio. */
    size_t field;       /* Of struct sample. */
    const char *fact;   /* Instead of rows. */
    double bound;
    bool is_least; /* The bound is the least that is good; otherwise the most. */
};

/* The part of an offered rate that must be answered. */
#define RATE_KEPT 0.99

#define RATE offsetof(struct sample, items_per_second)
#define CPU offsetof(struct sample, cpu_us)
#define P99 offsetof(struct sample, p99_us)

static const struct target targets[] = {
    {"GetProfile over echo, CPU",
     {"GetProfile", 128, 1},
     {"Echo, 200 bytes", 128, 1},
     CPU,
     NULL,
     1.5,
     false},
    {"LookupProfile by e-mail over echo, CPU",
     {"LookupProfile, e-mail", 128, 1},
     {"Echo, 200 bytes", 128, 1},
     CPU,
     NULL,
     1.5,
     false},
    {"LookupProfile by phone over echo, CPU",
     {"LookupProfile, phone", 128, 1},
     {"Echo, 200 bytes", 128, 1},
     CPU,
     NULL,
     1.5,
     false},
    {"echo over C core alone, CPU",
     {"Echo, 200 bytes", 128, 1},
     {"C core alone, echo", 128, 1},
     CPU,
     NULL,
     1.25,
     false},
    {"match, 16 at once, over PostgreSQL's rate",
     {"ResolveProfile, match", 16, 1},
     {"PostgreSQL, match", 16, 1},
     RATE,
     NULL,
     1,
     true},
    {"create, 16 at once, over PostgreSQL's rate",
     {"ResolveProfile, create", 16, 1},
     {"PostgreSQL, create", 16, 1},
     RATE,
     NULL,
     1,
     true},
    {"match, 256 at once, over PostgreSQL's rate",
     {"ResolveProfile, match", 256, 1},
     {"PostgreSQL, match", 16, 1},
     RATE,
     NULL,
     1.3,
     true},
    {"create, 256 at once, over PostgreSQL's rate",
     {"ResolveProfile, create", 256, 1},
     {"PostgreSQL, create", 16, 1},
     RATE,
     NULL,
     1.3,
     true},
    {"match, 1,000 a message, over PostgreSQL's 1,000",
     {"BatchResolveProfiles, match", 2, 1000},
     {"PostgreSQL, match", 2, 1000},
     RATE,
     NULL,
     1.5,
     true},
    {"create, 1,000 a message, over PostgreSQL's 1,000",
     {"BatchResolveProfiles, create", 2, 1000},
     {"PostgreSQL, create", 2, 1000},
     RATE,
     NULL,
     1.5,
     true},
    {"the same with an interaction: match, 16 at once",
     {"RecordInteraction, match", 16, 1},
     {"PostgreSQL, match", 16, 1},
     RATE,
     NULL,
     1,
     true},
    {"create, 16 at once",
     {"RecordInteraction, create", 16, 1},
     {"PostgreSQL, create", 16, 1},
     RATE,
     NULL,
     1,
     true},
    {"match, 256 at once",
     {"RecordInteraction, match", 256, 1},
     {"PostgreSQL, match", 16, 1},
     RATE,
     NULL,
     1.3,
     true},
    {"create, 256 at once",
     {"RecordInteraction, create", 256, 1},
     {"PostgreSQL, create", 16, 1},
     RATE,
     NULL,
     1.3,
     true},
    {"match, 1,000 a message",
     {"BatchRecordInteractions, match", 2, 1000},
     {"PostgreSQL, match", 2, 1000},
     RATE,
     NULL,
     1.5,
     true},
    {"create, 1,000 a message",
     {"BatchRecordInteractions, create", 2, 1000},
     {"PostgreSQL, create", 2, 1000},
     RATE,
     NULL,
     1.5,
     true},
    {"rows of CSV a second",
     {"profilectl import, CSV", 2, 1000},
     {NULL, 0, 0},
     RATE,
     NULL,
     50000,
     true},
    {"bytes of a profile on disk", {NULL, 0, 0}, {NULL, 0, 0}, 0, "disk, a profile", 900, false},
    {"bytes of an interaction on disk",
     {NULL, 0, 0},
     {NULL, 0, 0},
     0,
     "disk, an interaction",
     250,
     false},
    {"p99 of GetProfile at 10,000/s, with an import over without",
     {"GetProfile, 10,000 a second, import", 512, 1},
     {"GetProfile, 10,000 a second", 512, 1},
     P99,
     NULL,
     5,
     false},
    {"ms to start", {NULL, 0, 0}, {NULL, 0, 0}, 0, "start, to the first answers", 2000, false},
};

enum { TARGET_COUNT = sizeof targets / sizeof targets[0] };

static size_t find(const struct place *place) {
    return row_find(place->name, place->outstanding, place->items);
}

static double value_of(const struct report *report, size_t row, uint32_t round, size_t field) {
    return *(const double *)((const char *)&report->samples[row][round] + field);
}

/* The figure of a target; false when something of it was not measured. */
static bool figure(const struct report *report, const struct target *target, struct figure *out) {
    size_t count = 0;
    double values[ROUNDS_MAX];
    (void)rows_all(&count);
    if (target->fact != NULL) {
        const double value = report_fact_value(report, target->fact);
        *out = (struct figure){value, value, value};
        return value >= 0;
    }
    const size_t row = find(&target->row);
    const size_t other = target->other.name == NULL ? row : find(&target->other);
    if (row == count || other == count || !report->wanted[row] || !report->wanted[other]) {
        return false;
    }
    for (uint32_t i = 0; i < report->rounds; i++) {
        values[i] = value_of(report, row, i, target->field);
        values[i] /= target->other.name == NULL ? 1 : value_of(report, other, i, target->field);
    }
    *out = figure_of(values, report->rounds);
    return true;
}

/* A latency at an offered rate says something where as many calls were answered as were offered. */
static bool is_kept(const struct report *report, const struct place *place) {
    const double rate =
        report_figure(report, find(place), offsetof(struct sample, items_per_second)).median;
    return rate >= RATE_KEPT * ROW_STEADY_RATE;
}

static bool says_something(const struct report *report, const struct target *target) {
    return target->field != P99 ||
           (is_kept(report, &target->row) && is_kept(report, &target->other));
}

static bool is_met(const struct report *report, const struct target *target,
                   const struct figure *is) {
    return !says_something(report, target) ? false
           : target->is_least              ? is->median >= target->bound
                                           : is->median <= target->bound;
}

void targets_print(const struct report *report) {
    printf("\n%-60s %10s %10s %19s\n", "target", "bound", "is", "least-most");
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        const struct target *target = &targets[i];
        struct figure is;
        if (figure(report, target, &is)) {
            char spread[64];
            snprintf(spread, sizeof spread, "%.2f-%.2f", is.min, is.max);
            printf("%-60s %s%9.2f %10.2f %19s  %s\n", target->text, target->is_least ? ">" : "<",
                   target->bound, is.median, spread,
                   !says_something(report, target) ? "missed: fewer were answered than offered"
                   : is_met(report, target, &is)   ? "met"
                                                   : "missed");
        }
    }
}

json_t *targets_json(const struct report *report) {
    json_t *list = json_array();
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        const struct target *target = &targets[i];
        struct figure is;
        if (figure(report, target, &is)) {
            json_array_append_new(
                list, json_pack("{s:s, s:s, s:f, s:{s:f, s:f, s:f}, s:b}", "target", target->text,
                                "bound_is", target->is_least ? "least" : "most", "bound",
                                target->bound, "figure", "median", is.median, "min", is.min, "max",
                                is.max, "met", is_met(report, target, &is)));
        }
    }
    return list;
}
