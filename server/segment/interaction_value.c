/* Values of fields, of an interaction. */

#include "server/segment/interaction_field.h"

#include <assert.h>

#include "server/identity/attribute_time.h"
#include "server/identity/text.h"
#include "server/interaction/interaction_words.h"

/* ---- items ---- */

struct reading {
    struct arena *arena;
    size_t count;
    struct field_item *items;
};

static struct field_item *add(struct reading *reading) {
    reading->items =
        arena_grow(reading->arena, reading->items, reading->count, sizeof *reading->items);
    reading->items[reading->count] = (struct field_item){.number = 0};
    return &reading->items[reading->count++];
}

static void add_number(struct reading *reading, double number) { add(reading)->number = number; }

/* An empty text is none. */
static void add_text(struct reading *reading, const char *text) {
    const char *folded = "";
    if (text[0] != '\0' && text_fold(text, reading->arena, &folded)) {
        add(reading)->text = bytes_of_string(folded);
    }
}

static void add_words(struct reading *reading, const Stored__V1__Interaction *message) {
    const char *const *words = NULL;
    const size_t count = interaction_words(message, reading->arena, &words);
    for (size_t i = 0; i < count; i++) {
        add(reading)->text = bytes_of_string(words[i]);
    }
}

/* What may be of any type is told as the type that it is compared with. */
static void add_typed_number(struct reading *reading, enum field_type type, double number) {
    if (type == FIELD_NUMBER) {
        add_number(reading, number);
    } else if (type == FIELD_TEXT) {
        add_text(reading, arena_format(reading->arena, "%.15g", number));
    }
}

static void add_typed_time(struct reading *reading, enum field_type type, int64_t time_us) {
    if (type == FIELD_TIME) {
        add(reading)->time_us = time_us;
    } else if (type == FIELD_TEXT) {
        add_text(reading, attribute_time_text(time_us, reading->arena));
    }
}

static void add_typed_text(struct reading *reading, enum field_type type, const char *text) {
    if (type == FIELD_TEXT) {
        add_text(reading, text);
    }
}

static void add_typed_date(struct reading *reading, enum field_type type, const char *date) {
    int64_t time_us = 0;
    if (type == FIELD_TIME &&
        attribute_time_read(arena_format(reading->arena, "%sT00:00:00Z", date), &time_us)) {
        add(reading)->time_us = time_us;
    }
    add_typed_text(reading, type, date);
}

static void add_property(struct reading *reading, enum field_type type,
                         const Stored__V1__Property *property) {
    switch (property->value_case) {
    case STORED__V1__PROPERTY__VALUE_TEXT:
        add_typed_text(reading, type, property->text);
        break;
    case STORED__V1__PROPERTY__VALUE_NUMBER:
        add_typed_number(reading, type, property->number);
        break;
    case STORED__V1__PROPERTY__VALUE_FLAG:
        add_typed_text(reading, type, property->flag ? "true" : "false");
        break;
    case STORED__V1__PROPERTY__VALUE_TIME_US:
        add_typed_time(reading, type, property->time_us);
        break;
    case STORED__V1__PROPERTY__VALUE__NOT_SET:
    case _STORED__V1__PROPERTY__VALUE__CASE_IS_INT_SIZE:
        break;
    }
}

/* Addresses and numbers as they were written. */
static void add_answer(struct reading *reading, enum field_type type,
                       const Stored__V1__SurveyAnswer *answer) {
    switch (answer->answer_case) {
    case STORED__V1__SURVEY_ANSWER__ANSWER_TEXT:
        add_typed_text(reading, type, answer->text);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        add_typed_text(reading, type, answer->choice);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICES:
        for (size_t i = 0; i < answer->choices->n_choices; i++) {
            add_typed_text(reading, type, answer->choices->choices[i]);
        }
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_DATE:
        add_typed_date(reading, type, answer->date);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_NUMBER:
        add_typed_number(reading, type, answer->number);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_RATING:
        add_typed_number(reading, type, answer->rating);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_NPS:
        add_typed_number(reading, type, answer->nps);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_EMAIL:
        add_typed_text(reading, type, answer->email);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER_PHONE:
        add_typed_text(reading, type, answer->phone->number);
        break;
    case STORED__V1__SURVEY_ANSWER__ANSWER__NOT_SET:
    case _STORED__V1__SURVEY_ANSWER__ANSWER__CASE_IS_INT_SIZE:
        break;
    }
}

