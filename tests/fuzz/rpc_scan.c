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

/* The messages, and those of their records that have a verdict each. */
static const struct shape {
    const ProtobufCMessageDescriptor *message;
    const ProtobufCMessageDescriptor *record;
} shapes[] = {
    {&tests__rpc__v1__shape__descriptor, NULL},
    {&profiled__v1__create_profile_request__descriptor, NULL},
    {&profiled__v1__update_profile_request__descriptor, NULL},
    {&profiled__v1__batch_resolve_profiles_request__descriptor, &profiled__v1__record__descriptor},
    {&profiled__v1__batch_record_interactions_request__descriptor,
     &profiled__v1__interaction_record__descriptor},
    {&profiled__v1__import_profiles_request__descriptor, &profiled__v1__record__descriptor},
    {&profiled__v1__stream_interactions_request__descriptor,
     &profiled__v1__interaction_record__descriptor},
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

/* Texts of records are all that is forgiven, each record has one, in their order, and it has a
 * path.
 */
static void records_check(const struct shape *shape, struct bytes message, bool is_sound) {
    struct arena arena;
    size_t offset = 0;
    arena_init(&arena, REQUEST_ARENA_MAX);
    struct rpc_bad_texts texts = {.record = shape->record, .arena = &arena};
    const struct status status = rpc_scan_records(shape->message, message, &texts, &offset);
    require(!is_sound || (status_is_ok(status) && texts.count == 0));
    require(is_sound || !status_is_ok(status) || texts.count > 0);
    for (size_t i = 0; i < texts.count; i++) {
        require(i == 0 || texts.items[i].record > texts.items[i - 1].record);
        require(texts.items[i].field[0] != '\0');
    }
    arena_free(&arena);
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
    const struct shape *chosen = &shapes[data[0] % (sizeof shapes / sizeof *shapes)];
    const ProtobufCMessageDescriptor *shape = chosen->message;
    const struct bytes message = bytes_of(data + 1, size - 1);
    size_t offset = SIZE_MAX;
    const bool is_sound = status_is_ok(rpc_scan(shape, message, &offset));
    records_check(chosen, message, is_sound);
    if (!is_sound) {
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
