#pragma once
/* Terms: names that a workspace uses, with what they are called. Themes, sub-themes and channels
 * are terms. */

#include <stdbool.h>
#include <stddef.h>

#include "server/base/nearest.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/store.h"

enum {
    TERM_LABELS_MAX = 20,
    TERM_LABEL_LENGTH_MAX = 128, /* Characters. */
    TERM_NAME_SIZE_MAX = 64,
};

/* What a term is called in a language. */
struct term_label {
    const char *language; /* BCP 47. */
    const char *text;
};

/* A name that the workspace made. */
struct term {
    const char *name;
    size_t label_count;
    const struct term_label *labels;
    bool retired;
};

/* Whether it can be the name of a term. */
bool term_name_is_good(const char *name);

/* A text as words for terms are compared; "" for what is not UTF-8, which names nothing. */
const char *term_word(const char *text, struct arena *arena);

/* Whether the term has the name, or is called so: by a word of term_word(). */
bool term_is_called(const struct term *term, const char *word, struct arena *arena);

/* The term of `terms` that has a name or a label which the other one has too, whatever the case;
 * NULL when there is none. What is of the same name as `but` is passed over, unless it is NULL. */
const struct term *terms_clash(const struct term *const *terms, size_t count,
                               const struct term *other, const char *but, struct arena *arena);

/* What may be meant by a word that names none: as names of people are compared, without marks and
 * the article ال, and then by letters. */
struct nearest term_nearest_begin(const char *word, struct arena *arena);

/* Tries a text that stands for the term of a name. */
void term_nearest_try(struct nearest *nearest, const char *text, const char *name);

/* Tries a term, by its name and by what it is called. One that is retired is not proposed. */
void term_try(struct nearest *nearest, const struct term *term);

/* Why a word is refused that names none of them: `wrong`, a literal, and the name that is nearest
 * to it, where one is. */
const char *term_refusal(const char *wrong, const struct nearest *nearest, struct arena *arena);

/* A term in the form of the store, and back. Strings are borrowed. */
struct term term_of_row(const Stored__V1__Term *row, struct arena *arena);
Stored__V1__Term *term_row(const struct term *term, struct arena *arena);
