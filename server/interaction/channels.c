/* Channels: reading and writing them, and which one a word names. */

#include "server/interaction/channels.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/limits.h"

/* A name, another name or a label, as words are compared. */
struct channel_word {
    const char *text;
    size_t position; /* Of the channel. */
};

bool channel_name_is_good(const char *name) {
    const size_t size = strlen(name);
    return size > 0 && size <= SOURCE_LENGTH_MAX && name[0] != '-' && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == size;
}

struct channel *channels_find(const struct channels *channels, const char *name) {
    for (size_t i = 0; i < channels->count; i++) {
        if (strcmp(channels->items[i].term.name, name) == 0) {
            return &channels->items[i];
        }
    }
    return NULL;
}

size_t channels_count_own(const struct channels *channels) {
    size_t count = 0;
    for (size_t i = 0; i < channels->count; i++) {
        count += channels->items[i].built_in ? 0 : 1;
    }
    return count;
}

/* ---- choosing ---- */

/* Folding is dear, and most tell a channel by its name: so it is done when the first does not, and
 * once for all that are read together. */
static void words_make(struct channels *channels) {
    size_t count = 0;
    for (size_t i = 0; i < channels->count; i++) {
        count += 1 + channels->items[i].alias_count + channels->items[i].term.label_count;
    }
    struct channel_word *words = arena_array(channels->arena, count, sizeof *words);
    count = 0;
    for (size_t i = 0; i < channels->count; i++) {
        const struct channel *channel = &channels->items[i];
        words[count++] = (struct channel_word){channel->term.name, i};
        for (size_t k = 0; k < channel->alias_count; k++) {
            words[count++] = (struct channel_word){channel->aliases[k], i};
        }
        for (size_t k = 0; k < channel->term.label_count; k++) {
            const char *text = term_word(channel->term.labels[k].text, channels->arena);
            words[count++] = (struct channel_word){text, i};
        }
    }
    channels->words = words;
    channels->word_count = count;
}

static void words_need(struct channels *channels) {
    if (channels->word_count == 0) {
        words_make(channels);
    }
}

const char *channels_called(struct channels *channels, const char *text, const char *but) {
    const char *word = term_word(text, channels->arena);
    if (strcmp(word, CHANNEL_OF_SURVEYS) == 0) {
        return CHANNEL_OF_SURVEYS;
    }
    words_need(channels);
    for (size_t i = 0; i < channels->word_count && word[0] != '\0'; i++) {
        const char *name = channels->items[channels->words[i].position].term.name;
        if (strcmp(channels->words[i].text, word) == 0 && strcmp(name, but) != 0) {
            return name;
        }
    }
    return NULL;
}

/* Names come before what others are called: a later version may build in what a workspace has. */
static const struct channel *find_called(const struct channels *channels, const char *word) {
    const struct channel *found = channels_find(channels, word);
    for (size_t i = 0; i < channels->word_count && found == NULL; i++) {
        if (strcmp(channels->words[i].text, word) == 0) {
            found = &channels->items[channels->words[i].position];
        }
    }
    return found;
}

/* What is retired is not proposed. */
static struct nearest nearest_of(const struct channels *channels, const char *word) {
    struct nearest nearest = term_nearest_begin(word, channels->arena);
    for (size_t i = 0; i < channels->word_count; i++) {
        const struct channel *channel = &channels->items[channels->words[i].position];
        if (!channel->term.retired) {
            term_nearest_try(&nearest, channels->words[i].text, channel->term.name);
        }
    }
    return nearest;
}

/* Looks for a word that is no name. */
static void choose_called(struct channels *channels, const char *word, struct channel_choice *out) {
    const bool is_word = strlen(word) <= CHANNEL_WORD_SIZE_MAX;
    const char *text = is_word ? term_word(word, channels->arena) : "";
    words_need(channels);
    out->channel = text[0] == '\0' ? NULL : find_called(channels, text);
    if (out->channel == NULL && strcmp(text, CHANNEL_OF_SURVEYS) == 0) {
        out->name = CHANNEL_OF_SURVEYS;
        out->error = "is what responses to surveys are counted under: name a channel";
    } else if (out->channel == NULL) {
        const struct nearest nearest = nearest_of(channels, text);
        out->nearest = nearest.name;
        out->error = term_refusal("is no channel of the workspace", &nearest, channels->arena);
    }
}

