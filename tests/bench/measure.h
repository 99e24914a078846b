#pragma once
/* Measuring: a row in a round, and what is measured once. */

#include "tests/bench/load.h"
#include "tests/bench/process.h"
#include "tests/bench/report.h"
#include "tests/bench/rows.h"

enum { BENCH_PEERS = 3 };

/* All that a run has. */
struct bench {
    double seconds; /* That a row takes in a round. */
    uint64_t rate;  /* Offered to rows of unary calls; 0: each call follows an answer. */
    struct process server;
    struct process core; /* core_echo. */
    struct load *load;
    struct load *core_load;
    struct crowd crowd;
    struct crowd peer_crowds[BENCH_PEERS];
    struct report report;
    struct arena arena; /* Of the names of facts. */
    uint32_t imports;   /* Each has an id of its own. */
};

extern const struct peer *const bench_peers[BENCH_PEERS];

/* Loads the people whom the report tells of, and interactions of the first of them. */
void measure_loading(struct bench *bench);

/* A row, for as long as a row takes. */
struct sample measure_row(struct bench *bench, const struct row *row);

/* What an import of a file needs of memory, on both sides. */
void measure_memory(struct bench *bench);

/* How long the server takes from its start to the first answer, of a store of which nothing is in
 * memory. It is stopped, and started again. */
void measure_start(struct bench *bench);
