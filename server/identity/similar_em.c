/* Estimation over patterns: pairs that agree alike in all fields are one pattern with a count, so
 * that a round costs as many steps as there are patterns, whatever the number of pairs. */

#include "server/identity/similar_em.h"

#include <assert.h>
#include <math.h>

#include "server/identity/similar_score.h"

/* How many pairs the start weighs as much as. */
static const double start_pairs_m = 20;
static const double start_pairs_u = 1000;

/* Rounds end when no m moves more than this. */
static const double settled_below = 0.0005;

enum { PATTERN_SLOTS = 2 * SIMILAR_EM_PATTERNS_MAX };

struct pattern {
    uint64_t code; /* Of the agreement, plus 1; 0: empty. */
    struct similar_agreement agreement;
    double count;
};

/* A table of open addressing, at most half full. */
struct patterns {
    size_t count;
    struct pattern *slots;
};

/* ---- patterns ---- */

static_assert(SIMILAR_LEVEL_COUNT <= 8 && SIMILAR_FIELD_COUNT <= 20, "three bits a field");

static uint64_t code_of(const struct similar_agreement *agreement) {
    uint64_t code = agreement->swapped ? 1 : 0;
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        code = code << 3 | (uint64_t)agreement->levels[i];
    }
    return code + 1;
}

/* False when there is no room for a new pattern. */
static bool patterns_add(struct patterns *patterns, const struct similar_agreement *agreement) {
    const uint64_t code = code_of(agreement);
    size_t at = similar_hash(code, 0) % PATTERN_SLOTS;
    while (patterns->slots[at].code != 0 && patterns->slots[at].code != code) {
        at = (at + 1) % PATTERN_SLOTS;
    }
    struct pattern *pattern = &patterns->slots[at];
    if (pattern->code == 0) {
        if (patterns->count == SIMILAR_EM_PATTERNS_MAX) {
            return false;
        }
        patterns->count++;
        pattern->code = code;
        pattern->agreement = *agreement;
    }
    pattern->count++;
    return true;
}

static struct patterns patterns_new(struct arena *arena) {
    struct patterns patterns = {0};
    patterns.slots = arena_array(arena, PATTERN_SLOTS, sizeof *patterns.slots);
    return patterns;
}

/* The patterns of the pairs that share a key. */
static struct patterns count_blocked(const struct similar_person *people, size_t count,
                                     struct arena *arena, struct similar_em_report *report) {
    struct patterns patterns = patterns_new(arena);
    const struct similar_pairs *pairs = similar_pairs_of(people, count, arena);
    uint32_t *seen = arena_array(arena, count, sizeof *seen);
    uint32_t *partners = arena_array(arena, SIMILAR_PARTNERS_MAX, sizeof *partners);
    for (size_t i = 0; i < count; i++) {
        const size_t partner_count = similar_pairs_partners(pairs, i, seen, partners);
        report->compared_count += partner_count;
        for (size_t k = 0; k < partner_count; k++) {
            struct similar_agreement agreement;
            similar_compare(&people[i], &people[partners[k]], &agreement);
            report->left_out_count += patterns_add(&patterns, &agreement) ? 0 : 1;
        }
    }
    return patterns;
}

/* The patterns of pairs drawn at random; always the same ones. */
static struct patterns count_drawn(const struct similar_person *people, size_t count,
                                   struct arena *arena, struct similar_em_report *report) {
    struct patterns patterns = patterns_new(arena);
    for (size_t i = 0; i < SIMILAR_EM_SAMPLE; i++) {
        const size_t one = similar_hash(i, 1) % count;
        const size_t other = similar_hash(i, 2) % count;
        if (one != other) {
            struct similar_agreement agreement;
            similar_compare(&people[one], &people[other], &agreement);
            report->left_out_count += patterns_add(&patterns, &agreement) ? 0 : 1;
        }
    }
    return patterns;
}

/* ---- rounds ---- */

/* How likely a pair of the pattern is one person. */
static double expect(const struct similar_weights *weights, double prior_bits,
                     const struct similar_agreement *agreement) {
    double bits = prior_bits + (agreement->swapped ? weights->swap_bits : 0);
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        const struct similar_weight *weight = &weights->fields[i][agreement->levels[i]];
        bits += weight->u > 0 ? log2(weight->m / weight->u) : 0;
    }
    return 1 / (1 + exp2(-bits));
}

