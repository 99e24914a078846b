/* Bucket i of power p holds the durations from (64 + i) * 2^(p-1) on; power 0 those below 64. */

#include "tests/bench/histogram.h"

#include <stddef.h>

enum { STEP_BITS = 6 };

static size_t bucket_of(uint64_t nanoseconds) {
    if (nanoseconds < HISTOGRAM_STEPS) {
        return (size_t)nanoseconds;
    }
    const int shift = 63 - __builtin_clzll(nanoseconds) - STEP_BITS;
    const size_t bucket =
        (size_t)(shift + 1) * HISTOGRAM_STEPS + (size_t)(nanoseconds >> shift) - HISTOGRAM_STEPS;
    const size_t last = HISTOGRAM_POWERS * HISTOGRAM_STEPS - 1;
    return bucket < last ? bucket : last;
}

/* The greatest duration of a bucket. */
static uint64_t bucket_end(size_t bucket) {
    if (bucket < HISTOGRAM_STEPS) {
        return bucket;
    }
    const size_t shift = bucket / HISTOGRAM_STEPS - 1;
    return ((uint64_t)(HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t nanoseconds) {
    histogram->counts[bucket_of(nanoseconds)]++;
    histogram->count++;
}

uint64_t histogram_quantile(const struct histogram *histogram, double part) {
    const uint64_t wanted = (uint64_t)((double)histogram->count * part);
    uint64_t seen = 0;
    for (size_t i = 0; i < (size_t)HISTOGRAM_POWERS * HISTOGRAM_STEPS; i++) {
        seen += histogram->counts[i];
        if (seen > wanted) {
            return bucket_end(i);
        }
    }
    return 0;
}
