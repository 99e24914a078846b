/* Results on standard output. JSON is the message as the contract has it; tables are for people. */

#include "client/cli/output.h"

#include "client/cli/command.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "client/json.h"
#include "client/rfc3339.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_SIZE = 128 };

static int dump(const json_t *json, size_t flags) {
    if (json_dumpf(json, stdout, flags | JSON_ENCODE_ANY) != 0 || fputc('\n', stdout) == EOF) {
        fprintf(stderr, "profilectl: standard output can't be written\n");
        return EXIT_LOCAL;
    }
    return EXIT_DONE;
}

int output_json(const struct session *session, json_t *json) {
    const int code =
        dump(json, session->output == OUTPUT_NDJSON ? JSON_COMPACT : (size_t)JSON_INDENT(2));
    json_decref(json);
    return code;
}

int output_message(const struct session *session, const ProtobufCMessage *message) {
    return output_json(session, json_from_message(message));
}

int output_lines(json_t *array) {
    int code = EXIT_DONE;
    for (size_t i = 0; i < json_array_size(array) && code == EXIT_DONE; i++) {
        code = dump(json_array_get(array, i), JSON_COMPACT);
    }
    json_decref(array);
    return code;
}

void output_time(const Google__Protobuf__Timestamp *time, char out[SHORT_TIME_SIZE]) {
    char text[RFC3339_SIZE];
    out[0] = '\0';
    if (time != NULL && rfc3339_format(time->seconds, 0, text)) {
        snprintf(out, SHORT_TIME_SIZE, "%.10s %.5s", text, text + 11);
    }
}

void output_day(const Google__Protobuf__Timestamp *time, char out[SHORT_TIME_SIZE]) {
    output_time(time, out);
    out[out[0] == '\0' ? 0 : 10] = '\0';
}

void output_words(const ProtobufCEnumDescriptor *descriptor, int32_t value, const char *prefix,
                  char out[WORDS_SIZE]) {
    const ProtobufCEnumValue *row = protobuf_c_enum_descriptor_get_value(descriptor, value);
    out[0] = '\0';
    if (value == 0) {
        return;
    }
    if (row == NULL) {
        snprintf(out, WORDS_SIZE, "%" PRId32, value);
        return;
    }
    const size_t skipped = strncmp(row->name, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;
    snprintf(out, WORDS_SIZE, "%s", row->name + skipped);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == '_' ? ' ' : (char)tolower((unsigned char)*at);
    }
}

void output_text(const struct screen *screen, const char *raw) {
    char *text = text_clean(raw == NULL ? "" : raw);
    text_put(screen->out, text, (struct text_cell){.isolated = screen->terminal, .last = true});
    free(text);
}

static void add_identity_decision(struct table *table,
                                  const Profiled__V1__IdentityDecision *identity,
                                  const char *what) {
    char state[WORDS_SIZE];
    char rule[WORDS_SIZE];
    output_words(&profiled__v1__identity_state__descriptor, (int32_t)identity->state,
                 "IDENTITY_STATE_", state);
    output_words(&profiled__v1__identity_rule__descriptor, (int32_t)identity->rule,
                 "IDENTITY_RULE_", rule);
    table_add(table, identity->type);
    table_add(table, identity->canonical_value);
    table_add(table, what == NULL ? state : what);
    table_add(table, rule);
    table_add(table, identity->matched_profile_id);
}

static void output_candidates(const struct session *session,
                              const Profiled__V1__Decision *decision) {
    static const struct table_column columns[] = {
        {.title = "CANDIDATE", .whole = true}, {.title = "TAKEN"}, {.title = "WHY NOT"}};
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < decision->n_candidates; i++) {
        const Profiled__V1__CandidateDecision *candidate = decision->candidates[i];
        char rule[WORDS_SIZE];
        output_words(&profiled__v1__identity_rule__descriptor, (int32_t)candidate->rule,
                     "IDENTITY_RULE_", rule);
        table_add(&table, candidate->profile_id);
        table_add(&table, candidate->accepted ? "yes" : "no");
        table_add(&table, rule);
    }
    if (decision->n_candidates > 0) {
        fputc('\n', stdout);
        table_print(&table, &session->screen);
    }
    table_free(&table);
}

void output_decision(const struct session *session, const Profiled__V1__Decision *decision) {
    static const struct table_column columns[] = {
        {.title = "IDENTITY"}, {.title = "VALUE"},   {.title = "STATE"},
        {.title = "WHY"},      {.title = "MATCHED"},
    };
    char outcome[WORDS_SIZE];
    output_words(&profiled__v1__outcome__descriptor, (int32_t)decision->outcome, "OUTCOME_",
                 outcome);
    screen_style(&session->screen, STYLE_BOLD);
    fprintf(stdout, "%s", outcome);
    screen_plain(&session->screen);
    fprintf(stdout, " %s (rules %" PRId64 ")\n", decision->profile_id, decision->rule_version);
    for (size_t i = 0; i < decision->n_merged_ids; i++) {
        fprintf(stdout, "merged  %s\n", decision->merged_ids[i]);
    }
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < decision->n_identities; i++) {
        add_identity_decision(&table, decision->identities[i], NULL);
    }
    for (size_t i = 0; i < decision->n_demoted; i++) {
        add_identity_decision(&table, decision->demoted[i], "demoted");
    }
    if (table.cell_count > 0) {
        fputc('\n', stdout);
        table_print(&table, &session->screen);
    }
    table_free(&table);
    output_candidates(session, decision);
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
        snprintf(out, size, "%g", answer->number);
        return;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICES:
        for (size_t i = 0; i < answer->choices->n_choices; i++) {
            const size_t used = strlen(out);
            snprintf(out + used, size - used, "%s%s", i == 0 ? "" : " + ",
                     answer->choices->choices[i]);
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
        char answer[ANSWER_SIZE];
        const size_t used = strlen(out);
        describe_answer(survey->answers[i], answer, sizeof answer);
        snprintf(out + used, size - used, "%s%s: %s", i == 0 ? "" : ", ",
                 survey->answers[i]->question_id, answer);
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
        snprintf(about, sizeof about, "%s",
                 survey->survey_name[0] == '\0' ? survey->survey_id : survey->survey_name);
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
