/* Decoding of requests. protobuf-c allocates from the request's arena within its budget: a message
 * that asks for more is refused, whatever its bytes promise. */

#include "server/rpc/decode.h"

#include <stdbool.h>
#include <stdio.h>

#include "server/base/arena.h"
#include "server/rpc/maps.h"

struct budgeted {
    struct arena *arena;
    bool spent; /* An allocation was refused. */
};

static void *budgeted_alloc(void *data, size_t size) {
    struct budgeted *budgeted = data;
    void *memory = arena_try_alloc(budgeted->arena, size);
    if (memory == NULL) {
        budgeted->spent = true;
    }
    return memory;
}

/* The arena frees everything at once. */
static void budgeted_free(void *data, void *pointer) {
    (void)data;
    (void)pointer;
}

/* Tells where in the message the trouble is. */
static void offset_note(struct rpc_context *ctx, size_t offset) {
    char text[24];
    snprintf(text, sizeof text, "%zu", offset);
    rpc_error_metadata(ctx, "offset", text);
}

struct status decode_request(struct rpc_context *ctx, const ProtobufCMessageDescriptor *shape,
                             struct bytes bytes, ProtobufCMessage **out) {
    size_t offset = 0;
    const struct status scanned = rpc_scan_records(shape, bytes, &ctx->bad_texts, &offset);
    if (!status_is_ok(scanned)) {
        offset_note(ctx, offset);
        if (ctx->bad_texts.outside != NULL) {
            rpc_violation(ctx, RPC_BAD_TEXT, "%s", ctx->bad_texts.outside);
        }
        return scanned;
    }
    struct budgeted budgeted = {.arena = ctx->arena};
    ProtobufCAllocator allocator = {budgeted_alloc, budgeted_free, &budgeted};
    ProtobufCMessage *message =
        protobuf_c_message_unpack(shape, &allocator, bytes.size, bytes.data);
    if (message == NULL && budgeted.spent) {
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_MESSAGE_TOO_LARGE,
                         "the message needs too much memory");
    }
    if (message == NULL) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_MESSAGE_INVALID,
                         "the message can't be decoded");
    }
    maps_settle(message, ctx->arena);
    *out = message;
    return OK;
}
