/* Messages to JSON. One walk over the descriptor; the well-known types have forms of their own. */

#include "client/json.h"
#include "client/json_field.h"
#include "client/rfc3339.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"

static json_t *print_message(const ProtobufCMessage *message, int depth);

/* Text that may not be UTF-8: what is wrong becomes U+FFFD, byte by byte. */
static json_t *print_text(const char *text) {
    json_t *json = json_string(text);
    if (json != NULL) {
        return json;
    }
    const size_t size = strlen(text);
    char *clean = malloc(size * 3 + 1);
    assert(clean != NULL);
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        utf8proc_int32_t code = 0;
        const utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                                       (utf8proc_ssize_t)(size - i), &code);
        if (step > 0) {
            memcpy(clean + used, text + i, (size_t)step);
            used += (size_t)step;
            i += (size_t)step;
        } else {
            clean[used++] = '\xef'; /* U+FFFD */
            clean[used++] = '\xbf';
            clean[used++] = '\xbd';
            i++;
        }
    }
    json = json_stringn(clean, used);
    free(clean);
    return json;
}

static json_t *print_bytes(const ProtobufCBinaryData *data) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = malloc((data->len + 2) / 3 * 4 + 1);
    assert(text != NULL);
    size_t used = 0;
    for (size_t i = 0; i < data->len; i += 3) {
        const size_t have = data->len - i < 3 ? data->len - i : 3;
        uint32_t group = (uint32_t)data->data[i] << 16;
        group |= have > 1 ? (uint32_t)data->data[i + 1] << 8 : 0;
        group |= have > 2 ? (uint32_t)data->data[i + 2] : 0;
        text[used++] = digits[group >> 18];
        text[used++] = digits[group >> 12 & 63];
        text[used++] = have > 1 ? digits[group >> 6 & 63] : '=';
        text[used++] = have > 2 ? digits[group & 63] : '=';
    }
    json_t *json = json_stringn(text, used);
    free(text);
    return json;
}

static json_t *print_number(double number) {
    if (isnan(number)) {
        return json_string("NaN");
    }
    if (isinf(number)) {
        return json_string(number > 0 ? "Infinity" : "-Infinity");
    }
    return json_real(number);
}

static json_t *print_signed(int64_t number) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    return json_string(text);
}

static json_t *print_unsigned(uint64_t number) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return json_string(text);
}

/* An enum by name; a number that this client does not know stays one. */
static json_t *print_enum(const ProtobufCEnumDescriptor *descriptor, int32_t number) {
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(descriptor, number);
    return value == NULL ? json_integer(number) : json_string(value->name);
}

/* Reads an element of the given type. A macro, for the type. */
#define ELEMENT(type) (*(const type *)element)

static json_t *print_element(const ProtobufCFieldDescriptor *field, const void *element,
                             int depth) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer(ELEMENT(int32_t));
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(ELEMENT(uint32_t));
    case PROTOBUF_C_TYPE_ENUM:
        return print_enum(field->descriptor, ELEMENT(int32_t));
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return print_signed(ELEMENT(int64_t));
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return print_unsigned(ELEMENT(uint64_t));
    case PROTOBUF_C_TYPE_FLOAT:
        return print_number((double)ELEMENT(float));
    case PROTOBUF_C_TYPE_DOUBLE:
        return print_number(ELEMENT(double));
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(ELEMENT(protobuf_c_boolean));
    case PROTOBUF_C_TYPE_STRING:
        return print_text(ELEMENT(char *) == NULL ? "" : ELEMENT(char *));
    case PROTOBUF_C_TYPE_BYTES:
        return print_bytes(&ELEMENT(ProtobufCBinaryData));
    case PROTOBUF_C_TYPE_MESSAGE:
        return ELEMENT(ProtobufCMessage *) == NULL
                   ? json_object()
                   : print_message(ELEMENT(ProtobufCMessage *), depth + 1);
    }
    assert(false && "a type of field that protobuf-c does not have");
    return NULL;
}

