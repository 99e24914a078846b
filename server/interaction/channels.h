#pragma once
/* The channels of a workspace: those that are built in, as far as it has changed nothing of them,
 * and its own. */

#include "server/interaction/terms.h"

enum {
    CHANNELS_OWN_MAX = 100,
    CHANNEL_WORD_SIZE_MAX = 512, /* Bytes of a word for one; a longer one is of none. */
    CHANNELS_BUILTIN = 32,
};

/* What surveys are counted under: the name of no channel. */
#define CHANNEL_OF_SURVEYS "survey"

struct channel {
    struct term term;
    /* The type of the identity that an author's handle is, where the workspace has such a type. */
    const char *identity_type;
    size_t alias_count; /* Further names, of those that are built in: as they are compared. */
    const char *const *aliases;
    bool built_in;
    bool is_relabelled; /* It is built in, and the labels are the workspace's. */
};

struct channels {
    struct arena *arena;
    size_t count;
    struct channel *items; /* Those that are built in, then the workspace's own by name; with room
                              for one more. */
    size_t word_count;     /* What they are called; 0: nobody has asked yet. */
    struct channel_word *words;
};

/* The channels that are built in; *count is CHANNELS_BUILTIN. */
const struct channel *channels_builtin(size_t *count);

/* The one that is built in and has the name, or another name that is built in; NULL for none. What
 * it is called does not count: that, a workspace may change. */
const struct channel *channel_builtin(const char *name);

/* Whether it can be the name of a channel: characters as in the name of a source, of which - and .
 * do not come first, so that it stands in filters as it is. */
bool channel_name_is_good(const char *name);

/* Reads the channels as the view sees them. *out lives as long as the view's arena, and may be
 * changed. */
MUST_USE struct status channels_read(struct store_view *view, struct channels *out);

/* Wishes the channels to be these. */
MUST_USE struct status channels_put(struct store_view *view, struct channels *channels);

/* The channel that has the name, or NULL. */
struct channel *channels_find(const struct channels *channels, const char *name);

/* Those that the workspace made. */
size_t channels_count_own(const struct channels *channels);

/* The name of the channel that has the text for a name, or is called so, as words are compared;
 * what surveys are counted under for that word; NULL for none. The channel of the name `but` is
 * passed over. */
const char *channels_called(struct channels *channels, const char *text, const char *but);

/* What a word for a channel names. */
struct channel_choice {
    const char *name;              /* Its name; the word where there is none. */
    const struct channel *channel; /* NULL where there is none. */
    const char *error;             /* Why engagements can't have it; NULL when they can. */
    const char *nearest;           /* Where there is none: a name that may be meant, or NULL. */
};

/* Finds it: by its name, else by what it is called, in any language and case. The word "" names
 * none, which is no error. */
struct channel_choice channels_choose(struct channels *channels, const char *word);
