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
    const char *theme; /* Their names; "" for none. */
    const char *sub_theme;
    const char *theme_error; /* Why there is none; NULL when it is right. */
    const char *sub_theme_error;
};

/* Finds them. Without themes any words do. */
struct theme_choice themes_choose(const struct themes *themes, const char *theme,
                                  const char *sub_theme, struct arena *arena);

/* The name of the sub-theme that a word names, of whatever theme; NULL when there is none, or when
 * sub-themes of several names are called so. */
const char *themes_name_of_sub(const struct themes *themes, const char *word, struct arena *arena);
