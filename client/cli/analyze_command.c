/* `profilectl interaction analyze`: how many interactions there are of which sort, as bars on a
 * screen, as JSON, or as CSV. */

#include "client/cli/bar.h"
#include "client/cli/command.h"
#include "client/cli/csv_cells.h"
#include "client/cli/interaction_request.h"
#include "client/cli/output.h"
#include "client/cli/progress.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/json.h"

#include "profiled/v1/interaction_service.pb-c.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIMENSIONS_MAX = 3,
    TITLE_SIZE = 32,
    COLUMNS_MAX = 1 + DIMENSIONS_MAX + 3,
};

/* An answer that is coming in. */
struct analyzing {
    struct session *session;
    struct progress progress;
    bool has_days;
    bool has_people;
    size_t dimension_count;
    char titles[DIMENSIONS_MAX][TITLE_SIZE];
    json_t *groups; /* All of them. Ours. */
    json_t *whole;  /* The last message, without them. Ours. */
};

/* ---- the request ---- */

/* Titles of columns, out of the names in --by. */
static void read_titles(const char *list, struct analyzing *analyzing) {
    while (*list != '\0') {
        const size_t size = strcspn(list, ",");
        char *title = analyzing->titles[analyzing->dimension_count];
        if (size > 0) {
            snprintf(title, TITLE_SIZE, "%.*s", (int)size, list);
            for (char *at = title; *at != '\0'; at++) {
                *at = (char)toupper((unsigned char)*at);
            }
            analyzing->dimension_count++;
        }
        list += size + (list[size] == ',' ? 1 : 0);
    }
}

/* Reads --by: names of dimensions, separated by commas. False, told, when one is none. */
static bool read_dimensions(json_t *request, const struct arguments *arguments,
                            struct analyzing *analyzing) {
    if (!request_enums(request, "groupBy", &profiled__v1__interaction_dimension__descriptor,
                       "INTERACTION_DIMENSION_", arguments, OPT_BY)) {
        return false;
    }
    if (json_array_size(json_object_get(request, "groupBy")) > DIMENSIONS_MAX) {
        fprintf(stderr, "profilectl: --by: at most three\n");
        return false;
    }
    if (arguments_has(arguments, OPT_BY)) {
        read_titles(arguments_get(arguments, OPT_BY), analyzing);
    }
    return true;
}

static json_t *read_request(const struct arguments *arguments, struct analyzing *analyzing) {
    json_t *filter = interaction_filter_request(arguments);
    if (filter == NULL) {
        return NULL;
    }
    json_t *request = json_pack("{s:o}", "filter", filter);
    if (!read_dimensions(request, arguments, analyzing) ||
        !request_enum(request, "bucket", &profiled__v1__time_bucket__descriptor, "TIME_BUCKET_",
                      arguments, OPT_EVERY) ||
        !request_whole(request, "limit", arguments, OPT_TOP, 1, 1000)) {
        json_decref(request);
        return NULL;
    }
    request_text(request, "segment", arguments, OPT_OF_SEGMENT);
    request_text(request, "timeZone", arguments, OPT_ZONE);
    request_flag(request, "countProfiles", arguments, OPT_PEOPLE);
    analyzing->has_days = arguments_has(arguments, OPT_EVERY);
    analyzing->has_people = arguments_has(arguments, OPT_PEOPLE);
    return request;
}

/* ---- the answer ---- */

static void take(struct analyzing *analyzing, ProtobufCMessage *message) {
    Profiled__V1__AnalyzeInteractionsResponse *response =
        (Profiled__V1__AnalyzeInteractionsResponse *)message;
    const struct progress_place place = {.profiles = response->interaction_count,
                                         .looked_at = response->looked_at_count};
    progress_tell(&analyzing->progress, &place, progress_now_us());
    json_t *whole = json_from_message(message);
    json_array_extend(analyzing->groups, json_object_get(whole, "groups"));
    json_object_del(whole, "groups");
    json_decref(analyzing->whole);
    analyzing->whole = whole;
}

static int receive_all(struct analyzing *analyzing, json_t *request) {
    struct profiled_stream *stream = NULL;
    const int code = session_listen(analyzing->session, "AnalyzeInteractions", request, &stream);
    if (code != EXIT_DONE) {
        return code;
    }
    for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
         message = profiled_stream_receive(stream)) {
        take(analyzing, message);
        profiled_message_free(message);
    }
    progress_end(&analyzing->progress);
    struct profiled_error error = PROFILED_ERROR_INIT;
    return profiled_stream_finish(stream, &error) ? EXIT_DONE
                                                  : session_failed(analyzing->session, &error);
}

/* ---- printing ---- */

/* As int64 is in JSON; 0 where there is none. */
static int64_t number_of(const json_t *object, const char *field) {
    const json_t *value = json_object_get(object, field);
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10) : 0;
}

static const char *text_of(const json_t *value) {
    return json_is_string(value) ? json_string_value(value) : "";
}

/* The label of a group for a dimension, as people read it. */
static const char *label_of(const json_t *group, size_t position, const char *nothing) {
    if (json_is_true(json_object_get(group, "rest"))) {
        return position == 0 ? "(the rest)" : "";
    }
    const char *label = text_of(json_array_get(json_object_get(group, "labels"), position));
    return label[0] == '\0' ? nothing : label;
}

