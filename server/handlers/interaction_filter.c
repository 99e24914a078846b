/* Filters of timelines: pure functions of a stored interaction. */

#include "server/handlers/interaction_filter.h"

#include <limits.h>
#include <string.h>

#include "server/handlers/wire.h"
#include "server/identity/name_words.h"
#include "server/interaction/asked_term.h"
#include "server/interaction/interaction_words.h"
#include "server/store/interaction_part.h"

enum { TEXT_WORDS_MAX = 16 };

/* ---- reading ---- */

static int64_t time_read(struct rpc_context *ctx, const Google__Protobuf__Timestamp *time,
                         int64_t otherwise, const char *path, const char *name) {
    if (time == NULL) {
        return otherwise;
    }
    struct field_errors errors = {.arena = ctx->arena};
    const int64_t time_us = wire_any_time_read(time, &errors, name);
    field_errors_violate(&errors, ctx, arena_format(ctx->arena, "%s.", path));
    return time_us;
}

void interaction_filter_read(struct rpc_context *ctx,
                             const Profiled__V1__InteractionFilter *message, const char *path,
                             struct interaction_filter *out) {
    *out = (struct interaction_filter){
        .channel = "", .theme = "", .sub_theme = "", .min_us = INT64_MIN, .max_us = INT64_MAX};
    if (message == NULL) {
        return;
    }
    out->kind = (int)message->kind;
    out->channel = message->channel;
    out->theme = message->theme;
    out->sub_theme = message->sub_theme;
    out->sentiment = (uint32_t)message->sentiment;
    out->min_us = time_read(ctx, message->min_time, INT64_MIN, path, "min_time");
    out->max_us = time_read(ctx, message->max_time, INT64_MAX, path, "max_time");
    if (out->kind < 0 || out->kind > PROFILED__V1__INTERACTION_KIND__INTERACTION_KIND_ACTIVITY) {
        rpc_violation(ctx, "must be a kind that this server knows", "%s.kind", path);
    }
    if ((int)message->sentiment < 0 ||
        (int)message->sentiment > PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE) {
        rpc_violation(ctx, "must be one that this server knows", "%s.sentiment", path);
    }
    if (out->min_us > out->max_us) {
        rpc_violation(ctx, "is before min_time", "%s.max_time", path);
    }
    ctx->checks_later =
        message->channel[0] != '\0' || message->theme[0] != '\0' || message->sub_theme[0] != '\0';
    if (message->text[0] != '\0') {
        out->word_count =
            name_words_up_to(message->text, TEXT_WORDS_MAX + 1, ctx->arena, &out->words);
        if (out->word_count == 0) {
            rpc_violation(ctx, "has no word", "%s.text", path);
        } else if (out->word_count > TEXT_WORDS_MAX) {
            rpc_violation(ctx, "has more than 16 words", "%s.text", path);
        }
    }
}

static const char *name_of(struct rpc_context *ctx, const struct asked_term *term, const char *path,
                           const char *field) {
    if (term->error != NULL) {
        rpc_violation(ctx, term->error, "%s.%s", path, field);
    }
    return term->name;
}

struct status interaction_filter_settle(struct rpc_context *ctx, const char *path,
                                        struct interaction_filter *filter) {
    struct asked_term channel;
    struct asked_term theme;
    struct asked_term sub_theme;
    TRY(asked_channel(ctx->store, filter->channel, &channel));
    TRY(asked_theme(ctx->store, filter->theme, &theme));
    TRY(asked_sub_theme(ctx->store, theme.name, filter->sub_theme, &sub_theme));
    filter->channel = name_of(ctx, &channel, path, "channel");
    filter->theme = name_of(ctx, &theme, path, "theme");
    filter->sub_theme = name_of(ctx, &sub_theme, path, "sub_theme");
    return ctx->violation_count == 0 ? OK : rpc_violations_status(ctx);
}

/* FNV-1a (64 bits) over the packed filter: what it says of texts stays in the server, for tokens
 * are sealed. */
uint64_t interaction_filter_hash(const Profiled__V1__InteractionFilter *message,
                                 struct arena *arena) {
    uint64_t hash = 14695981039346656037U;
    if (message == NULL) {
        return hash;
    }
    const struct bytes packed = store_pack(arena, &message->base);
    for (size_t i = 0; i < packed.size; i++) {
        hash = (hash ^ packed.data[i]) * 1099511628211U;
    }
    return hash;
}

/* ---- taking ---- */

static bool has_words(const struct interaction_filter *filter,
                      const Stored__V1__Interaction *interaction, struct arena *arena) {
    const char *const *words = NULL;
    const size_t count =
        filter->word_count == 0 ? 0 : interaction_words(interaction, arena, &words);
    for (size_t i = 0; i < filter->word_count; i++) {
        if (!wire_is_among(words, count, filter->words[i])) {
            return false;
        }
    }
    return true;
}

static bool is_wanted(const char *wanted, const char *value) {
    return wanted[0] == '\0' || strcmp(wanted, value) == 0;
}

static bool has_labels(const struct interaction_filter *filter,
                       const Stored__V1__Interaction *interaction) {
    const Stored__V1__Engagement *engagement = interaction_engagement(interaction);
    return is_wanted(filter->channel, interaction_channel(interaction)) &&
           is_wanted(filter->theme, engagement->theme) &&
           is_wanted(filter->sub_theme, engagement->sub_theme) &&
           (filter->sentiment == 0 || filter->sentiment == engagement->sentiment);
}

struct status interaction_filter_takes(const struct interaction_filter *filter,
                                       const struct store_interaction *interaction,
                                       struct arena *arena, bool *out) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__interaction__descriptor, interaction->packed, &message));
    const Stored__V1__Interaction *stored = (const Stored__V1__Interaction *)message;
    *out = (filter->kind == 0 || filter->kind == (int)interaction_kind(stored)) &&
           has_labels(filter, stored) && has_words(filter, stored, arena);
    return OK;
}
