/* What imports of profiles and streams of interactions have in common: their ids, and the row of
 * the store that says how far each has come. */

#include "server/handlers/import_progress.h"

#include <string.h>

#include "server/base/limits.h"

enum { DIGEST_LENGTH_MAX = 128 };

void import_id_check(const char *id, struct field_errors *errors, const char *field) {
    static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_-.:";
    const size_t size = strlen(id);
    if (size == 0 || size > IMPORT_ID_LENGTH_MAX || strspn(id, characters) != size) {
        field_errors_add(errors, "must be 1 to 128 letters, digits, _, -, . and :", "%s", field);
    }
}

void import_digest_check(const char *digest, struct field_errors *errors, const char *field) {
    if (strlen(digest) > DIGEST_LENGTH_MAX) {
        field_errors_add(errors, "is longer than 128 characters", "%s", field);
    }
}

struct status import_progress_read(struct rpc_context *ctx, const struct import_name *name,
                                   struct status mismatch, Stored__V1__Import *out) {
    stored__v1__import__init(out);
    struct bytes packed;
    TRY(store_import_get(ctx->store, name->kind, name->id, &packed));
    if (packed.data == NULL) {
        return OK;
    }
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(ctx->arena, &stored__v1__import__descriptor, packed, &message));
    *out = *(const Stored__V1__Import *)message;
    const struct bytes header = bytes_of(out->header.data, out->header.len);
    return bytes_equal(header, bytes_of(name->header.bytes, sizeof name->header.bytes)) ? OK
                                                                                        : mismatch;
}

struct status import_progress_write(struct rpc_context *ctx, const struct import_name *name,
                                    Stored__V1__Import *progress) {
    /* The message's member is not const; packing only reads it. */
    uint8_t *header = (uint8_t *)(uintptr_t)name->header.bytes;
    progress->update_us = (uint64_t)ctx->now_us;
    progress->header = (ProtobufCBinaryData){sizeof name->header.bytes, header};
    struct arena *arena = store_view_arena(ctx->store);
    return store_import_put(ctx->store, name->kind, name->id, store_pack(arena, &progress->base));
}
