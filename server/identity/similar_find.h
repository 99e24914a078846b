#pragma once
/* Similar profiles: likely duplicates among people that no exact identity joins. Pure: the people,
 * the weights and the options decide. */

#include <stdbool.h>

#include "server/base/status.h"
#include "server/identity/similar_pairs.h"
#include "server/identity/similar_score.h"

enum { SIMILAR_SUGGESTIONS_MAX = 100000 };

/* From here on a pair is worth a look. Measured: tests/bench/README.md. */
#define SIMILAR_PROBABILITY_DEFAULT 0.7

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
    size_t refused_count;                   /* Likely enough, but refused by the filter. */
    size_t compared_count;                  /* Pairs. */
    struct similar_blocks blocks;           /* What was skipped. */
};

/* Which suggestions are wanted. */
struct similar_filter {
    bool is_single; /* Only those of one person: only its pairs are compared. */
    uint32_t person;
    /* Whether a pair that is likely enough is to be left out all the same; NULL for none. */
    bool (*refuses)(void *state, uint32_t one, uint32_t other);
    void *state;
};

/* A search under way, allocated from an arena: a long computation in short steps. */
struct similar_search;

/* Begins to look for the likely duplicates. A person costs as many comparisons as its blocks have
 * people, at most SIMILAR_PARTNERS_MAX. Memory is the arena's: about 900 bytes for each person, and
 * 200 to 400 for each suggestion that is kept. The people, the weights and the arena are borrowed
 * until the end; `filter` may be NULL. Errors: INVALID_ARGUMENT FIELD_INVALID for weights that
 * similar_weights_check() refuses, for options outside their limits, and for more than
 * SIMILAR_PEOPLE_MAX people. */
MUST_USE struct status similar_search_begin(const struct similar_person *people, size_t count,
                                            const struct similar_weights *weights,
                                            const struct similar_options *options,
                                            const struct similar_filter *filter,
                                            struct arena *arena, struct similar_search **out);

/* Goes on with it for some ten milliseconds (tenths of a second where there are a million people).
 * False when there is nothing left to do. A search that is not to go on is just left. */
bool similar_search_step(struct similar_search *search);

/* How far it is: people whose pairs were compared, and the pairs. */
void similar_search_progress(const struct similar_search *search, size_t *people_count,
                             size_t *compared_count);

/* What was found. Once, after the last step. */
void similar_search_end(struct similar_search *search, struct similar_result *out);

/* All of it at once. */
MUST_USE struct status similar_find(const struct similar_person *people, size_t count,
                                    const struct similar_weights *weights,
                                    const struct similar_options *options, struct arena *arena,
                                    struct similar_result *out);
