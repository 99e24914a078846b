/* The order of a survey's questions. */

#include "server/interaction/survey_order.h"

#include <stdbool.h>
#include <stdint.h>

#include <criterion/criterion.h>

#include "tests/engine/seeded.h"

enum { RESPONSES = 200 };

static struct arena arena;

static void init(void) { arena_init(&arena, SIZE_MAX); }

static void fini(void) { arena_free(&arena); }

TestSuite(survey_order, .init = init, .fini = fini);

/* Each of the ranks once. */
static void expect_all_ranks(const size_t *ranks, size_t count) {
    bool had[SURVEY_QUESTIONS_MAX] = {false};
    for (size_t i = 0; i < count; i++) {
        cr_assert_lt(ranks[i], count);
        cr_assert_not(had[ranks[i]]);
        had[ranks[i]] = true;
    }
}

Test(survey_order, any_responses_to_one_survey_are_in_its_order) {
    struct seeded seeded = {.state = 11};
    size_t asked[SURVEY_QUESTIONS_MAX] = {0};
    for (size_t i = 0; i < SURVEY_QUESTIONS_MAX; i++) {
        const size_t other = seeded_below(&seeded, i + 1);
        asked[i] = asked[other];
        asked[other] = i;
    }
    struct survey_order *order = survey_order_begin(&arena);
    size_t pairs[RESPONSES * 10][2];
    size_t pair_count = 0;
    for (size_t i = 0; i < RESPONSES; i++) {
        size_t at = seeded_below(&seeded, SURVEY_QUESTIONS_MAX);
        for (size_t k = 0; k < 10; k++) {
            const size_t next = at + 1 + seeded_below(&seeded, 50);
            if (next < SURVEY_QUESTIONS_MAX) {
                survey_order_note(order, asked[at], asked[next]);
                pairs[pair_count][0] = asked[at];
                pairs[pair_count++][1] = asked[next];
                at = next;
            }
        }
    }

    const size_t *ranks = survey_order_ranks(order, SURVEY_QUESTIONS_MAX, &arena);

    expect_all_ranks(ranks, SURVEY_QUESTIONS_MAX);
    for (size_t i = 0; i < pair_count; i++) {
        cr_assert_lt(ranks[pairs[i][0]], ranks[pairs[i][1]]);
    }
}

Test(survey_order, those_before_and_behind_a_contradiction_keep_their_order) {
    struct survey_order *order = survey_order_begin(&arena);
    static const size_t pairs[][2] = {{4, 0}, {0, 1}, {1, 0}, {1, 3}, {3, 2}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        survey_order_note(order, pairs[i][0], pairs[i][1]);
    }

    const size_t *ranks = survey_order_ranks(order, 5, &arena);

    static const size_t expected[] = {1, 2, 4, 3, 0};
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(ranks[i], expected[i], "%zu", i);
    }
}

Test(survey_order, what_everybody_contradicts_is_as_it_came_first) {
    struct survey_order *order = survey_order_begin(&arena);
    for (size_t i = 0; i < SURVEY_QUESTIONS_MAX; i++) {
        for (size_t k = 0; k < SURVEY_QUESTIONS_MAX; k++) {
            survey_order_note(order, i, k);
        }
    }

    const size_t *ranks = survey_order_ranks(order, SURVEY_QUESTIONS_MAX, &arena);

    for (size_t i = 0; i < SURVEY_QUESTIONS_MAX; i++) {
        cr_assert_eq(ranks[i], i);
    }
}

Test(survey_order, none) {
    cr_expect_not_null(survey_order_ranks(survey_order_begin(&arena), 0, &arena));
}
