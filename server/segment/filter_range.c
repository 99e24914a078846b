/* What numbers a field may have, and whether one of them meets a comparison. */

#include "server/segment/filter_range.h"

#include <math.h>

#include "server/segment/interaction_field.h"

/* INFINITY where nothing bounds them. */
struct range {
    double least;
    double greatest;
    bool whole; /* None is between two whole ones. */
};

static struct range range_of(const struct field *field) {
    switch (field->kind) {
    case FIELD_COMPLETENESS:
        return (struct range){0, 100, true};
    case FIELD_MERGED_COUNT:
    case FIELD_INTERACTION_COUNT:
    case FIELD_LABEL:
        return (struct range){0, INFINITY, true};
    case FIELD_NET_SENTIMENT:
    case FIELD_RECENT_NET_SENTIMENT:
        return (struct range){-1, 1, false};
    case FIELD_INTERACTION:
        if (field->number == INTERACTION_SENTIMENT_SCORE) {
            return (struct range){-1, 1, false};
        }
        break;
    case FIELD_ID:
    case FIELD_NAME:
    case FIELD_NAME_DERIVED:
    case FIELD_CREATE_TIME:
    case FIELD_UPDATE_TIME:
    case FIELD_ATTRIBUTE:
    case FIELD_ATTRIBUTE_NAMES:
    case FIELD_IDENTITY:
    case FIELD_FIRST_INTERACTION_TIME:
    case FIELD_LAST_INTERACTION_TIME:
    case FIELD_LABEL_COUNT:
    case FIELD_MAIN_THEMES:
    case FIELD_DOMINANT_LANGUAGE:
    case FIELD_DOMINANT_DIALECT:
    case FIELD_TRAIT:
    case FIELD_SEGMENT:
    case FIELD_SEGMENT_COUNT:
        break;
    }
    return (struct range){-INFINITY, INFINITY, false};
}

static bool is_met(const struct range *range, enum filter_op op, double number) {
    switch ((int)op) {
    case FILTER_OP_EQUAL:
        return number >= range->least && number <= range->greatest &&
               (!range->whole || number >= ceil(number));
    case FILTER_OP_LESS:
        return range->least < number;
    case FILTER_OP_LESS_OR_EQUAL:
        return range->least <= number;
    case FILTER_OP_GREATER:
        return range->greatest > number;
    case FILTER_OP_GREATER_OR_EQUAL:
        return range->greatest >= number;
    default:
        return true; /* Of several numbers there is one that is unequal. */
    }
}

const char *filter_range_refusal(const struct field *field, enum filter_op op, double number,
                                 struct arena *arena) {
    const struct range range = range_of(field);
    const char *numbers = range.whole ? "whole number" : "number";
    if (is_met(&range, op, number)) {
        return NULL;
    }
    return isinf(range.greatest)
               ? arena_format(arena, "what a %s of %g or more can meet", numbers, range.least)
               : arena_format(arena, "what a %s from %g to %g can meet, as the field has them",
                              numbers, range.least, range.greatest);
}
