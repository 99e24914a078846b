/* The commands of the group `retention`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/cli/text.h"

#include "profiled/v1/interaction_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>

enum { TEXT_SIZE = 32, DAYS_MAX = 36500 };

static void add_kind(struct table *table, const char *kind, int32_t days, int64_t removed) {
    char text[TEXT_SIZE];
    table_add(table, kind);
    snprintf(text, sizeof text, days == 1 ? "%" PRId32 " day" : "%" PRId32 " days", days);
    table_add(table, days == 0 ? "for ever" : text);
    table_add_number(table, removed);
}

static void print_retention(const struct session *session,
                            const Profiled__V1__Retention *retention) {
    static const struct table_column columns[] = {
        {.title = "KIND"}, {.title = "KEPT"}, {.title = "REMOVED", .right = true}};
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    add_kind(&table, "engagements", retention->engagement_days,
             retention->removed_engagement_count);
    add_kind(&table, "survey responses", retention->survey_response_days,
             retention->removed_survey_response_count);
    add_kind(&table, "activities", retention->activity_days, retention->removed_activity_count);
    table_print(&table, &session->screen);
    table_free(&table);
    if (retention->remove_time != NULL) {
        char time[SHORT_TIME_SIZE];
        output_time(retention->remove_time, time);
        fprintf(stdout, "\nLast removed  %s\n", time);
    }
}

static void view_retention(const struct session *session, const struct arguments *arguments,
                           const ProtobufCMessage *answer) {
    (void)arguments;
    print_retention(session, ((const Profiled__V1__GetRetentionResponse *)answer)->retention);
}

int retention_show(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "GetRetention", json_object(), view_retention);
}

/* The fields that are given, and the mask of them; NULL, told, when there are none, or one can't be
 * read. */
static json_t *read_request(const struct arguments *arguments) {
    static const struct {
        enum cli_option option;
        const char *field;
    } fields[] = {{OPT_ENGAGEMENTS, "engagementDays"},
                  {OPT_SURVEYS, "surveyResponseDays"},
                  {OPT_ACTIVITIES, "activityDays"}};
    char mask[TEXT_SIZE * 3] = "";
    json_t *retention = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!request_days(retention, fields[i].field, arguments, fields[i].option, 0, DAYS_MAX)) {
            json_decref(retention);
            return NULL;
        }
        if (arguments_has(arguments, fields[i].option)) {
            text_append(mask, sizeof mask, ",", fields[i].field);
        }
    }
    if (mask[0] == '\0') {
        fprintf(stderr, "profilectl: nothing to change: give --engagements, --surveys or "
                        "--activities\n");
        json_decref(retention);
        return NULL;
    }
    return json_pack("{s:o,s:s}", "retention", retention, "updateMask", mask);
}

static void view_changed(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    const Profiled__V1__UpdateRetentionResponse *response =
        (const Profiled__V1__UpdateRetentionResponse *)answer;
    print_retention(session, response->retention);
    fprintf(stdout, "\n%s%" PRId64 " interactions are past it%s\n",
            response->partial ? "At least " : "", response->expired_count,
            arguments_has(arguments, OPT_DRY_RUN) ? ", and would be removed"
                                                  : ", and will be removed");
}

int retention_update(struct session *session, const struct arguments *arguments) {
    json_t *request = read_request(arguments);
    if (request == NULL) {
        return EXIT_USAGE;
    }
    request_write(request, arguments);
    return answer_ask(session, arguments, "UpdateRetention", request, view_changed);
}
