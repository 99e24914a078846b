#pragma once
/* Adding up the responses to a survey, question by question. */

#include "server/base/millionths.h"
#include "server/interaction/survey_order.h"
#include "server/store/store.h"

enum {
    SURVEY_TYPES = 10, /* The numbers of profiled.v1.QuestionType. */
    SURVEY_DISTRIBUTION_MAX =
        100, /* Different answers that are told of a question, beside scores. */
    SURVEY_ANSWERS_MAX = 1000000, /* Different ones that are kept of all. */
};

/* How often an answer was given. */
struct survey_answer_count {
    const char *answer;
    int64_t count;
};

struct survey_question {
    const char *id;
    const char *text; /* As the last response that says it has it, as are the next three. */
    const char *section;
    uint32_t type; /* Once it is answered, of the last answer. */
    uint32_t order;
    size_t rank; /* Among all, as responses have them; once they are told. */
    int64_t skipped_count;
    int64_t type_counts[SURVEY_TYPES]; /* Answers of each type. */
    int64_t number_count;              /* Numbers, ratings and Net Promoter Scores. */
    struct millionths sum;
    double rest; /* The sum of those that have more decimals, or are beyond what has millionths. */
    double min;
    double max;
    int64_t promoter_count;
    int64_t passive_count;
    int64_t detractor_count;
    size_t distribution_count;
    /* Scores as their scale has them, then the most frequent first. */
    const struct survey_answer_count *distribution;
    int64_t other_count; /* Of all that is not in it. */
};

/* The average of its numbers: where six decimals tell them, the double that is nearest. There is
 * one at least. */
double survey_average(const struct survey_question *question);

struct survey_sum;

/* Begins; all of it lives in the arena. */
struct survey_sum *survey_sum_begin(struct arena *arena);

/* Adds a response, whose packed form it unpacks into `scratch`. Those that happened later are added
 * later. False once there are more questions or answers than are kept; then it was not added
 * whole. DATA_LOSS STORE_CORRUPT when it is none. */
MUST_USE struct status survey_sum_add(struct survey_sum *sum,
                                      const struct store_interaction *interaction,
                                      struct arena *scratch, bool *has_room);

/* How many responses were added, their survey's name as it was said last, and when the first and
 * the last happened. */
struct survey_responses {
    int64_t count;
    const char *name;
    int64_t first_us;
    int64_t last_us;
};
struct survey_responses survey_sum_responses(const struct survey_sum *sum);

/* The questions, in the order of the survey. Once. */
const struct survey_question *survey_sum_end(struct survey_sum *sum, size_t *count);
