/* What traits make of an interaction: which they take, and what it tells. Pure. */

#include <string.h>

#include "server/store/fact.h"
#include "server/store/trait_state.h"

static const double NUMBER_MAX = 1e12; /* Of what is added or compared. */

/* ---- the filter ---- */

static enum store_kind kind_of(const Stored__V1__Interaction *interaction) {
    switch (interaction->payload_case) {
    case STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT:
        return STORE_KIND_ENGAGEMENT;
    case STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        return STORE_KIND_SURVEY_RESPONSE;
    case STORED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        return STORE_KIND_ACTIVITY;
    case STORED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _STORED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    return STORE_KIND_ANY;
}

static const Stored__V1__Engagement *engagement_of(const Stored__V1__Interaction *interaction) {
    static const Stored__V1__Engagement nothing = STORED__V1__ENGAGEMENT__INIT;
    return interaction->payload_case == STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT
               ? interaction->engagement
               : &nothing;
}

static const Stored__V1__Activity *activity_of(const Stored__V1__Interaction *interaction) {
    static const Stored__V1__Activity nothing = STORED__V1__ACTIVITY__INIT;
    return interaction->payload_case == STORED__V1__INTERACTION__PAYLOAD_ACTIVITY
               ? interaction->activity
               : &nothing;
}

static const char *channel_of(const Stored__V1__Interaction *interaction) {
    return kind_of(interaction) == STORE_KIND_SURVEY_RESPONSE ? "survey"
                                                              : engagement_of(interaction)->channel;
}

static const char *name_of(const Stored__V1__Interaction *interaction) {
    return kind_of(interaction) == STORE_KIND_SURVEY_RESPONSE
               ? interaction->survey_response->survey_id
               : activity_of(interaction)->name;
}

static bool is_wanted(const char *wanted, const char *value) {
    return wanted[0] == '\0' || strcmp(wanted, value) == 0;
}

static bool filter_takes(const struct store_trait_filter *filter,
                         const Stored__V1__Interaction *interaction) {
    const Stored__V1__Engagement *engagement = engagement_of(interaction);
    return (filter->kind == 0 || filter->kind == kind_of(interaction)) &&
           (filter->sentiment == 0 || filter->sentiment == engagement->sentiment) &&
           (filter->direction == 0 || filter->direction == engagement->direction) &&
           is_wanted(filter->channel, channel_of(interaction)) &&
           is_wanted(filter->theme, engagement->theme) &&
           is_wanted(filter->sub_theme, engagement->sub_theme) &&
           is_wanted(filter->name, name_of(interaction)) &&
           is_wanted(filter->source, interaction->source) &&
           is_wanted(filter->currency, activity_of(interaction)->currency);
}

/* ---- what is told ---- */

/* Cut between characters. Nothing where it is empty. */
static struct store_trait_datum text_datum(const char *text, struct arena *arena) {
    size_t size = strlen(text);
    if (size == 0) {
        return (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING};
    }
    if (size > STORE_TRAIT_TEXT_SIZE_MAX) {
        size = STORE_TRAIT_TEXT_SIZE_MAX;
        while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80) {
            size--;
        }
    }
    return (struct store_trait_datum){.kind = STORE_TRAIT_TEXT,
                                      .text = arena_string(arena, bytes_of(text, size))};
}

/* Adding 0 leaves no -0. */
static struct store_trait_datum number_datum(double number) {
    return (struct store_trait_datum){.kind = STORE_TRAIT_NUMBER, .number = number + 0.0};
}

static struct store_trait_datum property_datum(const Stored__V1__Interaction *interaction,
                                               const char *name, struct arena *arena) {
    const Stored__V1__Activity *activity = activity_of(interaction);
    for (size_t i = 0; i < activity->n_properties; i++) {
        const Stored__V1__Property *property = activity->properties[i];
        if (strcmp(property->name, name) != 0) {
            continue;
        }
        switch (property->value_case) {
        case STORED__V1__PROPERTY__VALUE_TEXT:
            return text_datum(property->text, arena);
        case STORED__V1__PROPERTY__VALUE_NUMBER:
            return number_datum(property->number);
        case STORED__V1__PROPERTY__VALUE_FLAG:
            return text_datum(property->flag ? "true" : "false", arena);
        case STORED__V1__PROPERTY__VALUE_TIME_US:
            return (struct store_trait_datum){.kind = STORE_TRAIT_TIME,
                                              .time_us = property->time_us};
        case STORED__V1__PROPERTY__VALUE__NOT_SET:
        case _STORED__V1__PROPERTY__VALUE__CASE_IS_INT_SIZE:
            break;
        }
    }
    return (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING};
}

