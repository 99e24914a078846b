/* What a check or a handler tells beside its status: bad fields, and pairs for ErrorInfo. */

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "server/rpc/rpc.h"

enum {
    FIELD_PATH_SIZE_MAX = 128, /* Longer paths are cut. */
    KEY_TOLD_SIZE_MAX = 64,
};

/* A path that was cut must not end inside of a letter. */
static void path_trim(char *path, size_t size) {
    if (size < FIELD_PATH_SIZE_MAX) {
        return;
    }
    size_t end = FIELD_PATH_SIZE_MAX - 1;
    while (end > 0 && ((unsigned char)path[end - 1] & 0xc0) == 0x80) {
        end--;
    }
    if (end > 0 && ((unsigned char)path[end - 1] & 0x80) != 0) {
        end--;
    }
    path[end] = '\0';
}

char *rpc_field_path(struct arena *arena, const char *format, va_list arguments) {
    char path[FIELD_PATH_SIZE_MAX];
    const int size = vsnprintf(path, sizeof path, format, arguments);
    assert(size >= 0);
    path_trim(path, (size_t)size);
    return arena_string(arena, bytes_of_string(path));
}

bool rpc_key_is_told(struct bytes key) {
    for (size_t i = 0; i < key.size; i++) {
        const uint8_t c = key.data[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool is_other = (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        if (!is_letter && (i == 0 || !is_other)) {
            return false;
        }
    }
    return key.size > 0 && key.size <= KEY_TOLD_SIZE_MAX;
}

void rpc_violation(struct rpc_context *ctx, const char *description, const char *field_format,
                   ...) {
    const size_t index = ctx->violation_count;
    ctx->violation_count++;
    if (index >= RPC_VIOLATIONS_MAX) {
        return;
    }
    va_list arguments;
    va_start(arguments, field_format);
    ctx->violations[index] = (struct rpc_violation){
        .field = rpc_field_path(ctx->arena, field_format, arguments),
        .description = description,
    };
    va_end(arguments);
}

const char *rpc_bad_text(const struct rpc_context *ctx, size_t record) {
    for (size_t i = 0; i < ctx->bad_texts.count; i++) {
        if (ctx->bad_texts.items[i].record == record) {
            return ctx->bad_texts.items[i].field;
        }
    }
    return NULL;
}

struct status rpc_memory_check(struct rpc_context *ctx) {
    const bool is_spent =
        ctx->arena->exhausted || (ctx->stream_arena != NULL && ctx->stream_arena->exhausted);
    if (!is_spent) {
        return OK;
    }
    char limit[24];
    snprintf(limit, sizeof limit, "%zu",
             ctx->arena->exhausted ? ctx->arena->budget : ctx->stream_arena->budget);
    rpc_error_metadata(ctx, "limit_bytes", limit);
    return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_MESSAGE_TOO_LARGE,
                     "the request needs more memory than one may take: send fewer items at once");
}

struct status rpc_violations_status(const struct rpc_context *ctx) {
    assert(ctx->violation_count > 0);
    (void)ctx;
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID,
                     "the request has fields that are not valid");
}

void rpc_error_metadata(struct rpc_context *ctx, const char *key, const char *value) {
    assert(ctx->metadata_count < RPC_METADATA_MAX);
    ctx->metadata[ctx->metadata_count].key = key;
    ctx->metadata[ctx->metadata_count].value = arena_string(ctx->arena, bytes_of_string(value));
    ctx->metadata_count++;
}
