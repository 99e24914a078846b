/* The scan: where hostile input ends. It walks a message by its shape before anything is allocated,
 * with a stack of REQUEST_DEPTH_MAX frames instead of recursion, and lets through only what
 * protobuf-c unpacks soundly: protobuf-c itself has no depth limit, joins repeated submessages
 * wrongly, and takes strings that are not UTF-8 or hold NUL. Where many records have a verdict
 * each, such a string is noted against its record, which nobody looks at then. */

#include <assert.h>
#include <string.h>

#include <utf8proc.h>

#include "server/base/limits.h"
#include "server/rpc/maps.h"
#include "server/rpc/rpc.h"

enum {
    SHAPE_FIELDS_MAX = 128, /* Fields of one message type; the contract's have far fewer. */
    FIELD_NUMBER_MAX = (1 << 29) - 1,
    TAG_SIZE_MAX = 5,
    LENGTH_SIZE_MAX = 5, /* protobuf-c reads no longer ones. */
    VARINT_SIZE_MAX = 10,
};

/* A message whose fields are being walked. */
struct frame {
    const ProtobufCMessageDescriptor *shape;
    size_t start;                         /* Offset of its first byte, */
    size_t end;                           /* and behind its last one. */
    size_t field_at;                      /* Offset of the tag of the field at hand. */
    uint32_t field_number;                /* Its number. */
    size_t element_count;                 /* Messages of repeated fields that were entered. */
    uint64_t seen[SHAPE_FIELDS_MAX / 64]; /* Bit i: field i has occurred. */
};

struct scan {
    const uint8_t *data;
    struct rpc_bad_texts *texts; /* NULL: none are noted. */
    size_t at;
    uint32_t field_count;
    uint32_t depth;
    struct frame frames[REQUEST_DEPTH_MAX + 1]; /* The request itself, and those nested in it. */
};

static struct status invalid(const char *text) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_MESSAGE_INVALID, text);
}

/* Reads a varint that ends before `end`. False when it does not, or has more than `size_max` bytes.
 * Bits past the 64th are dropped, as everybody does. */
static bool varint_read(struct scan *scan, size_t end, size_t size_max, uint64_t *out) {
    uint64_t value = 0;
    for (size_t i = 0; i < size_max && scan->at < end; i++) {
        const uint8_t byte = scan->data[scan->at++];
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            *out = value;
            return true;
        }
    }
    return false;
}

/* Takes `size` bytes that end at `end` or before. */
static bool take(struct scan *scan, size_t end, uint64_t size) {
    if (size > end - scan->at) {
        return false;
    }
    scan->at += (size_t)size;
    return true;
}

static ProtobufCWireType wire_type_of(ProtobufCType type) {
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
    assert(false && "a type of protobuf-c");
    return PROTOBUF_C_WIRE_TYPE_VARINT;
}

/* Strict UTF-8 (no surrogates, nothing overlong) without NUL. */
static bool text_is_valid(const uint8_t *text, size_t size) {
    size_t at = 0;
    while (at < size) {
        if (text[at] != 0 && text[at] < 0x80) {
            at++;
            continue;
        }
        utf8proc_int32_t letter = 0;
        const utf8proc_ssize_t taken =
            utf8proc_iterate(text + at, (utf8proc_ssize_t)(size - at), &letter);
        if (taken <= 0 || letter == 0) {
            return false;
        }
        at += (size_t)taken;
    }
    return true;
}

/* The value of a wire type, whatever it means, inside [scan->at, end). */
static bool value_skip(struct scan *scan, size_t end, uint32_t wire_type) {
    uint64_t value = 0;
    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return varint_read(scan, end, VARINT_SIZE_MAX, &value);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return take(scan, end, 8);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return take(scan, end, 4);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return varint_read(scan, end, LENGTH_SIZE_MAX, &value) && take(scan, end, value);
    default: /* A foreign number, not an enum: groups, and what nobody has defined. */
        return false;
    }
}

/* Whether a submessage, or a member of a oneof that has submessages, comes a second time: protobuf
 * says to merge it, protobuf-c does so wrongly, and no encoder writes it. */
static bool field_repeats(const struct frame *frame, uint32_t index) {
    const ProtobufCFieldDescriptor *fields = frame->shape->fields;
    const ProtobufCFieldDescriptor *field = &fields[index];
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return false;
    }
    const bool is_message = field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (is_message && (frame->seen[index / 64] >> (index % 64) & 1) != 0) {
        return true;
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
        return false;
    }
    for (uint32_t i = 0; i < frame->shape->n_fields; i++) {
        const bool same_oneof = (fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
                                fields[i].quantifier_offset == field->quantifier_offset;
        if (i != index && same_oneof && (frame->seen[i / 64] >> (i % 64) & 1) != 0 &&
            (is_message || fields[i].type == PROTOBUF_C_TYPE_MESSAGE)) {
            return true;
        }
    }
    return false;
}

