#pragma once
/* An import, as ImportProfiles takes it: one stream, batches of 1,000 rows, two of them on the way.
 */

#include <stdint.h>

#include "tests/bench/histogram.h"

enum { IMPORT_BATCH_ROWS = 1000, IMPORT_ID_TEXT_SIZE = 37 };

struct import_plan {
    const char *address;
    const char *import_id;
    uint64_t first; /* The numbers of the people: this one and those that follow. */
    uint64_t count; /* A multiple of IMPORT_BATCH_ROWS. */
    /* Told the id of each row's profile; NULL: nobody is. */
    void (*imported)(void *state, uint64_t number, const char *id);
    void *state;
};

struct import_result {
    uint64_t created; /* Of the rows: those that made a profile. */
    uint64_t duration_ns;
    struct histogram latency; /* Of batches, from sending to the durable answer. */
};

/* Ends the benchmark when the stream breaks. */
void import_run(const struct import_plan *plan, struct import_result *out);
