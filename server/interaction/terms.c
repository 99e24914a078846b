/* Terms: what names them, and their rows. */

#include "server/interaction/terms.h"

#include <stdint.h>
#include <string.h>

#include "server/identity/name_words.h"
#include "server/identity/text.h"

bool term_name_is_good(const char *name) {
    static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const size_t size = strlen(name);
    return size > 0 && size <= TERM_NAME_SIZE_MAX && name[0] != '_' &&
           strspn(name, characters) == size;
}

const char *term_word(const char *text, struct arena *arena) {
    const char *folded = "";
    return text_fold(text, arena, &folded) ? text_trim(folded, arena) : "";
}

bool term_is_called(const struct term *term, const char *word, struct arena *arena) {
    if (strcmp(term->name, word) == 0) {
        return true;
    }
    for (size_t i = 0; i < term->label_count; i++) {
        if (strcmp(term_word(term->labels[i].text, arena), word) == 0) {
            return true;
        }
    }
    return false;
}

const struct term *terms_clash(const struct term *const *terms, size_t count,
                               const struct term *other, const char *but, struct arena *arena) {
    for (size_t i = 0; i < count; i++) {
        if (but != NULL && strcmp(terms[i]->name, but) == 0) {
            continue;
        }
        if (term_is_called(terms[i], other->name, arena)) {
            return terms[i];
        }
        for (size_t k = 0; k < other->label_count; k++) {
            if (term_is_called(terms[i], term_word(other->labels[k].text, arena), arena)) {
                return terms[i];
            }
        }
    }
    return NULL;
}

/* A text by its words as names have them; "" where it has none. */
static const char *by_words(const char *text, struct arena *arena) {
    const char *const *words = NULL;
    const size_t count = name_words_all(text, arena, &words);
    const char *joined = count == 0 ? "" : words[0];
    for (size_t i = 1; i < count && i < NAME_WORDS_MAX; i++) {
        joined = arena_format(arena, "%s %s", joined, words[i]);
    }
    return joined;
}

struct nearest term_nearest_begin(const char *word, struct arena *arena) {
    return nearest_begin(by_words(word, arena));
}

void term_nearest_try(struct nearest *nearest, const char *text, const char *name) {
    struct arena scratch; /* There may be thousands. */
    arena_init(&scratch, SIZE_MAX);
    nearest_try(nearest, by_words(text, &scratch), name);
    arena_free(&scratch);
}

void term_try(struct nearest *nearest, const struct term *term) {
    if (term->retired) {
        return;
    }
    term_nearest_try(nearest, term->name, term->name);
    for (size_t i = 0; i < term->label_count; i++) {
        term_nearest_try(nearest, term->labels[i].text, term->name);
    }
}

const char *term_refusal(const char *wrong, const struct nearest *nearest, struct arena *arena) {
    return nearest->name == NULL
               ? wrong
               : arena_format(arena, "%s; the nearest is %s", wrong, nearest->name);
}

/* ---- rows ---- */

struct term term_of_row(const Stored__V1__Term *row, struct arena *arena) {
    struct term_label *labels = arena_array(arena, row->n_labels, sizeof *labels);
    for (size_t i = 0; i < row->n_labels; i++) {
        labels[i] = (struct term_label){row->labels[i]->language, row->labels[i]->text};
    }
    return (struct term){row->name, row->n_labels, labels, row->retired};
}

Stored__V1__Term *term_row(const struct term *term, struct arena *arena) {
    Stored__V1__Term *row = arena_alloc(arena, sizeof *row);
    stored__v1__term__init(row);
    row->name = (char *)(uintptr_t)term->name;
    row->retired = term->retired;
    row->n_labels = term->label_count;
    row->labels = arena_array(arena, term->label_count, sizeof *row->labels);
    for (size_t i = 0; i < term->label_count; i++) {
        row->labels[i] = arena_alloc(arena, sizeof *row->labels[i]);
        stored__v1__term_label__init(row->labels[i]);
        row->labels[i]->language = (char *)(uintptr_t)term->labels[i].language;
        row->labels[i]->text = (char *)(uintptr_t)term->labels[i].text;
    }
    return row;
}