static struct status message_enter(struct scan *scan, const ProtobufCFieldDescriptor *field,
                                   size_t end) {
    const ProtobufCMessageDescriptor *shape = field->descriptor;
    if (scan->depth == REQUEST_DEPTH_MAX) {
        return invalid("messages are nested too deep");
    }
    assert(shape->n_fields <= SHAPE_FIELDS_MAX);
    scan->frames[scan->depth].element_count += field->label == PROTOBUF_C_LABEL_REPEATED;
    scan->depth++;
    scan->frames[scan->depth] = (struct frame){.shape = shape, .start = scan->at, .end = end};
    return OK;
}

/* ---- texts of records ---- */

/* How often the field at hand of a frame occurred before. */
static size_t occurrences(const struct scan *scan, const struct frame *frame) {
    struct scan again = {.data = scan->data, .at = frame->start};
    size_t count = 0;
    while (again.at < frame->field_at) {
        uint64_t tag = 0;
        if (!varint_read(&again, frame->field_at, TAG_SIZE_MAX, &tag) ||
            !value_skip(&again, frame->field_at, (uint32_t)tag & 7)) {
            break; /* It was read before. */
        }
        count += tag >> 3 == frame->field_number;
    }
    return count;
}

/* The key of the map's entry that a frame is, where it may be told; {NULL, 0} where not. */
static struct bytes entry_key(const struct scan *scan, const struct frame *frame) {
    struct scan again = {.data = scan->data, .at = frame->start};
    uint64_t tag = 0;
    uint64_t size = 0;
    struct bytes key = {NULL, 0};
    /* Encoders write the key first. What is behind the value has not been scanned. */
    if (again.at < frame->field_at && varint_read(&again, frame->field_at, TAG_SIZE_MAX, &tag) &&
        tag == (1 << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) &&
        varint_read(&again, frame->field_at, LENGTH_SIZE_MAX, &size) &&
        size <= frame->field_at - again.at) {
        key = bytes_of(scan->data + again.at, (size_t)size);
    }
    return rpc_key_is_told(key) ? key : bytes_of(NULL, 0);
}

/* A path with what leads from a frame to the next one, or to the string at hand: of a map the key
 * or the place of the entry, and the entry's own value is not told. */
static const char *path_on(const struct scan *scan, uint32_t depth, const char *path) {
    struct arena *arena = scan->texts->arena;
    const struct frame *frame = &scan->frames[depth];
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(frame->shape, frame->field_number);
    const char *dot = path[0] == '\0' ? "" : ".";
    if (maps_is_entry(frame->shape) && frame->field_number == 2) {
        return path;
    }
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        return arena_format(arena, "%s%s%s", path, dot, field->name);
    }
    if (depth < scan->depth && maps_is_entry(scan->frames[depth + 1].shape)) {
        const struct bytes key = entry_key(scan, &scan->frames[depth + 1]);
        if (key.size > 0) {
            return arena_format(arena, "%s%s%s.%.*s", path, dot, field->name, (int)key.size,
                                (const char *)key.data);
        }
    }
    return arena_format(arena, "%s%s%s[%zu]", path, dot, field->name, occurrences(scan, frame));
}

/* The path from a frame to the string at hand. */
static const char *path_from(const struct scan *scan, uint32_t depth) {
    const char *path = "";
    for (uint32_t i = depth; i <= scan->depth; i++) {
        path = path_on(scan, i, path);
    }
    return path;
}

/* The string at hand is of no record, or of too many. */
static bool text_refuse(struct scan *scan) {
    if (scan->texts != NULL) {
        scan->texts->outside = path_from(scan, 0);
    }
    return false;
}

/* Notes the string at hand against the record that it is in; false where it is in none. */
static bool text_note(struct scan *scan) {
    struct rpc_bad_texts *texts = scan->texts;
    uint32_t depth = 1;
    size_t record = 0;
    while (depth <= scan->depth && texts != NULL && scan->frames[depth].shape != texts->record) {
        depth++;
    }
    if (texts == NULL || texts->record == NULL || depth > scan->depth) {
        return text_refuse(scan);
    }
    for (uint32_t i = 0; i < depth; i++) { /* One list of elements leads to it. */
        record += scan->frames[i].element_count;
    }
    record--;
    if (texts->count > 0 && texts->items[texts->count - 1].record == record) {
        return true;
    }
    if (texts->count == BATCH_RECORDS_MAX) {
        return text_refuse(scan);
    }
    texts->items = arena_grow(texts->arena, texts->items, texts->count, sizeof *texts->items);
    texts->items[texts->count++] =
        (struct rpc_bad_text){.record = record, .field = path_from(scan, depth)};
    return true;
}

