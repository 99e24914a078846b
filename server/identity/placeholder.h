#pragma once
/* Placeholders: what people and programs write where there is no value. They are compared by a key,
 * which leaves out what differs between their many spellings. */

#include <stdbool.h>

#include "server/base/arena.h"

/* Bytes of a key with its NUL: more than any placeholder has, written twice. */
enum { PLACEHOLDER_KEY_SIZE_MAX = 64 };

struct placeholder_key {
    char text[PLACEHOLDER_KEY_SIZE_MAX];
    bool has_space; /* White space was left out between what is there. */
};

/* The key of a value; false, and *out in an undefined state, when it is longer than any placeholder
 * or not UTF-8. The rules:
 *  1. NFKC and case-folding, and digits of any script as ASCII digits.
 *  2. Arabic letters as in names (name_words.h): غير معروفة is غير معروفه; no tashkeel, no tatweel.
 *  3. All white space is left out: `n / a` is `n/a`.
 *  4. Minus signs and dashes are one: U+2212 is `-`.
 *  5. The fraction .0 behind an integer is dropped, as a spreadsheet adds it: -1.0 is -1. */
bool placeholder_key(const char *value, struct placeholder_key *out);

/* Cuts punctuation and symbols off both ends of the key, but no underscore: names of accounts have
 * those. `(blank)` is `blank`, `???` is nothing. */
void placeholder_key_trim(struct placeholder_key *key);

enum placeholder_kind {
    PLACEHOLDER_NONE,
    PLACEHOLDER_WEAK,   /* `123`, `user`, `na`: real as plain ids and as names of accounts. */
    PLACEHOLDER_ALWAYS, /* Of no type anybody's, alone or written several times with white space
                           between. */
};

enum placeholder_kind placeholder_kind_of(const char *value);

/* The one spelling of a placeholder that is ALWAYS one, and is so itself: `null` of `(Null)` and of
 * `null null`. NULL for any other value. In the arena. */
const char *placeholder_spelling(const char *value, struct arena *arena);
