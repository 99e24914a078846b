/* Reading interactions of the wire into what the store will hold. */

#include <string.h>

#include "server/base/limits.h"
#include "server/handlers/interaction_contacts.h"
#include "server/handlers/payload_read.h"
#include "server/handlers/wire.h"
#include "server/identity/attribute.h"
#include "server/identity/attribute_words.h"

enum {
    EVENT_ID_SIZE_MAX = 256,
    CONVERSATION_ID_SIZE_MAX = 256,
    TEXT_SIZE_MAX = 16384,
    THEME_SIZE_MAX = 64,
    AGENT_SIZE_MAX = 128,
    INTERACTION_SIZE_MAX = 65536, /* Packed. */
};

/* What a text is in, by the words of an attribute of people. */
static char *class_read(enum attribute attribute, const char *value, struct field_errors *errors,
                        const char *field) {
    const char *canonical = "";
    if (value[0] != '\0') {
        const struct status status =
            attribute_canonicalise(attribute, value, 0, errors->arena, &canonical);
        if (!status_is_ok(status)) {
            field_errors_add(errors, status.text, "interaction.engagement.%s", field);
        }
    }
    return wire_string(canonical);
}

/* A sub-dialect alone tells its dialect. */
static void dialects_read(const Profiled__V1__Engagement *message, struct field_errors *errors,
                          Stored__V1__Engagement *row) {
    row->dialect = class_read(ATTRIBUTE_DIALECT, message->dialect, errors, "dialect");
    row->sub_dialect =
        class_read(ATTRIBUTE_SUB_DIALECT, message->sub_dialect, errors, "sub_dialect");
    if (row->sub_dialect[0] == '\0') {
        return;
    }
    if (message->dialect[0] == '\0') {
        row->dialect = wire_string(attribute_dialect_of(row->sub_dialect));
    } else if (row->dialect[0] != '\0' &&
               !attribute_dialects_agree(row->dialect, row->sub_dialect)) {
        field_errors_add(errors, "does not belong to the dialect",
                         "interaction.engagement.sub_dialect");
    }
}

static char *url_read(const char *value, struct field_errors *errors) {
    const char *canonical = "";
    if (value[0] != '\0') {
        const struct status status =
            attribute_type_canonicalise(ATTRIBUTE_TYPE_URL, value, errors->arena, &canonical);
        if (!status_is_ok(status)) {
            field_errors_add(errors, status.text, "interaction.engagement.url");
        }
    }
    return wire_string(canonical);
}

static double sentiment_score_read(const Profiled__V1__Engagement *message,
                                   struct field_errors *errors) {
    const double score = message->sentiment_score;
    const bool is_negative = message->sentiment == PROFILED__V1__SENTIMENT__SENTIMENT_NEGATIVE;
    const bool is_positive = message->sentiment == PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE;
    if (!(score >= -1 && score <= 1)) {
        field_errors_add(errors, "must be -1 to 1", "interaction.engagement.sentiment_score");
    } else if ((is_negative && score > 0) || (is_positive && score < 0)) {
        field_errors_add(errors, "says the opposite of the sentiment",
                         "interaction.engagement.sentiment_score");
    }
    return score;
}

static void engagement_read(const Profiled__V1__Engagement *message, struct field_errors *errors,
                            struct interaction_item *out) {
    Stored__V1__Engagement *row = arena_alloc(errors->arena, sizeof *row);
    stored__v1__engagement__init(row);
    row->channel = message->channel; /* Which one it names is for the workspace to say. */
    if (row->channel[0] == '\0') {
        field_errors_add(errors, "is required", "interaction.engagement.channel");
    }
    row->visibility =
        payload_enum((int)message->visibility, PROFILED__V1__VISIBILITY__VISIBILITY_PRIVATE, errors,
                     "engagement.visibility");
    row->direction =
        payload_enum((int)message->direction, PROFILED__V1__DIRECTION__DIRECTION_OUTBOUND, errors,
                     "engagement.direction");
    row->conversation_id = payload_text(message->conversation_id, CONVERSATION_ID_SIZE_MAX, errors,
                                        "engagement.conversation_id");
    row->text = payload_text(message->text, TEXT_SIZE_MAX, errors, "engagement.text");
    row->url = url_read(message->url, errors);
    row->theme = payload_text(message->theme, THEME_SIZE_MAX, errors, "engagement.theme");
    row->sub_theme =
        payload_text(message->sub_theme, THEME_SIZE_MAX, errors, "engagement.sub_theme");
    row->sentiment =
        payload_enum((int)message->sentiment, PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE, errors,
                     "engagement.sentiment");
    row->agent = payload_text(message->agent, AGENT_SIZE_MAX, errors, "engagement.agent");
    row->author_handle = payload_text(message->author_handle, IDENTITY_VALUE_SIZE_MAX, errors,
                                      "engagement.author_handle");
    row->language = class_read(ATTRIBUTE_LANGUAGE, message->language, errors, "language");
    dialects_read(message, errors, row);
    row->sentiment_score = sentiment_score_read(message, errors);
    out->stored.payload_case = STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    out->stored.engagement = row;
}

