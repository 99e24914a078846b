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
 * are equally frequent.
 *
 * What a name or a city says depends on how frequent it is: two who are two agree in it as often as
 * somebody bears it (Fellegi and Sunter, A Theory for Record Linkage, 1969, 3.3.1; Winkler,
 * Frequency-Based Matching in the Fellegi-Sunter Model of Record Linkage, 2000). So u is
 *  - of SAME, the frequency of the name;
 *  - of SOUNDS, that of its sound in any other spelling: what sounds like Mohammed and is written
 * so is SAME;
 *  - of NEAR and ALIKE, that of the weights.
 * A slip is made by anybody who bears the name. Seeing one tells which name was meant, and no more
 * than that name would: so each level says at most what those above it say of the commoner of the
 * two. From ALIKE up nothing speaks against, and DIFFERENT never speaks for: the bits do not fall
 * as agreement rises. Companies are taken as equally frequent. */
void similar_score_of(const struct similar_person *one, const struct similar_person *other,
                      const struct similar_agreement *agreement,
                      const struct similar_weights *weights,
                      const struct similar_frequencies *frequencies, double prior_bits,
                      struct similar_score *out);
