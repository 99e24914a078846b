#pragma once
/* Which interactions of a timeline are wanted. */

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/handlers/interaction_message.h"

enum { INTERACTION_FILTER_WORDS_MAX = 16 };

/* A filter that was read. Lives in the call's arena. */
struct interaction_filter {
    int kind; /* INTERACTION_KIND_…; 0: any. */
    const char *channel;
    int64_t min_us; /* Those at this time or later, and before the other. */
    int64_t max_us;
    const char *theme;
    const char *sub_theme;
    uint32_t sentiment;
    size_t word_count;
    const char *const *words;
};

/* Reads a filter, NULL for none; notes what is wrong, below `path`. Where it names a channel or a
 * theme the handler is to settle it, before all else. */
void interaction_filter_read(struct rpc_context *ctx,
                             const Profiled__V1__InteractionFilter *message, const char *path,
                             struct interaction_filter *out);

/* Names the channel and the themes as they are kept: they may be told by what they are called.
 * INVALID_ARGUMENT FIELD_INVALID, with all that is wrong with the request, when there is none of a
 * name and no interaction has the word; or when the check found something. */
MUST_USE struct status interaction_filter_settle(struct rpc_context *ctx, const char *path,
                                                 struct interaction_filter *filter);

/* Tells two filters apart, for page tokens: 8 bytes. */
uint64_t interaction_filter_hash(const Profiled__V1__InteractionFilter *message,
                                 struct arena *arena);

/* Whether a stored interaction is wanted, its time aside. DATA_LOSS STORE_CORRUPT when it does not
 * decode. */
MUST_USE struct status interaction_filter_takes(const struct interaction_filter *filter,
                                                const struct store_interaction *interaction,
                                                struct arena *arena, bool *out);
