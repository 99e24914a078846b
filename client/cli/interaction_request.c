/* Interactions, and which of them are wanted, out of options. */

#include "client/cli/interaction_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/origins.h"
#include "client/cli/request.h"
#include "client/cli/text.h"
#include "profiled/v1/interaction_service.pb-c.h"

static bool read_engagement(json_t *interaction, const struct arguments *arguments) {
    json_t *engagement = json_object();
    json_object_set_new(interaction, "engagement", engagement);
    request_text(engagement, "channel", arguments, OPT_CHANNEL);
    request_text(engagement, "conversationId", arguments, OPT_CONVERSATION);
    request_text(engagement, "text", arguments, OPT_TEXT);
    request_text(engagement, "url", arguments, OPT_URL);
    request_text(engagement, "language", arguments, OPT_LANGUAGE);
    request_text(engagement, "dialect", arguments, OPT_DIALECT);
    request_text(engagement, "subDialect", arguments, OPT_SUB_DIALECT);
    request_text(engagement, "authorHandle", arguments, OPT_AUTHOR);
    request_number(engagement, "sentimentScore", arguments, OPT_SCORE);
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

/* 12.5 is a number, true and false are flags; anything else is text, 007 too. */
static json_t *property_value(const char *text) {
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    if (json_is_number(value)) {
        return json_pack("{s:o}", "number", value);
    }
    if (json_is_boolean(value)) {
        return json_pack("{s:o}", "flag", value);
    }
    json_decref(value);
    return json_pack("{s:s}", "text", text);
}

static bool read_properties(json_t *activity, const struct arguments *arguments) {
    if (!request_single_pairs(activity, "properties", arguments, OPT_PROPERTY)) {
        return false;
    }
    json_t *properties = json_object_get(activity, "properties");
    const char *name;
    json_t *text;
    json_object_foreach(properties, name, text) {
        json_t *value = property_value(json_string_value(text));
        origins_note(arguments->origins, value, OPT_PROPERTY, name);
        json_object_set_new(properties, name, value);
    }
    return true;
}

static bool read_activity(json_t *interaction, const struct arguments *arguments) {
    json_t *activity = json_object();
    json_object_set_new(interaction, "activity", activity);
    request_text(activity, "name", arguments, OPT_ACTIVITY);
    request_number(activity, "amount", arguments, OPT_AMOUNT);
    request_text(activity, "currency", arguments, OPT_CURRENCY);
    return read_properties(activity, arguments);
}

/* An answer that is a telephone number: its country stands behind @, or is that of all. */
static json_t *phone_of(const char *text, const struct arguments *arguments) {
    json_t *phone = json_object();
    const char *at = strrchr(text, '@');
    if (at == NULL) {
        json_object_set_new(phone, "number", json_string(text));
        request_text(phone, "country", arguments, OPT_REGION);
    } else {
        json_object_set_new(phone, "number", json_stringn(text, (size_t)(at - text)));
        json_object_set_new(phone, "country", json_string(at + 1));
    }
    return phone;
}

static json_t *choices_of(const char *text) {
    json_t *choices = json_array();
    for (const char *at = text; *at != '\0';) {
        const size_t size = strcspn(at, ",");
        json_array_append_new(choices, json_stringn(at, size));
        at += size + (at[size] == ',' ? 1 : 0);
    }
    return json_pack("{s:o}", "choices", choices);
}

/* Answers that are numbers, which people write in digits of their own. */
static const struct number_answer {
    const char *type;
    int max; /* Of a whole number from 0 on; -1: of any number. */
} number_answers[] = {{"number", -1}, {"rating", 100}, {"nps", 10}};

static const struct number_answer *number_answer_of(const char *type) {
    for (size_t i = 0; i < sizeof number_answers / sizeof number_answers[0]; i++) {
        if (strcmp(type, number_answers[i].type) == 0) {
            return &number_answers[i];
        }
    }
    return NULL;
}

/* NULL, told, where it is no whole number and should be. The range is for the server to hold. */
static json_t *number_value(const struct number_answer *answer, const char *question,
                            const char *text) {
    char *number = text_number(text);
    char *end = NULL;
    (void)strtol(number, &end, 10);
    const bool is_whole = end != number && *end == '\0';
    json_t *json = answer->max < 0 || is_whole ? json_string(number) : NULL;
    free(number);
    if (json == NULL) {
        fputs("profilectl: --answer ", stderr);
        text_tell(stderr, question);
        fprintf(stderr, ": must be a whole number from 0 to %d\n", answer->max);
    }
    return json;
}

/* The type may stand behind the question, as in recommend:nps. NULL, told, when it is none: it
 * would be taken for a part of the question. */
static json_t *answer_of(const char *question, const char *text,
                         const struct arguments *arguments) {
    static const char *const types[] = {"text", "choice", "number", "choices", "rating",
                                        "nps",  "date",   "email",  "phone"};
    const char *colon = strrchr(question, ':');
    const char *type = NULL;
    if (colon == NULL) {
        return json_pack("{s:s,s:s}", "questionId", question, "text", text);
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        type = strcmp(colon + 1, types[i]) == 0 ? types[i] : type;
    }
    if (type == NULL) {
        fputs("profilectl: --answer ", stderr);
        text_tell(stderr, question);
        fputs(": behind the last : stands the type, text, choice, number, choices, rating, nps, "
              "date,\nemail or phone; a question that has a : of its own reads QUESTION:text\n",
              stderr);
        return NULL;
    }
    const struct number_answer *number = number_answer_of(type);
    json_t *value = strcmp(type, "phone") == 0     ? phone_of(text, arguments)
                    : strcmp(type, "choices") == 0 ? choices_of(text)
                    : number != NULL               ? number_value(number, question, text)
                                                   : json_string(text);
    return value == NULL ? NULL
                         : json_pack("{s:s%,s:o}", "questionId", question,
                                     (size_t)(colon - question), type, value);
}

static bool read_survey(json_t *interaction, const struct arguments *arguments) {
    json_t *survey = json_object();
    json_object_set_new(interaction, "surveyResponse", survey);
    request_text(survey, "surveyId", arguments, OPT_SURVEY);
    request_text(survey, "surveyName", arguments, OPT_SURVEY_NAME);
    json_t *pairs = json_object();
    bool good = request_single_pairs(pairs, "answers", arguments, OPT_ANSWER);
    json_t *answers = json_array();
    const char *question;
    json_t *text;
    json_object_foreach(json_object_get(pairs, "answers"), question, text) {
        json_t *answer = answer_of(question, json_string_value(text), arguments);
        good = good && answer != NULL;
        origins_note(arguments->origins, answer, OPT_ANSWER, question);
        json_array_append_new(answers, answer);
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
    request_needed(interaction, "source", arguments, OPT_EVENT_SOURCE);
    request_text(interaction, "eventId", arguments, OPT_EVENT_ID);
    request_time(interaction, "occurTime", arguments, OPT_TIME);
    if (arguments_has(arguments, OPT_CHANNEL)) {
        return read_engagement(interaction, arguments);
    }
    return arguments_has(arguments, OPT_ACTIVITY) ? read_activity(interaction, arguments)
                                                  : read_survey(interaction, arguments);
}

/* Whose it is: a profile's id, or a record that is resolved. */
static bool read_subject(json_t *record, const struct arguments *arguments) {
    const bool by_id = arguments_has(arguments, OPT_PROFILE);
    if (by_id && arguments_has(arguments, OPT_IDENTITY)) {
        fprintf(stderr, "profilectl: whose is it? Give --profile or --identity, not both\n");
        return false;
    }
    const bool is_region_of_author =
        arguments_has(arguments, OPT_REGION) && arguments_has(arguments, OPT_AUTHOR);
    if (by_id && is_region_of_author) {
        fprintf(stderr, "profilectl: --region is of a record, and says nothing of --author beside "
                        "--profile: write the\nnumber with its country, as +966501234567\n");
        return false;
    }
    if (by_id) {
        request_text(record, "profileId", arguments, OPT_PROFILE);
        return true;
    }
    if (!arguments_has(arguments, OPT_IDENTITY) && !arguments_has(arguments, OPT_NAME) &&
        !is_region_of_author) {
        return true; /* The interaction may tell whose it is. */
    }
    json_t *subject = json_object();
    json_object_set_new(record, "record", subject);
    request_text(subject, "name", arguments, OPT_NAME);
    request_text(subject, "defaultRegion", arguments, OPT_REGION);
    return request_identities(subject, arguments) && request_attributes(subject, arguments, false);
}

json_t *interaction_request(const struct arguments *arguments) {
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

json_t *interaction_filter_request(const struct arguments *arguments) {
    json_t *filter = json_object();
    request_text(filter, "channel", arguments, OPT_ON_CHANNEL);
    request_time(filter, "minTime", arguments, OPT_SINCE);
    request_time(filter, "maxTime", arguments, OPT_UNTIL);
    request_text(filter, "theme", arguments, OPT_THEME);
    request_text(filter, "subTheme", arguments, OPT_SUB_THEME);
    request_text(filter, "text", arguments, OPT_WORDS);
    if (!request_enum(filter, "kind", &profiled__v1__interaction_kind__descriptor,
                      "INTERACTION_KIND_", arguments, OPT_KIND) ||
        !request_enum(filter, "sentiment", &profiled__v1__sentiment__descriptor, "SENTIMENT_",
                      arguments, OPT_SENTIMENT)) {
        json_decref(filter);
        return NULL;
    }
    return filter;
}
