/* Reading interactions of the wire into what the store will hold. */

#include <assert.h>
#include <math.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/handlers/currency.h"
#include "server/handlers/interaction_contacts.h"
#include "server/handlers/interaction_message.h"
#include "server/handlers/wire.h"
#include "server/identity/attribute.h"

enum {
    EVENT_ID_SIZE_MAX = 256,
    CONVERSATION_ID_SIZE_MAX = 256,
    TEXT_SIZE_MAX = 16384,
    URL_SIZE_MAX = 2048,
    THEME_SIZE_MAX = 64,
    AGENT_SIZE_MAX = 128,
    ANSWERS_MAX = 200,
    SURVEY_ID_SIZE_MAX = 128,
    SURVEY_NAME_SIZE_MAX = 256,
    QUESTION_SIZE_MAX = 1024,
    ANSWER_SIZE_MAX = 8192,
    CHOICES_MAX = 100,
    RATING_MAX = 100,
    NPS_MAX = 10,
    SECTION_SIZE_MAX = 256,
    ACTIVITY_NAME_SIZE_MAX = 128,
    PROPERTIES_MAX = 64,
    PROPERTY_NAME_SIZE_MAX = 64,
    PROPERTY_SIZE_MAX = 1024,
    INTERACTION_SIZE_MAX = 65536, /* Packed. */
};

/* The numbers of answers are those of the wire. */
static_assert((int)STORED__V1__SURVEY_ANSWER__ANSWER_TEXT ==
                      (int)PROFILED__V1__SURVEY_ANSWER__ANSWER_TEXT &&
                  (int)STORED__V1__SURVEY_ANSWER__ANSWER_PHONE ==
                      (int)PROFILED__V1__SURVEY_ANSWER__ANSWER_PHONE,
              "one number");

static char *sized(char *text, size_t size_max, struct field_errors *errors, const char *field) {
    if (strlen(text) > size_max) {
        field_errors_add(errors, arena_format(errors->arena, "is longer than %zu bytes", size_max),
                         "interaction.%s", field);
    }
    return text;
}

static char *required(char *text, size_t size_max, struct field_errors *errors, const char *field) {
    if (text[0] == '\0') {
        field_errors_add(errors, "is required", "interaction.%s", field);
    }
    return sized(text, size_max, errors, field);
}

static uint32_t ranged(int value, int max, struct field_errors *errors, const char *field) {
    if (value < 0 || value > max) {
        field_errors_add(errors, "is not a value that this server knows", "interaction.%s", field);
        return 0;
    }
    return (uint32_t)value;
}

static void engagement_read(const Profiled__V1__Engagement *message, struct field_errors *errors,
                            struct interaction_item *out) {
    Stored__V1__Engagement *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__engagement__init(row);
    row->channel = wire_string(
        wire_source_read(message->channel, NULL, errors, "interaction.engagement.channel"));
    row->visibility = ranged((int)message->visibility, PROFILED__V1__VISIBILITY__VISIBILITY_PRIVATE,
                             errors, "engagement.visibility");
    row->direction = ranged((int)message->direction, PROFILED__V1__DIRECTION__DIRECTION_OUTBOUND,
                            errors, "engagement.direction");
    row->conversation_id = sized(message->conversation_id, CONVERSATION_ID_SIZE_MAX, errors,
                                 "engagement.conversation_id");
    row->text = sized(message->text, TEXT_SIZE_MAX, errors, "engagement.text");
    row->url = sized(message->url, URL_SIZE_MAX, errors, "engagement.url");
    row->theme = sized(message->theme, THEME_SIZE_MAX, errors, "engagement.theme");
    row->sub_theme = sized(message->sub_theme, THEME_SIZE_MAX, errors, "engagement.sub_theme");
    row->sentiment = ranged((int)message->sentiment, PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE,
                            errors, "engagement.sentiment");
    row->agent = sized(message->agent, AGENT_SIZE_MAX, errors, "engagement.agent");
    row->author_handle =
        sized(message->author_handle, IDENTITY_VALUE_SIZE_MAX, errors, "engagement.author_handle");
    if (message->language[0] != '\0') {
        const char *language = "";
        const struct status status = attribute_canonicalise(ATTRIBUTE_LANGUAGE, message->language,
                                                            0, errors->arena, &language);
        if (!status_is_ok(status)) {
            field_errors_add(errors, status.text, "interaction.engagement.language");
        }
        row->language = wire_string(language);
    }
    out->stored.payload_case = STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    out->stored.engagement = row;
}

