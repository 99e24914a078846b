/* Themes: reading and writing them, and which one a word names. */

#include "server/interaction/themes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"

struct theme *themes_find(const struct themes *themes, const char *name) {
    for (size_t i = 0; i < themes->count; i++) {
        if (strcmp(themes->items[i].term.name, name) == 0) {
            return &themes->items[i];
        }
    }
    return NULL;
}

/* ---- choosing ---- */

static struct nearest nearest_theme(const struct themes *themes, const char *word,
                                    struct arena *arena) {
    struct nearest nearest = term_nearest_begin(word, arena);
    for (size_t i = 0; i < themes->count; i++) {
        term_try(&nearest, &themes->items[i].term);
    }
    return nearest;
}

static void try_subs(struct nearest *nearest, const struct theme *theme) {
    for (size_t i = 0; i < theme->sub_count; i++) {
        term_try(nearest, &theme->subs[i]);
    }
}

/* By a word of term_word(); NULL for none. */
static const struct term *sub_called(const struct theme *theme, const char *word,
                                     struct arena *arena) {
    for (size_t i = 0; i < theme->sub_count; i++) {
        if (term_is_called(&theme->subs[i], word, arena)) {
            return &theme->subs[i];
        }
    }
    return NULL;
}

static void choose_sub_theme(const struct theme *theme, const char *word, struct arena *arena,
                             struct theme_choice *out) {
    const struct term *sub = sub_called(theme, word, arena);
    if (sub != NULL) {
        out->sub_theme = sub->name;
        out->sub_theme_error = sub->retired ? "is retired" : NULL;
        return;
    }
    struct nearest nearest = term_nearest_begin(word, arena);
    try_subs(&nearest, theme);
    out->sub_theme_error = term_refusal("is no sub-theme of the theme", &nearest, arena);
}

struct theme_choice themes_choose(const struct themes *themes, const char *theme,
                                  const char *sub_theme, struct arena *arena) {
    struct theme_choice choice = {.theme = theme, .sub_theme = sub_theme};
    if (themes->count == 0) {
        return choice;
    }
    assert(themes->items != NULL);
    const char *word = term_word(theme, arena);
    const struct theme *found = NULL;
    for (size_t i = 0; i < themes->count && word[0] != '\0' && found == NULL; i++) {
        found = term_is_called(&themes->items[i].term, word, arena) ? &themes->items[i] : NULL;
    }
    if (found != NULL) {
        choice.theme = found->term.name;
        choice.theme_error = found->term.retired ? "is retired" : NULL;
    } else if (theme[0] != '\0') {
        const struct nearest nearest = nearest_theme(themes, word, arena);
        choice.theme_nearest = nearest.name;
        choice.theme_error = term_refusal("is no theme of the workspace", &nearest, arena);
    }
    if (sub_theme[0] != '\0' && found != NULL) {
        choose_sub_theme(found, term_word(sub_theme, arena), arena, &choice);
    } else if (sub_theme[0] != '\0' && choice.theme_error == NULL) {
        choice.sub_theme_error = "needs a theme";
    }
    return choice;
}

static struct sub_theme_choice refuse_sub(const char *wrong, const struct nearest *nearest,
                                          const char *word, struct arena *arena) {
    return (struct sub_theme_choice){
        .name = word, .error = term_refusal(wrong, nearest, arena), .nearest = nearest->name};
}

struct sub_theme_choice themes_choose_sub(const struct themes *themes, const struct theme *theme,
                                          const char *word, struct arena *arena) {
    const char *folded = term_word(word, arena);
    const struct theme *first = theme == NULL ? themes->items : theme;
    const size_t count = theme == NULL ? themes->count : 1;
    const struct nearest none = {.name = NULL};
    struct nearest nearest = term_nearest_begin(folded, arena);
    const char *name = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct term *sub = sub_called(&first[i], folded, arena);
        if (sub != NULL && name != NULL && strcmp(name, sub->name) != 0) {
            return refuse_sub("is what sub-themes of several names are called", &none, word, arena);
        }
        name = sub == NULL ? name : sub->name;
        try_subs(&nearest, &first[i]);
    }
    return name != NULL ? (struct sub_theme_choice){.name = name}
                        : refuse_sub(theme == NULL ? "is no sub-theme of the workspace"
                                                   : "is no sub-theme of the theme",
                                     &nearest, word, arena);
}

/* ---- rows ---- */

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
        theme->term = term_of_row(row->themes[i]->term, arena);
        theme->sub_count = row->themes[i]->n_sub_themes;
        theme->subs = arena_array(arena, theme->sub_count, sizeof *theme->subs);
        for (size_t k = 0; k < theme->sub_count; k++) {
            theme->subs[k] = term_of_row(row->themes[i]->sub_themes[k], arena);
        }
    }
    return OK;
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