struct channel_choice channels_choose(struct channels *channels, const char *word) {
    assert(channels->items != NULL);
    struct channel_choice choice = {.name = word, .channel = channels_find(channels, word)};
    if (choice.channel == NULL && word[0] != '\0') {
        choose_called(channels, word, &choice);
    }
    if (choice.channel != NULL) {
        choice.name = choice.channel->term.name;
        choice.error = choice.channel->term.retired ? "is retired" : NULL;
    }
    return choice;
}

/* ---- rows ---- */

/* What a workspace says of one that is built in lies over what that is. */
static void lay_over(const Stored__V1__Channel *row, struct arena *arena, struct channel *out) {
    const struct term term = term_of_row(row->term, arena);
    out->term.retired = term.retired;
    if (term.label_count > 0) {
        out->is_relabelled = true;
        out->term.label_count = term.label_count;
        out->term.labels = term.labels;
    }
}

static struct channel own_of(const Stored__V1__Channel *row, struct arena *arena) {
    return (struct channel){.term = term_of_row(row->term, arena),
                            .identity_type = row->identity_type};
}

struct status channels_read(struct store_view *view, struct channels *out) {
    struct arena *arena = store_view_arena(view);
    static const Stored__V1__Channels nothing = STORED__V1__CHANNELS__INIT;
    const Stored__V1__Channels *row = &nothing;
    struct bytes packed;
    TRY(store_channels_get(view, &packed));
    if (packed.data != NULL) {
        ProtobufCMessage *message = NULL;
        TRY(store_unpack(arena, &stored__v1__channels__descriptor, packed, &message));
        row = (const Stored__V1__Channels *)message;
    }
    *out = (struct channels){.arena = arena};
    const struct channel *builtin = channels_builtin(&out->count);
    out->items = arena_array(arena, out->count + row->n_channels + 1, sizeof *out->items);
    memcpy(out->items, builtin, out->count * sizeof *builtin);
    for (size_t i = 0; i < row->n_channels; i++) {
        if (row->channels[i]->term == NULL) {
            return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "a channel has no name");
        }
        struct channel *there = channels_find(out, row->channels[i]->term->name);
        if (there != NULL && !row->channels[i]->own) {
            lay_over(row->channels[i], arena, there);
        } else {
            there = there == NULL ? &out->items[out->count++] : there;
            *there = own_of(row->channels[i], arena);
        }
    }
    return OK;
}

static int by_name(const void *a, const void *b) {
    const struct channel *left = a;
    const struct channel *right = b;
    return strcmp(left->term.name, right->term.name);
}

static Stored__V1__Channel *channel_row(const struct channel *channel, struct arena *arena) {
    struct term term = channel->term;
    if (channel->built_in && !channel->is_relabelled) {
        term.label_count = 0;
    }
    Stored__V1__Channel *row = arena_alloc(arena, sizeof *row);
    stored__v1__channel__init(row);
    row->term = term_row(&term, arena);
    row->own = !channel->built_in;
    if (row->own) {
        row->identity_type = (char *)(uintptr_t)channel->identity_type;
    }
    return row;
}

struct status channels_put(struct store_view *view, struct channels *channels) {
    struct arena *arena = store_view_arena(view);
    Stored__V1__Channels row = STORED__V1__CHANNELS__INIT;
    qsort(channels->items + CHANNELS_BUILTIN, channels->count - CHANNELS_BUILTIN,
          sizeof *channels->items, by_name);
    row.channels = arena_array(arena, channels->count, sizeof *row.channels);
    for (size_t i = 0; i < channels->count; i++) {
        const struct channel *channel = &channels->items[i];
        if (!channel->built_in || channel->is_relabelled || channel->term.retired) {
            row.channels[row.n_channels++] = channel_row(channel, arena);
        }
    }
    return store_channels_put(view, store_pack(arena, &row.base));
}
