/* Fellegi and Sunter's score: fields are taken as independent, so that their bits add up. */

#include "server/identity/similar_score.h"

#include <assert.h>
#include <math.h>

/* Of so few people none are compared: the odds of a pair in a handful would be all but even. */
enum { PEOPLE_MIN = 1000 };

/* What one rare value can say at most. */
static const double frequency_least = 1e-5;

/* ---- agreement ---- */

/* The names straight and crossed; crossed only where that is better on both sides or where one
 * side has nothing to compare. */
static void compare_names(const struct similar_person *one, const struct similar_person *other,
                          struct similar_agreement *out) {
    const enum similar_level given = similar_name_compare(&one->given, &other->given);
    const enum similar_level family = similar_name_compare(&one->family, &other->family);
    out->swapped = false;
    out->levels[SIMILAR_GIVEN_NAME] = given;
    out->levels[SIMILAR_FAMILY_NAME] = family;
    if (given >= SIMILAR_NEAR || family >= SIMILAR_NEAR) {
        return;
    }
    const enum similar_level crossed_given = similar_name_compare(&one->given, &other->family);
    const enum similar_level crossed_family = similar_name_compare(&one->family, &other->given);
    if ((crossed_given >= SIMILAR_NEAR || crossed_family >= SIMILAR_NEAR) &&
        crossed_given != SIMILAR_DIFFERENT && crossed_family != SIMILAR_DIFFERENT) {
        out->swapped = true;
        out->levels[SIMILAR_GIVEN_NAME] = crossed_given;
        out->levels[SIMILAR_FAMILY_NAME] = crossed_family;
    }
}

static enum similar_level compare_hashes(uint64_t one, uint64_t other) {
    if (one == 0 || other == 0) {
        return SIMILAR_UNKNOWN;
    }
    return one == other ? SIMILAR_SAME : SIMILAR_DIFFERENT;
}

/* People have several accounts: that none is the same says nothing. */
static enum similar_level compare_accounts(const struct similar_person *one,
                                           const struct similar_person *other) {
    for (size_t i = 0; i < one->account_count; i++) {
        for (size_t k = 0; k < other->account_count; k++) {
            if (one->accounts[i] == other->accounts[k]) {
                return SIMILAR_SAME;
            }
        }
    }
    return SIMILAR_UNKNOWN;
}

void similar_compare(const struct similar_person *one, const struct similar_person *other,
                     struct similar_agreement *out) {
    compare_names(one, other, out);
    enum similar_level *levels = out->levels;
    levels[SIMILAR_BIRTH_DATE] = similar_date_compare(&one->birth, &other->birth);
    levels[SIMILAR_CITY] = similar_name_compare(&one->city, &other->city);
    levels[SIMILAR_COUNTRY] = compare_hashes(one->country, other->country);
    levels[SIMILAR_GENDER] = compare_hashes(one->gender, other->gender);
    levels[SIMILAR_COMPANY] = similar_name_compare(&one->company, &other->company);
    levels[SIMILAR_EMAIL] =
        similar_emails_compare(one->emails, one->email_count, other->emails, other->email_count);
    levels[SIMILAR_PHONE] =
        similar_phones_compare(one->phones, one->phone_count, other->phones, other->phone_count);
    levels[SIMILAR_NATIONAL_ID] = similar_ids_compare(
        one->national_ids, one->national_id_count, other->national_ids, other->national_id_count);
    levels[SIMILAR_ACCOUNT] = compare_accounts(one, other);
}

/* ---- score ---- */

double similar_prior_bits(const struct similar_weights *weights, size_t people_count) {
    const size_t count = people_count > PEOPLE_MIN ? people_count : PEOPLE_MIN;
    return log2(weights->share / (double)(count - 1));
}

static double bits_of(const struct similar_weights *weights, enum similar_field field,
                      enum similar_level level) {
    const struct similar_weight *weight = &weights->fields[field][level];
    return level == SIMILAR_UNKNOWN || weight->u == 0 ? 0 : log2(weight->m / weight->u);
}

/* How likely somebody bears a name by chance. */
struct chances {
    double same;   /* The commoner one of the two names. */
    double sounds; /* A name of their sound that is written in another way. */
};

