#pragma once
/* The score of two people: how far each field agrees, what that says, and how likely they are one.
 */

#include "server/identity/similar_frequency.h"
#include "server/identity/similar_weights.h"

/* How far two people agree, field by field. */
struct similar_agreement {
    bool swapped; /* The given name of one is compared with the family name of the other. */
    enum similar_level levels[SIMILAR_FIELD_COUNT];
};

struct similar_score {
    double probability; /* That they are one person. */
    double bits;        /* log2 of the odds: the prior, the swap and all fields together. */
    double prior_bits;
    double swap_bits; /* 0 unless swapped. */
    struct similar_agreement agreement;
    double field_bits[SIMILAR_FIELD_COUNT]; /* For (above 0) and against (below). */
};

/* Compares two people. Names in exchanged places are taken as such when that agrees better. */
void similar_compare(const struct similar_person *one, const struct similar_person *other,
                     struct similar_agreement *out);

/* The odds, in bits, that two people out of so many are one. */
double similar_prior_bits(const struct similar_weights *weights, size_t people_count);

/* Scores two people. The weights are checked (asserted); `frequencies` may be NULL: then all names
 * are equally frequent. */
void similar_score_of(const struct similar_person *one, const struct similar_person *other,
                      const struct similar_agreement *agreement,
                      const struct similar_weights *weights,
                      const struct similar_frequencies *frequencies, double prior_bits,
                      struct similar_score *out);
