#pragma once
/* Weights estimated from the people themselves, without being told who is who: expectation and
 * maximisation in turns. */

#include "server/base/status.h"
#include "server/identity/similar_pairs.h"
#include "server/identity/similar_weights.h"

enum {
    SIMILAR_EM_ROUNDS_MAX = 50,
    SIMILAR_EM_SAMPLE = 200000, /* Pairs that are drawn at random, for what two people share. */
    SIMILAR_EM_PATTERNS_MAX = 1 << 15, /* Different outcomes of a comparison, of either kind. */
    SIMILAR_EM_PEOPLE_MIN = 100,
};

struct similar_em_report {
    size_t round_count;
    bool settled;          /* Before SIMILAR_EM_ROUNDS_MAX. */
    size_t compared_count; /* Pairs that share a key. */
    size_t left_out_count; /* Pairs of rare outcomes, beyond SIMILAR_EM_PATTERNS_MAX. */
    double match_count;    /* Pairs among them that are one person, as expected in the end. */
    bool kept[SIMILAR_FIELD_COUNT]; /* Fields that can't be estimated, see below. */
};

/* An estimation under way, allocated from an arena: a long computation in short steps. */
struct similar_em;

/* Begins to estimate m from the pairs that share a key, each as far as it is likely to be one
 * person; u from pairs drawn at random, each as far as it is not; the share from how many are.
 * Begins with `start` and is drawn towards it where little was seen; swap_bits stays. A field in
 * which two people are the same as often as one person is, tells nothing about who is one: all bear
 * one name, or nobody is there twice. It keeps what it begins with, for what comes of it would be
 * no weights (similar_weights_check_field()), and the report says so. Deterministic. The people,
 * `start` and the arena are borrowed until the end. Errors: FAILED_PRECONDITION FIELD_INVALID when
 * there are too few people; INVALID_ARGUMENT when `start` is no weights. */
MUST_USE struct status similar_em_begin(const struct similar_person *people, size_t count,
                                        const struct similar_weights *start, struct arena *arena,
                                        struct similar_em **out);

/* Goes on with it for some ten milliseconds. False when there is nothing left to do. */
bool similar_em_step(struct similar_em *em);

/* How far it is: people whose pairs were counted, and the pairs. */
void similar_em_progress(const struct similar_em *em, size_t *people_count, size_t *compared_count);

/* What came of it, after the last step. */
void similar_em_end(const struct similar_em *em, struct similar_weights *out,
                    struct similar_em_report *report);

/* All of it at once. */
MUST_USE struct status similar_em_estimate(const struct similar_person *people, size_t count,
                                           const struct similar_weights *start, struct arena *arena,
                                           struct similar_weights *out,
                                           struct similar_em_report *report);
