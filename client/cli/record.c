/* A record out of one row. Cells are trimmed, and empty ones are absent; what a value means, and
 * whether it is a good one, is for the server to say. Here it must be text:
 * also in a column that goes nowhere, for such a row is broken. */

#include "client/cli/record.h"

#include "client/cli/text.h"
#include "client/json.h"
#include "client/profiled_client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void record_add_error(json_t *errors, const char *field, const char *description) {
    json_t *error = json_object();
    json_t *name = json_string(field);
    json_object_set_new(error, "field", name == NULL ? json_string("") : name);
    json_object_set_new(error, "description", json_string(description));
    json_array_append_new(errors, error);
}

/* The size of a space at the text's start or, backwards, at its end: ASCII's and U+00A0. */
static size_t space_size(const char *text, size_t size, bool at_end) {
    const char *one = at_end ? text + size - 1 : text;
    if (size >= 1 && (*one == ' ' || (*one >= '\t' && *one <= '\r'))) {
        return 1;
    }
    const char *two = at_end ? text + size - 2 : text;
    return size >= 2 && memcmp(two, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

/* A trimmed copy; NULL when nothing is left. */
static char *copy_value(const char *text, size_t size) {
    for (size_t step = 0; size > 0 && (step = space_size(text, size, false)) > 0; text += step) {
        size -= step;
    }
    for (size_t step = 0; size > 0 && (step = space_size(text, size, true)) > 0;) {
        size -= step;
    }
    if (size == 0) {
        return NULL;
    }
    char *copy = strndup(text, size);
    assert(copy != NULL);
    return copy;
}

static void add_identity(Profiled__V1__Record *record, const char *type, char *value) {
    Profiled__V1__Identity *identity = malloc(sizeof *identity);
    record->identities =
        realloc(record->identities, (record->n_identities + 1) * sizeof *record->identities);
    assert(identity != NULL && record->identities != NULL);
    profiled__v1__identity__init(identity);
    identity->type = strdup(type);
    identity->value = value;
    record->identities[record->n_identities++] = identity;
}

/* The value at *at, up to a `;` that no backslash stands before, without the backslashes before a
 * `;` and before another one; NULL when nothing is left. Goes behind it. */
static char *take_value(const char **at) {
    char *room = malloc(strlen(*at) + 1);
    assert(room != NULL);
    size_t size = 0;
    const char *from = *at;
    for (; *from != '\0' && *from != ';'; from++) {
        from += *from == '\\' && (from[1] == ';' || from[1] == '\\') ? 1 : 0;
        room[size++] = *from;
    }
    room[size] = '\0';
    *at = from + (*from == ';' ? 1 : 0);
    char *value = copy_value(room, size);
    free(room);
    return value;
}

/* The values of a cell, which is taken over: those with `;` between them, without empty ones. */
static Profiled__V1__AttributeList *split_value(char *value) {
    Profiled__V1__AttributeList *list = malloc(sizeof *list);
    assert(list != NULL);
    profiled__v1__attribute_list__init(list);
    for (const char *at = value; *at != '\0';) {
        char *part = take_value(&at);
        if (part == NULL) {
            continue;
        }
        Profiled__V1__AttributeItem *item = malloc(sizeof *item);
        list->items = realloc(list->items, (list->n_items + 1) * sizeof(void *));
        assert(item != NULL && list->items != NULL);
        profiled__v1__attribute_item__init(item);
        item->value_case = PROFILED__V1__ATTRIBUTE_ITEM__VALUE_TEXT;
        item->text = part;
        list->items[list->n_items++] = item;
    }
    free(value);
    return list;
}

static void add_attribute(Profiled__V1__Record *record, const struct column *column, char *value) {
    Profiled__V1__Record__AttributesEntry *entry = malloc(sizeof *entry);
    Profiled__V1__RecordAttribute *attribute = malloc(sizeof *attribute);
    record->attributes = realloc(record->attributes, (record->n_attributes + 1) * sizeof(void *));
    assert(entry != NULL && attribute != NULL && record->attributes != NULL);
    profiled__v1__record__attributes_entry__init(entry);
    profiled__v1__record_attribute__init(attribute);
    if (column->list) {
        attribute->value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_LIST;
        attribute->list = split_value(value);
    } else {
        attribute->value_case = PROFILED__V1__RECORD_ATTRIBUTE__VALUE_TEXT;
        attribute->text = value;
    }
    entry->key = strdup(column->key);
    entry->value = attribute;
    record->attributes[record->n_attributes++] = entry;
}

/* Several columns of a name are joined by a space, in the order of the file. */
static void add_name(Profiled__V1__Record *record, char *value) {
    if (record->name == NULL || record->name[0] == '\0') {
        record->name = value;
        return;
    }
    char *joined = NULL;
    const int length = asprintf(&joined, "%s %s", record->name, value);
    assert(length > 0);
    free(record->name);
    free(value);
    record->name = joined;
}

static void add_value(Profiled__V1__Record *record, const struct column *column, char *value) {
    switch (column->target) {
    case COLUMN_NAME:
        add_name(record, value);
        return;
    case COLUMN_IDENTITY:
        add_identity(record, column->key, value);
        return;
    case COLUMN_ATTRIBUTE:
        add_attribute(record, column, value);
        return;
    case COLUMN_IGNORED:
        free(value);
        return;
    }
}

/* Why bytes are no text; NULL when they are. */
static const char *text_problem(const char *text, size_t size) {
    return memchr(text, '\0', size) != NULL ? "holds a NUL byte: is it binary?"
           : text_is_utf8(text, size)       ? NULL
                                            : "is not UTF-8";
}

Profiled__V1__Record *record_from_fields(const struct csv_rows *rows, const struct columns *columns,
                                         uint16_t *identity_columns, json_t *errors) {
    Profiled__V1__Record *record = malloc(sizeof *record);
    assert(record != NULL);
    profiled__v1__record__init(record);
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        size_t size;
        const char *field = csv_rows_field(rows, i, &size);
        const char *problem = text_problem(field, size);
        if (problem != NULL) {
            record_add_error(errors, column->title, problem);
        } else {
            char *value = copy_value(field, size);
            if (value != NULL && column->target == COLUMN_IDENTITY) {
                identity_columns[record->n_identities] = (uint16_t)i;
            }
            if (value != NULL) {
                add_value(record, column, value);
            }
        }
    }
    if (json_array_size(errors) > 0) {
        profiled_message_free(&record->base);
        return NULL;
    }
    return record;
}

/* A row with `\u0000` for each byte that is no text: then the string that it is in is one that
 * holds NUL, and is found as such. The caller's, for free(). */
static char *with_escapes(const char *text, size_t size, size_t *out_size) {
    static const char escape[] = "\\u0000";
    char *out = malloc(size * (sizeof escape - 1) + 1);
    assert(out != NULL);
    *out_size = 0;
    for (size_t at = 0; at < size;) {
        const size_t letter = text_letter_size(text + at, size - at);
        const bool is_bad = letter == 0 || text[at] == '\0';
        memcpy(out + *out_size, is_bad ? escape : text + at, is_bad ? sizeof escape - 1 : letter);
        *out_size += is_bad ? sizeof escape - 1 : letter;
        at += letter == 0 ? 1 : letter;
    }
    return out;
}

/* NULL, with the reason, when it is no JSON or no such message. */
static ProtobufCMessage *read_json(const ProtobufCMessageDescriptor *shape, const char *text,
                                   size_t size, struct json_problem *reason) {
    json_error_t problem;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);
    if (json == NULL) {
        /* Not jansson's own text, which may quote the record. */
        *reason = (struct json_problem){.text = "is no JSON object on one line"};
        return NULL;
    }
    ProtobufCMessage *message = json_to_message(shape, json, reason);
    json_decref(json);
    return message;
}

/* Tells why a row is no text: of the field that holds what is none, where that can be told. */
static void add_text_error(const ProtobufCMessageDescriptor *shape, const char *text, size_t size,
                           json_t *errors) {
    struct json_problem reason = {.field = ""};
    size_t escaped_size = 0;
    char *escaped = with_escapes(text, size, &escaped_size);
    ProtobufCMessage *message = read_json(shape, escaped, escaped_size, &reason);
    const bool is_found = message == NULL && strcmp(reason.text, JSON_HOLDS_NUL) == 0;
    record_add_error(errors, is_found ? reason.field : "", text_problem(text, size));
    protobuf_c_message_free_unpacked(message, NULL);
    free(escaped);
}

ProtobufCMessage *message_from_json(const ProtobufCMessageDescriptor *shape, const char *text,
                                    size_t size, json_t *errors) {
    if (text_problem(text, size) != NULL) {
        add_text_error(shape, text, size, errors);
        return NULL;
    }
    struct json_problem reason;
    ProtobufCMessage *message = read_json(shape, text, size, &reason);
    if (message == NULL) {
        record_add_error(errors, reason.field, reason.text);
    }
    return message;
}
