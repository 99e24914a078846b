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

int output_flush(void) {
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        fprintf(stderr, "profilectl: standard output can't be written\n");
        return EXIT_LOCAL;
    }
    return EXIT_DONE;
}

static int dump(const json_t *json, size_t flags) {
    if (json_write(json, flags | JSON_ENCODE_ANY, stdout) != 0 || fputc('\n', stdout) == EOF) {
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

void output_line(const struct session *session, const char *title, const char *text) {
    if (text[0] != '\0') {
        fprintf(stdout, "%-14s", title);
        output_text(&session->screen, text);
        fputc('\n', stdout);
    }
}

void output_heading(const struct session *session, const char *text) {
    fputc('\n', stdout);
    screen_style(&session->screen, STYLE_BOLD);
    fputs(text, stdout);
    screen_plain(&session->screen);
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

static void identity_table(struct table *table) {
    static const struct table_column columns[] = {
        {.title = "IDENTITY"}, {.title = "VALUE"},   {.title = "STATE"},
        {.title = "WHY"},      {.title = "MATCHED"},
    };
    table_init(table, columns, sizeof columns / sizeof columns[0]);
}

static void print_identities(const struct session *session, struct table *table) {
    if (table->cell_count > 0) {
        fputc('\n', stdout);
        table_print(table, &session->screen);
    }
    table_free(table);
}

void output_identity_decisions(const struct session *session,
                               Profiled__V1__IdentityDecision *const *list, size_t count) {
    struct table table;
    identity_table(&table);
    for (size_t i = 0; i < count; i++) {
        add_identity_decision(&table, list[i], NULL);
    }
    print_identities(session, &table);
}

void output_decision(const struct session *session, const Profiled__V1__Decision *decision) {
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
    identity_table(&table);
    for (size_t i = 0; i < decision->n_identities; i++) {
        add_identity_decision(&table, decision->identities[i], NULL);
    }
    for (size_t i = 0; i < decision->n_demoted; i++) {
        add_identity_decision(&table, decision->demoted[i], "demoted");
    }
    print_identities(session, &table);
    output_candidates(session, decision);
}
