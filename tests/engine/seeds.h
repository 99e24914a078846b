#pragma once
/* Tests of many cases, each made of a seed: so many seeds, one after the other. In the environment
 * (--test_env=NAME=N) PROFILED_SEED=N begins with that one and runs it alone, and
 * PROFILED_HISTORIES=N runs so many. */

#include <stdint.h>
#include <stdlib.h>

struct seeds {
    uint64_t first;
    uint64_t last;
};

/* The sanitizers make each case some ten times slower, and look for other faults. */
#if defined(__SANITIZE_ADDRESS__)
enum { SEEDS_ONE_OF = 4 };
#else
enum { SEEDS_ONE_OF = 1 };
#endif

static inline struct seeds seeds_from(uint64_t first, uint64_t count) {
    const char *from = getenv("PROFILED_SEED");
    const char *many = getenv("PROFILED_HISTORIES");
    if (from != NULL) {
        first = strtoull(from, NULL, 10);
        count = 1;
    } else {
        count = (count + SEEDS_ONE_OF - 1) / SEEDS_ONE_OF;
    }
    if (many != NULL) {
        count = strtoull(many, NULL, 10);
    }
    return (struct seeds){first, first + count - 1};
}

static inline struct seeds seeds_of(uint64_t count) { return seeds_from(1, count); }
