/* What traits make of an interaction: which they take, and what it tells. Pure: so are
 * filters, which are the business of the floors above. */

#include <string.h>

#include "server/store/interaction_part.h"
#include "server/store/trait_state.h"

/* ---- what is told ---- */

/* An interaction that is read, and for whom. */
struct reading {
    const struct store *store;
    const Stored__V1__Interaction *interaction;
    struct arena *arena;
};

/* Where a text is cut: between characters. */
static size_t cut_at(const char *text) {
    size_t size = STORE_TRAIT_TEXT_SIZE_MAX;
    while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80) {
        size--;
    }
    return size;
}

/* Of a long text the beginning, and a hash by which it is not taken for another one. Nothing where
 * it is empty. */
static struct store_trait_datum text_datum(const struct reading *reading, const char *text) {
    const size_t size = strlen(text);
    struct store_trait_datum datum = {.kind = size == 0 ? STORE_TRAIT_NOTHING : STORE_TRAIT_TEXT};
    if (size > STORE_TRAIT_TEXT_SIZE_MAX) {
        datum.text = arena_string(reading->arena, bytes_of(text, cut_at(text)));
        datum.is_cut = true;
        datum.whole = view_hash(reading->store, "trait", "text", text);
    } else if (size > 0) {
        datum.text = arena_string(reading->arena, bytes_of(text, size));
    }
    return datum;
}

/* Adding 0 leaves no -0. */
static struct store_trait_datum number_datum(double number) {
    return (struct store_trait_datum){.kind = STORE_TRAIT_NUMBER, .number = number + 0.0};
}

static struct store_trait_datum property_datum(const struct reading *reading,
                                               const Stored__V1__Property *property) {
    switch (property->value_case) {
    case STORED__V1__PROPERTY__VALUE_TEXT:
        return text_datum(reading, property->text);
    case STORED__V1__PROPERTY__VALUE_NUMBER:
        return number_datum(property->number);
    case STORED__V1__PROPERTY__VALUE_FLAG:
        return text_datum(reading, property->flag ? "true" : "false");
    case STORED__V1__PROPERTY__VALUE_TIME_US:
        return (struct store_trait_datum){.kind = STORE_TRAIT_TIME, .time_us = property->time_us};
    case STORED__V1__PROPERTY__VALUE__NOT_SET:
    case _STORED__V1__PROPERTY__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING};
}

static struct store_trait_datum answer_datum(const struct reading *reading,
                                             const Stored__V1__SurveyAnswer *answer) {
    switch (answer->answer_case) {
    case STORED__V1__SURVEY_ANSWER__ANSWER_TEXT:
        return text_datum(reading, answer->text);
    case STORED__V1__SURVEY_ANSWER__ANSWER_CHOICE:
        return text_datum(reading, answer->choice);
    case STORED__V1__SURVEY_ANSWER__ANSWER_DATE:
        return text_datum(reading, answer->date);
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

static struct store_trait_datum named_datum(const struct reading *reading,
                                            const struct store_trait *trait) {
    const Stored__V1__Interaction *interaction = reading->interaction;
    if (trait->field == STORE_TRAIT_PROPERTY) {
        const Stored__V1__Property *property = interaction_property(interaction, trait->field_name);
        return property == NULL ? (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING}
                                : property_datum(reading, property);
    }
    const Stored__V1__SurveyAnswer *answer = interaction_answer(interaction, trait->field_name);
    return answer == NULL ? (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING}
                          : answer_datum(reading, answer);
}

static struct store_trait_datum datum_of(const struct reading *reading,
                                         const struct store_trait *trait) {
    const Stored__V1__Interaction *interaction = reading->interaction;
    const Stored__V1__Engagement *engagement = interaction_engagement(interaction);
    switch (trait->field) {
    case STORE_TRAIT_AMOUNT: /* Without a currency it is none that was told. */
        return interaction_activity(interaction)->currency[0] == '\0'
                   ? (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING}
                   : number_datum(interaction_activity(interaction)->amount);
    case STORE_TRAIT_PROPERTY:
    case STORE_TRAIT_ANSWER:
        return named_datum(reading, trait);
    case STORE_TRAIT_SENTIMENT_SCORE:
        return engagement->sentiment_score == 0
                   ? (struct store_trait_datum){.kind = STORE_TRAIT_NOTHING}
                   : number_datum(engagement->sentiment_score);
    case STORE_TRAIT_CHANNEL:
        return text_datum(reading, interaction_channel(interaction));
    case STORE_TRAIT_KIND:
        return text_datum(reading, store_kind_word(interaction_kind(interaction)));
    case STORE_TRAIT_THEME:
        return text_datum(reading, engagement->theme);
    case STORE_TRAIT_SUB_THEME:
        return text_datum(reading, engagement->sub_theme);
    case STORE_TRAIT_SENTIMENT:
        return text_datum(reading, store_sentiment_word(engagement->sentiment));
    case STORE_TRAIT_LANGUAGE:
        return text_datum(reading, engagement->language);
    case STORE_TRAIT_DIALECT:
        return text_datum(reading, engagement->dialect);
    case STORE_TRAIT_AGENT:
        return text_datum(reading, engagement->agent);
    case STORE_TRAIT_NAME:
        return text_datum(reading, interaction_name(interaction));
    case STORE_TRAIT_SOURCE:
        return text_datum(reading, interaction->source);
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
        return datum->kind == STORE_TRAIT_NUMBER;
    case STORE_TRAIT_FIRST:
    case STORE_TRAIT_LAST:
    case STORE_TRAIT_MOST_FREQUENT:
    case STORE_TRAIT_DISTINCT_COUNT:
        return datum->kind != STORE_TRAIT_NOTHING;
    }
    return false;
}

struct status trait_takes(const struct store *store, const struct store_trait *trait,
                          const struct store_interaction *interaction,
                          const Stored__V1__Interaction *message, struct arena *arena,
                          struct trait_event *out, bool *takes) {
    const void *filter = trait->compiled;
    if (filter == NULL && trait->filter[0] != '\0') {
        TRY(store->trait_filters->compile(trait->filter, arena, &filter));
    }
    *takes = filter == NULL || store->trait_filters->takes(filter, interaction, message, arena);
    if (*takes) {
        const struct reading reading = {store, message, arena};
        *out = (struct trait_event){.kind = interaction_kind(message),
                                    .occur_us = interaction->occur_us,
                                    .interaction = interaction->id,
                                    .datum = datum_of(&reading, trait)};
        *takes = is_wanted_datum(trait->aggregation, &out->datum);
    }
    return OK;
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

struct status trait_counts(const struct store *store, const struct store_trait *trait,
                           const struct store_interaction *interaction,
                           const Stored__V1__Interaction *message, struct arena *arena,
                           struct trait_event *out, bool *yes) {
    TRY(trait_takes(store, trait, interaction, message, arena, out, yes));
    *yes = *yes && trait_has_come_to(trait, out->kind, out->occur_us, out->interaction);
    return OK;
}