struct sums {
    double matches;
    struct similar_weight fields[SIMILAR_FIELD_COUNT][SIMILAR_LEVEL_COUNT];
};

static void sum_up(const struct patterns *blocked, const struct patterns *drawn,
                   const struct similar_weights *weights, double prior_bits, struct sums *sums) {
    *sums = (struct sums){0};
    for (size_t i = 0; i < PATTERN_SLOTS; i++) {
        const struct pattern *pattern = &blocked->slots[i];
        if (pattern->code != 0) {
            const double weight = pattern->count * expect(weights, prior_bits, &pattern->agreement);
            sums->matches += weight;
            for (size_t k = 0; k < SIMILAR_FIELD_COUNT; k++) {
                sums->fields[k][pattern->agreement.levels[k]].m += weight;
            }
        }
    }
    for (size_t i = 0; i < PATTERN_SLOTS; i++) {
        const struct pattern *pattern = &drawn->slots[i];
        if (pattern->code != 0) {
            const double weight =
                pattern->count * (1 - expect(weights, prior_bits, &pattern->agreement));
            for (size_t k = 0; k < SIMILAR_FIELD_COUNT; k++) {
                sums->fields[k][pattern->agreement.levels[k]].u += weight;
            }
        }
    }
}

/* The shares of a field's levels, drawn towards the start. A field of one level keeps it. */
static void maximise_field(const struct similar_weights *start, const struct sums *sums,
                           size_t field, struct similar_weights *out) {
    double total_m = 0;
    double total_u = 0;
    size_t level_count = 0;
    for (size_t i = SIMILAR_DIFFERENT; i < SIMILAR_LEVEL_COUNT; i++) {
        total_m += sums->fields[field][i].m;
        total_u += sums->fields[field][i].u;
        level_count += similar_weights_has((enum similar_field)field, (enum similar_level)i);
    }
    for (size_t i = SIMILAR_DIFFERENT; i < SIMILAR_LEVEL_COUNT && level_count > 1; i++) {
        const struct similar_weight *before = &start->fields[field][i];
        struct similar_weight *weight = &out->fields[field][i];
        weight->m =
            (sums->fields[field][i].m + start_pairs_m * before->m) / (total_m + start_pairs_m);
        weight->u =
            (sums->fields[field][i].u + start_pairs_u * before->u) / (total_u + start_pairs_u);
    }
}

static double largest_move(const struct similar_weights *one, const struct similar_weights *other) {
    double largest = 0;
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        for (size_t k = 0; k < SIMILAR_LEVEL_COUNT; k++) {
            largest = fmax(largest, fabs(one->fields[i][k].m - other->fields[i][k].m));
        }
    }
    return largest;
}

struct status similar_em_estimate(const struct similar_person *people, size_t count,
                                  const struct similar_weights *start, struct arena *arena,
                                  struct similar_weights *out, struct similar_em_report *report) {
    TRY(similar_weights_check(start));
    if (count < SIMILAR_EM_PEOPLE_MIN || count > SIMILAR_PEOPLE_MAX) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_FIELD_INVALID,
                         "has too few people to estimate from, or too many");
    }
    struct similar_em_report told = {0};
    const struct patterns blocked = count_blocked(people, count, arena, &told);
    const struct patterns drawn = count_drawn(people, count, arena, &told);
    struct similar_weights weights = *start;
    while (told.round_count < SIMILAR_EM_ROUNDS_MAX && !told.settled) {
        const struct similar_weights before = weights;
        struct sums sums;
        sum_up(&blocked, &drawn, &before, similar_prior_bits(&before, count), &sums);
        for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
            maximise_field(start, &sums, i, &weights);
        }
        /* A pair gives both of its people another profile. */
        weights.share =
            (2 * sums.matches + start_pairs_m * start->share) / ((double)count + start_pairs_m);
        told.match_count = sums.matches;
        told.round_count++;
        told.settled = largest_move(&before, &weights) < settled_below;
    }
    if (!status_is_ok(similar_weights_check(&weights))) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_FIELD_INVALID,
                         "has people from whom no weights can be estimated");
    }
    *out = weights;
    *report = told;
    return OK;
}
