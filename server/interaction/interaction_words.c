/* The words of an interaction. Pure. */

#include "server/interaction/interaction_words.h"

#include "server/identity/name_words.h"
#include "server/store/interaction_part.h"

struct words {
    struct arena *arena;
    size_t count;
    const char **items;
};

static void add_text(struct words *words, const char *text) {
    const char *const *found = NULL;
    const size_t count = name_words_all(text, words->arena, &found);
    for (size_t i = 0; i < count; i++) {
        words->items = arena_grow(words->arena, words->items, words->count, sizeof *words->items);
        words->items[words->count++] = found[i];
    }
}

static void add_survey(struct words *words, const Stored__V1__SurveyResponse *survey) {
    add_text(words, survey->survey_name);
    for (size_t i = 0; i < survey->n_answers; i++) {
        const Stored__V1__SurveyAnswer *answer = survey->answers[i];
        if (answer->answer_case == STORED__V1__SURVEY_ANSWER__ANSWER_TEXT) {
            add_text(words, answer->text);
        } else if (answer->answer_case == STORED__V1__SURVEY_ANSWER__ANSWER_CHOICE) {
            add_text(words, answer->choice);
        } else if (answer->answer_case == STORED__V1__SURVEY_ANSWER__ANSWER_CHOICES) {
            for (size_t k = 0; k < answer->choices->n_choices; k++) {
                add_text(words, answer->choices->choices[k]);
            }
        }
    }
}

static void add_activity(struct words *words, const Stored__V1__Activity *activity) {
    add_text(words, activity->name);
    for (size_t i = 0; i < activity->n_properties; i++) {
        if (activity->properties[i]->value_case == STORED__V1__PROPERTY__VALUE_TEXT) {
            add_text(words, activity->properties[i]->text);
        }
    }
}

size_t interaction_words(const Stored__V1__Interaction *interaction, struct arena *arena,
                         const char *const **out) {
    struct words words = {.arena = arena};
    add_text(&words, interaction_engagement(interaction)->text);
    add_survey(&words, interaction_survey(interaction));
    add_activity(&words, interaction_activity(interaction));
    *out = words.items;
    return words.count;
}