/* ---- fields ---- */

/* The content of a length-prefixed value of a known field, up to `end`. A submessage is only
 * entered: its fields come next. */
static struct status content_scan(struct scan *scan, const ProtobufCFieldDescriptor *field,
                                  size_t end) {
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        return message_enter(scan, field, end);
    }
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        if (!text_is_valid(scan->data + scan->at, end - scan->at) && !text_note(scan)) {
            return invalid("a string is not UTF-8, or holds NUL");
        }
    } else if (field->type != PROTOBUF_C_TYPE_BYTES) { /* Packed numbers. */
        while (scan->at < end) {
            if (!value_skip(scan, end, wire_type_of(field->type))) {
                return invalid("a packed number ends behind its list");
            }
        }
    }
    scan->at = end;
    return OK;
}

static struct status known_field_scan(struct scan *scan, struct frame *frame,
                                      const ProtobufCFieldDescriptor *field, uint32_t wire_type) {
    const uint32_t index = (uint32_t)(field - frame->shape->fields);
    if (field_repeats(frame, index)) {
        return invalid("a message that may occur once occurs twice");
    }
    frame->seen[index / 64] |= (uint64_t)1 << (index % 64);

    const bool packed = field->label == PROTOBUF_C_LABEL_REPEATED &&
                        wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    if (wire_type != (uint32_t)wire_type_of(field->type) && !packed) {
        return invalid("a field has the wire type of another");
    }
    if (wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
        return value_skip(scan, frame->end, wire_type) ? OK : invalid("a field is cut off");
    }
    uint64_t size = 0;
    if (!varint_read(scan, frame->end, LENGTH_SIZE_MAX, &size) || size > frame->end - scan->at) {
        return invalid("a field is longer than what it is in");
    }
    return content_scan(scan, field, scan->at + (size_t)size);
}

static struct status field_scan(struct scan *scan) {
    struct frame *frame = &scan->frames[scan->depth];
    if (scan->field_count == REQUEST_FIELDS_MAX) {
        return invalid("the message has too many fields");
    }
    scan->field_count++;
    frame->field_at = scan->at;

    uint64_t tag = 0;
    if (!varint_read(scan, frame->end, TAG_SIZE_MAX, &tag)) {
        return invalid("a field's tag is cut off");
    }
    const uint64_t number = tag >> 3;
    if (number == 0 || number > FIELD_NUMBER_MAX) {
        return invalid("a field has a number that none can have");
    }
    const uint32_t wire_type = (uint32_t)tag & 7;
    frame->field_number = (uint32_t)number;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(frame->shape, frame->field_number);
    if (field != NULL) {
        return known_field_scan(scan, frame, field, wire_type);
    }
    return value_skip(scan, frame->end, wire_type) ? OK : invalid("an unknown field is cut off");
}

struct status rpc_scan_records(const ProtobufCMessageDescriptor *shape, struct bytes message,
                               struct rpc_bad_texts *texts, size_t *offset) {
    assert(shape->n_fields <= SHAPE_FIELDS_MAX);
    if (message.size > REQUEST_SIZE_MAX) {
        *offset = REQUEST_SIZE_MAX;
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_MESSAGE_TOO_LARGE,
                         "the message is larger than 4 MiB");
    }
    struct scan scan; /* The frames are set as they are entered. */
    scan.data = message.data;
    scan.texts = texts;
    scan.at = 0;
    scan.field_count = 0;
    scan.depth = 0;
    scan.frames[0] = (struct frame){.shape = shape, .end = message.size};
    for (;;) {
        if (scan.at < scan.frames[scan.depth].end) {
            const size_t field_at = scan.at;
            const struct status status = field_scan(&scan);
            if (!status_is_ok(status)) {
                *offset = field_at;
                return status;
            }
        } else if (scan.depth > 0) {
            scan.depth--;
        } else {
            return OK;
        }
    }
}

struct status rpc_scan(const ProtobufCMessageDescriptor *shape, struct bytes message,
                       size_t *offset) {
    return rpc_scan_records(shape, message, NULL, offset);
}