static void payload_read(const Profiled__V1__Interaction *message, struct field_errors *errors,
                         struct interaction_item *out) {
    switch (message->payload_case) {
    case PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT:
        engagement_read(message->engagement, errors, out);
        return;
    case PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        payload_survey_read(message->survey_response, errors, &out->stored);
        return;
    case PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        payload_activity_read(message->activity, errors, &out->stored);
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
    out->event_id = payload_text(message->event_id, EVENT_ID_SIZE_MAX, errors, "event_id");
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

/* Reads a record; false when it names nobody by itself. */
static bool record_read(const Profiled__V1__Record *message, const struct record_defaults *defaults,
                        struct field_errors *errors, struct record *out) {
    struct field_errors inner = {.arena = errors->arena};
    const bool names = record_part_read(message, defaults, &inner, out);
    for (size_t i = 0; i < inner.count; i++) {
        field_errors_add(errors, inner.items[i].description, "record.%s", inner.items[i].field);
    }
    return names;
}

/* That neither the subject nor the interaction tells whose it is. */
static void tell_nobody(const Profiled__V1__InteractionRecord *message,
                        struct field_errors *errors) {
    if (message->subject_case == PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD) {
        field_errors_add(errors, RECORD_NAMES_NOBODY, "record.name");
    } else {
        field_errors_add(
            errors, "profile_id or record is required, where the interaction tells no identity",
            "subject");
    }
}

static void subject_read(const Profiled__V1__InteractionRecord *message,
                         const struct interaction_defaults *call, struct field_errors *errors,
                         struct interaction_item *out) {
    struct record_defaults defaults = {.source = out->source,
                                       .region = call->region,
                                       .observe_us = out->occur_us,
                                       .now_us = call->now_us};
    switch (message->subject_case) {
    case PROFILED__V1__INTERACTION_RECORD__SUBJECT_PROFILE_ID:
        out->by_id = true;
        record_begin(&defaults, &out->record);
        if (!id_parse(message->profile_id, &out->profile)) {
            field_errors_add(errors, "is not an id: a UUID of 36 characters", "profile_id");
        }
        break;
    case PROFILED__V1__INTERACTION_RECORD__SUBJECT_RECORD:
        out->by_contact = !record_read(message->record, &defaults, errors, &out->record);
        defaults.region = record_region(message->record, defaults.region);
        break;
    case PROFILED__V1__INTERACTION_RECORD__SUBJECT__NOT_SET:
    case _PROFILED__V1__INTERACTION_RECORD__SUBJECT__CASE_IS_INT_SIZE:
        out->by_contact = true;
        record_begin(&defaults, &out->record);
        break;
    }
    const bool tells = message->interaction != NULL &&
                       interaction_contacts_read(message->interaction, &defaults, errors, out);
    if (out->by_contact && !tells) {
        tell_nobody(message, errors);
    }
}

struct interaction_defaults interaction_defaults_of(const struct rpc_context *ctx) {
    return (struct interaction_defaults){.region = ctx->default_region, .now_us = ctx->now_us};
}

void interaction_record_read(const Profiled__V1__InteractionRecord *message,
                             const struct interaction_defaults *defaults,
                             struct field_errors *errors, struct interaction_item *out) {
    *out = (struct interaction_item){
        .source = "", .event_id = "", .handle_position = -1, .handle_type = ""};
    stored__v1__interaction__init(&out->stored);
    out->occur_us = WIRE_TIME_UNSET;
    if (message->interaction == NULL) {
        field_errors_add(errors, "is required", "interaction");
    } else {
        interaction_read(message->interaction, defaults, errors, out);
    }
    subject_read(message, defaults, errors, out);
}
