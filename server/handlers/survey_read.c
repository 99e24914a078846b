/* Reading survey responses of the wire into what the store will hold. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/handlers/payload_read.h"
#include "server/handlers/wire.h"
#include "server/identity/attribute.h"
#include "server/identity/text.h"

enum {
    ANSWERS_MAX = 200,
    SURVEY_ID_SIZE_MAX = 128,
    SURVEY_NAME_SIZE_MAX = 256,
    QUESTION_SIZE_MAX = 1024,
    ANSWER_SIZE_MAX = 8192,
    CHOICES_MAX = 100,
    RATING_MAX = 100,
    NPS_MAX = 10,
    SECTION_SIZE_MAX = 256,
    ORDER_MAX = 10000,
};

/* The numbers of answers are those of the wire. */
static_assert((int)STORED__V1__SURVEY_ANSWER__ANSWER_TEXT ==
                      (int)PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT &&
                  (int)STORED__V1__SURVEY_ANSWER__ANSWER_PHONE ==
                      (int)PROFILED__V1__SURVEY_ANSWER__ANSWER_PHONE,
              "one number");

/* A text of several that are to be told once each. */
struct told {
    const char *text;
    size_t position;
};

static int by_text(const void *a, const void *b) {
    const struct told *left = a;
    const struct told *right = b;
    const int order = strcmp(left->text, right->text);
    return order != 0 ? order
                      : (left->position > right->position) - (left->position < right->position);
}

/* Of each text the position of the first that is equal to it: its own, where it is told once. */
static size_t *firsts_of(struct told *texts, size_t count, struct arena *arena) {
    size_t *firsts = arena_array(arena, count, sizeof *firsts);
    size_t first = 0;
    qsort(texts, count, sizeof *texts, by_text);
    for (size_t i = 0; i < count; i++) {
        first = i > 0 && strcmp(texts[i - 1].text, texts[i].text) == 0 ? first : texts[i].position;
        firsts[texts[i].position] = first;
    }
    return firsts;
}

static void check_choices(const Stored__V1__SurveyChoices *row, const char *path,
                          struct field_errors *errors) {
    struct told *texts = arena_array(errors->arena, row->n_choices, sizeof *texts);
    for (size_t i = 0; i < row->n_choices; i++) {
        texts[i] = (struct told){row->choices[i], i};
    }
    const size_t *firsts = firsts_of(texts, row->n_choices, errors->arena);
    for (size_t i = 0; i < row->n_choices; i++) {
        if (firsts[i] != i && !text_is_blank(row->choices[i])) {
            field_errors_add(
                errors, arena_format(errors->arena, "is choices[%zu] again: each once", firsts[i]),
                "interaction.%s.choices.choices[%zu]", path, i);
        }
    }
}

/* What has nothing in it is no answer. */
static const char *const empty = "is empty: a question that was skipped has no answer set";

/* A text that was answered. */
static char *answer_text(char *text, size_t size_max, struct field_errors *errors,
                         const char *path) {
    if (text_is_blank(text)) {
        field_errors_add(errors, empty, "interaction.%s", path);
    }
    return payload_text(text, size_max, errors, path);
}

static Stored__V1__SurveyChoices *choices_read(const Profiled__V1__SurveyChoices *message,
                                               const char *path, struct field_errors *errors) {
    Stored__V1__SurveyChoices *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__survey_choices__init(row);
    if (message->n_choices > CHOICES_MAX) {
        field_errors_add(errors, "there are more than 100", "interaction.%s.choices", path);
        return row;
    }
    if (message->n_choices == 0) {
        field_errors_add(errors, empty, "interaction.%s.choices", path);
    }
    row->choices = arena_array(errors->arena, message->n_choices, sizeof *row->choices);
    for (size_t i = 0; i < message->n_choices; i++) {
        row->choices[row->n_choices++] =
            answer_text(message->choices[i], QUESTION_SIZE_MAX, errors,
                        arena_format(errors->arena, "%s.choices.choices[%zu]", path, i));
    }
    check_choices(row, path, errors);
    return row;
}

static uint32_t score_read(int32_t score, int32_t max, struct field_errors *errors,
                           const char *path, const char *field) {
    if (score < 0 || score > max) {
        field_errors_add(errors, arena_format(errors->arena, "must be 0 to %d", max),
                         "interaction.%s.%s", path, field);
        return 0;
    }
    return (uint32_t)score;
}

/* A day of the past or of the future: what a birth date may be does not bind it. */
static char *day_read(const char *value, const char *path, struct field_errors *errors) {
    const char *day = "";
    const struct status status = attribute_day_read(value, errors->arena, &day);
    if (!status_is_ok(status)) {
        field_errors_add(errors, status.text, "interaction.%s.date", path);
    }
    return wire_string(day);
}

/* As it was told; what it says of the person is read in interaction_contacts.c. */
static Stored__V1__SurveyPhone *phone_read(const Profiled__V1__SurveyPhone *message,
                                           struct arena *arena) {
    Stored__V1__SurveyPhone *row = arena_alloc(arena, sizeof *row);
    stored__v1__survey_phone__init(row);
    row->number = message->number;
    row->country = message->country;
    return row;
}