static struct chances chances_of(const struct similar_name *one, const struct similar_name *other,
                                 const struct similar_weight *weights, bool is_city,
                                 const struct similar_frequencies *frequencies) {
    const enum similar_value value = is_city ? SIMILAR_VALUE_CITY : SIMILAR_VALUE_NAME;
    const enum similar_value sound = is_city ? SIMILAR_VALUE_CITY_SOUND : SIMILAR_VALUE_NAME_SOUND;
    const double u_same = weights[SIMILAR_SAME].u;
    const double u_sound = u_same + weights[SIMILAR_SOUNDS].u;
    const double one_same = similar_frequency(frequencies, value, one->hash, u_same);
    const double other_same = similar_frequency(frequencies, value, other->hash, u_same);
    const double one_rest =
        similar_frequency(frequencies, sound, one->sound_hash, u_sound) - one_same;
    const double other_rest =
        similar_frequency(frequencies, sound, other->sound_hash, u_sound) - other_same;
    /* Of one sound, it is what the commoner spelling leaves; of two, whichever is more. */
    const double rest = one->sound_hash == other->sound_hash ? fmin(one_rest, other_rest)
                                                             : fmax(one_rest, other_rest);
    return (struct chances){.same = fmax(fmax(one_same, other_same), frequency_least),
                            .sounds = fmax(rest, frequency_least)};
}

/* From SAME down to the level: what each says for being one is bounded by those above it. */
static double name_bits(const struct similar_weights *weights, enum similar_field field,
                        enum similar_level level, const struct similar_name *one,
                        const struct similar_name *other,
                        const struct similar_frequencies *frequencies) {
    if (level <= SIMILAR_DIFFERENT) {
        return fmin(0, bits_of(weights, field, level));
    }
    const struct similar_weight *own = weights->fields[field];
    const struct chances chances = chances_of(one, other, own, field == SIMILAR_CITY, frequencies);
    double bits = log2(own[SIMILAR_SAME].m / chances.same);
    if (level <= SIMILAR_SOUNDS) {
        bits = fmin(bits, log2(own[SIMILAR_SOUNDS].m / chances.sounds));
    }
    if (level <= SIMILAR_NEAR) {
        bits = fmin(bits, bits_of(weights, field, SIMILAR_NEAR));
    }
    if (level <= SIMILAR_ALIKE) {
        bits = fmin(bits, bits_of(weights, field, SIMILAR_ALIKE));
    }
    return fmax(0, bits);
}

void similar_score_of(const struct similar_person *one, const struct similar_person *other,
                      const struct similar_agreement *agreement,
                      const struct similar_weights *weights,
                      const struct similar_frequencies *frequencies, double prior_bits,
                      struct similar_score *out) {
    *out = (struct similar_score){.agreement = *agreement, .prior_bits = prior_bits};
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        out->field_bits[i] = bits_of(weights, (enum similar_field)i, agreement->levels[i]);
    }
    const struct similar_name *given = agreement->swapped ? &other->family : &other->given;
    const struct similar_name *family = agreement->swapped ? &other->given : &other->family;
    const enum similar_level *levels = agreement->levels;
    out->field_bits[SIMILAR_GIVEN_NAME] = name_bits(
        weights, SIMILAR_GIVEN_NAME, levels[SIMILAR_GIVEN_NAME], &one->given, given, frequencies);
    out->field_bits[SIMILAR_FAMILY_NAME] =
        name_bits(weights, SIMILAR_FAMILY_NAME, levels[SIMILAR_FAMILY_NAME], &one->family, family,
                  frequencies);
    out->field_bits[SIMILAR_CITY] = name_bits(weights, SIMILAR_CITY, levels[SIMILAR_CITY],
                                              &one->city, &other->city, frequencies);
    out->field_bits[SIMILAR_COMPANY] = name_bits(weights, SIMILAR_COMPANY, levels[SIMILAR_COMPANY],
                                                 &one->company, &other->company, NULL);
    out->swap_bits = agreement->swapped ? weights->swap_bits : 0;
    out->bits = prior_bits + out->swap_bits;
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        out->bits += out->field_bits[i];
    }
    out->probability = 1 / (1 + exp2(-out->bits));
}
