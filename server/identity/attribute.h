#pragma once
/* The built-in attributes of a profile: what each may hold and its canonical form. The table of
 * AttributeValue in proto/profiled/v1/profile.proto is the specification. Those that a workspace
 * defines are of a kind too: attribute_definition.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/status.h"

/* Stored as these numbers: add at the end, never renumber. */
enum attribute {
    ATTRIBUTE_ABOUT = 0,
    ATTRIBUTE_GIVEN_NAME = 1,
    ATTRIBUTE_FAMILY_NAME = 2,
    ATTRIBUTE_BIRTH_DATE = 3,
    ATTRIBUTE_GENDER = 4,
    ATTRIBUTE_COUNTRY = 5,
    ATTRIBUTE_CITY = 6,
    ATTRIBUTE_LANGUAGE = 7,
    ATTRIBUTE_DIALECT = 8,
    ATTRIBUTE_SUB_DIALECT = 9,
    ATTRIBUTE_JOB = 10,
    ATTRIBUTE_COMPANY = 11,
    ATTRIBUTE_IMAGE_URL = 12,
};

enum {
    ATTRIBUTE_COUNT = 13,
    ATTRIBUTE_VALUE_SIZE_MAX = 8192, /* Bytes of a value as given; longer ones are refused. */
};

/* What a value is. Stored and sent as these numbers: never renumber. */
enum attribute_type {
    ATTRIBUTE_TYPE_STRING = 1,
    ATTRIBUTE_TYPE_NUMBER = 2,
    ATTRIBUTE_TYPE_BOOL = 3,
    ATTRIBUTE_TYPE_DATE = 4,
    ATTRIBUTE_TYPE_TIME = 5,
    ATTRIBUTE_TYPE_ENUM = 6,
    ATTRIBUTE_TYPE_URL = 7,
    ATTRIBUTE_TYPE_COUNTRY = 8,
    ATTRIBUTE_TYPE_LANGUAGE = 9,
};

struct attribute_kind {
    const char *name; /* As on the wire. */
    bool personal;    /* Sealed at rest. */
    bool indexed;     /* In the attribute index, by attribute_index_form(). */
    enum attribute_type type;
    bool list; /* Several values, a line each. */
    bool own;  /* Defined by the workspace. */
};

/* Of a value that a workspace's own attribute holds: its type, and this for a list. As stored. */
enum { ATTRIBUTE_FORM_TYPES = 15, ATTRIBUTE_FORM_LIST = 16 };

/* The form of the kind's values; 0 for one that is built in. */
static inline uint32_t attribute_form(const struct attribute_kind *kind) {
    return !kind->own ? 0 : (uint32_t)kind->type | (kind->list ? ATTRIBUTE_FORM_LIST : 0);
}

/* Whether persons are counted by the values of a form, where they are not personal: those that are
 * built in, and those of types that have few. */
static inline bool attribute_is_counted(uint32_t form) {
    const uint32_t type = form & ATTRIBUTE_FORM_TYPES;
    return form == 0 || type == ATTRIBUTE_TYPE_ENUM || type == ATTRIBUTE_TYPE_BOOL ||
           type == ATTRIBUTE_TYPE_COUNTRY || type == ATTRIBUTE_TYPE_LANGUAGE;
}

/* What a stored form says of an attribute that the workspace defined. Where its definition is not
 * at hand it is taken for a personal one. The name is borrowed. */
struct attribute_kind attribute_kind_of_form(const char *name, uint32_t form);

/* What is known of an attribute. Lives for ever. */
const struct attribute_kind *attribute_kind_of(enum attribute attribute);

/* The attribute of a name; false, and *out untouched, when there is none. */
bool attribute_find(const char *name, enum attribute *out);

/* Checks a value and brings it into its canonical form, which is its own canonical form. `now_us`
 * bounds the birth date. *out is allocated from the arena or a literal. Errors: INVALID_ARGUMENT
 * FIELD_INVALID; the text completes "the value ..." and never holds it. */
MUST_USE struct status attribute_canonicalise(enum attribute attribute, const char *value,
                                              int64_t now_us, struct arena *arena,
                                              const char **out);

/* The same of a type whose values need no definition: ATTRIBUTE_TYPE_DATE, URL, COUNTRY, LANGUAGE.
 * A date is any day of the calendar. */
MUST_USE struct status attribute_type_canonicalise(enum attribute_type type, const char *value,
                                                   struct arena *arena, const char **out);

/* The form in which canonical values of indexed attributes are compared: NFKC and case-folded, so
 * that a city is found however it is written. Allocated from the arena. */
const char *attribute_index_form(const char *canonical, struct arena *arena);

/* Reads a day of the calendar, in any digits, as 2001-12-31: *out is that form. Errors:
 * INVALID_ARGUMENT FIELD_INVALID. */
MUST_USE struct status attribute_day_read(const char *value, struct arena *arena, const char **out);
