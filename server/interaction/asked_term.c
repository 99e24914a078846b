/* Terms that filters ask for: first those that the workspace has, then what is counted of
 * interactions. */

#include "server/interaction/asked_term.h"

#include <string.h>

#include "server/interaction/channels.h"
#include "server/interaction/themes.h"
#include "server/store/fact.h"

/* A word that names no term is right where an interaction has it; only for such a word counts are
 * gone through. */
static struct status forgive(struct store_view *view, enum store_fact_label label,
                             struct asked_term *out) {
    bool is_counted = false;
    TRY(store_count_has(view, label, out->name, &is_counted));
    if (is_counted) {
        out->error = NULL;
        out->nearest = NULL;
    }
    return OK;
}

struct status asked_channel(struct store_view *view, const char *word, struct asked_term *out) {
    struct channels channels;
    TRY(channels_read(view, &channels));
    const struct channel_choice choice = channels_choose(&channels, word);
    *out = (struct asked_term){.name = choice.name};
    if (choice.channel != NULL || strcmp(choice.name, CHANNEL_OF_SURVEYS) == 0) {
        return OK;
    }
    out->error = choice.error;
    out->nearest = choice.nearest;
    return out->error == NULL ? OK : forgive(view, STORE_FACT_CHANNEL, out);
}

struct status asked_theme(struct store_view *view, const char *word, struct asked_term *out) {
    struct themes themes;
    TRY(themes_read(view, &themes));
    const struct theme_choice choice = themes_choose(&themes, word, "", store_view_arena(view));
    *out = (struct asked_term){.name = choice.theme};
    if (themes_find(&themes, choice.theme) != NULL) {
        return OK;
    }
    out->error = choice.theme_error;
    out->nearest = choice.theme_nearest;
    return out->error == NULL ? OK : forgive(view, STORE_FACT_THEME, out);
}

struct status asked_sub_theme(struct store_view *view, const char *theme, const char *word,
                              struct asked_term *out) {
    struct themes themes;
    TRY(themes_read(view, &themes));
    *out = (struct asked_term){.name = word};
    if (word[0] == '\0' || themes.count == 0) {
        return OK;
    }
    const struct sub_theme_choice choice =
        themes_choose_sub(&themes, themes_find(&themes, theme), word, store_view_arena(view));
    *out = (struct asked_term){choice.name, choice.error, choice.nearest};
    return out->error == NULL ? OK : forgive(view, STORE_FACT_SUB_THEME, out);
}
