/* The commands of the group `attribute`. An update reads the definition first, changes what the
 * command line names, and sends it back with the version that it was read at: so one bound, or one
 * value of many, can be changed alone. */

#include "client/cli/answer.h"
#include "client/cli/attribute_view.h"
#include "client/cli/command.h"
#include "client/cli/origins.h"
#include "client/cli/request.h"
#include "client/cli/text.h"
#include "client/json.h"

#include "profiled/v1/schema_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LANGUAGE_SIZE = 64, LENGTH_MAX = 1024, VALUES_MAX = 50 };

/* ---- reading ---- */

static void view_list(const struct session *session, const struct arguments *arguments,
                      const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__ListAttributesResponse *response =
        (const Profiled__V1__ListAttributesResponse *)answer;
    attribute_view_list(session, response->attributes, response->n_attributes);
    fprintf(stdout, "\nSchema %" PRId64 "\n", response->schema_version);
}

int attribute_list(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "ListAttributes", json_object(), view_list);
}

static void view_one(const struct session *session, const struct arguments *arguments,
                     const ProtobufCMessage *answer) {
    (void)arguments;
    attribute_view(session, ((const Profiled__V1__GetAttributeResponse *)answer)->attribute);
}

int attribute_show(struct session *session, const struct arguments *arguments) {
    return answer_ask(session, arguments, "GetAttribute",
                      json_pack("{s:s}", "name", arguments->words[0]), view_one);
}

/* ---- the values of an enumeration ---- */

/* The value of this text in the list; NULL when there is none. Borrowed. */
static json_t *find_value(json_t *values, const char *text) {
    size_t position = 0;
    json_t *value = NULL;
    json_array_foreach(values, position, value) {
        const char *there = json_string_value(json_object_get(value, "value"));
        if (there != NULL && strcmp(there, text) == 0) {
            return value;
        }
    }
    return NULL;
}

/* A value that is there is no longer retired; labels that follow replace those of their language.
 */
static json_t *put_value(json_t *values, const char *text) {
    json_t *value = find_value(values, text);
    if (value == NULL) {
        value = json_pack("{s:s}", "value", text);
        json_array_append_new(values, value == NULL ? json_false() : value);
    }
    json_object_del(value, "retired");
    return value;
}

/* LANGUAGE=TEXT of the value before it. False, told, when it is none. */
static bool put_label(json_t *value, const struct arguments *arguments, const char *text) {
    const char *equals = strchr(text, '=');
    if (value == NULL || equals == NULL || equals == text || equals - text >= LANGUAGE_SIZE) {
        fprintf(stderr, "profilectl: --label reads LANGUAGE=TEXT, as ar=..., behind its --value\n");
        return false;
    }
    json_t *labels = json_object_get(value, "labels");
    if (labels == NULL) {
        labels = json_array();
        json_object_set_new(value, "labels", labels);
    }
    json_t *language = json_stringn(text, (size_t)(equals - text));
    size_t position = 0;
    json_t *label = NULL;
    json_array_foreach(labels, position, label) {
        if (json_equal(json_object_get(label, "language"), language)) {
            json_array_remove(labels, position);
            break;
        }
    }
    label = json_pack("{s:o, s:s}", "language", language, "text", equals + 1);
    json_array_append_new(labels, label == NULL ? json_false() : label);
    origins_note(arguments->origins, label, OPT_LABEL,
                 json_string_value(json_object_get(label, "language")));
    return true;
}

static bool retire_value(json_t *values, const char *text, bool drop) {
    size_t position = 0;
    json_t *value = NULL;
    json_array_foreach(values, position, value) {
        if (value == find_value(values, text)) {
            if (drop) {
                json_array_remove(values, position);
            } else {
                json_object_set_new(value, "retired", json_true());
            }
            return true;
        }
    }
    fprintf(stderr, "profilectl: %s: the attribute has no such value\n",
            drop ? "--drop-value" : "--retire-value");
    return false;
}

/* The options of values, in the order in which they were given. False, told, when one can't be
 * read. */