static struct store_trait_datum answer_value(const Stored__V1__SurveyAnswer *answer,
                                             struct arena *arena) {
    switch (answer->answer_case) {
    case STORED__V1__SURVEY_ANSWER__ANSWER_TEXT:
        return text_datum(answer->text, arena);
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        return text_datum(answer->choice, arena);
    case STORED__V1__SURVEY_ANSWER__ANSWER_DATE:
        return text_datum(answer->date, arena);
    case STORED__V1__SURVEY_ANSWER__ANSWER_NUMBER:
        return number_datum(answer->number);
    case STORED__V1__SURVEY_ANSWER__ANSWER_RATING:
        return number_datum(answer->rating);
    case STORED__V1__SURVEY_ANSWER__ANSWER_NPS:
        return number_datum(answer->nps);
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICES:
    case STORED__V1__SURVEY_ANSWER__ANSWER_EMAIL:
    case STORED__V1__SURVEY_ANSWER__ANSWER_PHONE:
    case STORED__V1__SURVEY_ANSWER__ANSWER__NOT_SET:
    case _STORED__V1__SURVEY_ANSWER__ANSWER__CASE_IS_INT_SIZE:
        break;
    }
    return (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING};
}

static struct store_trait_datum answer_datum(const Stored__V1__Interaction *interaction,
                                             const char *question, struct arena *arena) {
    if (kind_of(interaction) == STORE_KIND_SURVEY_RESPONSE) {
        const Stored__V1__SurveyResponse *survey = interaction->survey_response;
        for (size_t i = 0; i < survey->n_answers; i++) {
            if (strcmp(survey->answers[i]->question_id, question) == 0) {
                return answer_value(survey->answers[i], arena);
            }
        }
    }
    return (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING};
}

static const char *kind_name(const Stored__V1__Interaction *interaction) {
    static const char *const names[] = {"", "engagement", "survey_response", "activity"};
    return names[kind_of(interaction)];
}

static const char *sentiment_name(uint32_t sentiment) {
    static const char *const names[] = {"", "negative", "neutral", "positive"};
    return sentiment < sizeof names / sizeof *names ? names[sentiment] : "";
}

static struct store_trait_datum datum_of(const struct store_trait *trait,
                                         const Stored__V1__Interaction *interaction,
                                         struct arena *arena) {
    const Stored__V1__Engagement *engagement = engagement_of(interaction);
    switch (trait->field) {
    case STORE_TRAIT_AMOUNT: /* Without a currency it is none that was told. */
        return activity_of(interaction)->currency[0] == '\0'
                   ? (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING}
                   : number_datum(activity_of(interaction)->amount);
    case STORE_TRAIT_PROPERTY:
        return property_datum(interaction, trait->field_name, arena);
    case STORE_TRAIT_ANSWER:
        return answer_datum(interaction, trait->field_name, arena);
    case STORE_TRAIT_SENTIMENT_SCORE:
        return engagement->sentiment_score == 0
                   ? (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING}
                   : number_datum(engagement->sentiment_score);
    case STORE_TRAIT_CHANNEL:
        return text_datum(channel_of(interaction), arena);
    case STORE_TRAIT_KIND:
        return text_datum(kind_name(interaction), arena);
    case STORE_TRAIT_THEME:
        return text_datum(engagement->theme, arena);
    case STORE_TRAIT_SUB_THEME:
        return text_datum(engagement->sub_theme, arena);
    case STORE_TRAIT_SENTIMENT:
        return text_datum(sentiment_name(engagement->sentiment), arena);
    case STORE_TRAIT_LANGUAGE:
        return text_datum(engagement->language, arena);
    case STORE_TRAIT_DIALECT:
        return text_datum(engagement->dialect, arena);
    case STORE_TRAIT_AGENT:
        return text_datum(engagement->agent, arena);
    case STORE_TRAIT_NAME:
        return text_datum(name_of(interaction), arena);
    case STORE_TRAIT_SOURCE:
        return text_datum(interaction->source, arena);
    case STORE_TRAIT_NO_FIELD:
        break;
    }
    return (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING};
}

static bool is_wanted_datum(enum store_trait_aggregation aggregation,
                            const struct store_trait_datum *datum) {
    switch (aggregation) {
    case STORE_TRAIT_COUNT:
        return true;
    case STORE_TRAIT_SUM:
    case STORE_TRAIT_MIN:
    case STORE_TRAIT_MAX:
    case STORE_TRAIT_AVERAGE:
        return datum->kind == STORE_TRAIT_NUMBER && datum->number >= -NUMBER_MAX &&
               datum->number <= NUMBER_MAX;
    case STORE_TRAIT_FIRST:
    case STORE_TRAIT_LAST:
    case STORE_TRAIT_MOST_FREQUENT:
    case STORE_TRAIT_DISTINCT_COUNT:
        return datum->kind != STORE_TRAIT_NOTHING;
    }
    return false;
}

bool trait_takes(const struct store_trait *trait, const struct store_interaction *interaction,
                 const Stored__V1__Interaction *message, struct arena *arena,
                 struct trait_event *out) {
    if (!filter_takes(&trait->filter, message)) {
        return false;
    }
    *out = (struct trait_event){.kind = kind_of(message),
                                .occur_us = interaction->occur_us,
                                .interaction = interaction->id,
                                .datum = datum_of(trait, message, arena)};
    return is_wanted_datum(trait->aggregation, &out->datum);
}

bool trait_has_come_to(const struct store_trait *trait, enum store_kind kind, int64_t occur_us,
                       struct id interaction) {
    if (trait->ready || kind != trait->place_kind) {
        return trait->ready || kind < trait->place_kind;
    }
    return occur_us < trait->place_us ||
           (occur_us == trait->place_us &&
            memcmp(interaction.bytes, trait->place.bytes, ID_SIZE) <= 0);
}
