/* Foreign bytes as requests: the first byte chooses a message, the rest is the message. What the
 * scan lets through protobuf-c must unpack, within the budget, and its maps must have one form. */

#include <stdint.h>
#include <stdlib.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/arena.h"
#include "server/base/limits.h"
#include "server/rpc/maps.h"
#include "server/rpc/rpc.h"
#include "tests/rpc/shapes.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ProtobufCMessageDescriptor *const shapes[] = {
    &tests__rpc__v1__shape__descriptor,
    &profiled__v1__create_profile_request__descriptor,
    &profiled__v1__update_profile_request__descriptor,
    &profiled__v1__batch_resolve_profiles_request__descriptor,
    &profiled__v1__batch_record_interactions_request__descriptor,
    &profiled__v1__import_profiles_request__descriptor,
    &profiled__v1__stream_interactions_request__descriptor,
};

static void require(bool fact) {
    if (!fact) {
        abort();
    }
}

static void *budget_alloc(void *data, size_t size) { return arena_try_alloc(data, size); }

static void budget_free(void *data, void *pointer) {
    (void)data;
    (void)pointer;
}

static struct bytes packed(const ProtobufCMessage *message, struct arena *arena) {
    uint8_t *out = arena_alloc(arena, protobuf_c_message_get_packed_size(message));
    return bytes_of(out, protobuf_c_message_pack(message, out));
}

static ProtobufCMessage *unpacked(const ProtobufCMessageDescriptor *shape, struct bytes bytes,
                                  struct arena *arena) {
    ProtobufCAllocator allocator = {budget_alloc, budget_free, arena};
    return protobuf_c_message_unpack(shape, &allocator, bytes.size, bytes.data);
}

/* What a message came to comes to itself. */
static void settled_check(const ProtobufCMessageDescriptor *shape, ProtobufCMessage *message,
                          struct arena *arena) {
    maps_settle(message, arena);
    const struct bytes once = packed(message, arena);
    size_t offset = 0;
    if (!status_is_ok(rpc_scan(shape, once, &offset))) {
        return; /* Writing out what was implied made it too deep or too large. */
    }
    ProtobufCMessage *again = unpacked(shape, once, arena);
    if (again == NULL) {
        require(arena->used > REQUEST_ARENA_MAX / 2);
        return;
    }
    maps_settle(again, arena);
    require(bytes_equal(once, packed(again, arena)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    const ProtobufCMessageDescriptor *shape = shapes[data[0] % (sizeof shapes / sizeof *shapes)];
    const struct bytes message = bytes_of(data + 1, size - 1);
    size_t offset = SIZE_MAX;
    if (!status_is_ok(rpc_scan(shape, message, &offset))) {
        require(offset <= message.size);
        return 0;
    }
    struct arena arena;
    arena_init(&arena, REQUEST_ARENA_MAX);
    ProtobufCMessage *request = unpacked(shape, message, &arena);
    if (request != NULL) {
        settled_check(shape, request, &arena);
    } else {
        /* Only for want of memory: one more allocation would have passed the budget. */
        require(message.size > 1 << 16);
    }
    arena_free(&arena);
    return 0;
}
