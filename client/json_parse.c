/* JSON to messages. Strict where a mistake would be lost otherwise: an unknown field, a wrong type,
 * a number out of range are problems, each with its path. Memory is plain malloc(), as
 * protobuf_c_message_free_unpacked() frees it. */

#include "client/json.h"
#include "client/json_field.h"
#include "client/rfc3339.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"

/* Where we are, for the problem's path. Each level's name lives in its caller's frame. */
struct place {
    const struct place *parent;
    const char *name;
    size_t position; /* In an array; SIZE_MAX outside of one. */
    int depth;
};

struct parser {
    struct json_problem *problem;
};

static ProtobufCMessage *parse_message(struct parser *parser, const struct place *place,
                                       const ProtobufCMessageDescriptor *descriptor,
                                       const json_t *json);

static void write_path(const struct place *place, char *out, size_t size) {
    if (place == NULL) {
        return;
    }
    write_path(place->parent, out, size); /* At most JSON_DEPTH_MAX * 2 levels. */
    size_t used = strlen(out);
    if (place->name != NULL) {
        snprintf(out + used, size - used, "%s%s", used == 0 ? "" : ".", place->name);
    }
    used = strlen(out);
    if (place->position != SIZE_MAX) {
        snprintf(out + used, size - used, "[%zu]", place->position);
    }
}

static bool fail(struct parser *parser, const struct place *place, const char *text) {
    parser->problem->field[0] = '\0';
    write_path(place, parser->problem->field, sizeof parser->problem->field);
    snprintf(parser->problem->text, sizeof parser->problem->text, "%s", text);
    return false;
}

static bool parse_double(const json_t *json, double *out) {
    if (json_is_number(json)) {
        *out = json_number_value(json);
        return true;
    }
    const char *text = json_string_value(json);
    if (text == NULL || text[0] == '\0') {
        return false;
    }
    char *end;
    const double number = strtod(text, &end);
    if (*end != '\0') {
        return false;
    }
    *out = number;
    return true;
}

/* A whole number, as a number or as text, within [min, max]. */
static bool parse_signed(const json_t *json, int64_t min, int64_t max, int64_t *out) {
    int64_t number = 0;
    if (json_is_integer(json)) {
        number = json_integer_value(json);
    } else if (json_is_real(json)) {
        const double real = json_real_value(json);
        if (!(real >= -9007199254740992.0 && real <= 9007199254740992.0)) { /* 2^53: exact. */
            return false;
        }
        number = (int64_t)real;
        if ((double)number != real) {
            return false;
        }
    } else {
        const char *text = json_string_value(json);
        char *end;
        if (text == NULL || text[0] == '\0') {
            return false;
        }
        errno = 0;
        number = strtoll(text, &end, 10);
        if (*end != '\0' || errno != 0) {
            return false;
        }
    }
    if (number < min || number > max) {
        return false;
    }
    *out = number;
    return true;
}

static bool parse_unsigned(const json_t *json, uint64_t *out) {
    const char *text = json_string_value(json);
    if (text != NULL && text[0] >= '0' && text[0] <= '9') {
        char *end;
        errno = 0;
        *out = strtoull(text, &end, 10);
        return *end == '\0' && errno == 0;
    }
    int64_t number;
    if (!parse_signed(json, 0, INT64_MAX, &number)) {
        return false;
    }
    *out = (uint64_t)number;
    return true;
}

static bool parse_enum(const ProtobufCEnumDescriptor *descriptor, const json_t *json,
                       int32_t *out) {
    const char *name = json_string_value(json);
    if (name != NULL) {
        const ProtobufCEnumValue *value =
            protobuf_c_enum_descriptor_get_value_by_name(descriptor, name);
        if (value == NULL) {
            return false;
        }
        *out = value->value;
        return true;
    }
    int64_t number;
    if (!json_is_integer(json) || !parse_signed(json, INT32_MIN, INT32_MAX, &number)) {
        return false;
    }
    *out = (int32_t)number;
    return true;
}

