/* What a failed call tells beside code and text: google.rpc.Status with ErrorInfo (a reason that
 * programs can act on), BadRequest (every bad field) and RetryInfo (when to come again). It travels
 * in a trailer, and clients take 8 KiB of these at most: the list of bad fields ends before. */

#include <assert.h>

#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "server/rpc/rpc.h"

enum {
    DETAILS_MAX = 3,            /* Kinds of details. */
    VIOLATIONS_SIZE_MAX = 4000, /* Packed; a third more in base64, and gRPC sends it so. */
    NANOS_PER_MS = 1000000,
    MS_PER_SECOND = 1000,
};

static Google__Protobuf__Any *any_of(const ProtobufCMessage *message, const char *type_url,
                                     struct arena *arena) {
    const size_t size = protobuf_c_message_get_packed_size(message);
    Google__Protobuf__Any *any = arena_alloc(arena, sizeof *any);
    google__protobuf__any__init(any);
    any->type_url = (char *)(uintptr_t)type_url;
    any->value.data = arena_alloc(arena, size);
    any->value.len = protobuf_c_message_pack(message, any->value.data);
    assert(any->value.len == size);
    return any;
}

static Google__Protobuf__Any *error_info_any(struct status status, const struct rpc_context *ctx,
                                             struct arena *arena) {
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry entries[RPC_METADATA_MAX];
    Google__Rpc__ErrorInfo__MetadataEntry *list[RPC_METADATA_MAX];
    info.reason = (char *)(uintptr_t)error_reason_name(status.reason);
    info.domain = (char *)(uintptr_t) "profiled";
    info.n_metadata = ctx == NULL ? 0 : ctx->metadata_count;
    info.metadata = list;
    for (size_t i = 0; i < info.n_metadata; i++) {
        google__rpc__error_info__metadata_entry__init(&entries[i]);
        entries[i].key = (char *)(uintptr_t)ctx->metadata[i].key;
        entries[i].value = (char *)(uintptr_t)ctx->metadata[i].value;
        list[i] = &entries[i];
    }
    return any_of(&info.base, "type.googleapis.com/google.rpc.ErrorInfo", arena);
}

static Google__Rpc__BadRequest__FieldViolation *
violation_new(const char *field, const char *description, struct arena *arena) {
    Google__Rpc__BadRequest__FieldViolation *violation = arena_alloc(arena, sizeof *violation);
    google__rpc__bad_request__field_violation__init(violation);
    violation->field = (char *)(uintptr_t)field;
    violation->description = (char *)(uintptr_t)description;
    return violation;
}

/* As many as fit, and one that counts the others. */
static Google__Protobuf__Any *bad_request_any(const struct rpc_context *ctx, struct arena *arena) {
    Google__Rpc__BadRequest request = GOOGLE__RPC__BAD_REQUEST__INIT;
    Google__Rpc__BadRequest__FieldViolation *list[RPC_VIOLATIONS_MAX + 1];
    request.field_violations = list;
    size_t size = 0;
    for (size_t i = 0; i < ctx->violation_count && i < RPC_VIOLATIONS_MAX; i++) {
        list[i] = violation_new(ctx->violations[i].field, ctx->violations[i].description, arena);
        size += protobuf_c_message_get_packed_size(&list[i]->base);
        if (size > VIOLATIONS_SIZE_MAX) {
            break;
        }
        request.n_field_violations++;
    }
    const size_t left_out = ctx->violation_count - request.n_field_violations;
    if (left_out > 0) {
        const char *text = arena_format(arena, "%zu more fields are not valid", left_out);
        list[request.n_field_violations] = violation_new("", text, arena);
        request.n_field_violations++;
    }
    return any_of(&request.base, "type.googleapis.com/google.rpc.BadRequest", arena);
}

/* After how long the same call may succeed; 0 when waiting does not help. */
static int32_t retry_delay_ms(enum error_reason reason) {
    if (reason == REASON_OVERLOADED) {
        return 100;
    }
    return reason == REASON_SHUTTING_DOWN ? MS_PER_SECOND : 0;
}

static Google__Protobuf__Any *retry_info_any(int32_t delay_ms, struct arena *arena) {
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    delay.seconds = delay_ms / MS_PER_SECOND;
    delay.nanos = delay_ms % MS_PER_SECOND * NANOS_PER_MS;
    Google__Rpc__RetryInfo info = GOOGLE__RPC__RETRY_INFO__INIT;
    info.retry_delay = &delay;
    return any_of(&info.base, "type.googleapis.com/google.rpc.RetryInfo", arena);
}

struct bytes rpc_status_details(struct status status, const struct rpc_context *ctx,
                                struct arena *arena) {
    assert(!status_is_ok(status));
    Google__Protobuf__Any *list[DETAILS_MAX];
    Google__Rpc__Status details = GOOGLE__RPC__STATUS__INIT;
    details.code = (int32_t)status.code;
    details.message = (char *)(uintptr_t)status.text;
    details.details = list;
    list[details.n_details++] = error_info_any(status, ctx, arena);
    if (ctx != NULL && ctx->violation_count > 0) {
        list[details.n_details++] = bad_request_any(ctx, arena);
    }
    const int32_t delay_ms = retry_delay_ms(status.reason);
    if (delay_ms > 0) {
        list[details.n_details++] = retry_info_any(delay_ms, arena);
    }
    assert(details.n_details <= DETAILS_MAX);

    const size_t size = protobuf_c_message_get_packed_size(&details.base);
    uint8_t *packed = arena_alloc(arena, size);
    const size_t packed_size = protobuf_c_message_pack(&details.base, packed);
    assert(packed_size == size);
    return bytes_of(packed, packed_size);
}
