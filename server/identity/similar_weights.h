#pragma once
/* Weights of a Fellegi-Sunter score: how likely two profiles agree so far in a field when they are
 * one person (m), and when they are two (u). A field's evidence is log2(m / u) bits. */

#include "server/base/status.h"
#include "server/identity/similar_name.h"

/* What is compared. The names are on the wire: add at the end. */
enum similar_field {
    SIMILAR_GIVEN_NAME,
    SIMILAR_FAMILY_NAME,
    SIMILAR_BIRTH_DATE,
    SIMILAR_CITY,
    SIMILAR_COUNTRY,
    SIMILAR_GENDER,
    SIMILAR_COMPANY,
    SIMILAR_EMAIL,
    SIMILAR_PHONE,
    SIMILAR_NATIONAL_ID,
    SIMILAR_ACCOUNT,
};

enum { SIMILAR_FIELD_COUNT = 11 };

/* "given_name", "email", … A literal. */
const char *similar_field_name(enum similar_field field);

/* "SAME", "SOUNDS", … A literal. */
const char *similar_level_name(enum similar_level level);

struct similar_weight {
    double m;
    double u;
};

/* Plain data. The m of a field's levels add up to 1, and so do the u; SIMILAR_UNKNOWN has neither,
 * and levels that a field does not have are zero in both. */
struct similar_weights {
    double share;     /* How many other profiles of the same person a profile has, on average. */
    double swap_bits; /* What given and family name in exchanged places cost; 0 or less. */
    struct similar_weight fields[SIMILAR_FIELD_COUNT][SIMILAR_LEVEL_COUNT];
};

/* The defaults. Live for ever. */
const struct similar_weights *similar_weights_default(void);

/* Whether a field has the level, by the defaults. */
bool similar_weights_has(enum similar_field field, enum similar_level level);

/* How many other profiles of one person a profile may have, on average. */
#define SIMILAR_SHARE_MAX 1000.0

/* INVALID_ARGUMENT FIELD_INVALID for weights that are no probabilities, do not add up to 1, have
 * other levels than the defaults, or more agreement speaking against than for (by SAME). */
MUST_USE struct status similar_weights_check(const struct similar_weights *weights);

/* The same of one field. */
MUST_USE struct status similar_weights_check_field(const struct similar_weights *weights,
                                                   enum similar_field field);