static void answer_value_read(const Profiled__V1__SurveyAnswer *message, const char *path,
                              struct field_errors *errors, Stored__V1__SurveyAnswer *row) {
    struct arena *arena = errors->arena;
    switch (message->answer_case) {
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT:
        row->text = answer_text(message->text, ANSWER_SIZE_MAX, errors,
                                arena_format(arena, "%s.text", path));
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        row->choice = answer_text(message->choice, QUESTION_SIZE_MAX, errors,
                                  arena_format(arena, "%s.choice", path));
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_NUMBER:
        row->number = message->number;
        if (!isfinite(message->number)) {
            field_errors_add(errors, "is not a finite number", "interaction.%s.number", path);
        }
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICES:
        row->choices = choices_read(message->choices, path, errors);
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_RATING:
        row->rating = score_read(message->rating, RATING_MAX, errors, path, "rating");
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS:
        row->nps = score_read(message->nps, NPS_MAX, errors, path, "nps");
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_DATE:
        row->date = day_read(message->date, path, errors);
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_EMAIL:
        row->email = message->email;
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_PHONE:
        row->phone = phone_read(message->phone, arena);
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER__NOT_SET:
    case _PROFILED__V1__SURVEY_ANSWER__ANSWER__CASE_IS_INT_SIZE:
        break;
    }
    row->answer_case = (Stored__V1__SurveyAnswer__AnswerCase)message->answer_case;
}

/* The type of a question by the answer; 0 when it was skipped. */
static uint32_t type_of_answer(Profiled__V1__SurveyAnswer__AnswerCase answer) {
    switch (answer) {
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_TEXT;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_CHOICE;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_NUMBER:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_NUMBER;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICES:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_CHOICES;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_RATING:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_RATING;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_NPS;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_DATE:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_DATE;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_EMAIL:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_EMAIL;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_PHONE:
        return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_PHONE;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER__NOT_SET:
    case _PROFILED__V1__SURVEY_ANSWER__ANSWER__CASE_IS_INT_SIZE:
        break;
    }
    return PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_UNSPECIFIED;
}

static void question_type_read(const Profiled__V1__SurveyAnswer *message, const char *path,
                               struct field_errors *errors, Stored__V1__SurveyAnswer *row) {
    const uint32_t answered = type_of_answer(message->answer_case);
    row->type = payload_enum((int)message->type, PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_PHONE,
                             errors, arena_format(errors->arena, "%s.type", path));
    if (row->type == PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_UNSPECIFIED) {
        row->type = answered;
    } else if (answered != PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_UNSPECIFIED &&
               answered != row->type) {
        field_errors_add(errors, "is not the type of the answer", "interaction.%s.type", path);
    }
}

static Stored__V1__SurveyAnswer *answer_read(const Profiled__V1__SurveyAnswer *message, size_t i,
                                             struct field_errors *errors) {
    struct arena *arena = errors->arena;
    const char *path = arena_format(arena, "survey_response.answers[%zu]", i);
    Stored__V1__SurveyAnswer *row = arena_alloc(arena, sizeof *row);
    stored__v1__survey_answer__init(row);
    row->question_id = payload_required(message->question_id, SURVEY_ID_SIZE_MAX, errors,
                                        arena_format(arena, "%s.question_id", path));
    row->question = payload_text(message->question, QUESTION_SIZE_MAX, errors,
                                 arena_format(arena, "%s.question", path));
    row->section = payload_text(message->section, SECTION_SIZE_MAX, errors,
                                arena_format(arena, "%s.section", path));
    answer_value_read(message, path, errors, row);
    question_type_read(message, path, errors, row);
    if (message->order < 0 || message->order > ORDER_MAX) {
        field_errors_add(errors, "must be 0 to 10,000", "interaction.%s.order", path);
    }
    row->order = (uint32_t)message->order;
    return row;
}

static void check_questions(const Stored__V1__SurveyResponse *row, struct field_errors *errors) {
    struct told *texts = arena_array(errors->arena, row->n_answers, sizeof *texts);
    for (size_t i = 0; i < row->n_answers; i++) {
        texts[i] = (struct told){row->answers[i]->question_id, i};
    }
    const size_t *firsts = firsts_of(texts, row->n_answers, errors->arena);
    for (size_t i = 0; i < row->n_answers; i++) {
        if (firsts[i] != i && !text_is_blank(row->answers[i]->question_id)) {
            field_errors_add(errors,
                             arena_format(errors->arena,
                                          "is that of answers[%zu] too: each question once",
                                          firsts[i]),
                             "interaction.survey_response.answers[%zu].question_id", i);
        }
    }
}

void payload_survey_read(const Profiled__V1__SurveyResponse *message, struct field_errors *errors,
                         Stored__V1__Interaction *out) {
    Stored__V1__SurveyResponse *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__survey_response__init(row);
    row->survey_id = payload_required(message->survey_id, SURVEY_ID_SIZE_MAX, errors,
                                      "survey_response.survey_id");
    row->survey_name = payload_text(message->survey_name, SURVEY_NAME_SIZE_MAX, errors,
                                    "survey_response.survey_name");
    if (message->n_answers > ANSWERS_MAX) {
        field_errors_add(errors, "there are more than 200", "interaction.survey_response.answers");
        return;
    }
    row->n_answers = message->n_answers;
    row->answers = arena_array(errors->arena, message->n_answers, sizeof *row->answers);
    for (size_t i = 0; i < message->n_answers; i++) {
        row->answers[i] = answer_read(message->answers[i], i, errors);
    }
    check_questions(row, errors);
    out->payload_case = STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    out->survey_response = row;
}
