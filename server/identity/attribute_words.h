#pragma once
/* The enumerations that are built in: their values, what people read for them, other spellings, and
 * which dialect a sub-dialect belongs to. */

#include "server/identity/attribute.h"

/* A value of an enumeration. Lives for ever. */
struct attribute_word {
    const char *value;
    const char *english;
    const char *arabic;
    const char *belongs_to; /* Of a sub-dialect its dialect; NULL of others. */
};

/* The values of a built-in enumeration, in the order in which people choose; NULL and 0 for an
 * attribute that is none. */
const struct attribute_word *attribute_words_of(enum attribute attribute, size_t *count);

/* Reads a word that was trimmed and folded: *out is the value that it is, or another spelling of;
 * spaces and hyphens are read as underscores. False when it is none. */
bool attribute_word_read(enum attribute attribute, const char *folded, struct arena *arena,
                         const char **out);

/* The dialect that a sub-dialect, in canonical form, belongs to; NULL for what is none. */
const char *attribute_dialect_of(const char *sub_dialect);

/* Whether a sub-dialect belongs to a dialect; true where one of them is not known (NULL). */
bool attribute_dialects_agree(const char *dialect, const char *sub_dialect);
