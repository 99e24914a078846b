#pragma once
/* The samples of all rounds, their medians, and how they are told: a table, JSON and a picture. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/rows.h"

enum { ROUNDS_MAX = 100, FACTS_MAX = 32 };

/* One row in one round. What it has no figure of is NAN. */
struct sample {
    double items_per_second;
    double cpu_us;     /* Of the server, for an item. */
    double echo_ratio; /* cpu_us over that of the row's echo in the same round; NAN: of a peer. */
    double p50_us;     /* Of calls. */
    double p99_us;
    uint64_t failures; /* Items. */
    int failure_code;  /* Of the last of these: gRPC's status; OK: the answer tells of it. */
};

/* What is measured once. */
struct fact {
    const char *name;
    const char *unit;
    double value;
};

struct report {
    uint64_t profiles; /* Loaded before the first round. */
    const char *directory;
    const char *against; /* The JSON of a run with fewer profiles; NULL: none. */
    uint64_t rate;
    uint32_t rounds;
    double seconds; /* Of each row in each round. */
    bool has_peers;
    size_t fact_count;
    struct fact facts[FACTS_MAX];
    bool wanted[ROWS_MAX];
    struct sample samples[ROWS_MAX][ROUNDS_MAX];
};

void report_fact(struct report *report, const char *name, const char *unit, double value);

/* The value of a fact; negative when it was not measured. */
double report_fact_value(const struct report *report, const char *name);

/* The median over the rounds, and the least and greatest. */
struct figure {
    double median;
    double min;
    double max;
};

/* Of so many values, which are sorted by it, without those that are NAN; NAN where all are. */
struct figure figure_of(double *values, size_t count);

/* Of the field at this offset in the samples of a row. */
struct figure report_figure(const struct report *report, size_t row, size_t offset);

/* Where, on what and how it was measured. */
void report_print_setting(const struct report *report);

void report_print_table(const struct report *report);

/* False when the file cannot be written. */
bool report_write_json(const struct report *report, const char *path);

/* Bars of how many items a second each row does, on a logarithmic scale: an SVG file. Likewise. */
bool report_write_picture(const struct report *report, const char *path);
