#pragma once
/* Tests of many cases, each made of a seed: 1 and so on. PROFILED_SEED=N in the environment
 * (--test_env=PROFILED_SEED=N) runs one alone. */

#include <stdint.h>
#include <stdlib.h>

#include "tests/engine/seeded.h"

struct seeds {
    uint64_t first;
    uint64_t last;
};

static inline struct seeds seeds_of(uint64_t count) {
    const char *only = getenv("PROFILED_SEED");
    const uint64_t seed = only == NULL ? 0 : strtoull(only, NULL, 10);
    return seed == 0 ? (struct seeds){1, count} : (struct seeds){seed, seed};
}