/* Whether a field without presence has its default value, and so is left out. */
static bool is_default(const ProtobufCFieldDescriptor *field, const void *element) {
    static const uint8_t zeros[sizeof(uint64_t)] = {0};
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        return ELEMENT(char *) == NULL || ELEMENT(char *)[0] == '\0';
    }
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        return ELEMENT(ProtobufCBinaryData).len == 0;
    }
    const size_t size = field_element_size(field);
    assert(size <= sizeof zeros);
    return memcmp(element, zeros, size) == 0;
}

static json_t *print_map(const ProtobufCFieldDescriptor *field, ProtobufCMessage *const *entries,
                         size_t count, int depth) {
    json_t *object = json_object();
    const ProtobufCMessageDescriptor *entry = field->descriptor;
    for (size_t i = 0; i < count; i++) {
        const char *base = (const char *)entries[i];
        json_t *key = print_element(&entry->fields[0], base + entry->fields[0].offset, depth);
        json_t *value = print_element(&entry->fields[1], base + entry->fields[1].offset, depth);
        char *number = json_is_string(key) ? NULL : json_dumps(key, JSON_ENCODE_ANY);
        json_object_set_new_nocheck(object, number == NULL ? json_string_value(key) : number,
                                    value);
        free(number);
        json_decref(key);
    }
    return object;
}

static json_t *print_repeated(const ProtobufCFieldDescriptor *field, const char *base, int depth) {
    size_t count;
    const char *elements;
    memcpy(&count, base + field->quantifier_offset, sizeof count);
    memcpy(&elements, base + field->offset, sizeof elements);
    if (count == 0) {
        return NULL;
    }
    if (field_is_map(field)) {
        return print_map(field, (ProtobufCMessage *const *)(const void *)elements, count, depth);
    }
    json_t *array = json_array();
    const size_t size = field_element_size(field);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, print_element(field, elements + i * size, depth));
    }
    return array;
}

/* The field's value, or NULL when it is left out. */
static json_t *print_field(const ProtobufCFieldDescriptor *field, const char *base, int depth) {
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return print_repeated(field, base, depth);
    }
    const void *element = base + field->offset;
    if (field_is_oneof(field)) {
        uint32_t chosen;
        memcpy(&chosen, base + field->quantifier_offset, sizeof chosen);
        return chosen == field->id ? print_element(field, element, depth) : NULL;
    }
    return is_default(field, element) ? NULL : print_element(field, element, depth);
}

static json_t *print_timestamp(const ProtobufCMessage *message) {
    const Google__Protobuf__Timestamp *time = (const Google__Protobuf__Timestamp *)message;
    char text[RFC3339_SIZE];
    return rfc3339_format(time->seconds, time->nanos, text) ? json_string(text) : json_null();
}

static json_t *print_field_mask(const ProtobufCMessage *message) {
    const Google__Protobuf__FieldMask *mask = (const Google__Protobuf__FieldMask *)message;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out != NULL);
    for (size_t i = 0; i < mask->n_paths; i++) {
        char name[FIELD_NAME_SIZE];
        field_json_name(mask->paths[i], name);
        fprintf(out, "%s%s", i == 0 ? "" : ",", name);
    }
    fclose(out);
    json_t *json = print_text(text);
    free(text);
    return json;
}

static json_t *print_message(const ProtobufCMessage *message, int depth) {
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    if (descriptor == &google__protobuf__timestamp__descriptor) {
        return print_timestamp(message);
    }
    if (descriptor == &google__protobuf__field_mask__descriptor) {
        return print_field_mask(message);
    }
    json_t *object = json_object();
    if (depth >= JSON_DEPTH_MAX) {
        return object; /* The contract has no message that deep. */
    }
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        json_t *value = print_field(field, (const char *)message, depth);
        if (value != NULL) {
            char name[FIELD_NAME_SIZE];
            field_json_name(field->name, name);
            json_object_set_new_nocheck(object, name, value);
        }
    }
    return object;
}

json_t *json_from_message(const ProtobufCMessage *message) { return print_message(message, 0); }
