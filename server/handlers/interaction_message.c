/* Stored interactions in the form of the wire. */

#include "server/handlers/interaction_message.h"

#include "server/handlers/wire.h"

static Profiled__V1__Engagement *engagement_message(const Stored__V1__Engagement *row,
                                                    struct arena *arena) {
    Profiled__V1__Engagement *message = arena_alloc(arena, sizeof *message);
    profiled__v1__engagement__init(message);
    message->channel = row->channel;
    message->visibility = (Profiled__V1__Visibility)row->visibility;
    message->direction = (Profiled__V1__Direction)row->direction;
    message->conversation_id = row->conversation_id;
    message->text = row->text;
    message->url = row->url;
    message->language = row->language;
    message->theme = row->theme;
    message->sub_theme = row->sub_theme;
    message->sentiment = (Profiled__V1__Sentiment)row->sentiment;
    message->agent = row->agent;
    message->author_handle = row->author_handle;
    message->dialect = row->dialect;
    message->sub_dialect = row->sub_dialect;
    message->sentiment_score = row->sentiment_score;
    return message;
}

static Profiled__V1__SurveyChoices *choices_message(const Stored__V1__SurveyChoices *row,
                                                    struct arena *arena) {
    Profiled__V1__SurveyChoices *message = arena_alloc(arena, sizeof *message);
    profiled__v1__survey_choices__init(message);
    message->n_choices = row->n_choices;
    message->choices = row->choices;
    return message;
}

static Profiled__V1__SurveyPhone *phone_message(const Stored__V1__SurveyPhone *row,
                                                struct arena *arena) {
    Profiled__V1__SurveyPhone *message = arena_alloc(arena, sizeof *message);
    profiled__v1__survey_phone__init(message);
    message->number = row->number;
    message->country = row->country;
    return message;
}

static Profiled__V1__SurveyAnswer *answer_message(const Stored__V1__SurveyAnswer *row,
                                                  struct arena *arena) {
    Profiled__V1__SurveyAnswer *message = arena_alloc(arena, sizeof *message);
    profiled__v1__survey_answer__init(message);
    message->question_id = row->question_id;
    message->question = row->question;
    message->section = row->section;
    message->type = (Profiled__V1__QuestionType)row->type;
    message->order = (int32_t)row->order;
    message->answer_case = (Profiled__V1__SurveyAnswer__AnswerCase)row->answer_case;
    switch (row->answer_case) {
    case STORED__V1__SURVEY_ANSWER__ANSWER_TEXT:
        message->text = row->text;
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        message->choice = row->choice;
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_NUMBER:
        message->number = row->number;
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICES:
        message->choices = choices_message(row->choices, arena);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_RATING:
        message->rating = (int32_t)row->rating;
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_NPS:
        message->nps = (int32_t)row->nps;
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_DATE:
        message->date = row->date;
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_EMAIL:
        message->email = row->email;
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_PHONE:
        message->phone = phone_message(row->phone, arena);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER__NOT_SET:
    case _STORED__V1__SURVEY_ANSWER__ANSWER__CASE_IS_INT_SIZE:
        break;
    }
    return message;
}

static Profiled__V1__SurveyResponse *survey_message(const Stored__V1__SurveyResponse *row,
                                                    struct arena *arena) {
    Profiled__V1__SurveyResponse *message = arena_alloc(arena, sizeof *message);
    profiled__v1__survey_response__init(message);
    message->survey_id = row->survey_id;
    message->survey_name = row->survey_name;
    message->n_answers = row->n_answers;
    message->answers = arena_array(arena, row->n_answers, sizeof *message->answers);
    for (size_t i = 0; i < row->n_answers; i++) {
        message->answers[i] = answer_message(row->answers[i], arena);
    }
    return message;
}

static Profiled__V1__PropertyValue *property_message(const Stored__V1__Property *row,
                                                     struct arena *arena) {
    Profiled__V1__PropertyValue *message = arena_alloc(arena, sizeof *message);
    profiled__v1__property_value__init(message);
    message->value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TEXT;
    switch (row->value_case) {
    case STORED__V1__PROPERTY__VALUE_TEXT:
        message->text = row->text;
        break;
    case STORED__V1__PROPERTY__VALUE_NUMBER:
        message->value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_NUMBER;
        message->number = row->number;
        break;
    case STORED__V1__PROPERTY__VALUE_FLAG:
        message->value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_FLAG;
        message->flag = row->flag;
        break;
    case STORED__V1__PROPERTY__VALUE_TIME_US:
        message->value_case = PROFILED__V1__PROPERTY_VALUE__VALUE_TIME;
        message->time = wire_time(row->time_us, arena);
        break;
    case STORED__V1__PROPERTY__VALUE__NOT_SET: /* Words of before there were types. */
    case _STORED__V1__PROPERTY__VALUE__CASE_IS_INT_SIZE:
        message->text = wire_string("");
        break;
    }
    return message;
}

static Profiled__V1__Activity *activity_message(const Stored__V1__Activity *row,
                                                struct arena *arena) {
    Profiled__V1__Activity *message = arena_alloc(arena, sizeof *message);
    profiled__v1__activity__init(message);
    message->name = row->name;
    message->amount = row->amount;
    message->currency = row->currency;
    message->n_properties = row->n_properties;
    message->properties = arena_array(arena, row->n_properties, sizeof *message->properties);
    for (size_t i = 0; i < row->n_properties; i++) {
        Profiled__V1__Activity__PropertiesEntry *entry = arena_alloc(arena, sizeof *entry);
        profiled__v1__activity__properties_entry__init(entry);
        entry->key = row->properties[i]->name;
        entry->value = property_message(row->properties[i], arena);
        message->properties[i] = entry;
    }
    return message;
}

static void payload_message(const Stored__V1__Interaction *row, struct arena *arena,
                            Profiled__V1__Interaction *message) {
    switch (row->payload_case) {
    case STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT:
        message->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
        message->engagement = engagement_message(row->engagement, arena);
        return;
    case STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        message->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
        message->survey_response = survey_message(row->survey_response, arena);
        return;
    case STORED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        message->payload_case = PROFILED__V1__INTERACTION__PAYLOAD_ACTIVITY;
        message->activity = activity_message(row->activity, arena);
        return;
    case STORED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _STORED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        return;
    }
}

struct status interaction_message(const struct store_interaction *stored, struct id profile,
                                  struct arena *arena, Profiled__V1__Interaction **out) {
    ProtobufCMessage *unpacked = NULL;
    TRY(store_unpack(arena, &stored__v1__interaction__descriptor, stored->packed, &unpacked));
    const Stored__V1__Interaction *row = (const Stored__V1__Interaction *)unpacked;
    Profiled__V1__Interaction *message = arena_alloc(arena, sizeof *message);
    profiled__v1__interaction__init(message);
    message->id = wire_id(stored->id, arena);
    message->profile_id = wire_id(profile, arena);
    message->source = row->source;
    message->event_id = row->event_id;
    message->occur_time = wire_time(stored->occur_us, arena);
    message->record_time = wire_time((int64_t)row->record_us, arena);
    payload_message(row, arena, message);
    *out = message;
    return OK;
}