static int base64_digit(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (c == '-' || c == '_') { /* The URL-safe alphabet is read too. */
        return c == '-' ? 62 : 63;
    }
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

static bool parse_bytes(const json_t *json, ProtobufCBinaryData *out) {
    const char *text = json_string_value(json);
    if (text == NULL) {
        return false;
    }
    ProtobufCBinaryData data = {0, malloc(strlen(text) / 4 * 3 + 3)};
    assert(data.data != NULL);
    uint32_t bits = 0;
    int have = 0;
    for (; *text != '\0' && *text != '='; text++) {
        const int digit = base64_digit(*text);
        if (digit < 0) {
            free(data.data);
            return false;
        }
        bits = (bits << 6 | (uint32_t)digit) & 0xffffffU;
        have += 6;
        if (have >= 8) {
            have -= 8;
            data.data[data.len++] = (uint8_t)(bits >> have);
        }
    }
    *out = data;
    return true;
}

static bool parse_text(const json_t *json, char **out) {
    const char *text = json_string_value(json);
    if (text == NULL) {
        return false;
    }
    *out = strdup(text);
    assert(*out != NULL);
    return true;
}

/* Stores a number of the given type in the element. A macro, for the type. */
#define STORE(type, value)                                                                         \
    do {                                                                                           \
        const type stored_ = (type)(value);                                                        \
        memcpy(element, &stored_, sizeof stored_);                                                 \
    } while (0)

/* Numbers, enums, booleans, text and bytes. The element is zero before, and after a failure. */
static bool parse_scalar(const ProtobufCFieldDescriptor *field, const json_t *json, void *element) {
    bool good = false;
    int32_t choice = 0;
    int64_t number = 0;
    uint64_t natural = 0;
    double real = 0;
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        good = parse_signed(json, INT32_MIN, INT32_MAX, &number);
        STORE(int32_t, number);
        return good;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        good = parse_signed(json, 0, UINT32_MAX, &number);
        STORE(uint32_t, number);
        return good;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        good = parse_signed(json, INT64_MIN, INT64_MAX, &number);
        STORE(int64_t, number);
        return good;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        good = parse_unsigned(json, &natural);
        STORE(uint64_t, natural);
        return good;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        good = parse_double(json, &real);
        if (field->type == PROTOBUF_C_TYPE_FLOAT) {
            STORE(float, real);
        } else {
            STORE(double, real);
        }
        return good;
    case PROTOBUF_C_TYPE_ENUM:
        good = parse_enum(field->descriptor, json, &choice);
        STORE(int32_t, choice);
        return good;
    case PROTOBUF_C_TYPE_BOOL:
        STORE(protobuf_c_boolean, json_is_true(json));
        return json_is_boolean(json);
    case PROTOBUF_C_TYPE_STRING:
        return parse_text(json, element);
    case PROTOBUF_C_TYPE_BYTES:
        return parse_bytes(json, element);
    case PROTOBUF_C_TYPE_MESSAGE:
        break;
    }
    assert(false && "a message is no scalar");
    return false;
}

static const char *scalar_wanted(const ProtobufCFieldDescriptor *field) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return "must be a whole number from -2147483648 to 2147483647";
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return "must be a whole number from 0 to 4294967295";
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return "must be a whole number from -9223372036854775808 to 9223372036854775807";
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return "must be a whole number from 0 to 18446744073709551615";
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return "must be a number";
    case PROTOBUF_C_TYPE_BOOL:
        return "must be true or false";
    case PROTOBUF_C_TYPE_STRING:
        return "must be a string";
    case PROTOBUF_C_TYPE_BYTES:
        return "must be base64";
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_MESSAGE:
        break;
    }
    assert(false && "is no such scalar");
    return "";
}

/* Says which names there are; of many that do not fit, those that do. */
static bool fail_enum(struct parser *parser, const struct place *place,
                      const ProtobufCEnumDescriptor *names) {
    char text[JSON_TEXT_SIZE] = "must be one of ";
    const char *before = "";
    for (unsigned i = 0; i < names->n_values; i++) {
        const char *name = names->values[i].name;
        const size_t used = strlen(text);
        if (names->values[i].value == 0) {
            continue; /* What is not said: to be left out. */
        }
        if (used + strlen(name) + sizeof ", , …" > sizeof text) {
            snprintf(text + used, sizeof text - used, ", …");
            break;
        }
        snprintf(text + used, sizeof text - used, "%s%s", before, name);
        before = ", ";
    }
    return fail(parser, place, text);
}

static bool parse_element(struct parser *parser, const struct place *place,
                          const ProtobufCFieldDescriptor *field, const json_t *json,
                          void *element) {
    if (json_is_string(json) && memchr(json_string_value(json), '\0', json_string_length(json))) {
        return fail(parser, place, JSON_HOLDS_NUL);
    }
    if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
        return parse_scalar(field, json, element) ||
               (field->type == PROTOBUF_C_TYPE_ENUM ? fail_enum(parser, place, field->descriptor)
                                                    : fail(parser, place, scalar_wanted(field)));
    }
    ProtobufCMessage *message = parse_message(parser, place, field->descriptor, json);
    if (message == NULL) {
        return false;
    }
    memcpy(element, &message, sizeof message); /* Zero before: nothing is lost. */
    return true;
}