static bool read_values(json_t *attribute, const struct arguments *arguments) {
    json_t *values = json_object_get(attribute, "enumValues");
    values = values == NULL ? json_array() : json_incref(values);
    json_t *value = NULL;
    bool named = false;
    bool good = true;
    for (size_t i = 0; good && i < arguments->given_count; i++) {
        const enum cli_option option = arguments->given[i].option;
        const char *text = arguments->given[i].value;
        if (option == OPT_VALUE) {
            value = put_value(values, text);
            origins_note(arguments->origins, value, OPT_VALUE, text);
        } else if (option == OPT_LABEL) {
            good = put_label(value, arguments, text);
        } else if (option == OPT_RETIRE_VALUE || option == OPT_DROP_VALUE) {
            good = retire_value(values, text, option == OPT_DROP_VALUE);
        } else {
            continue;
        }
        named = true;
    }
    if (named) {
        json_object_set(attribute, "enumValues", values);
    }
    json_decref(values);
    return good;
}

/* ---- the other fields ---- */

/* False, told, when one can't be read. */
static bool read_bounds(json_t *attribute, const struct arguments *arguments) {
    json_t *bounds = json_object_get(attribute, "bounds");
    bounds = bounds == NULL ? json_object() : json_incref(bounds);
    request_text(bounds, "min", arguments, OPT_LEAST);
    request_text(bounds, "max", arguments, OPT_GREATEST);
    request_text(bounds, "pattern", arguments, OPT_FORM);
    const bool are_good =
        request_whole(bounds, "minLength", arguments, OPT_SHORTEST, 0, LENGTH_MAX) &&
        request_whole(bounds, "maxLength", arguments, OPT_LONGEST, 1, LENGTH_MAX);
    if (json_object_size(bounds) > 0) {
        json_object_set(attribute, "bounds", bounds);
    }
    json_decref(bounds);
    return are_good;
}

/* Reads the options of all but the values into the definition. False, told, when one can't be read.
 */
static bool read_plain(json_t *attribute, const struct arguments *arguments) {
    request_text(attribute, "displayName", arguments, OPT_TITLE);
    request_text(attribute, "description", arguments, OPT_DESCRIPTION);
    request_names(attribute, "trustedSources", arguments, OPT_TRUSTED);
    return read_bounds(attribute, arguments) &&
           request_whole(attribute, "maxValues", arguments, OPT_MAX_VALUES, 1, VALUES_MAX) &&
           request_enum(attribute, "survivorship", &profiled__v1__survivorship__descriptor,
                        "SURVIVORSHIP_", arguments, OPT_SURVIVORSHIP) &&
           request_enum(attribute, "type", &profiled__v1__attribute_type__descriptor,
                        "ATTRIBUTE_TYPE_", arguments, OPT_TYPE) &&
           request_choice(attribute, "personal", arguments, OPT_PERSONAL) &&
           request_enums(attribute, "requiredFor", &profiled__v1__attribute_requirement__descriptor,
                         "ATTRIBUTE_REQUIREMENT_", arguments, OPT_REQUIRED_FOR);
}

static bool read_fields(json_t *attribute, const struct arguments *arguments) {
    return read_plain(attribute, arguments) && read_values(attribute, arguments);
}

/* The fields that the options name, as the mask of the JSON mapping. */
static json_t *mask_of(const struct arguments *arguments) {
    static const struct {
        const char *field;
        enum cli_option options[5];
    } fields[] = {
        {"displayName", {OPT_TITLE}},
        {"description", {OPT_DESCRIPTION}},
        {"bounds", {OPT_LEAST, OPT_GREATEST, OPT_SHORTEST, OPT_LONGEST, OPT_FORM}},
        {"enumValues", {OPT_VALUE, OPT_LABEL, OPT_RETIRE_VALUE, OPT_DROP_VALUE}},
        {"maxValues", {OPT_MAX_VALUES}},
        {"requiredFor", {OPT_REQUIRED_FOR}},
        {"retired", {OPT_RESTORE}},
        {"personal", {OPT_PERSONAL}},
        {"survivorship", {OPT_SURVIVORSHIP}},
        {"trustedSources", {OPT_TRUSTED}},
    };
    char mask[256] = "";
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        bool named = false;
        for (size_t k = 0; k < 5 && fields[i].options[k] != 0; k++) {
            named = named || arguments_has(arguments, fields[i].options[k]);
        }
        if (named) {
            text_append(mask, sizeof mask, ",", fields[i].field);
        }
    }
    return json_string(mask);
}

