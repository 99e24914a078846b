/* Terms: what names them, and their rows. */

#include "server/interaction/terms.h"

#include <string.h>

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

void term_try(struct nearest *nearest, const struct term *term, struct arena *arena) {
    if (term->retired) {
        return;
    }
    nearest_try(nearest, term->name, term->name);
    for (size_t i = 0; i < term->label_count; i++) {
        nearest_try(nearest, term_word(term->labels[i].text, arena), term->name);
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
