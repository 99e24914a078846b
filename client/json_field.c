/* Fields through descriptors: sizes, maps, names in both spellings. */

#include "client/json_field.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t field_element_size(const ProtobufCFieldDescriptor *field) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(uint32_t);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_FLOAT:
        return sizeof(float);
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(double);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    }
    assert(false && "a type of field that protobuf-c does not have");
    return 0;
}

/* protobuf-c does not keep the map_entry option. A map's entry is named by its field and has the
 * fields `key` and `value`, numbered 1 and 2. */
bool field_is_map(const ProtobufCFieldDescriptor *field) {
    if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE) {
        return false;
    }
    const ProtobufCMessageDescriptor *entry = field->descriptor;
    static const char ending[] = "Entry";
    const size_t length = strlen(entry->short_name);
    return entry->n_fields == 2 && length >= sizeof ending - 1 &&
           strcmp(entry->short_name + length - (sizeof ending - 1), ending) == 0 &&
           strcmp(entry->fields[0].name, "key") == 0 && strcmp(entry->fields[1].name, "value") == 0;
}

bool field_is_oneof(const ProtobufCFieldDescriptor *field) {
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

void field_json_name(const char *name, char out[FIELD_NAME_SIZE]) {
    size_t size = 0;
    bool up = false;
    for (; *name != '\0' && size < FIELD_NAME_SIZE - 1; name++) {
        if (*name == '_') {
            up = true;
            continue;
        }
        out[size++] = up ? (char)toupper((unsigned char)*name) : *name;
        up = false;
    }
    out[size] = '\0';
}

void field_proto_name(const char *name, char out[FIELD_NAME_SIZE]) {
    size_t size = 0;
    for (; *name != '\0' && size < FIELD_NAME_SIZE - 2; name++) {
        if (isupper((unsigned char)*name)) {
            out[size++] = '_';
        }
        out[size++] = (char)tolower((unsigned char)*name);
    }
    out[size] = '\0';
}
