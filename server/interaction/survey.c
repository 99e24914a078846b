/* Adding up responses: a list of questions, and one table of the different answers of all. */

#include "server/interaction/survey.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/slots.h"
#include "server/store/records/record.pb-c.h"

enum { NPS_PROMOTERS_MIN = 9, NPS_PASSIVES_MIN = 7 };

/* One answer to a question. */
struct given {
    uint64_t hash;
    size_t question;
    bool is_score; /* It was given first as a rating or Net Promoter Score: */
    uint32_t score;
    struct survey_answer_count count;
};

struct survey_sum {
    struct arena *arena;
    struct survey_responses responses;
    size_t question_count;
    struct survey_question *questions;
    struct survey_order *order;
    size_t given_count;
    struct given *given;
    struct slots slots;
};

struct survey_sum *survey_sum_begin(struct arena *arena) {
    struct survey_sum *sum = arena_alloc(arena, sizeof *sum);
    sum->arena = arena;
    sum->order = survey_order_begin(arena);
    sum->responses.name = "";
    return sum;
}

/* A text that is to last; that of before where it is the same, or where nobody said it now. */
static const char *keep(struct survey_sum *sum, const char *before, const char *text) {
    return text[0] == '\0' || strcmp(before, text) == 0
               ? before
               : arena_string(sum->arena, bytes_of_string(text));
}

/* ---- questions ---- */

/* The question of an id, made where there is none; NULL when there is no room. Responses mostly
 * have the same questions in the same places. */
static struct survey_question *question_of(struct survey_sum *sum, const char *id, size_t place) {
    if (place < sum->question_count && strcmp(sum->questions[place].id, id) == 0) {
        return &sum->questions[place];
    }
    for (size_t i = 0; i < sum->question_count; i++) {
        if (strcmp(sum->questions[i].id, id) == 0) {
            return &sum->questions[i];
        }
    }
    if (sum->question_count == SURVEY_QUESTIONS_MAX) {
        return NULL;
    }
    sum->questions =
        arena_grow(sum->arena, sum->questions, sum->question_count, sizeof *sum->questions);
    struct survey_question *question = &sum->questions[sum->question_count++];
    *question = (struct survey_question){
        .id = arena_string(sum->arena, bytes_of_string(id)), .text = "", .section = ""};
    return question;
}

/* The type that a question has now. What is said where it is skipped counts as long as nobody has
 * answered it. */
static uint32_t type_now(const struct survey_question *question,
                         const Stored__V1__SurveyAnswer *answer) {
    const bool was_answered = question->type_counts[question->type] > 0;
    const bool is_answered = answer->answer_case != STORED__V1__SURVEY_ANSWER__ANSWER__NOT_SET;
    if (!is_answered && (was_answered || answer->type == 0)) {
        return question->type;
    }
    return answer->type < SURVEY_TYPES ? answer->type : 0;
}

static void describe(struct survey_sum *sum, struct survey_question *question,
                     const Stored__V1__SurveyAnswer *answer) {
    question->text = keep(sum, question->text, answer->question);
    question->section = keep(sum, question->section, answer->section);
    question->order = answer->order == 0 ? question->order : answer->order;
    question->type = type_now(question, answer);
}

/* ---- answers ---- */

static bool is_same(double a, double b) { return a >= b && a <= b; }

/* In millionths, where these say all of it. */
static void add_up(struct survey_question *question, double number) {
    if (number >= -MILLIONTHS_MAX && number <= MILLIONTHS_MAX) {
        const struct millionths exact = millionths_of(number);
        if (is_same(millionths_share(exact, 1), number)) {
            millionths_add(&question->sum, exact);
            return;
        }
    }
    question->rest += number;
}

static void add_number(struct survey_question *question, double number) {
    if (question->number_count == 0 || number < question->min) {
        question->min = number;
    }
    if (question->number_count == 0 || number > question->max) {
        question->max = number;
    }
    add_up(question, number);
    question->number_count++;
}

