/* Tokens of WatchChanges: sealed by the workspace's key, so that nobody makes one up. They do not
 * grow old: what is behind them does. */

#include "server/handlers/change_token.h"

#include <stdlib.h>
#include <string.h>

#include "server/handlers/wire.h"

static const char purpose[] = "WatchChanges";

static struct status token_invalid(void) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_RESUME_TOKEN_INVALID,
                     "the resume token is not one of this server's, was changed, or is of another "
                     "workspace");
}

/* The parts of a place, one behind the other, and then the filter that is kept. */
enum { TOKEN_SIZE = 2 + ID_SIZE + 8 + 4 + 8 + 8 + 8 };

char *change_token_write(struct rpc_context *ctx, const struct watch_place *place) {
    const size_t kept_size = place->kept == NULL ? 0 : strlen(place->kept);
    uint8_t *content = arena_alloc(ctx->arena, TOKEN_SIZE + kept_size);
    content[0] = place->in_snapshot;
    content[1] = place->started;
    memcpy(content + 2, place->profile.bytes, ID_SIZE);
    memcpy(content + 2 + ID_SIZE, &place->change.sequence, 8);
    memcpy(content + 2 + ID_SIZE + 8, &place->change.count, 4);
    memcpy(content + 2 + ID_SIZE + 8 + 4, &place->subscription, 8);
    memcpy(content + 2 + ID_SIZE + 8 + 4 + 8, &place->segments, 8);
    memcpy(content + 2 + ID_SIZE + 8 + 4 + 8 + 8, &place->filter, 8);
    if (kept_size > 0) {
        memcpy(content + TOKEN_SIZE, place->kept, kept_size);
    }
    return wire_string(store_token_seal(ctx->store, purpose, ctx->now_us,
                                        bytes_of(content, TOKEN_SIZE + kept_size)));
}

struct status change_token_read(struct rpc_context *ctx, const char *token,
                                struct watch_place *out) {
    struct bytes content;
    int64_t seal_us = 0;
    const struct status status =
        store_token_open_any(ctx->store, purpose, token, &seal_us, &content);
    if (status.reason == REASON_PAGE_TOKEN_INVALID ||
        (status_is_ok(status) && content.size < TOKEN_SIZE)) {
        return token_invalid();
    }
    TRY(status);
    out->in_snapshot = content.data[0];
    out->started = content.data[1];
    memcpy(out->profile.bytes, content.data + 2, ID_SIZE);
    memcpy(&out->change.sequence, content.data + 2 + ID_SIZE, 8);
    memcpy(&out->change.count, content.data + 2 + ID_SIZE + 8, 4);
    memcpy(&out->subscription, content.data + 2 + ID_SIZE + 8 + 4, 8);
    memcpy(&out->segments, content.data + 2 + ID_SIZE + 8 + 4 + 8, 8);
    memcpy(&out->filter, content.data + 2 + ID_SIZE + 8 + 4 + 8 + 8, 8);
    out->kept =
        arena_string(ctx->arena, bytes_of(content.data + TOKEN_SIZE, content.size - TOKEN_SIZE));
    return OK;
}

static uint64_t known_by(struct rpc_context *ctx, const struct bytes *parts, size_t count) {
    const struct fingerprint print = store_fingerprint(store_view_store(ctx->store), parts, count);
    uint64_t out = 0;
    memcpy(&out, print.bytes, sizeof out);
    return out;
}

static int by_name(const void *a, const void *b) {
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

uint64_t change_token_segments(struct rpc_context *ctx, char *const *segments, size_t count) {
    struct bytes *parts = arena_array(ctx->arena, count, sizeof *parts);
    for (size_t i = 0; i < count; i++) {
        parts[i] = bytes_of_string(segments[i]);
    }
    if (count == 0) {
        return 0;
    }
    qsort(parts, count, sizeof *parts, by_name);
    return known_by(ctx, parts, count);
}

uint64_t change_token_filter(struct rpc_context *ctx, const char *filter) {
    const struct bytes text = bytes_of_string(filter);
    return text.size == 0 ? 0 : known_by(ctx, &text, 1);
}

uint64_t change_token_subscription(struct rpc_context *ctx,
                                   const struct store_subscription *subscription) {
    const struct bytes parts[] = {
        bytes_of_string(subscription->name),
        bytes_of((const uint8_t *)&subscription->create_us, sizeof subscription->create_us),
    };
    return known_by(ctx, parts, sizeof parts / sizeof *parts);
}