/* Makes room for `count` elements, all zero; none counts until it is parsed. */
static char *make_elements(const ProtobufCFieldDescriptor *field, char *base, size_t count) {
    char *elements = calloc(count == 0 ? 1 : count, field_element_size(field));
    assert(elements != NULL);
    memcpy(base + field->offset, &elements, sizeof elements);
    return elements;
}

static void set_count(const ProtobufCFieldDescriptor *field, char *base, size_t count) {
    memcpy(base + field->quantifier_offset, &count, sizeof count);
}

static bool parse_array(struct parser *parser, const struct place *place,
                        const ProtobufCFieldDescriptor *field, const json_t *json, char *base) {
    if (!json_is_array(json)) {
        return fail(parser, place, "must be an array");
    }
    const size_t count = json_array_size(json);
    if (count == 0) {
        return true;
    }
    char *elements = make_elements(field, base, count);
    for (size_t i = 0; i < count; i++) {
        const struct place inner = {place, NULL, i, place->depth};
        if (!parse_element(parser, &inner, field, json_array_get(json, i),
                           elements + i * field_element_size(field))) {
            return false;
        }
        set_count(field, base, i + 1);
    }
    return true;
}

static bool parse_entry(struct parser *parser, const struct place *place,
                        const ProtobufCMessageDescriptor *entry, const json_t *json,
                        ProtobufCMessage *message) {
    const ProtobufCFieldDescriptor *key_field = &entry->fields[0];
    const ProtobufCFieldDescriptor *value_field = &entry->fields[1];
    json_t *key = json_string(place->name);
    const bool good =
        parse_element(parser, place, key_field, key, (char *)message + key_field->offset) &&
        parse_element(parser, place, value_field, json, (char *)message + value_field->offset);
    json_decref(key);
    return good;
}

static bool parse_map(struct parser *parser, const struct place *place,
                      const ProtobufCFieldDescriptor *field, json_t *json, char *base) {
    if (!json_is_object(json)) {
        return fail(parser, place, "must be an object");
    }
    if (json_object_size(json) == 0) {
        return true;
    }
    const ProtobufCMessageDescriptor *entry = field->descriptor;
    ProtobufCMessage **entries =
        (ProtobufCMessage **)(void *)make_elements(field, base, json_object_size(json));
    const char *name;
    json_t *value;
    size_t count = 0;
    json_object_foreach(json, name, value) {
        const struct place inner = {place, name, SIZE_MAX, place->depth};
        entries[count] = malloc(entry->sizeof_message);
        assert(entries[count] != NULL);
        protobuf_c_message_init(entry, entries[count]);
        set_count(field, base, count + 1);
        if (!parse_entry(parser, &inner, entry, value, entries[count])) {
            return false;
        }
        count++;
    }
    return true;
}

static bool parse_oneof(struct parser *parser, const struct place *place,
                        const ProtobufCFieldDescriptor *field, const json_t *json, char *base) {
    uint32_t chosen;
    memcpy(&chosen, base + field->quantifier_offset, sizeof chosen);
    if (chosen != 0) {
        return fail(parser, place, "stands beside another field of which only one may be set");
    }
    /* The members share their place: NULL is nothing yet for all of them. */
    memset(base + field->offset, 0, field_element_size(field));
    if (!parse_element(parser, place, field, json, base + field->offset)) {
        return false;
    }
    memcpy(base + field->quantifier_offset, &field->id, sizeof field->id);
    return true;
}

static bool parse_field(struct parser *parser, const struct place *place,
                        const ProtobufCFieldDescriptor *field, json_t *json, char *base) {
    if (json_is_null(json)) {
        return true; /* As if it was not there. */
    }
    if (field_is_map(field)) {
        return parse_map(parser, place, field, json, base);
    }
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return parse_array(parser, place, field, json, base);
    }
    if (field_is_oneof(field)) {
        return parse_oneof(parser, place, field, json, base);
    }
    void *element = base + field->offset;
    if (field->type != PROTOBUF_C_TYPE_STRING) {
        return parse_element(parser, place, field, json, element);
    }
    char *text = NULL; /* Kept apart: the member holds a constant before. */
    if (!parse_element(parser, place, field, json, &text)) {
        return false;
    }
    memcpy(element, &text, sizeof text);
    return true;
}