/* ---- writing ---- */

/* The three answers of a change begin with the attribute and the version. */
static void view_created(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__CreateAttributeResponse *response =
        (const Profiled__V1__CreateAttributeResponse *)answer;
    attribute_view_list(session, &response->attribute, 1);
    fprintf(stdout, "\nSchema %" PRId64 "\n", response->schema_version);
}

static void view_updated(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    view_created(session, arguments, answer);
    attribute_view_effect(((const Profiled__V1__UpdateAttributeResponse *)answer)->effect);
}

static void view_deleted(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    view_created(session, arguments, answer);
    attribute_view_effect(((const Profiled__V1__DeleteAttributeResponse *)answer)->effect);
}

/* Sends a request, which is taken over, and shows the answer. */
static int send(struct session *session, const struct arguments *arguments, const char *method,
                json_t *request, answer_view *view) {
    request_text(request, "schemaVersion", arguments, OPT_SCHEMA_VERSION);
    request_write(request, arguments);
    return answer_ask(session, arguments, method, request, view);
}

int attribute_define(struct session *session, const struct arguments *arguments) {
    json_t *attribute = json_pack("{s:s}", "name", arguments->words[0]);
    json_t *request = json_pack("{s:o}", "attribute", attribute);
    if (!read_fields(attribute, arguments)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    return send(session, arguments, "CreateAttribute", request, view_created);
}

/* The request of an update, out of the definition that was read. */
static json_t *update_request(const Profiled__V1__GetAttributeResponse *there,
                              const struct arguments *arguments) {
    json_t *attribute = json_from_message(&there->attribute->base);
    json_t *request = json_pack("{s:o}", "attribute", attribute);
    json_object_del(attribute, "retired");
    if (!read_fields(attribute, arguments)) {
        json_decref(request);
        return NULL;
    }
    char version[24];
    snprintf(version, sizeof version, "%" PRId64, there->schema_version);
    json_object_set_new(request, "schemaVersion", json_string(version));
    request_flag(request, "force", arguments, OPT_FORCE);
    json_object_set_new(request, "updateMask", mask_of(arguments));
    return request;
}

/* Whether the command line says something, in words that can be read: the server is not asked for
 * one that does not. */
static bool says_something(const struct arguments *arguments) {
    json_t *mask = mask_of(arguments);
    const bool changes = json_string_length(mask) > 0;
    json_decref(mask);
    if (!changes) {
        fprintf(stderr, "profilectl: nothing to change: give --survivorship, --trusted or another "
                        "option of\n`profilectl attribute update --help`\n");
        return false;
    }
    json_t *scratch = json_object();
    const bool good = read_plain(scratch, arguments);
    json_decref(scratch);
    return good;
}

int attribute_update(struct session *session, const struct arguments *arguments) {
    if (!says_something(arguments)) {
        return EXIT_USAGE;
    }
    ProtobufCMessage *there = NULL;
    const int code = session_call(session, "GetAttribute",
                                  json_pack("{s:s}", "name", arguments->words[0]), &there);
    if (code != EXIT_DONE) {
        return code;
    }
    json_t *request = update_request((const Profiled__V1__GetAttributeResponse *)there, arguments);
    profiled_message_free(there);
    return request == NULL ? EXIT_USAGE
                           : send(session, arguments, "UpdateAttribute", request, view_updated);
}

int attribute_delete(struct session *session, const struct arguments *arguments) {
    return send(session, arguments, "DeleteAttribute",
                json_pack("{s:s}", "name", arguments->words[0]), view_deleted);
}
