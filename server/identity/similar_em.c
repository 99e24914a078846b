/* Estimation over patterns: pairs that agree alike in all fields are one pattern with a count, so
 * that a round costs as many steps as there are patterns, whatever the number of pairs. */

#include "server/identity/similar_em.h"

#include <assert.h>
#include <math.h>
#include <string.h>

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

/* ---- steps ---- */

/* What one step does at most, some ten milliseconds of work. */
enum { STEP_PAIRS = 8192, STEP_PEOPLE = 1 << 14 };

enum phase { PHASE_PAIRS, PHASE_BLOCKED, PHASE_DRAWN, PHASE_ROUNDS, PHASE_DONE };

struct similar_em {
    const struct similar_person *people;
    size_t count;
    const struct similar_weights *start;
    struct similar_weights weights;
    enum phase phase;
    size_t next; /* The person or the draw that the phase goes on with. */
    struct similar_pairs *pairs;
    uint32_t *seen;
    uint32_t *partners;
    struct patterns blocked; /* Of pairs that share a key. */
    struct patterns drawn;   /* Of pairs drawn at random; always the same ones. */
    struct similar_em_report report;
};

struct status similar_em_begin(const struct similar_person *people, size_t count,
                               const struct similar_weights *start, struct arena *arena,
                               struct similar_em **out) {
    TRY(similar_weights_check(start));
    if (count < SIMILAR_EM_PEOPLE_MIN || count > SIMILAR_PEOPLE_MAX) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_FIELD_INVALID,
                         "has too few people to estimate from, or too many");
    }
    struct similar_em *em = arena_alloc(arena, sizeof *em);
    em->people = people;
    em->count = count;
    em->start = start;
    em->weights = *start;
    em->pairs = similar_pairs_begin(people, count, arena);
    em->seen = arena_array(arena, count, sizeof *em->seen);
    em->partners = arena_array(arena, SIMILAR_PARTNERS_MAX, sizeof *em->partners);
    em->blocked = patterns_new(arena);
    em->drawn = patterns_new(arena);
    *out = em;
    return OK;
}

static void next_phase(struct similar_em *em, enum phase phase) {
    em->phase = phase;
    em->next = 0;
}

static void count_pair(struct similar_em *em, struct patterns *patterns, size_t one, size_t other) {
    struct similar_agreement agreement;
    similar_compare(&em->people[one], &em->people[other], &agreement);
    em->report.left_out_count += patterns_add(patterns, &agreement) ? 0 : 1;
}

static void count_blocked(struct similar_em *em) {
    const size_t people_end = em->next + STEP_PEOPLE;
    const size_t pairs_end = em->report.compared_count + STEP_PAIRS;
    while (em->next < em->count && em->next < people_end && em->report.compared_count < pairs_end) {
        const size_t one = em->next++;
        const size_t partner_count = similar_pairs_partners(em->pairs, one, em->seen, em->partners);
        em->report.compared_count += partner_count;
        for (size_t k = 0; k < partner_count; k++) {
            count_pair(em, &em->blocked, one, em->partners[k]);
        }
    }
    if (em->next == em->count) {
        next_phase(em, PHASE_DRAWN);
    }
}

static void count_drawn(struct similar_em *em) {
    for (size_t i = 0; i < STEP_PAIRS && em->next < SIMILAR_EM_SAMPLE; i++, em->next++) {
        const size_t one = similar_hash(em->next, 1) % em->count;
        const size_t other = similar_hash(em->next, 2) % em->count;
        if (one != other) {
            count_pair(em, &em->drawn, one, other);
        }
    }
    if (em->next == SIMILAR_EM_SAMPLE) {
        next_phase(em, PHASE_ROUNDS);
    }
}

static void make_round(struct similar_em *em) {
    const struct similar_weights before = em->weights;
    struct similar_em_report *report = &em->report;
    struct sums sums;
    sum_up(&em->blocked, &em->drawn, &before, similar_prior_bits(&before, em->count), &sums);
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        maximise_field(em->start, &sums, i, &em->weights);
        report->kept[i] =
            !status_is_ok(similar_weights_check_field(&em->weights, (enum similar_field)i));
        if (report->kept[i]) {
            memcpy(em->weights.fields[i], em->start->fields[i], sizeof em->start->fields[i]);
        }
    }
    /* A pair gives both of its people another profile. */
    const double share =
        (2 * sums.matches + start_pairs_m * em->start->share) / ((double)em->count + start_pairs_m);
    em->weights.share = fmin(share, SIMILAR_SHARE_MAX);
    report->match_count = sums.matches;
    report->round_count++;
    report->settled = largest_move(&before, &em->weights) < settled_below;
    if (report->settled || report->round_count == SIMILAR_EM_ROUNDS_MAX) {
        next_phase(em, PHASE_DONE);
    }
}

bool similar_em_step(struct similar_em *em) {
    switch (em->phase) {
    case PHASE_PAIRS:
        if (!similar_pairs_step(em->pairs)) {
            next_phase(em, PHASE_BLOCKED);
        }
        break;
    case PHASE_BLOCKED:
        count_blocked(em);
        break;
    case PHASE_DRAWN:
        count_drawn(em);
        break;
    case PHASE_ROUNDS:
        make_round(em);
        break;
    case PHASE_DONE:
        break;
    }
    return em->phase != PHASE_DONE;
}

void similar_em_progress(const struct similar_em *em, size_t *people_count,
                         size_t *compared_count) {
    *people_count = em->phase < PHASE_BLOCKED    ? 0
                    : em->phase == PHASE_BLOCKED ? em->next
                                                 : em->count;
    *compared_count = em->report.compared_count;
}

void similar_em_end(const struct similar_em *em, struct similar_weights *out,
                    struct similar_em_report *report) {
    assert(em->phase == PHASE_DONE);
    assert(status_is_ok(similar_weights_check(&em->weights)));
    *out = em->weights;
    *report = em->report;
}

struct status similar_em_estimate(const struct similar_person *people, size_t count,
                                  const struct similar_weights *start, struct arena *arena,
                                  struct similar_weights *out, struct similar_em_report *report) {
    struct similar_em *em = NULL;
    TRY(similar_em_begin(people, count, start, arena, &em));
    while (similar_em_step(em)) {
    }
    similar_em_end(em, out, report);
    return OK;
}
