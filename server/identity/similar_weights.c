/* The default weights, and what weights must keep to. */

#include "server/identity/similar_weights.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

/* Where the numbers come from. They lie between what similar_em.h estimates, without being told the
 * truth, on three sets (tests/bench/README.md: fake_1000, febrl1, febrl2), each after exact
 * joining; rounded. Beyond those:
 *  - share: 0.2 to 2.7 in the sets, which were made of duplicates; real profiles have fewer.
 *  - country, gender, company, phone and account are in no set: set by hand, cautiously.
 *  - email and phone: u of SAME is not that of two people in the street. Equal ones were joined
 *    before, and what is left are those that a veto kept apart: families, mostly.
 *  - national_id, phone and email: u of NEAR is far less in the sets. Numbers of one office follow
 *    each other, and a near miss must not say more than the value itself.
 *  - email: ALIKE says little beside names, of which addresses are made.
 *  - given_name: DIFFERENT speaks against strongly, for twins and spouses share all the rest.
 *  - city: DIFFERENT speaks against less than in the sets: people move.
 * The u of names and cities that are equal or sound so is where frequencies are drawn to
 * (similar_frequency.h). In each field the bits rise with the agreement. */
#define WEIGHT(FIELD, LEVEL, M, U) .fields[SIMILAR_##FIELD][SIMILAR_##LEVEL] = {(M), (U)}

static const struct similar_weights defaults = {
    .share = 0.2,
    .swap_bits = -3,

    /*     field,       level,       m,    u */
    WEIGHT(GIVEN_NAME, SAME, 0.70, 0.005),
    WEIGHT(GIVEN_NAME, SOUNDS, 0.07, 0.0007),
    WEIGHT(GIVEN_NAME, NEAR, 0.10, 0.001),
    WEIGHT(GIVEN_NAME, ALIKE, 0.08, 0.005),
    WEIGHT(GIVEN_NAME, DIFFERENT, 0.05, 0.9883),

    WEIGHT(FAMILY_NAME, SAME, 0.65, 0.004),
    WEIGHT(FAMILY_NAME, SOUNDS, 0.10, 0.0008),
    WEIGHT(FAMILY_NAME, NEAR, 0.12, 0.001),
    WEIGHT(FAMILY_NAME, ALIKE, 0.07, 0.004),
    WEIGHT(FAMILY_NAME, DIFFERENT, 0.06, 0.9902),

    WEIGHT(BIRTH_DATE, SAME, 0.60, 0.00006),
    WEIGHT(BIRTH_DATE, NEAR, 0.10, 0.0012),
    WEIGHT(BIRTH_DATE, ALIKE, 0.20, 0.026),
    WEIGHT(BIRTH_DATE, DIFFERENT, 0.10, 0.97274),

    WEIGHT(CITY, SAME, 0.60, 0.02),
    WEIGHT(CITY, SOUNDS, 0.07, 0.003),
    WEIGHT(CITY, NEAR, 0.17, 0.008),
    WEIGHT(CITY, ALIKE, 0.06, 0.01),
    WEIGHT(CITY, DIFFERENT, 0.10, 0.959),

    WEIGHT(COUNTRY, SAME, 0.95, 0.5),
    WEIGHT(COUNTRY, DIFFERENT, 0.05, 0.5),

    WEIGHT(GENDER, SAME, 0.97, 0.5),
    WEIGHT(GENDER, DIFFERENT, 0.03, 0.5),

    WEIGHT(COMPANY, SAME, 0.5, 0.02),
    WEIGHT(COMPANY, SOUNDS, 0.05, 0.0025),
    WEIGHT(COMPANY, NEAR, 0.1, 0.005),
    WEIGHT(COMPANY, ALIKE, 0.05, 0.02),
    WEIGHT(COMPANY, DIFFERENT, 0.3, 0.9525),

    WEIGHT(EMAIL, SAME, 0.3, 0.0005),
    WEIGHT(EMAIL, NEAR, 0.35, 0.0006),
    WEIGHT(EMAIL, ALIKE, 0.1, 0.01),
    WEIGHT(EMAIL, DIFFERENT, 0.25, 0.9889),

    WEIGHT(PHONE, SAME, 0.25, 0.001),
    WEIGHT(PHONE, NEAR, 0.15, 0.0006),
    WEIGHT(PHONE, DIFFERENT, 0.6, 0.9984),

    WEIGHT(NATIONAL_ID, SAME, 0.2, 0.00004),
    WEIGHT(NATIONAL_ID, NEAR, 0.45, 0.0001),
    WEIGHT(NATIONAL_ID, DIFFERENT, 0.35, 0.99986),

    WEIGHT(ACCOUNT, SAME, 1, 0.002),
};