static Stored__V1__SurveyChoices *choices_read(const Profiled__V1__SurveyChoices *message,
                                               const char *path, struct field_errors *errors) {
    Stored__V1__SurveyChoices *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__survey_choices__init(row);
    if (message->n_choices > CHOICES_MAX) {
        field_errors_add(errors, "there are more than 100", "interaction.%s.choices", path);
        return row;
    }
    row->choices = arena_array(errors->arena, message->n_choices, sizeof *row->choices);
    for (size_t i = 0; i < message->n_choices; i++) {
        row->choices[row->n_choices++] =
            sized(message->choices[i], QUESTION_SIZE_MAX, errors,
                  arena_format(errors->arena, "%s.choices.choices[%zu]", path, i));
    }
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
        row->text =
            sized(message->text, ANSWER_SIZE_MAX, errors, arena_format(arena, "%s.text", path));
        break;
    case PROFILED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        row->choice = sized(message->choice, QUESTION_SIZE_MAX, errors,
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

static Stored__V1__SurveyAnswer *answer_read(const Profiled__V1__SurveyAnswer *message, size_t i,
                                             struct field_errors *errors) {
    struct arena *arena = errors->arena;
    const char *path = arena_format(arena, "survey_response.answers[%zu]", i);
    Stored__V1__SurveyAnswer *row = arena_alloc(arena, sizeof *row);
    stored__v1__survey_answer__init(row);
    row->question_id = required(message->question_id, SURVEY_ID_SIZE_MAX, errors,
                                arena_format(arena, "%s.question_id", path));
    row->question = sized(message->question, QUESTION_SIZE_MAX, errors,
                          arena_format(arena, "%s.question", path));
    row->section =
        sized(message->section, SECTION_SIZE_MAX, errors, arena_format(arena, "%s.section", path));
    answer_value_read(message, path, errors, row);
    return row;
}

static void survey_read(const Profiled__V1__SurveyResponse *message, struct field_errors *errors,
                        struct interaction_item *out) {
    Stored__V1__SurveyResponse *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__survey_response__init(row);
    row->survey_id =
        required(message->survey_id, SURVEY_ID_SIZE_MAX, errors, "survey_response.survey_id");
    row->survey_name =
        sized(message->survey_name, SURVEY_NAME_SIZE_MAX, errors, "survey_response.survey_name");
    if (message->n_answers > ANSWERS_MAX) {
        field_errors_add(errors, "there are more than 200", "interaction.survey_response.answers");
        return;
    }
    row->n_answers = message->n_answers;
    row->answers = arena_array(errors->arena, message->n_answers, sizeof *row->answers);
    for (size_t i = 0; i < message->n_answers; i++) {
        row->answers[i] = answer_read(message->answers[i], i, errors);
    }
    out->stored.payload_case = STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    out->stored.survey_response = row;
}

static void check_amount(const Profiled__V1__Activity *message, struct field_errors *errors) {
    if (!isfinite(message->amount)) {
        field_errors_add(errors, "is not a finite number", "interaction.activity.amount");
    }
    const bool needed = message->amount < 0 || message->amount > 0;
    if ((needed || message->currency[0] != '\0') && !currency_is_assigned(message->currency)) {
        field_errors_add(errors, "must be a code of ISO 4217, in capital letters, as SAR",
                         "interaction.activity.currency");
    }
}

static void properties_read(const Profiled__V1__Activity *message, struct field_errors *errors,
                            Stored__V1__Activity *row) {
    if (message->n_properties > PROPERTIES_MAX) {
        field_errors_add(errors, "there are more than 64", "interaction.activity.properties");
        return;
    }
    row->n_properties = message->n_properties;
    row->properties = arena_array(errors->arena, message->n_properties, sizeof *row->properties);
    for (size_t i = 0; i < message->n_properties; i++) {
        Stored__V1__Property *property = arena_alloc(errors->arena, sizeof *property);
        stored__v1__property__init(property);
        property->name = required(message->properties[i]->key, PROPERTY_NAME_SIZE_MAX, errors,
                                  arena_format(errors->arena, "activity.properties[%zu]", i));
        property->value = sized(message->properties[i]->value, PROPERTY_SIZE_MAX, errors,
                                arena_format(errors->arena, "activity.properties[%zu]", i));
        row->properties[i] = property;
    }
}

static void activity_read(const Profiled__V1__Activity *message, struct field_errors *errors,
                          struct interaction_item *out) {
    static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_-./ ";
    Stored__V1__Activity *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__activity__init(row);
    row->name = required(message->name, ACTIVITY_NAME_SIZE_MAX, errors, "activity.name");
    if (strspn(message->name, characters) != strlen(message->name)) {
        field_errors_add(errors, "may have letters, digits, _, -, ., / and space",
                         "interaction.activity.name");
    }
    properties_read(message, errors, row);
    check_amount(message, errors);
    row->amount = message->amount;
    row->currency = message->currency;
    out->stored.payload_case = STORED__V1__INTERACTION__PAYLOAD_ACTIVITY;
    out->stored.activity = row;
}

static void payload_read(const Profiled__V1__Interaction *message, struct field_errors *errors,
                         struct interaction_item *out) {
    switch (message->payload_case) {
    case PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT:
        engagement_read(message->engagement, errors, out);
        return;
    case PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        survey_read(message->survey_response, errors, out);
        return;
    case PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        activity_read(message->activity, errors, out);
        return;
    case PROFILED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _PROFILED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    field_errors_add(errors, "engagement, survey_response or activity is required",
                     "interaction.payload");
}

static void interaction_read(const Profiled__V1__Interaction *message,
                             const struct interaction_defaults *defaults,
                             struct field_errors *errors, struct interaction_item *out) {
    out->source = wire_source_read(message->source, defaults->source, errors, "interaction.source");
    out->event_id = sized(message->event_id, EVENT_ID_SIZE_MAX, errors, "event_id");
    out->occur_us =
        wire_time_read(message->occur_time, defaults->now_us, errors, "interaction.occur_time");
    out->stored.source = wire_string(out->source);
    out->stored.event_id = wire_string(out->event_id);
    payload_read(message, errors, out);
    if (errors->count == 0 &&
        stored__v1__interaction__get_packed_size(&out->stored) > INTERACTION_SIZE_MAX) {
        field_errors_add(errors, "is larger than 65,536 bytes", "interaction");
    }
}

/* A record that only the interaction makes. */
static void record_begin(const struct record_defaults *defaults, struct record *out) {
    *out =
        (struct record){.name = "", .source = defaults->source, .observe_us = defaults->observe_us};
}

static void subject_read(const Profiled__V1__InteractionRecord *message,
                         const struct interaction_defaults *call, struct field_errors *errors,
                         struct interaction_item *out) {
    const struct record_defaults defaults = {.source = out->source,
                                             .region = call->region,
                                             .observe_us = out->occur_us,
                                             .now_us = call->now_us};
    switch (message->subject_case) {
    case PROFILED__V1__INTERACTION_RECORD__SUBJECT_PROFILE_ID:
        out->by_id = true;
        if (!id_parse(message->profile_id, &out->profile)) {
            field_errors_add(errors, "is not an id: a UUID of 36 characters", "profile_id");
        }
        break;
    case PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD: {
        struct field_errors inner = {.arena = errors->arena};
        record_message_read(message->record, &defaults, &inner, &out->record);
        for (size_t i = 0; i < inner.count; i++) {
            field_errors_add(errors, inner.items[i].description, "record.%s", inner.items[i].field);
        }
        break;
    }
    case PROFILED__V1__INTERACTION_RECORD__SUBJECT__NOT_SET:
    case _PROFILED__V1__INTERACTION_RECORD__SUBJECT__CASE_IS_INT_SIZE:
        record_begin(&defaults, &out->record);
        break;
    }
    if (message->interaction != NULL) {
        interaction_contacts_read(message->interaction, &defaults, errors, out);
    }
    if (message->subject_case == PROFILED__V1__INTERACTION_RECORD__SUBJECT__NOT_SET &&
        out->record.identity_count == 0) {
        field_errors_add(
            errors, "profile_id or record is required, where the interaction tells no identity",
            "subject");
    }
}

struct interaction_defaults interaction_defaults_of(const struct rpc_context *ctx) {
    return (struct interaction_defaults){.region = ctx->default_region, .now_us = ctx->now_us};
}

void interaction_record_read(const Profiled__V1__InteractionRecord *message,
                             const struct interaction_defaults *defaults,
                             struct field_errors *errors, struct interaction_item *out) {
    *out = (struct interaction_item){.source = "", .event_id = "", .handle_position = -1};
    stored__v1__interaction__init(&out->stored);
    out->occur_us = WIRE_TIME_UNSET;
    if (message->interaction == NULL) {
        field_errors_add(errors, "is required", "interaction");
    } else {
        interaction_read(message->interaction, defaults, errors, out);
    }
    subject_read(message, defaults, errors, out);
}
