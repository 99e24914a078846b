/* A topological order: a question has its turn when all that stand before it had theirs. A bit for
 * each two of them bounds what is kept (125 KB), however many responses there are. */

#include "server/interaction/survey_order.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum { WORD_BITS = 64, WORDS = (SURVEY_QUESTIONS_MAX + WORD_BITS - 1) / WORD_BITS };

struct survey_order {
    uint64_t behind[SURVEY_QUESTIONS_MAX][WORDS]; /* By who stands before: who stands behind. */
};

struct survey_order *survey_order_begin(struct arena *arena) {
    return arena_alloc(arena, sizeof(struct survey_order));
}

void survey_order_note(struct survey_order *order, size_t before, size_t behind) {
    assert(before < SURVEY_QUESTIONS_MAX);
    assert(behind < SURVEY_QUESTIONS_MAX);
    order->behind[before][behind / WORD_BITS] |= UINT64_C(1) << (behind % WORD_BITS);
}

static bool stands_before(const struct survey_order *order, size_t before, size_t behind) {
    return (order->behind[before][behind / WORD_BITS] >> (behind % WORD_BITS) & 1) != 0;
}

/* A question whose turn it is. */
struct turn {
    bool had;
    size_t waits_for; /* How many that stand before it have not had their turn. */
};

/* The first one seen of those that wait for nobody; where responses contradict each other and all
 * wait, the first one of all. */
static size_t next_turn(const struct turn *turns, size_t count) {
    size_t first = count;
    for (size_t i = 0; i < count; i++) {
        if (!turns[i].had && turns[i].waits_for == 0) {
            return i;
        }
        first = first == count && !turns[i].had ? i : first;
    }
    assert(first < count);
    return first;
}

const size_t *survey_order_ranks(const struct survey_order *order, size_t question_count,
                                 struct arena *arena) {
    assert(question_count <= SURVEY_QUESTIONS_MAX);
    size_t *ranks = arena_array(arena, question_count, sizeof *ranks);
    struct turn *turns = arena_array(arena, question_count, sizeof *turns);
    for (size_t i = 0; i < question_count; i++) {
        for (size_t k = 0; k < question_count; k++) {
            turns[k].waits_for += stands_before(order, i, k) ? 1 : 0;
        }
    }
    for (size_t rank = 0; rank < question_count; rank++) {
        const size_t taken = next_turn(turns, question_count);
        ranks[taken] = rank;
        turns[taken].had = true;
        for (size_t k = 0; k < question_count; k++) {
            turns[k].waits_for -= stands_before(order, taken, k) ? 1 : 0;
        }
    }
    return ranks;
}
