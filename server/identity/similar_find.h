#pragma once
/* Similar profiles: likely duplicates among people that no exact identity joins. Pure: the people,
 * the weights and the options decide. */

#include "server/base/status.h"
#include "server/identity/similar_pairs.h"
#include "server/identity/similar_score.h"

enum { SIMILAR_SUGGESTIONS_MAX = 100000 };

/* From here on a pair is worth a look. Measured: tests/bench/README.md. */
#define SIMILAR_PROBABILITY_DEFAULT 0.8

struct similar_options {
    double probability_least; /* Of a suggestion, above 0 to 1. */
    size_t suggestions_max;   /* 1 to SIMILAR_SUGGESTIONS_MAX; the best are kept. */
};

/* Two people who may be one, by their positions among the people; one < other. */
struct similar_suggestion {
    uint32_t one;
    uint32_t other;
    struct similar_score score;
};

struct similar_result {
    size_t suggestion_count;
    struct similar_suggestion *suggestions; /* The likeliest first. */
    size_t left_out_count;                  /* Likely enough, but beyond suggestions_max. */
    size_t compared_count;                  /* Pairs. */
    struct similar_blocks blocks;           /* What was skipped. */
};

/* Finds the likely duplicates. A person costs as many comparisons as its blocks have people, at
 * most SIMILAR_PARTNERS_MAX. Memory is the arena's: about 900 bytes for each person, and 200 to 400
 * for each suggestion that is kept. Errors: INVALID_ARGUMENT FIELD_INVALID for weights that
 * similar_weights_check() refuses, for options outside their limits, and for more than
 * SIMILAR_PEOPLE_MAX people. */
MUST_USE struct status similar_find(const struct similar_person *people, size_t count,
                                    const struct similar_weights *weights,
                                    const struct similar_options *options, struct arena *arena,
                                    struct similar_result *out);