static bool parse_timestamp(struct parser *parser, const struct place *place, const json_t *json,
                            ProtobufCMessage *message) {
    Google__Protobuf__Timestamp *time = (Google__Protobuf__Timestamp *)message;
    const char *text = json_string_value(json);
    if (text == NULL || !rfc3339_parse(text, &time->seconds, &time->nanos)) {
        return fail(parser, place, "must be a time as 2026-01-31T12:00:00Z, or a date alone");
    }
    return true;
}

static bool parse_field_mask(struct parser *parser, const struct place *place, const json_t *json,
                             ProtobufCMessage *message) {
    Google__Protobuf__FieldMask *mask = (Google__Protobuf__FieldMask *)message;
    const char *text = json_string_value(json);
    if (text == NULL) {
        return fail(parser, place, "must be a string");
    }
    size_t room = 1;
    for (const char *at = text; *at != '\0'; at++) {
        room += *at == ',' ? 1 : 0;
    }
    mask->paths = calloc(room, sizeof *mask->paths);
    char *copy = strdup(text);
    assert(mask->paths != NULL && copy != NULL);
    char *rest = copy;
    for (char *path = strsep(&rest, ","); path != NULL; path = strsep(&rest, ",")) {
        char name[FIELD_NAME_SIZE];
        field_proto_name(path, name);
        if (name[0] != '\0') {
            mask->paths[mask->n_paths] = strdup(name);
            assert(mask->paths[mask->n_paths] != NULL);
            mask->n_paths++;
        }
    }
    free(copy);
    return true;
}

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *descriptor,
                                                  const char *json_name) {
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        char name[FIELD_NAME_SIZE];
        field_json_name(descriptor->fields[i].name, name);
        if (strcmp(name, json_name) == 0 || strcmp(descriptor->fields[i].name, json_name) == 0) {
            return &descriptor->fields[i];
        }
    }
    return NULL;
}

static bool parse_object(struct parser *parser, const struct place *place, json_t *json,
                         ProtobufCMessage *message) {
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    const ProtobufCFieldDescriptor *text =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, "text");
    if (json_is_string(json) && text != NULL) {
        return parse_field(parser, place, text, json, (char *)message);
    }
    if (!json_is_object(json)) {
        return fail(parser, place, "must be an object");
    }
    uint64_t seen = 0; /* A name may come in both its forms: the second is refused. */
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value) {
        const ProtobufCFieldDescriptor *field = find_field(descriptor, name);
        const struct place inner = {place, field == NULL ? name : field->name, SIZE_MAX,
                                    place == NULL ? 0 : place->depth};
        if (field == NULL) {
            return fail(parser, &inner, "is no field of the contract");
        }
        const unsigned position = (unsigned)(field - descriptor->fields);
        assert(position < 64);
        if ((seen >> position & 1) != 0) {
            return fail(parser, &inner, "is given twice");
        }
        seen |= UINT64_C(1) << position;
        if (!parse_field(parser, &inner, field, value, (char *)message)) {
            return false;
        }
    }
    return true;
}

static ProtobufCMessage *parse_message(struct parser *parser, const struct place *place,
                                       const ProtobufCMessageDescriptor *descriptor,
                                       const json_t *json) {
    const struct place here = {place, NULL, SIZE_MAX, place == NULL ? 1 : place->depth + 1};
    if (here.depth > JSON_DEPTH_MAX) {
        fail(parser, place, "is nested too deeply");
        return NULL;
    }
    ProtobufCMessage *message = malloc(descriptor->sizeof_message);
    assert(message != NULL);
    protobuf_c_message_init(descriptor, message);
    bool good;
    if (descriptor == &google__protobuf__timestamp__descriptor) {
        good = parse_timestamp(parser, place, json, message);
    } else if (descriptor == &google__protobuf__field_mask__descriptor) {
        good = parse_field_mask(parser, place, json, message);
    } else {
        /* jansson's iteration wants a mutable value; nothing is changed. */
        good = parse_object(parser, &here, (json_t *)(uintptr_t)json, message);
    }
    if (!good) {
        protobuf_c_message_free_unpacked(message, NULL);
        return NULL;
    }
    return message;
}

ProtobufCMessage *json_to_message(const ProtobufCMessageDescriptor *descriptor, const json_t *json,
                                  struct json_problem *problem) {
    struct parser parser = {problem};
    return parse_message(&parser, NULL, descriptor, json);
}
