/* What a stored interaction tells. Pure. */

#include "server/store/interaction_part.h"

#include <string.h>

enum store_kind interaction_kind(const Stored__V1__Interaction *interaction) {
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

const Stored__V1__Engagement *interaction_engagement(const Stored__V1__Interaction *interaction) {
    static const Stored__V1__Engagement nothing = STORED__V1__ENGAGEMENT__INIT;
    return interaction_kind(interaction) == STORE_KIND_ENGAGEMENT ? interaction->engagement
                                                                  : &nothing;
}

const Stored__V1__SurveyResponse *interaction_survey(const Stored__V1__Interaction *interaction) {
    static const Stored__V1__SurveyResponse nothing = STORED__V1__SURVEY_RESPONSE__INIT;
    return interaction_kind(interaction) == STORE_KIND_SURVEY_RESPONSE
               ? interaction->survey_response
               : &nothing;
}

const Stored__V1__Activity *interaction_activity(const Stored__V1__Interaction *interaction) {
    static const Stored__V1__Activity nothing = STORED__V1__ACTIVITY__INIT;
    return interaction_kind(interaction) == STORE_KIND_ACTIVITY ? interaction->activity : &nothing;
}

const char *interaction_channel(const Stored__V1__Interaction *interaction) {
    return interaction_kind(interaction) == STORE_KIND_SURVEY_RESPONSE
               ? "survey"
               : interaction_engagement(interaction)->channel;
}

const char *interaction_name(const Stored__V1__Interaction *interaction) {
    return interaction_kind(interaction) == STORE_KIND_SURVEY_RESPONSE
               ? interaction->survey_response->survey_id
               : interaction_activity(interaction)->name;
}

const Stored__V1__Property *interaction_property(const Stored__V1__Interaction *interaction,
                                                 const char *name) {
    const Stored__V1__Activity *activity = interaction_activity(interaction);
    for (size_t i = 0; i < activity->n_properties; i++) {
        if (strcmp(activity->properties[i]->name, name) == 0) {
            return activity->properties[i];
        }
    }
    return NULL;
}

const Stored__V1__SurveyAnswer *interaction_answer(const Stored__V1__Interaction *interaction,
                                                   const char *question_id) {
    const Stored__V1__SurveyResponse *survey = interaction_survey(interaction);
    for (size_t i = 0; i < survey->n_answers; i++) {
        if (strcmp(survey->answers[i]->question_id, question_id) == 0) {
            return survey->answers[i];
        }
    }
    return NULL;
}

enum { WORDS_MAX = 3 };

/* Those from 1 on. */
static const char *word_of(const char *const words[WORDS_MAX], uint32_t number) {
    return number == 0 || number > WORDS_MAX || words[number - 1] == NULL ? "" : words[number - 1];
}

const char *store_kind_word(uint32_t kind) {
    static const char *const words[WORDS_MAX] = {"engagement", "survey_response", "activity"};
    return word_of(words, kind);
}

const char *store_sentiment_word(uint32_t sentiment) {
    static const char *const words[WORDS_MAX] = {"negative", "neutral", "positive"};
    return word_of(words, sentiment);
}

const char *store_direction_word(uint32_t direction) {
    static const char *const words[WORDS_MAX] = {"inbound", "outbound"};
    return word_of(words, direction);
}

const char *store_visibility_word(uint32_t visibility) {
    static const char *const words[WORDS_MAX] = {"public", "private"};
    return word_of(words, visibility);
}
