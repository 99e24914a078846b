#pragma once
/* The themes of a workspace. */

#include <stddef.h>

#include "server/interaction/terms.h"
#include "server/store/store.h"

enum {
    THEMES_MAX = 100,
    SUB_THEMES_MAX = 100, /* Of one theme. */
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

/* Reads the themes as the view sees them; none when there are none. *out lives as long as the
 * view's arena, and may be changed. */
MUST_USE struct status themes_read(struct store_view *view, struct themes *out);

/* Wishes the themes to be these. */
MUST_USE struct status themes_put(struct store_view *view, struct themes *themes);

/* The theme of a name, or NULL. */
struct theme *themes_find(const struct themes *themes, const char *name);

/* What the words for a theme and a sub-theme name. */
struct theme_choice {
    const char *theme; /* Their names; the words where there is none. */
    const char *sub_theme;
    const char *theme_error; /* Why engagements can't have it; NULL when they can. */
    const char *sub_theme_error;
    const char *theme_nearest; /* Where there is none: a name that may be meant, or NULL. */
};

/* Finds them. Without themes any words do. */
struct theme_choice themes_choose(const struct themes *themes, const char *theme,
                                  const char *sub_theme, struct arena *arena);

/* What a word for a sub-theme alone names. */
struct sub_theme_choice {
    const char *name;    /* Its name; the word where there is none. */
    const char *error;   /* Why there is none, or no one; NULL when there is. */
    const char *nearest; /* Then a name that may be meant, or NULL. */
};

/* Finds it, retired or not, in a theme; for NULL in all of them, where sub-themes of several names
 * may be called so. */
struct sub_theme_choice themes_choose_sub(const struct themes *themes, const struct theme *theme,
                                          const char *word, struct arena *arena);