const struct similar_weights *similar_weights_default(void) { return &defaults; }

bool similar_weights_has(enum similar_field field, enum similar_level level) {
    assert((size_t)field < SIMILAR_FIELD_COUNT && (size_t)level < SIMILAR_LEVEL_COUNT);
    return defaults.fields[field][level].m > 0;
}

const char *similar_field_name(enum similar_field field) {
    static const char *const names[] = {
        [SIMILAR_GIVEN_NAME] = "given_name", [SIMILAR_FAMILY_NAME] = "family_name",
        [SIMILAR_BIRTH_DATE] = "birth_date", [SIMILAR_CITY] = "city",
        [SIMILAR_COUNTRY] = "country",       [SIMILAR_GENDER] = "gender",
        [SIMILAR_COMPANY] = "company",       [SIMILAR_EMAIL] = "email",
        [SIMILAR_PHONE] = "phone",           [SIMILAR_NATIONAL_ID] = "national_id",
        [SIMILAR_ACCOUNT] = "account",
    };
    static_assert(sizeof names / sizeof *names == SIMILAR_FIELD_COUNT, "one each");
    assert((size_t)field < SIMILAR_FIELD_COUNT);
    return names[field];
}

const char *similar_level_name(enum similar_level level) {
    static const char *const names[] = {"UNKNOWN", "DIFFERENT", "ALIKE", "NEAR", "SOUNDS", "SAME"};
    static_assert(sizeof names / sizeof *names == SIMILAR_LEVEL_COUNT, "one each");
    assert((size_t)level < SIMILAR_LEVEL_COUNT);
    return names[level];
}

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, text);
}

/* A field of one level, as an account, says only what it says: it need not add up. */
struct status similar_weights_check_field(const struct similar_weights *weights,
                                          enum similar_field field) {
    const double sum_slack = 0.001;
    double sum_m = 0;
    double sum_u = 0;
    size_t count = 0;
    for (size_t i = 0; i < SIMILAR_LEVEL_COUNT; i++) {
        const struct similar_weight *weight = &weights->fields[field][i];
        if (!similar_weights_has(field, (enum similar_level)i)) {
            if (weight->m != 0 || weight->u != 0) {
                return invalid("has a weight for a level that the field does not have");
            }
            continue;
        }
        if (!(weight->m > 0 && weight->m <= 1 && weight->u > 0 && weight->u <= 1)) {
            return invalid("has a weight that is no probability above 0");
        }
        sum_m += weight->m;
        sum_u += weight->u;
        count++;
    }
    if (count > 1 && (fabs(sum_m - 1) > sum_slack || fabs(sum_u - 1) > sum_slack)) {
        return invalid("has weights of a field that do not add up to 1");
    }
    if (weights->fields[field][SIMILAR_SAME].m < weights->fields[field][SIMILAR_SAME].u) {
        return invalid("has a field in which being the same speaks against being one");
    }
    return OK;
}

struct status similar_weights_check(const struct similar_weights *weights) {
    if (!(weights->share > 0 && weights->share <= SIMILAR_SHARE_MAX)) {
        return invalid("has a share of duplicates that is not above 0");
    }
    if (!(weights->swap_bits <= 0 && weights->swap_bits >= -100)) {
        return invalid("has swap bits that are above 0");
    }
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        TRY(similar_weights_check_field(weights, (enum similar_field)i));
    }
    return OK;
}