/* False when there are too many different ones. */
static bool add_given(struct survey_sum *sum, const struct survey_question *question,
                      const char *answer, bool is_score, uint32_t score) {
    const size_t place = (size_t)(question - sum->questions);
    const uint64_t hash =
        hash_more(hash_more(HASH_BEGIN, &place, sizeof place), answer, strlen(answer));
    if (slots_grow(&sum->slots, sum->given_count, sum->arena)) {
        for (size_t i = 0; i < sum->given_count; i++) {
            slots_put(&sum->slots, sum->given[i].hash, i);
        }
    }
    for (size_t at = slots_first(&sum->slots, hash); sum->slots.places[at] != 0;
         at = slots_next(&sum->slots, at)) {
        struct given *given = &sum->given[sum->slots.places[at] - 1];
        if (given->question == place && strcmp(given->count.answer, answer) == 0) {
            given->count.count++;
            return true;
        }
    }
    if (sum->given_count == SURVEY_ANSWERS_MAX) {
        return false;
    }
    sum->given = arena_grow(sum->arena, sum->given, sum->given_count, sizeof *sum->given);
    sum->given[sum->given_count] = (struct given){
        hash, place, is_score, score, {arena_string(sum->arena, bytes_of_string(answer)), 1}};
    slots_put(&sum->slots, hash, sum->given_count++);
    return true;
}

static bool add_score(struct survey_sum *sum, struct survey_question *question, uint32_t score,
                      struct arena *scratch) {
    add_number(question, score);
    return add_given(sum, question, arena_format(scratch, "%u", score), true, score);
}

static void add_nps(struct survey_question *question, uint32_t score) {
    question->promoter_count += score >= NPS_PROMOTERS_MIN;
    question->passive_count += score >= NPS_PASSIVES_MIN && score < NPS_PROMOTERS_MIN;
    question->detractor_count += score < NPS_PASSIVES_MIN;
}

static bool add_choices(struct survey_sum *sum, const struct survey_question *question,
                        const Stored__V1__SurveyChoices *choices) {
    bool has_room = true;
    for (size_t i = 0; i < choices->n_choices; i++) {
        has_room = add_given(sum, question, choices->choices[i], false, 0) && has_room;
    }
    return has_room;
}

static bool add_value(struct survey_sum *sum, struct survey_question *question,
                      const Stored__V1__SurveyAnswer *answer, struct arena *scratch) {
    switch (answer->answer_case) {
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        return add_given(sum, question, answer->choice, false, 0);
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICES:
        return add_choices(sum, question, answer->choices);
    case STORED__V1__SURVEY_ANSWER__ANSWER_NUMBER:
        add_number(question, answer->number);
        return true;
    case STORED__V1__SURVEY_ANSWER__ANSWER_RATING:
        return add_score(sum, question, answer->rating, scratch);
    case STORED__V1__SURVEY_ANSWER__ANSWER_NPS:
        add_nps(question, answer->nps);
        return add_score(sum, question, answer->nps, scratch);
    case STORED__V1__SURVEY_ANSWER__ANSWER_TEXT:
    case STORED__V1__SURVEY_ANSWER__ANSWER_DATE:
    case STORED__V1__SURVEY_ANSWER__ANSWER_EMAIL:
    case STORED__V1__SURVEY_ANSWER__ANSWER_PHONE:
    case STORED__V1__SURVEY_ANSWER__ANSWER__NOT_SET:
    case _STORED__V1__SURVEY_ANSWER__ANSWER__CASE_IS_INT_SIZE:
        break;
    }
    return true;
}

static bool add_answer(struct survey_sum *sum, struct survey_question *question,
                       const Stored__V1__SurveyAnswer *answer, struct arena *scratch) {
    describe(sum, question, answer);
    if (answer->answer_case == STORED__V1__SURVEY_ANSWER__ANSWER__NOT_SET) {
        question->skipped_count++;
        return true;
    }
    question->type_counts[question->type]++;
    return add_value(sum, question, answer, scratch);
}

