#pragma once
/* A random source that gives the same bytes for the same seed (SplitMix64). */

#include "server/base/random.h"

struct seeded {
    uint64_t state;
};

static inline uint64_t seeded_next(struct seeded *seeded) {
    uint64_t z = seeded->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A number from 0 to count - 1. */
static inline size_t seeded_below(struct seeded *seeded, size_t count) {
    return (size_t)(seeded_next(seeded) % count);
}

static inline void seeded_fill(void *state, uint8_t *out, size_t size) {
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)seeded_next((struct seeded *)state);
    }
}

static inline struct random seeded_random(struct seeded *seeded) {
    return (struct random){.fill = seeded_fill, .state = seeded};
}
