/* The commands of the group `survey`. */

#include "client/cli/answer.h"
#include "client/cli/bar.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
#include "client/cli/survey_csv.h"
#include "client/cli/table.h"

#include "profiled/v1/interaction_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 256, DISTRIBUTION_SHOWN = 12 };

/* The last message of the stream; NULL, told, when it broke off. */
static ProtobufCMessage *receive_last(struct session *session, const char *method, json_t *request,
                                      int *code) {
    struct profiled_stream *stream = NULL;
    *code = session_listen(session, method, request, &stream);
    ProtobufCMessage *last = NULL;
    if (*code != EXIT_DONE) {
        return NULL;
    }
    for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
         message = profiled_stream_receive(stream)) {
        profiled_message_free(last);
        last = message;
    }
    struct profiled_error error = PROFILED_ERROR_INIT;
    if (!profiled_stream_finish(stream, &error)) {
        *code = session_failed(session, &error);
        profiled_message_free(last);
        return NULL;
    }
    return last;
}

/* ---- which surveys there are ---- */

static void view_surveys(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    static const struct table_column columns[] = {
        {.title = "SURVEY", .whole = true}, {.title = "RESPONSES", .right = true}, {.title = ""}};
    (void)arguments;
    const Profiled__V1__AnalyzeInteractionsResponse *response =
        (const Profiled__V1__AnalyzeInteractionsResponse *)answer;
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < response->n_groups; i++) {
        const Profiled__V1__InteractionGroup *group = response->groups[i];
        char bar[BAR_SIZE];
        bar_draw(group->count, response->groups[0]->count, bar);
        table_add(&table, group->n_labels == 0 ? "(the rest)" : group->labels[0]);
        table_add_number(&table, group->count);
        table_add(&table, bar);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

int survey_list(struct session *session, const struct arguments *arguments) {
    json_t *filter = json_pack("{s:s}", "kind", "INTERACTION_KIND_SURVEY_RESPONSE");
    request_time(filter, "minTime", arguments, OPT_SINCE);
    request_time(filter, "maxTime", arguments, OPT_UNTIL);
    json_t *request = json_pack("{s:o,s:[s],s:i}", "filter", filter, "groupBy",
                                "INTERACTION_DIMENSION_NAME", "limit", 1000);
    int code = EXIT_DONE;
    ProtobufCMessage *message = receive_last(session, "AnalyzeInteractions", request, &code);
    return message == NULL ? code : answer_print(session, arguments, message, view_surveys);
}

/* ---- one survey ---- */

static json_t *request_of(const struct arguments *arguments) {
    json_t *request = json_pack("{s:s}", "surveyId", arguments->words[0]);
    request_time(request, "minTime", arguments, OPT_SINCE);
    request_time(request, "maxTime", arguments, OPT_UNTIL);
    return request;
}

static void print_head(const struct session *session, const char *id,
                       const Profiled__V1__AnalyzeSurveyResponse *response) {
    char first[SHORT_TIME_SIZE];
    char last[SHORT_TIME_SIZE];
    screen_style(&session->screen, STYLE_BOLD);
    output_text(&session->screen, response->survey_name[0] == '\0' ? id : response->survey_name);
    screen_plain(&session->screen);
    output_day(response->first_time, first);
    output_day(response->last_time, last);
    fprintf(stdout, "  %" PRId64 " response%s", response->response_count,
            response->response_count == 1 ? "" : "s");
    fprintf(stdout, response->response_count == 0 ? "\n" : ", from %s to %s\n", first, last);
}

static void type_words(const Profiled__V1__QuestionResult *question, char out[WORDS_SIZE]) {
    output_words(&profiled__v1__question_type__descriptor, (int32_t)question->type,
                 "QUESTION_TYPE_", out);
    if (question->mixed) {
        snprintf(out, WORDS_SIZE, "of several types");
    }
}

/* What numbers come to, in words; "" when there are none. */
static void number_words(const Profiled__V1__QuestionResult *question, char out[TEXT_SIZE]) {
    out[0] = '\0';
    if (question->nps != NULL) {
        snprintf(out, TEXT_SIZE, "NPS %+.0f, average %.1f", question->nps->score,
                 question->numbers->average);
    } else if (question->numbers != NULL) {
        snprintf(out, TEXT_SIZE, "average %.2f, %.12g to %.12g", question->numbers->average,
                 question->numbers->min, question->numbers->max);
    }
}

static void print_questions(const struct session *session,
                            const Profiled__V1__AnalyzeSurveyResponse *response) {
    static const struct table_column columns[] = {{.title = "QUESTION", .whole = true},
                                                  {.title = "TYPE"},
                                                  {.title = "ANSWERS", .right = true},
                                                  {.title = "SKIPPED", .right = true},
                                                  {.title = ""}};
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < response->n_questions; i++) {
        const Profiled__V1__QuestionResult *question = response->questions[i];
        char words[TEXT_SIZE];
        table_add(&table, question->question_id);
        type_words(question, words);
        table_add(&table, words);
        table_add_number(&table, question->answer_count);
        table_add_number(&table, question->skipped_count);
        number_words(question, words);
        table_add(&table, words);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

static void print_question_head(const struct session *session,
                                const Profiled__V1__QuestionResult *question) {
    char type[WORDS_SIZE];
    char numbers[TEXT_SIZE];
    type_words(question, type);
    number_words(question, numbers);
    fputc('\n', stdout);
    screen_style(&session->screen, STYLE_BOLD);
    output_text(&session->screen,
                question->question[0] == '\0' ? question->question_id : question->question);
    screen_plain(&session->screen);
    fprintf(stdout, "  %s, %" PRId64 " answer%s", type, question->answer_count,
            question->answer_count == 1 ? "" : "s");
    if (question->skipped_count > 0) {
        fprintf(stdout, ", skipped %" PRId64, question->skipped_count);
    }
    fprintf(stdout, "%s%s\n", numbers[0] == '\0' ? "" : "; ", numbers);
}

static void add_answer(struct table *table, const char *answer, int64_t count, int64_t most,
                       int64_t whole) {
    char text[TEXT_SIZE];
    char bar[BAR_SIZE];
    table_add(table, answer);
    table_add_number(table, count);
    snprintf(text, sizeof text, "%.0f %%", 100.0 * (double)count / (double)whole);
    table_add(table, text);
    bar_draw(count, most, bar);
    table_add(table, bar);
}

/* A scale is shown whole. */
static size_t shown_of(const Profiled__V1__QuestionResult *question) {
    const bool is_scale =
        !question->mixed && (question->type == PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_RATING ||
                             question->type == PROFILED__V1__QUESTION_TYPE__QUESTION_TYPE_NPS);
    return is_scale || question->n_distribution < DISTRIBUTION_SHOWN ? question->n_distribution
                                                                     : DISTRIBUTION_SHOWN;
}

static int64_t most_of(const Profiled__V1__QuestionResult *question) {
    int64_t most = 0;
    for (size_t i = 0; i < question->n_distribution; i++) {
        const int64_t count = question->distribution[i]->count;
        most = count > most ? count : most;
    }
    return most;
}

static void print_distribution(const struct session *session,
                               const Profiled__V1__QuestionResult *question) {
    static const struct table_column columns[] = {
        {.title = ""}, {.title = "", .right = true}, {.title = "", .right = true}, {.title = ""}};
    if (question->n_distribution == 0) {
        return;
    }
    struct table table;
    table_init_section(&table, columns, sizeof columns / sizeof columns[0]);
    const size_t shown = shown_of(question);
    const int64_t most = most_of(question);
    int64_t others = question->other_count;
    for (size_t i = 0; i < question->n_distribution; i++) {
        const Profiled__V1__AnswerCount *answer = question->distribution[i];
        if (i < shown) {
            add_answer(&table, answer->answer, answer->count, most, question->answer_count);
        } else {
            others += answer->count;
        }
    }
    if (others > 0) {
        add_answer(&table, "(others)", others, most, question->answer_count);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

/* The questions. */
static void view_survey(const struct session *session, const struct arguments *arguments,
                        const ProtobufCMessage *answer) {
    const Profiled__V1__AnalyzeSurveyResponse *response =
        (const Profiled__V1__AnalyzeSurveyResponse *)answer;
    print_head(session, arguments->words[0], response);
    if (response->n_questions > 0) {
        fputc('\n', stdout);
        print_questions(session, response);
    }
}

/* What was answered, too. */
static void view_answers(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    const Profiled__V1__AnalyzeSurveyResponse *response =
        (const Profiled__V1__AnalyzeSurveyResponse *)answer;
    print_head(session, arguments->words[0], response);
    for (size_t i = 0; i < response->n_questions; i++) {
        print_question_head(session, response->questions[i]);
        print_distribution(session, response->questions[i]);
    }
}

static int ask_survey(struct session *session, const struct arguments *arguments,
                      answer_view *view) {
    int code = EXIT_DONE;
    ProtobufCMessage *message =
        receive_last(session, "AnalyzeSurvey", request_of(arguments), &code);
    return message == NULL ? code : answer_print(session, arguments, message, view);
}

int survey_show(struct session *session, const struct arguments *arguments) {
    return ask_survey(session, arguments, view_survey);
}

int survey_analyze(struct session *session, const struct arguments *arguments) {
    if (!arguments_has(arguments, OPT_CSV)) {
        return ask_survey(session, arguments, view_answers);
    }
    int code = EXIT_DONE;
    ProtobufCMessage *message =
        receive_last(session, "AnalyzeSurvey", request_of(arguments), &code);
    if (message != NULL) {
        code = survey_csv_print((const Profiled__V1__AnalyzeSurveyResponse *)message);
    }
    profiled_message_free(message);
    return code;
}
