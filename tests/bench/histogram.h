#pragma once
/* A histogram of durations, exact to 1 part in 64: buckets of equal width within each power of two
 * (the layout of HdrHistogram). Adding is a few instructions and never allocates. */

#include <stdint.h>

enum { HISTOGRAM_STEPS = 64, HISTOGRAM_POWERS = 40 }; /* Up to 2^45 ns, ten hours. */

struct histogram {
    uint64_t count;
    uint64_t counts[HISTOGRAM_POWERS * HISTOGRAM_STEPS];
};

void histogram_add(struct histogram *histogram, uint64_t nanoseconds);

/* The duration that this part of all, 0.5 or 0.99, stays within; 0 when there are none. */
uint64_t histogram_quantile(const struct histogram *histogram, double part);
