#pragma once
/* Terms that filters ask for. Those that are retired can be asked for, and so can words that
 * interactions have from before the workspace had such terms. */

#include "server/store/store.h"

struct asked_term {
    const char *name;    /* Its name; the word where it has none. */
    const char *error;   /* Why no interaction has it; NULL when one may. */
    const char *nearest; /* Of what there is none of: a name that may be meant, or NULL. */
};

/* Finds them by their names, or by what they are called. The word "" asks for none, which is no
 * error. *out lives as long as the view's arena. */

/* A channel, or what surveys are counted under. */
MUST_USE struct status asked_channel(struct store_view *view, const char *word,
                                     struct asked_term *out);
MUST_USE struct status asked_theme(struct store_view *view, const char *word,
                                   struct asked_term *out);
/* A sub-theme of the theme of that name; of whatever theme where there is none of the name. */
MUST_USE struct status asked_sub_theme(struct store_view *view, const char *theme, const char *word,
                                       struct asked_term *out);
