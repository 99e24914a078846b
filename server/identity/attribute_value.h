#pragma once
/* Values of attributes that a workspace defines: from what is told, by the definition, into their
 * canonical form, which is a text; and back. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/identity/attribute.h"

/* ---- what a value may be ---- */

struct attribute_label {
    const char *language;
    const char *text;
};

struct attribute_enum_value {
    const char *value;
    bool retired; /* Kept where it is, and not taken anew. */
    size_t label_count;
    const struct attribute_label *labels;
};

struct attribute_definition {
    struct attribute_kind kind;
    const char *display_name; /* "" for none, as all texts here. */
    const char *description;
    const char *min; /* Of a number, a date or a time, in canonical form. */
    const char *max;
    uint32_t length_min; /* Characters of a string. */
    uint32_t length_max;
    const char *pattern;
    uint32_t values_max; /* 1 unless it is a list. */
    size_t value_count;  /* Of an enumeration. */
    const struct attribute_enum_value *values;
};

/* ---- what is told ---- */

enum attribute_item_kind {
    ATTRIBUTE_ITEM_NONE, /* Nothing is told. */
    ATTRIBUTE_ITEM_TEXT,
    ATTRIBUTE_ITEM_NUMBER,
    ATTRIBUTE_ITEM_FLAG,
    ATTRIBUTE_ITEM_TIME,
};

struct attribute_item {
    enum attribute_item_kind kind;
    const char *text;
    double number;
    bool flag;
    int64_t time_us; /* One that ATTRIBUTE_TIME_MIN_US and _MAX_US bound. */
};

/* Of an attribute whose definition is not known yet. */
struct attribute_given {
    const char *name;
    bool list;
    size_t count;
    const struct attribute_item *items;
};

/* Reads what is told. *position is that of the item that is wrong; it says nothing unless a list
 * was given and one of its items is. *out is allocated from the arena. Errors: INVALID_ARGUMENT
 * FIELD_INVALID; the text completes "the value ..." and never holds it. */
MUST_USE struct status attribute_value_read(const struct attribute_definition *definition,
                                            const struct attribute_given *given,
                                            struct arena *arena, const char **out,
                                            size_t *position);

/* Whether what is told is the canonical value, which a profile has, told again: whatever the bounds
 * are by now, and retired values too. */
bool attribute_given_is(const struct attribute_definition *definition,
                        const struct attribute_given *given, const char *canonical,
                        struct arena *arena);

/* Reads one value to look for, in text form: of the definition's type, whatever its bounds are by
 * now, since there may be values from before. Values of an enumeration that are retired are read.
 */
MUST_USE struct status attribute_filter_read(const struct attribute_definition *definition,
                                             const char *text, struct arena *arena,
                                             const char **out);

/* Reads a bound, which no other bound holds: the canonical form of a number, a date or a time. */
MUST_USE struct status attribute_bound_read(enum attribute_type type, const char *text,
                                            struct arena *arena, const char **out);

/* Whether a canonical value of a number, a date or a time is less than another. */
bool attribute_bound_is_less(enum attribute_type type, const char *one, const char *other);

/* Whether what a profile has, in canonical form, is what the definition allows. Values of an
 * enumeration that are retired are. */
bool attribute_value_is_good(const struct attribute_definition *definition, const char *canonical,
                             struct arena *arena);

/* ---- canonical forms ---- */

/* The values of a list in canonical form, or the one value: at most ATTRIBUTE_VALUES_MAX, allocated
 * from the arena. */
size_t attribute_items_of(uint32_t form, const char *canonical, struct arena *arena,
                          const char *const **out);

/* What one of them is, by its type: the item's kind is that of the wire. */
struct attribute_item attribute_item_of(uint32_t form, const char *canonical);
