/* The commands of the group `attribute`. */

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/table.h"

#include "profiled/v1/schema_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SOURCES_SIZE = 2048 }; /* 20 names of 64 characters. */

static int call(struct session *session, const char *method, json_t *request,
                ProtobufCMessage **response) {
    return session_call(session, &profiled__v1__schema_service__descriptor, method, request,
                        response);
}

static void add_attribute(struct table *table, const Profiled__V1__AttributeDefinition *attribute) {
    char words[WORDS_SIZE];
    char sources[SOURCES_SIZE] = "";
    table_add(table, attribute->name);
    table_add(table, attribute->personal ? "yes" : "no");
    table_add(table, attribute->filterable ? "yes" : "no");
    output_words(&profiled__v1__survivorship__descriptor, (int32_t)attribute->survivorship,
                 "SURVIVORSHIP_", words);
    table_add(table, words);
    for (size_t i = 0; i < attribute->n_trusted_sources; i++) {
        const size_t used = strlen(sources);
        snprintf(sources + used, sizeof sources - used, "%s%s", i == 0 ? "" : " ",
                 attribute->trusted_sources[i]);
    }
    table_add(table, sources);
}

static void print_attributes(struct session *session,
                             Profiled__V1__AttributeDefinition *const *attributes, size_t count) {
    static const struct table_column columns[] = {
        {.title = "ATTRIBUTE", .whole = true},
        {.title = "PERSONAL"},
        {.title = "FILTER"},
        {.title = "SURVIVES"},
        {.title = "TRUSTED"},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_attribute(&table, attributes[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

int attribute_list(struct session *session, const struct arguments *arguments) {
    (void)arguments;
    ProtobufCMessage *message = NULL;
    int code = call(session, "ListAttributes", json_object(), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__ListAttributesResponse *response =
        (const Profiled__V1__ListAttributesResponse *)message;
    if (session->output == OUTPUT_TABLE) {
        print_attributes(session, response->attributes, response->n_attributes);
        fprintf(stdout, "\nSchema %" PRId64 "\n", response->schema_version);
    } else {
        code = output_message(session, message);
    }
    profiled_message_free(message);
    return code;
}

/* The request; NULL, told, when nothing would change or no such rule exists. */
static json_t *update_request(const struct arguments *arguments) {
    const bool survives = arguments_has(arguments, OPT_SURVIVORSHIP);
    const bool trusts = arguments_has(arguments, OPT_TRUSTED);
    if (!survives && !trusts) {
        fprintf(stderr, "profilectl: nothing to change: give --survivorship, --trusted or both\n");
        return NULL;
    }
    json_t *attribute = json_pack("{s:s}", "name", arguments->words[0]);
    if (!request_enum(attribute, "survivorship", &profiled__v1__survivorship__descriptor,
                      "SURVIVORSHIP_", arguments, OPT_SURVIVORSHIP)) {
        json_decref(attribute);
        return NULL;
    }
    request_names(attribute, "trustedSources", arguments, OPT_TRUSTED);
    json_t *request = json_pack("{s:o}", "attribute", attribute);
    json_object_set_new(request, "updateMask",
                        json_string(survives && trusts ? "survivorship,trustedSources"
                                    : survives         ? "survivorship"
                                                       : "trustedSources"));
    request_text(request, "schemaVersion", arguments, OPT_SCHEMA_VERSION);
    request_write(request, arguments);
    return request;
}

int attribute_update(struct session *session, const struct arguments *arguments) {
    json_t *request = update_request(arguments);
    if (request == NULL) {
        return EXIT_USAGE;
    }
    ProtobufCMessage *message = NULL;
    int code = call(session, "UpdateAttribute", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    Profiled__V1__UpdateAttributeResponse *response =
        (Profiled__V1__UpdateAttributeResponse *)message;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else {
        print_attributes(session, &response->attribute, 1);
        fprintf(stdout, "\nSchema %" PRId64 "\n", response->schema_version);
    }
    profiled_message_free(message);
    return code;
}