/* ---- members of collections ---- */

static void add_members(struct reading *reading, const struct field *field,
                        const Stored__V1__Interaction *message) {
    const Stored__V1__Activity *activity = interaction_activity(message);
    const Stored__V1__SurveyResponse *survey = interaction_survey(message);
    if (field->number == INTERACTION_PROPERTY) {
        const Stored__V1__Property *property = interaction_property(message, field->name);
        if (property != NULL) {
            add_property(reading, field->type, property);
        }
    } else if (field->number == INTERACTION_ANSWER) {
        const Stored__V1__SurveyAnswer *answer = interaction_answer(message, field->name);
        if (answer != NULL) {
            add_answer(reading, field->type, answer);
        }
    } else if (field->number == INTERACTION_PROPERTIES) {
        for (size_t i = 0; i < activity->n_properties; i++) {
            add_text(reading, activity->properties[i]->name);
        }
    } else {
        for (size_t i = 0; i < survey->n_answers; i++) {
            if (survey->answers[i]->answer_case != STORED__V1__SURVEY_ANSWER__ANSWER__NOT_SET) {
                add_text(reading, survey->answers[i]->question_id);
            }
        }
    }
}

/* ---- the whole ---- */

/* What engagements alone tell, as a text; NULL for other fields. */
static const char *engagement_text(const Stored__V1__Engagement *engagement, uint32_t field) {
    switch (field) {
    case INTERACTION_VISIBILITY:
        return store_visibility_word(engagement->visibility);
    case INTERACTION_DIRECTION:
        return store_direction_word(engagement->direction);
    case INTERACTION_CONVERSATION_ID:
        return engagement->conversation_id;
    case INTERACTION_TEXT:
        return engagement->text;
    case INTERACTION_URL:
        return engagement->url;
    case INTERACTION_LANGUAGE:
        return engagement->language;
    case INTERACTION_DIALECT:
        return engagement->dialect;
    case INTERACTION_SUB_DIALECT:
        return engagement->sub_dialect;
    case INTERACTION_THEME:
        return engagement->theme;
    case INTERACTION_SUB_THEME:
        return engagement->sub_theme;
    case INTERACTION_SENTIMENT:
        return store_sentiment_word(engagement->sentiment);
    case INTERACTION_AGENT:
        return engagement->agent;
    default:
        return NULL;
    }
}

/* What is no text of an engagement. */
static void add_other(struct reading *reading, const struct field *field,
                      const struct store_interaction *interaction,
                      const Stored__V1__Interaction *message) {
    const Stored__V1__Activity *activity = interaction_activity(message);
    const double score = interaction_engagement(message)->sentiment_score;
    switch (field->number) {
    case INTERACTION_KIND:
        add_text(reading, store_kind_word(interaction_kind(message)));
        break;
    case INTERACTION_TIME:
        add(reading)->time_us = interaction->occur_us;
        break;
    case INTERACTION_SOURCE:
        add_text(reading, message->source);
        break;
    case INTERACTION_CHANNEL:
        add_text(reading, interaction_channel(message));
        break;
    case INTERACTION_NAME:
        add_text(reading, interaction_name(message));
        break;
    case INTERACTION_CURRENCY:
        add_text(reading, activity->currency);
        break;
    case INTERACTION_AMOUNT: /* Without a currency it is none that was told. */
        if (activity->currency[0] != '\0') {
            add_number(reading, activity->amount);
        }
        break;
    case INTERACTION_SENTIMENT_SCORE: /* 0: nobody said. */
        if (score < 0 || score > 0) {
            add_number(reading, score);
        }
        break;
    default:
        add_members(reading, field, message);
    }
}

void interaction_field_value(const struct field *field, const struct store_interaction *interaction,
                             const Stored__V1__Interaction *message, struct arena *arena,
                             struct field_value *out) {
    struct reading reading = {.arena = arena};
    assert(field->kind == FIELD_INTERACTION);
    const char *text = engagement_text(interaction_engagement(message), field->number);
    if (field->words) {
        add_words(&reading, message);
    } else if (text != NULL) {
        add_text(&reading, text);
    } else {
        add_other(&reading, field, interaction, message);
    }
    *out = (struct field_value){
        .count = reading.count, .items = reading.items, .change_us = INT64_MAX};
}
