/* The mapping of an import against what the server knows, before the first row: a field that it
 * does not know would fail every row. */

#include "client/cli/import_fields.h"

#include "client/cli/command.h"
#include "client/cli/text.h"

#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"

#include <stdio.h>
#include <string.h>

/* A kind of field: who lists those that there are, and how the list is read. */
struct field_kind {
    enum column_target target;
    const char *prefix; /* Of the field in a mapping. */
    const char *method;
    size_t (*count)(const ProtobufCMessage *response);
    const char *(*name)(const ProtobufCMessage *response, size_t position);
    bool (*is_list)(const ProtobufCMessage *response, size_t position); /* NULL: none is. */
};

static size_t attribute_count(const ProtobufCMessage *response) {
    return ((const Profiled__V1__ListAttributesResponse *)response)->n_attributes;
}

static const char *attribute_name(const ProtobufCMessage *response, size_t position) {
    return ((const Profiled__V1__ListAttributesResponse *)response)->attributes[position]->name;
}

static bool attribute_is_list(const ProtobufCMessage *response, size_t position) {
    return ((const Profiled__V1__ListAttributesResponse *)response)
               ->attributes[position]
               ->max_values > 1;
}

static size_t type_count(const ProtobufCMessage *response) {
    return ((const Profiled__V1__ListIdentityTypesResponse *)response)->n_identity_types;
}

/* Disabled types are fields too: what comes is kept as contact data. */
static const char *type_name(const ProtobufCMessage *response, size_t position) {
    return ((const Profiled__V1__ListIdentityTypesResponse *)response)
        ->identity_types[position]
        ->type;
}

static bool is_mapped(const struct column *column, const struct field_kind *kind) {
    return column->target == kind->target && !column->guessed;
}

static bool any_mapped(const struct columns *columns, const struct field_kind *kind) {
    for (size_t i = 0; i < columns->count; i++) {
        if (is_mapped(&columns->items[i], kind)) {
            return true;
        }
    }
    return false;
}

/* Whether the server knows the column's field, which then says whether a cell is a list. */
static bool is_known(const struct field_kind *kind, const ProtobufCMessage *response,
                     struct column *column) {
    for (size_t i = 0; i < kind->count(response); i++) {
        if (strcmp(kind->name(response, i), column->key) == 0) {
            column->list = kind->is_list != NULL && kind->is_list(response, i);
            return true;
        }
    }
    return false;
}

static void tell_known(const struct field_kind *kind, const ProtobufCMessage *response) {
    fputs("The server knows:", stderr);
    for (size_t i = 0; i < kind->count(response); i++) {
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", kind->prefix);
        text_tell(stderr, kind->name(response, i));
    }
    fputc('\n', stderr);
}

static int check_kind(struct session *session, struct columns *columns,
                      const struct field_kind *kind) {
    if (!any_mapped(columns, kind)) {
        return EXIT_DONE;
    }
    ProtobufCMessage *response = NULL;
    int code = session_call(session, kind->method, json_object(), &response);
    if (code != EXIT_DONE) {
        return code;
    }
    for (size_t i = 0; i < columns->count; i++) {
        struct column *column = &columns->items[i];
        if (is_mapped(column, kind) && !is_known(kind, response, column)) {
            fputs("profilectl: column `", stderr);
            text_tell(stderr, column->title);
            fprintf(stderr, "` is mapped to %s%s, which the server does not know\n", kind->prefix,
                    column->key);
            code = EXIT_USAGE;
        }
    }
    if (code != EXIT_DONE) {
        tell_known(kind, response);
    }
    profiled_message_free(response);
    return code;
}

int import_fields_check(struct session *session, struct columns *columns) {
    static const struct field_kind attributes = {COLUMN_ATTRIBUTE, "attribute.",
                                                 "ListAttributes", attribute_count,
                                                 attribute_name,   attribute_is_list};
    static const struct field_kind types = {COLUMN_IDENTITY, "identity.", "ListIdentityTypes",
                                            type_count,      type_name,   NULL};
    const int code = check_kind(session, columns, &attributes);
    const int types_code = check_kind(session, columns, &types);
    return code == EXIT_DONE ? types_code : code;
}
