#pragma once
/* Fields of interactions: what the filter of a trait may read of one. Such a field is of the kind
 * FIELD_INTERACTION, its number is one of these, and its name that of a property or a question. */

#include "server/segment/field.h"
#include "server/store/interaction_part.h"

enum interaction_field {
    INTERACTION_KIND,
    INTERACTION_TIME,
    INTERACTION_SOURCE,
    INTERACTION_CHANNEL, /* `survey` for survey responses. */
    INTERACTION_VISIBILITY,
    INTERACTION_DIRECTION,
    INTERACTION_CONVERSATION_ID,
    INTERACTION_TEXT, /* The words of interaction_words(), or the text of an engagement. */
    INTERACTION_URL,
    INTERACTION_LANGUAGE,
    INTERACTION_DIALECT,
    INTERACTION_SUB_DIALECT,
    INTERACTION_THEME,
    INTERACTION_SUB_THEME,
    INTERACTION_SENTIMENT,
    INTERACTION_SENTIMENT_SCORE,
    INTERACTION_AGENT,
    INTERACTION_NAME, /* Of an activity; the id of a survey. */
    INTERACTION_AMOUNT,
    INTERACTION_CURRENCY,
    INTERACTION_PROPERTY,
    INTERACTION_PROPERTIES, /* The names of those that there are. */
    INTERACTION_ANSWER,
    INTERACTION_ANSWERS, /* The ids of the questions that were answered. */
};

/* What field_find() and field_is_known() do, for filters of interactions. */
MUST_USE struct status interaction_field_find(const struct field_names *names,
                                              const struct filter_text *parts, size_t part_count,
                                              struct field_target *out, struct filter_error *error);
bool interaction_field_is_known(const char *word);

/* A text in the form in which interactions have it: a channel or a theme by its name; a
 * language, a dialect and a currency as they are written. Refused where no interaction may have it,
 * unless the filter was accepted. */
MUST_USE struct status interaction_field_text(const struct field_names *names,
                                              const struct field *field,
                                              const struct filter_text *text, const char **out,
                                              struct filter_error *error);

/* The word for a label of interactions by its name. Refused where no interaction may have it: a
 * channel, a theme or a sub-theme where the workspace has none of the name and no interaction has
 * the word. */
MUST_USE struct status interaction_label_text(const struct field_names *names,
                                              enum store_label label,
                                              const struct filter_text *text, const char **out,
                                              struct filter_error *error);

/* Reads the value of a field. Allocated from the arena. */
void interaction_field_value(const struct field *field, const struct store_interaction *interaction,
                             const Stored__V1__Interaction *message, struct arena *arena,
                             struct field_value *out);
