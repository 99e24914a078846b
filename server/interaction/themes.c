/* Themes: reading and writing them, and which one a word names. */

#include "server/interaction/themes.h"

#include <stdlib.h>
#include <string.h>

#include "server/identity/text.h"
#include "server/store/records/record.pb-c.h"

/* ---- words ---- */

bool term_name_is_good(const char *name) {
    static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const size_t size = strlen(name);
    return size > 0 && size <= TERM_NAME_SIZE_MAX && name[0] != '_' &&
           strspn(name, characters) == size;
}

/* As compared; "" for what is not UTF-8, which names nothing. */
static const char *word_of(const char *text, struct arena *arena) {
    const char *folded = "";
    return text_fold(text, arena, &folded) ? text_trim(folded, arena) : "";
}

static bool is_called(const struct term *term, const char *word, struct arena *arena) {
    if (strcmp(term->name, word) == 0) {
        return true;
    }
    for (size_t i = 0; i < term->label_count; i++) {
        if (strcmp(word_of(term->labels[i].text, arena), word) == 0) {
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
        if (is_called(terms[i], other->name, arena)) {
            return terms[i];
        }
        for (size_t k = 0; k < other->label_count; k++) {
            if (is_called(terms[i], word_of(other->labels[k].text, arena), arena)) {
                return terms[i];
            }
        }
    }
    return NULL;
}

struct theme *themes_find(const struct themes *themes, const char *name) {
    for (size_t i = 0; i < themes->count; i++) {
        if (strcmp(themes->items[i].term.name, name) == 0) {
            return &themes->items[i];
        }
    }
    return NULL;
}

/* ---- choosing ---- */

static void choose_sub_theme(const struct theme *theme, const char *word, struct arena *arena,
                             struct theme_choice *out) {
    for (size_t i = 0; i < theme->sub_count; i++) {
        if (is_called(&theme->subs[i], word, arena)) {
            out->sub_theme = theme->subs[i].name;
            out->sub_theme_error = theme->subs[i].retired ? "is retired" : NULL;
            return;
        }
    }
    out->sub_theme_error = "is no sub-theme of the theme";
}

struct theme_choice themes_choose(const struct themes *themes, const char *theme,
                                  const char *sub_theme, struct arena *arena) {
    struct theme_choice choice = {.theme = theme, .sub_theme = sub_theme};
    if (themes->count == 0) {
        return choice;
    }
    const char *word = word_of(theme, arena);
    const struct theme *found = NULL;
    for (size_t i = 0; i < themes->count && word[0] != '\0' && found == NULL; i++) {
        found = is_called(&themes->items[i].term, word, arena) ? &themes->items[i] : NULL;
    }
    if (found != NULL) {
        choice.theme = found->term.name;
        choice.theme_error = found->term.retired ? "is retired" : NULL;
    } else if (theme[0] != '\0') {
        choice.theme_error = "is no theme of the workspace";
    }
    if (sub_theme[0] != '\0' && found != NULL) {
        choose_sub_theme(found, word_of(sub_theme, arena), arena, &choice);
    } else if (sub_theme[0] != '\0' && choice.theme_error == NULL) {
        choice.sub_theme_error = "needs a theme";
    }
    return choice;
}

const char *themes_name_of_sub(const struct themes *themes, const char *word, struct arena *arena) {
    const char *folded = word_of(word, arena);
    const char *name = NULL;
    for (size_t i = 0; i < themes->count; i++) {
        for (size_t k = 0; k < themes->items[i].sub_count; k++) {
            const struct term *sub = &themes->items[i].subs[k];
            if (!is_called(sub, folded, arena)) {
                continue;
            }
            if (name != NULL && strcmp(name, sub->name) != 0) {
                return NULL;
            }
            name = sub->name;
        }
    }
    return name;
}

/* ---- rows ---- */

static struct term term_of(const Stored__V1__Term *row, struct arena *arena) {
    struct term_label *labels = arena_array(arena, row->n_labels, sizeof *labels);
    for (size_t i = 0; i < row->n_labels; i++) {
        labels[i] = (struct term_label){row->labels[i]->language, row->labels[i]->text};
    }
    return (struct term){row->name, row->n_labels, labels, row->retired};
}

struct status themes_read(struct store_view *view, struct themes *out) {
    struct arena *arena = store_view_arena(view);
    *out = (struct themes){.items = arena_array(arena, 1, sizeof *out->items)};
    struct bytes packed;
    TRY(store_themes_get(view, &packed));
    if (packed.data == NULL) {
        return OK;
    }
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__themes__descriptor, packed, &message));
    const Stored__V1__Themes *row = (const Stored__V1__Themes *)message;
    out->count = row->n_themes;
    out->items = arena_array(arena, row->n_themes + 1, sizeof *out->items);
    for (size_t i = 0; i < row->n_themes; i++) {
        struct theme *theme = &out->items[i];
        if (row->themes[i]->term == NULL) {
            return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "a theme has no name");
        }
        theme->term = term_of(row->themes[i]->term, arena);
        theme->sub_count = row->themes[i]->n_sub_themes;
        theme->subs = arena_array(arena, theme->sub_count, sizeof *theme->subs);
        for (size_t k = 0; k < theme->sub_count; k++) {
            theme->subs[k] = term_of(row->themes[i]->sub_themes[k], arena);
        }
    }
    return OK;
}

static Stored__V1__Term *term_row(const struct term *term, struct arena *arena) {
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

static int by_name(const void *a, const void *b) {
    const struct theme *left = a;
    const struct theme *right = b;
    return strcmp(left->term.name, right->term.name);
}

struct status themes_put(struct store_view *view, struct themes *themes) {
    struct arena *arena = store_view_arena(view);
    qsort(themes->items, themes->count, sizeof *themes->items, by_name);
    Stored__V1__Themes row = STORED__V1__THEMES__INIT;
    row.n_themes = themes->count;
    row.themes = arena_array(arena, themes->count, sizeof *row.themes);
    for (size_t i = 0; i < themes->count; i++) {
        const struct theme *theme = &themes->items[i];
        row.themes[i] = arena_alloc(arena, sizeof *row.themes[i]);
        stored__v1__theme__init(row.themes[i]);
        row.themes[i]->term = term_row(&theme->term, arena);
        row.themes[i]->n_sub_themes = theme->sub_count;
        row.themes[i]->sub_themes =
            arena_array(arena, theme->sub_count, sizeof *row.themes[i]->sub_themes);
        for (size_t k = 0; k < theme->sub_count; k++) {
            row.themes[i]->sub_themes[k] = term_row(&theme->subs[k], arena);
        }
    }
    return store_themes_put(view, store_pack(arena, &row.base));
}
