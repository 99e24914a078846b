/* The commands of the group `interaction`. */

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/pages.h"
#include "client/cli/request.h"
#include "client/json.h"

#include "profiled/v1/interaction_service.pb-c.h"

#include <stdio.h>

static int call(struct session *session, const char *method, json_t *request,
                ProtobufCMessage **response) {
    return session_call(session, &profiled__v1__interaction_service__descriptor, method, request,
                        response);
}

static bool read_engagement(json_t *interaction, const struct arguments *arguments) {
    json_t *engagement = json_object();
    json_object_set_new(interaction, "engagement", engagement);
    request_text(engagement, "channel", arguments, OPT_CHANNEL);
    request_text(engagement, "conversationId", arguments, OPT_CONVERSATION);
    request_text(engagement, "text", arguments, OPT_TEXT);
    request_text(engagement, "url", arguments, OPT_URL);
    request_text(engagement, "language", arguments, OPT_LANGUAGE);
    request_text(engagement, "theme", arguments, OPT_THEME);
    request_text(engagement, "subTheme", arguments, OPT_SUB_THEME);
    request_text(engagement, "agent", arguments, OPT_AGENT);
    return request_enum(engagement, "visibility", &profiled__v1__visibility__descriptor,
                        "VISIBILITY_", arguments, OPT_VISIBILITY) &&
           request_enum(engagement, "direction", &profiled__v1__direction__descriptor, "DIRECTION_",
                        arguments, OPT_DIRECTION) &&
           request_enum(engagement, "sentiment", &profiled__v1__sentiment__descriptor, "SENTIMENT_",
                        arguments, OPT_SENTIMENT);
}

static bool read_activity(json_t *interaction, const struct arguments *arguments) {
    json_t *activity = json_object();
    json_object_set_new(interaction, "activity", activity);
    request_text(activity, "name", arguments, OPT_ACTIVITY);
    request_text(activity, "amount", arguments, OPT_AMOUNT);
    request_text(activity, "currency", arguments, OPT_CURRENCY);
    return request_pairs(activity, "properties", arguments, OPT_PROPERTY);
}

static bool read_survey(json_t *interaction, const struct arguments *arguments) {
    json_t *survey = json_object();
    json_object_set_new(interaction, "surveyResponse", survey);
    request_text(survey, "surveyId", arguments, OPT_SURVEY);
    request_text(survey, "surveyName", arguments, OPT_SURVEY_NAME);
    json_t *pairs = json_object();
    const bool good = request_pairs(pairs, "answers", arguments, OPT_ANSWER);
    json_t *answers = json_array();
    const char *question;
    json_t *text;
    json_object_foreach(json_object_get(pairs, "answers"), question, text) {
        json_array_append_new(answers,
                              json_pack("{s:s,s:O}", "questionId", question, "text", text));
    }
    json_object_set_new(survey, "answers", answers);
    json_decref(pairs);
    return good;
}

/* The interaction; false, told, when the options are not those of one kind. */
static bool read_interaction(json_t *interaction, const struct arguments *arguments) {
    const int kinds = (arguments_has(arguments, OPT_CHANNEL) ? 1 : 0) +
                      (arguments_has(arguments, OPT_ACTIVITY) ? 1 : 0) +
                      (arguments_has(arguments, OPT_SURVEY) ? 1 : 0);
    if (kinds != 1) {
        fprintf(stderr, "profilectl: what happened? Give one of --channel, --activity, --survey "
                        "or --json\n");
        return false;
    }
    request_text(interaction, "source", arguments, OPT_SOURCE);
    request_text(interaction, "eventId", arguments, OPT_EVENT_ID);
    request_text(interaction, "occurTime", arguments, OPT_TIME);
    if (arguments_has(arguments, OPT_CHANNEL)) {
        return read_engagement(interaction, arguments);
    }
    return arguments_has(arguments, OPT_ACTIVITY) ? read_activity(interaction, arguments)
                                                  : read_survey(interaction, arguments);
}

/* Whose it is: a profile's id, or a record that is resolved. */
static bool read_subject(json_t *record, const struct arguments *arguments) {
    const bool by_id = arguments_has(arguments, OPT_PROFILE);
    if (by_id == arguments_has(arguments, OPT_IDENTITY)) {
        fprintf(stderr, "profilectl: whose is it? Give --profile or --identity\n");
        return false;
    }
    if (by_id) {
        request_text(record, "profileId", arguments, OPT_PROFILE);
        return true;
    }
    json_t *subject = json_object();
    json_object_set_new(record, "record", subject);
    request_text(subject, "name", arguments, OPT_NAME);
    request_text(subject, "defaultRegion", arguments, OPT_REGION);
    return request_identities(subject, arguments) && request_attributes(subject, arguments, false);
}

static json_t *read_record(const struct arguments *arguments) {
    const char *path = arguments_get(arguments, OPT_JSON);
    if (path != NULL) {
        return request_file(path);
    }
    json_t *record = json_object();
    json_t *interaction = json_object();
    json_object_set_new(record, "interaction", interaction);
    if (!read_interaction(interaction, arguments) || !read_subject(record, arguments)) {
        json_decref(record);
        return NULL;
    }
    return record;
}

int interaction_record(struct session *session, const struct arguments *arguments) {
    json_t *record = read_record(arguments);
    if (record == NULL) {
        return EXIT_USAGE;
    }
    json_t *request = json_object();
    json_object_set_new(request, "interactionRecord", record);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = call(session, "RecordInteraction", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__RecordInteractionResponse *response =
        (const Profiled__V1__RecordInteractionResponse *)message;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else {
        fprintf(stdout, "interaction  %s%s\nprofile      %s\n", response->interaction_id,
                response->repeated_event ? "  (was there before)" : "", response->profile_id);
        if (response->decision != NULL) {
            fputc('\n', stdout);
            output_decision(session, response->decision);
        }
    }
    profiled_message_free(message);
    return code;
}

static void print_page(const struct session *session, const ProtobufCMessage *message,
                       struct page *page) {
    const Profiled__V1__ListInteractionsResponse *list =
        (const Profiled__V1__ListInteractionsResponse *)message;
    *page = (struct page){list->n_interactions, "interactions", list->next_page_token};
    if (session->output == OUTPUT_TABLE) {
        output_interactions(session, list->interactions, list->n_interactions, 0);
    }
}

int interaction_list(struct session *session, const struct arguments *arguments) {
    json_t *filter = json_object();
    json_t *request = json_pack("{s:s,s:o}", "profileId", arguments->words[0], "filter", filter);
    request_text(filter, "channel", arguments, OPT_CHANNEL);
    request_text(filter, "minTime", arguments, OPT_SINCE);
    request_text(filter, "maxTime", arguments, OPT_UNTIL);
    request_text(filter, "theme", arguments, OPT_THEME);
    request_text(filter, "subTheme", arguments, OPT_SUB_THEME);
    request_text(filter, "text", arguments, OPT_TEXT);
    if (!request_enum(filter, "kind", &profiled__v1__interaction_kind__descriptor,
                      "INTERACTION_KIND_", arguments, OPT_KIND) ||
        !request_enum(filter, "sentiment", &profiled__v1__sentiment__descriptor, "SENTIMENT_",
                      arguments, OPT_SENTIMENT)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    return pages_print(session, arguments, &profiled__v1__interaction_service__descriptor,
                       "ListInteractions", request, print_page);
}