static int64_t most_of(const json_t *groups) {
    int64_t most = 0;
    size_t i;
    json_t *group;
    json_array_foreach(groups, i, group) {
        const int64_t count = number_of(group, "count");
        most = count > most ? count : most;
    }
    return most;
}

static void add_group(struct table *table, const struct analyzing *analyzing, const json_t *group,
                      const char *day, int64_t most) {
    char bar[BAR_SIZE];
    if (analyzing->has_days) {
        table_add(table, day);
    }
    for (size_t i = 0; i < analyzing->dimension_count; i++) {
        table_add(table, label_of(group, i, "(none)"));
    }
    table_add_number(table, number_of(group, "count"));
    if (analyzing->has_people) {
        table_add_number(table, number_of(group, "profileCount"));
    }
    bar_draw(number_of(group, "count"), most, bar);
    table_add(table, bar);
}

static void print_table(const struct analyzing *analyzing) {
    struct table_column columns[COLUMNS_MAX] = {{.title = ""}};
    size_t count = 0;
    if (analyzing->has_days) {
        columns[count++] = (struct table_column){.title = "FROM", .whole = true};
    }
    for (size_t i = 0; i < analyzing->dimension_count; i++) {
        columns[count++] = (struct table_column){.title = analyzing->titles[i]};
    }
    columns[count++] = (struct table_column){.title = "COUNT", .right = true, .whole = true};
    if (analyzing->has_people) {
        columns[count++] = (struct table_column){.title = "PEOPLE", .right = true, .whole = true};
    }
    columns[count++] = (struct table_column){.title = "", .drop = 1};
    struct table table;
    table_init(&table, columns, count);
    const int64_t most = most_of(analyzing->groups);
    const char *before = "";
    size_t i;
    json_t *group;
    json_array_foreach(analyzing->groups, i, group) {
        const char *day = text_of(json_object_get(group, "day"));
        add_group(&table, analyzing, group, strcmp(day, before) == 0 ? "" : day, most);
        before = day;
    }
    table_print(&table, &analyzing->session->screen);
    table_free(&table);
}

static void print_counts(const struct analyzing *analyzing) {
    fflush(stdout); /* The table first, where both go to one place. */
    fprintf(stderr, "%" PRId64 " interactions", number_of(analyzing->whole, "interactionCount"));
    if (analyzing->has_people) {
        fprintf(stderr, " of %" PRId64 " people", number_of(analyzing->whole, "profileCount"));
    }
    fputc('\n', stderr);
}

static int print_csv(const struct analyzing *analyzing) {
    csv_cell("day", stdout);
    for (size_t i = 0; i < analyzing->dimension_count; i++) {
        char title[TITLE_SIZE];
        snprintf(title, sizeof title, "%s", analyzing->titles[i]);
        for (char *at = title; *at != '\0'; at++) {
            *at = *at == '-' ? '_' : (char)tolower((unsigned char)*at);
        }
        fputc(',', stdout);
        csv_cell(title, stdout);
    }
    fputs(analyzing->has_people ? ",\"rest\",\"count\",\"profile_count\"\r\n"
                                : ",\"rest\",\"count\"\r\n",
          stdout);
    size_t i;
    json_t *group;
    json_array_foreach(analyzing->groups, i, group) {
        const bool is_rest = json_is_true(json_object_get(group, "rest"));
        csv_cell(text_of(json_object_get(group, "day")), stdout);
        for (size_t k = 0; k < analyzing->dimension_count; k++) {
            fputc(',', stdout);
            csv_cell_told(is_rest ? "" : label_of(group, k, ""), stdout);
        }
        fputs(is_rest ? ",\"true\"," : ",\"false\",", stdout);
        csv_cell_number(number_of(group, "count"), stdout);
        if (analyzing->has_people) {
            fputc(',', stdout);
            csv_cell_number(number_of(group, "profileCount"), stdout);
        }
        fputs("\r\n", stdout);
    }
    return output_flush();
}

static int print_all(struct analyzing *analyzing, const struct arguments *arguments) {
    if (arguments_has(arguments, OPT_CSV)) {
        return print_csv(analyzing);
    }
    if (analyzing->session->output == OUTPUT_JSON) {
        json_object_set(analyzing->whole, "groups", analyzing->groups);
        return output_json(analyzing->session, json_incref(analyzing->whole));
    }
    if (analyzing->session->output == OUTPUT_NDJSON) {
        return output_lines(json_incref(analyzing->groups));
    }
    print_table(analyzing);
    print_counts(analyzing);
    return EXIT_DONE;
}

int interaction_analyze(struct session *session, const struct arguments *arguments) {
    struct analyzing analyzing = {.session = session, .groups = json_array()};
    analyzing.progress.screen = screen_of(stderr);
    json_t *request = read_request(arguments, &analyzing);
    int code = request == NULL ? EXIT_USAGE : receive_all(&analyzing, request);
    if (code == EXIT_DONE) {
        code = print_all(&analyzing, arguments);
    }
    json_decref(analyzing.whole);
    json_decref(analyzing.groups);
    return code;
}