/* False when there is no room for all of it. */
static bool add_response(struct survey_sum *sum, const Stored__V1__SurveyResponse *response,
                         struct arena *scratch) {
    bool has_room = true;
    size_t before = SURVEY_QUESTIONS_MAX; /* The question before, where there is one. */
    for (size_t i = 0; i < response->n_answers; i++) {
        const Stored__V1__SurveyAnswer *answer = response->answers[i];
        struct survey_question *question = question_of(sum, answer->question_id, i);
        if (question == NULL) {
            return false;
        }
        const size_t place = (size_t)(question - sum->questions);
        if (before < SURVEY_QUESTIONS_MAX) {
            survey_order_note(sum->order, before, place);
        }
        before = place;
        has_room = add_answer(sum, question, answer, scratch) && has_room;
    }
    return has_room;
}

struct status survey_sum_add(struct survey_sum *sum, const struct store_interaction *interaction,
                             struct arena *scratch, bool *has_room) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(scratch, &stored__v1__interaction__descriptor, interaction->packed, &message));
    const Stored__V1__Interaction *row = (const Stored__V1__Interaction *)message;
    if (row->payload_case != STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "an interaction is no survey response, though its fact says so");
    }
    const Stored__V1__SurveyResponse *response = row->survey_response;
    struct survey_responses *responses = &sum->responses;
    responses->first_us = responses->count == 0 ? interaction->occur_us : responses->first_us;
    responses->last_us = interaction->occur_us;
    responses->name = keep(sum, responses->name, response->survey_name);
    responses->count++;
    *has_room = add_response(sum, response, scratch);
    return OK;
}

double survey_average(const struct survey_question *question) {
    return is_same(question->rest, 0) ? millionths_share(question->sum, question->number_count)
                                      : (millionths_share(question->sum, 1) + question->rest) /
                                            (double)question->number_count;
}

struct survey_responses survey_sum_responses(const struct survey_sum *sum) {
    return sum->responses;
}

/* ---- telling ---- */

/* Scores as their scale has them, before all else: of that the most frequent first, and what was
 * given as often in the order of text. */
static int by_question(const void *a, const void *b) {
    const struct given *left = a;
    const struct given *right = b;
    if (left->question != right->question) {
        return left->question < right->question ? -1 : 1;
    }
    if (left->is_score != right->is_score) {
        return left->is_score ? -1 : 1;
    }
    if (left->is_score) {
        return left->score < right->score ? -1 : 1;
    }
    if (left->count.count != right->count.count) {
        return left->count.count > right->count.count ? -1 : 1;
    }
    return strcmp(left->count.answer, right->count.answer);
}

/* Those without an order behind the others, and those of one order, as responses have them. */
static int by_order(const void *a, const void *b) {
    const struct survey_question *left = a;
    const struct survey_question *right = b;
    const uint32_t one = left->order == 0 ? UINT32_MAX : left->order;
    const uint32_t other = right->order == 0 ? UINT32_MAX : right->order;
    if (one != other) {
        return one < other ? -1 : 1;
    }
    return left->rank < right->rank ? -1 : 1;
}

const struct survey_question *survey_sum_end(struct survey_sum *sum, size_t *count) {
    if (sum->given_count > 0) {
        qsort(sum->given, sum->given_count, sizeof *sum->given, by_question);
    }
    struct survey_answer_count *all = arena_array(sum->arena, sum->given_count, sizeof *all);
    for (size_t i = 0; i < sum->given_count; i++) {
        struct survey_question *question = &sum->questions[sum->given[i].question];
        all[i] = sum->given[i].count;
        if (question->distribution_count == 0) {
            question->distribution = &all[i];
        }
        if (sum->given[i].is_score || question->distribution_count < SURVEY_DISTRIBUTION_MAX) {
            question->distribution_count++;
        } else {
            question->other_count += all[i].count;
        }
    }
    if (sum->question_count > 0) {
        const size_t *ranks = survey_order_ranks(sum->order, sum->question_count, sum->arena);
        for (size_t i = 0; i < sum->question_count; i++) {
            sum->questions[i].rank = ranks[i];
        }
        qsort(sum->questions, sum->question_count, sizeof *sum->questions, by_order);
    }
    *count = sum->question_count;
    return sum->questions;
}
