#pragma once
/* The samples of all rounds, their medians, and how they are told: a table and JSON. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/rows.h"

enum { ROUNDS_MAX = 100 };

/* One row in one round. */
struct sample {
    double items_per_second;
    double cpu_us;     /* Of the server, for an item. */
    double echo_ratio; /* cpu_us over that of the row's echo in the same round. */
    double p50_us;     /* Of calls. */
    double p99_us;
    uint64_t failures;
};

struct report {
    uint64_t profiles; /* Loaded before the first round. */
    double load_per_second;
    double load_cpu_us;       /* Of the server, for a profile. */
    double bytes_per_profile; /* On disk after loading, keys and indexes included. */
    const char *directory;
    uint64_t rate;
    uint32_t rounds;
    double seconds; /* Of each row in each round. */
    bool wanted[ROWS_MAX];
    struct sample samples[ROWS_MAX][ROUNDS_MAX];
};

/* Where, on what and how it was measured. */
void report_print_setting(const struct report *report);

void report_print_table(const struct report *report);

/* False when the file cannot be written. */
bool report_write_json(const struct report *report, const char *path);
