/* A second opinion on what a message is: nothing is shared with the scan but the descriptors. */

#include "tests/rpc/scan_model.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/limits.h"

/* Takes a varint from the front; false when there is none of at most `max` bytes. */
static bool varint(struct bytes *rest, size_t max, uint64_t *out) {
    *out = 0;
    for (size_t i = 0; i < rest->size && i < max; i++) {
        *out += (uint64_t)(rest->data[i] % 128) << (i * 7);
        if (rest->data[i] < 128) {
            rest->data += i + 1;
            rest->size -= i + 1;
            return true;
        }
    }
    return false;
}

static bool cut(struct bytes *rest, uint64_t size, struct bytes *out) {
    if (rest->size < size) {
        return false;
    }
    *out = bytes_of(rest->data, (size_t)size);
    rest->data += size;
    rest->size -= (size_t)size;
    return true;
}

/* Decodes by the table of RFC 3629, section 4. */
static bool is_text(struct bytes text) {
    static const struct {
        uint8_t first_min, first_max, second_min, second_max;
        size_t size;
    } rows[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    while (text.size > 0) {
        size_t row = 0;
        while (row < 9 &&
               (text.data[0] < rows[row].first_min || text.data[0] > rows[row].first_max)) {
            row++;
        }
        if (row == 9 || rows[row].size > text.size) {
            return false;
        }
        for (size_t i = 1; i < rows[row].size; i++) {
            const uint8_t min = i == 1 ? rows[row].second_min : 0x80;
            const uint8_t max = i == 1 ? rows[row].second_max : 0xbf;
            if (text.data[i] < min || text.data[i] > max) {
                return false;
            }
        }
        text = bytes_of(text.data + rows[row].size, text.size - rows[row].size);
    }
    return true;
}

/* The wire type of single values. */
static unsigned wire_of(ProtobufCType type) {
    if (type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_BYTES ||
        type == PROTOBUF_C_TYPE_MESSAGE) {
        return 2;
    }
    if (type == PROTOBUF_C_TYPE_FIXED32 || type == PROTOBUF_C_TYPE_SFIXED32 ||
        type == PROTOBUF_C_TYPE_FLOAT) {
        return 5;
    }
    const bool is_64 = type == PROTOBUF_C_TYPE_FIXED64 || type == PROTOBUF_C_TYPE_SFIXED64 ||
                       type == PROTOBUF_C_TYPE_DOUBLE;
    return is_64 ? 1 : 0;
}

static bool value(struct bytes *rest, unsigned wire, struct bytes *out) {
    uint64_t number = 0;
    *out = bytes_of(NULL, 0);
    switch (wire) {
    case 0:
        return varint(rest, 10, &number);
    case 1:
        return cut(rest, 8, out);
    case 2:
        return varint(rest, 5, &number) && cut(rest, number, out);
    case 5:
        return cut(rest, 4, out);
    default:
        return false;
    }
}

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *shape,
                                                uint64_t number) {
    for (unsigned i = 0; i < shape->n_fields; i++) {
        if (shape->fields[i].id == number) {
            return &shape->fields[i];
        }
    }
    return NULL;
}

/* Whether a field and one before it don't go together. */
static bool clash(const ProtobufCFieldDescriptor *a, const ProtobufCFieldDescriptor *b) {
    const bool message = a->type == PROTOBUF_C_TYPE_MESSAGE || b->type == PROTOBUF_C_TYPE_MESSAGE;
    const bool oneof = (a->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
                       (b->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
                       a->quantifier_offset == b->quantifier_offset;
    return a->label != PROTOBUF_C_LABEL_REPEATED && message && (a == b || oneof);
}

static bool content(const ProtobufCFieldDescriptor *field, struct bytes bytes, unsigned depth);

static bool fields(const ProtobufCMessageDescriptor *shape, struct bytes rest, unsigned depth) {
    const ProtobufCFieldDescriptor *before[256];
    size_t before_count = 0;
    while (rest.size > 0) {
        uint64_t tag = 0;
        if (!varint(&rest, 5, &tag) || tag / 8 == 0 || tag / 8 >= (uint64_t)1 << 29) {
            return false;
        }
        const unsigned wire = tag % 8;
        const ProtobufCFieldDescriptor *field = field_of(shape, tag / 8);
        struct bytes bytes;
        if (!value(&rest, wire, &bytes)) {
            return false;
        }
        if (field == NULL) {
            continue;
        }
        for (size_t i = 0; i < before_count; i++) {
            if (clash(field, before[i])) {
                return false;
            }
        }
        before[before_count++] = field;
        const bool packed = field->label == PROTOBUF_C_LABEL_REPEATED && wire == 2;
        if ((wire != wire_of(field->type) && !packed) ||
            (wire == 2 && !content(field, bytes, depth))) {
            return false;
        }
    }
    return true;
}

/* Recursion ends at the limit that it is the model of. */
static bool content(const ProtobufCFieldDescriptor *field, struct bytes bytes, unsigned depth) {
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        return depth < REQUEST_DEPTH_MAX && fields(field->descriptor, bytes, depth + 1);
    }
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        return is_text(bytes);
    }
    struct bytes one;
    while (field->type != PROTOBUF_C_TYPE_BYTES && bytes.size > 0) {
        if (!value(&bytes, wire_of(field->type), &one)) {
            return false;
        }
    }
    return true;
}

bool scan_model(const ProtobufCMessageDescriptor *shape, struct bytes message) {
    return fields(shape, message, 0);
}
