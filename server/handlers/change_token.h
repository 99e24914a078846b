#pragma once
/* Tokens of WatchChanges: where a caller has come to. */

#include "server/rpc/rpc.h"
#include "server/store/change.h"
#include "server/store/subscription.h"

struct watch_place {
    uint8_t in_snapshot; /* 1: profiles are being told. */
    uint8_t started;     /* 1: some were. */
    struct id profile;   /* The last one that was told, or looked at. */
    struct store_change_place change;
    uint64_t segments;     /* Which ones are asked for: change_token_segments(). They were there. */
    uint64_t filter;       /* Which filter is asked for: change_token_filter(). */
    const char *kept;      /* It in canonical form; "" where that is what was asked for. */
    uint64_t subscription; /* Whose stream it is of: change_token_subscription(); 0: of none. */
};

/* What a subscription is known by in tokens. One that is made anew under the name is another one.
 */
uint64_t change_token_subscription(struct rpc_context *ctx,
                                   const struct store_subscription *subscription);

/* What the segments that a watch asks for, in any order, are known by in tokens; and its filter. */
uint64_t change_token_segments(struct rpc_context *ctx, char *const *segments, size_t count);

uint64_t change_token_filter(struct rpc_context *ctx, const char *filter);

char *change_token_write(struct rpc_context *ctx, const struct watch_place *place);

/* INVALID_ARGUMENT RESUME_TOKEN_INVALID. out->kept lives as long as the call. */
MUST_USE struct status change_token_read(struct rpc_context *ctx, const char *token,
                                         struct watch_place *out);
