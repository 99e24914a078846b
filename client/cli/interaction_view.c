/* Interactions as people read them: a timeline, and what was answered in surveys. */

#include "client/cli/output.h"
#include "client/cli/table.h"
#include "client/cli/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_SIZE = 512, SHORT_ANSWER_SIZE = 128 };

/* What a survey is called; its id where nobody said. */
static const char *survey_title(const Profiled__V1__SurveyResponse *survey) {
    return survey->survey_name[0] == '\0' ? survey->survey_id : survey->survey_name;
}

/* Where it happened, as "whatsapp in". */
static void describe_place(const Profiled__V1__Interaction *interaction, char *out, size_t size) {
    switch (interaction->payload_case) {
    case PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT: {
        const Profiled__V1__Engagement *engagement = interaction->engagement;
        const char *way =
            engagement->direction == PROFILED__V1__DIRECTION__DIRECTION_INBOUND    ? " in"
            : engagement->direction == PROFILED__V1__DIRECTION__DIRECTION_OUTBOUND ? " out"
                                                                                   : "";
        snprintf(out, size, "%s%s", engagement->channel, way);
        return;
    }
    case PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        snprintf(out, size, "survey");
        return;
    case PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        snprintf(out, size, "activity");
        return;
    case PROFILED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _PROFILED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    out[0] = '\0';
}

/* What it is about, as "complaint / delivery, negative". */
static void describe_class(const Profiled__V1__Engagement *engagement, char *out, size_t size) {
    char mood[WORDS_SIZE];
    output_words(&profiled__v1__sentiment__descriptor, (int32_t)engagement->sentiment, "SENTIMENT_",
                 mood);
    const bool has_theme = engagement->theme[0] != '\0';
    snprintf(out, size, "%s%s%s%s%s", engagement->theme,
             engagement->sub_theme[0] != '\0' ? "/" : "", engagement->sub_theme,
             has_theme && mood[0] != '\0' ? ", " : "", mood);
}

static void describe_answer(const Profiled__V1__SurveyAnswer *answer, char *out, size_t size) {
    out[0] = '\0';
    switch (answer->answer_case) {
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT:
        snprintf(out, size, "%s", answer->text);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        snprintf(out, size, "%s", answer->choice);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_NUMBER:
        snprintf(out, size, "%.12g", answer->number);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICES:
        for (size_t i = 0; i < answer->choices->n_choices; i++) {
            text_append(out, size, " + ", answer->choices->choices[i]);
        }
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_RATING:
        snprintf(out, size, "%" PRId32, answer->rating);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_NPS:
        snprintf(out, size, "%" PRId32 " of 10", answer->nps);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_DATE:
        snprintf(out, size, "%s", answer->date);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_EMAIL:
        snprintf(out, size, "%s", answer->email);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_PHONE:
        snprintf(out, size, "%s", answer->phone->number);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER__NOT_SET:
    case _PROFILED__V1__SURVEY_ANSWER__ANSWER__CASE_IS_INT_SIZE:
        snprintf(out, size, "\xe2\x80\x93");
        return;
    }
}

/* What was answered, as "rating: 4, on_time: yes". */
static void describe_answers(const Profiled__V1__SurveyResponse *survey, char *out, size_t size) {
    for (size_t i = 0; i < survey->n_answers; i++) {
        char answer[SHORT_ANSWER_SIZE];
        describe_answer(survey->answers[i], answer, sizeof answer);
        text_append(out, size, ", ", survey->answers[i]->question_id);
        text_append(out, size, ": ", answer);
    }
}

static void add_interaction(struct table *table, const Profiled__V1__Interaction *interaction) {
    char time[SHORT_TIME_SIZE];
    char place[128];
    char about[256] = "";
    char text[512] = "";
    output_time(interaction->occur_time, time);
    describe_place(interaction, place, sizeof place);
    if (interaction->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT) {
        describe_class(interaction->engagement, about, sizeof about);
        snprintf(text, sizeof text, "%s", interaction->engagement->text);
    } else if (interaction->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE) {
        const Profiled__V1__SurveyResponse *survey = interaction->survey_response;
        snprintf(about, sizeof about, "%s", survey_title(survey));
        describe_answers(survey, text, sizeof text);
    } else if (interaction->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY) {
        const Profiled__V1__Activity *activity = interaction->activity;
        snprintf(about, sizeof about, "%s", activity->name);
        if (activity->currency[0] != '\0') {
            snprintf(text, sizeof text, "%.2f %s", activity->amount, activity->currency);
        }
    }
    table_add(table, time);
    table_add(table, place);
    table_add(table, about);
    table_add(table, text);
}

void output_interactions(const struct session *session,
                         Profiled__V1__Interaction *const *interactions, size_t count,
                         size_t indent) {
    static const struct table_column columns[] = {{.title = "TIME", .whole = true},
                                                  {.title = "WHERE"},
                                                  {.title = "ABOUT"},
                                                  {.title = "TEXT"}};
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    table.indent = indent;
    table.untitled = indent > 0;
    for (size_t i = 0; i < count; i++) {
        add_interaction(&table, interactions[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

/* A row an answer; when it was, and of which survey, on the first one of a response. */
static void add_answers(struct table *table, const Profiled__V1__Interaction *interaction) {
    const Profiled__V1__SurveyResponse *survey = interaction->survey_response;
    for (size_t i = 0; i < survey->n_answers; i++) {
        const Profiled__V1__SurveyAnswer *answer = survey->answers[i];
        char time[SHORT_TIME_SIZE];
        char text[ANSWER_SIZE];
        output_time(interaction->occur_time, time);
        describe_answer(answer, text, sizeof text);
        table_add(table, i == 0 ? time : "");
        table_add(table, i == 0 ? survey_title(survey) : "");
        table_add(table, answer->question[0] == '\0' ? answer->question_id : answer->question);
        table_add(table, text);
    }
}

void output_answers(const struct session *session, Profiled__V1__Interaction *const *interactions,
                    size_t count) {
    static const struct table_column columns[] = {
        {.title = "", .whole = true}, {.title = ""}, {.title = ""}, {.title = ""}};
    struct table table;
    table_init_section(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        if (interactions[i]->payload_case == PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE) {
            add_answers(&table, interactions[i]);
        }
    }
    table_print(&table, &session->screen);
    table_free(&table);
}
