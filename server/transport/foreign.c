/* Unpacks what strangers sent, into an arena with a budget. */

#include "server/transport/foreign.h"

#include <stdint.h>

#include "server/base/status.h"
#include "server/rpc/rpc.h"

static void *allocate(void *arena, size_t size) { return arena_try_alloc(arena, size); }

static void keep(void *arena, void *memory) {
    (void)arena; /* The arena frees everything at once. */
    (void)memory;
}

const void *foreign_unpack(const ProtobufCMessageDescriptor *shape, struct bytes bytes,
                           struct arena *arena) {
    size_t offset = 0;
    if (!status_is_ok(rpc_scan(shape, bytes, &offset))) {
        return NULL;
    }
    ProtobufCAllocator allocator = {.alloc = allocate, .free = keep, .allocator_data = arena};
    return protobuf_c_message_unpack(shape, &allocator, bytes.size, bytes.data);
}

struct bytes foreign_pack(const ProtobufCMessage *message, struct arena *arena) {
    const size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = arena_alloc(arena, size);
    protobuf_c_message_pack(message, packed);
    return bytes_of(packed, size);
}
