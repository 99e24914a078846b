/* One form for every map. Languages write their maps in any order, one of them in another order
 * each time: without this a retry would look like another request. */

#include "server/rpc/maps.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/bytes.h"
#include "server/base/limits.h"

/* An entry on its way through qsort(), which is not stable. */
struct ranked {
    ProtobufCMessage *entry;
    size_t index;
};

static void *member(const ProtobufCMessage *message, size_t offset) {
    return (uint8_t *)(uintptr_t)message + offset;
}

bool maps_is_entry(const ProtobufCMessageDescriptor *shape) {
    const struct bytes name = bytes_of_string(shape->short_name);
    const struct bytes suffix = bytes_of_string("Entry");
    return shape->n_fields == 2 && name.size > suffix.size &&
           bytes_equal(bytes_of(name.data + name.size - suffix.size, suffix.size), suffix) &&
           shape->fields[0].id == 1 && strcmp(shape->fields[0].name, "key") == 0 &&
           shape->fields[1].id == 2 && strcmp(shape->fields[1].name, "value") == 0;
}

/* Any total order will do, as long as it is the same each time. */
static int key_compare(const ProtobufCMessage *a, const ProtobufCMessage *b) {
    const ProtobufCFieldDescriptor *key = &a->descriptor->fields[0];
    const void *left = member(a, key->offset);
    const void *right = member(b, key->offset);
    switch (key->type) {
    case PROTOBUF_C_TYPE_STRING:
        return strcmp(*(char *const *)left, *(char *const *)right);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return memcmp(left, right, sizeof(uint64_t));
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_BOOL:
        return memcmp(left, right, sizeof(uint32_t));
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        break; /* Not of a map's key. */
    }
    assert(false && "the key of a map");
    return 0;
}

static int ranked_compare(const void *left, const void *right) {
    const struct ranked *a = left;
    const struct ranked *b = right;
    const int order = key_compare(a->entry, b->entry);
    if (order != 0) {
        return order;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

static bool is_settled(ProtobufCMessage *const *entries, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (key_compare(entries[i - 1], entries[i]) >= 0) {
            return false;
        }
    }
    return true;
}

/* Orders the entries in place and returns how many are left. */
static size_t entries_settle(ProtobufCMessage **entries, size_t count, struct arena *arena) {
    if (is_settled(entries, count)) {
        return count;
    }
    struct ranked *ranked = arena_array(arena, count, sizeof *ranked);
    for (size_t i = 0; i < count; i++) {
        ranked[i] = (struct ranked){entries[i], i};
    }
    qsort(ranked, count, sizeof *ranked, ranked_compare);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + 1 == count || key_compare(ranked[i].entry, ranked[i + 1].entry) != 0) {
            entries[kept] = ranked[i].entry;
            kept++;
        }
    }
    return kept;
}

/* An absent value stands for the empty one. */
static void value_fill(ProtobufCMessage *entry, struct arena *arena) {
    const ProtobufCFieldDescriptor *value = &entry->descriptor->fields[1];
    if (value->type != PROTOBUF_C_TYPE_MESSAGE) {
        return;
    }
    ProtobufCMessage **place = member(entry, value->offset);
    if (*place == NULL) {
        const ProtobufCMessageDescriptor *shape = value->descriptor;
        *place = arena_alloc(arena, shape->sizeof_message);
        protobuf_c_message_init(shape, *place);
    }
}

/* Whether a singular message field is the one of its oneof that is set. */
static bool is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        return *(const uint32_t *)member(message, field->quantifier_offset) == field->id;
    }
    return true;
}

/* Recursion ends where the scan's limit ends; one deeper where a value was filled in. */
static void settle(ProtobufCMessage *message, struct arena *arena, uint32_t depth) {
    assert(depth <= REQUEST_DEPTH_MAX + 1);
    for (uint32_t i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
            continue;
        }
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            ProtobufCMessage *child = *(ProtobufCMessage **)member(message, field->offset);
            if (is_set(message, field) && child != NULL) {
                settle(child, arena, depth + 1);
            }
            continue;
        }
        size_t *count = member(message, field->quantifier_offset);
        ProtobufCMessage **items = *(ProtobufCMessage ***)member(message, field->offset);
        const bool is_map = *count > 0 && maps_is_entry(field->descriptor);
        if (is_map) {
            *count = entries_settle(items, *count, arena);
        }
        for (size_t j = 0; j < *count; j++) {
            if (is_map) {
                value_fill(items[j], arena);
            }
            settle(items[j], arena, depth + 1);
        }
    }
}

void maps_settle(ProtobufCMessage *message, struct arena *arena) { settle(message, arena, 0); }
