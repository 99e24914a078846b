#pragma once
/* The themes of a workspace. */

#include <stdbool.h>
#include <stddef.h>

#include "server/store/store.h"

enum {
    THEMES_MAX = 100,
    SUB_THEMES_MAX = 100, /* Of one theme. */
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

struct theme {
    struct term term;
    size_t sub_count;
    struct term *subs;
};

struct themes {
    size_t count;
    struct theme *items; /* By name; with room for one more. */
};

/* Whether it can be the name of a term. */
bool term_name_is_good(const char *name);

/* Reads the themes as the view sees them; none when there are none. *out lives as long as the
 * view's arena, and may be changed. */
MUST_USE struct status themes_read(struct store_view *view, struct themes *out);

/* Wishes the themes to be these. */
MUST_USE struct status themes_put(struct store_view *view, struct themes *themes);

/* The theme of a name, or NULL. */
struct theme *themes_find(const struct themes *themes, const char *name);

/* The term of `terms` that has a name or a label which the other one has too, whatever the case;
 * NULL when there is none. What is of the same name as `but` is passed over, unless it is NULL. */
const struct term *terms_clash(const struct term *const *terms, size_t count,
                               const struct term *other, const char *but, struct arena *arena);

/* What the words for a theme and a sub-theme name. */
struct theme_choice {
    const char *theme; /* Their names; "" for none. */
    const char *sub_theme;
    const char *theme_error; /* Why there is none: a literal; NULL when it is right. */
    const char *sub_theme_error;
};

/* Finds them. Without themes any words do. */
struct theme_choice themes_choose(const struct themes *themes, const char *theme,
                                  const char *sub_theme, struct arena *arena);

/* The name of the sub-theme that a word names, of whatever theme; NULL when there is none, or when
 * sub-themes of several names are called so. */
const char *themes_name_of_sub(const struct themes *themes, const char *word, struct arena *arena);
