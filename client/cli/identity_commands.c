/* The commands of the group `identity`. */

#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/table.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int call(struct session *session, const char *method, json_t *request,
                ProtobufCMessage **response) {
    return session_call(session, &profiled__v1__identity_service__descriptor, method, request,
                        response);
}

int identity_resolve(struct session *session, const struct arguments *arguments) {
    json_t *record = request_record(arguments);
    if (record == NULL) {
        return EXIT_USAGE;
    }
    json_t *request = json_object();
    json_object_set_new(request, "record", record);
    request_flag(request, "includeProfile", arguments, OPT_SHOW_PROFILE);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = call(session, "ResolveProfile", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__ResolveProfileResponse *response =
        (const Profiled__V1__ResolveProfileResponse *)message;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else {
        if (response->decision != NULL) {
            output_decision(session, response->decision);
        }
        if (response->profile != NULL) {
            fputc('\n', stdout);
            output_profile(session, response->profile);
        }
    }
    profiled_message_free(message);
    return code;
}

static int link_or_unlink(struct session *session, const struct arguments *arguments,
                          const char *method) {
    json_t *identity = request_identity(arguments->words[1], arguments);
    if (identity == NULL) {
        return EXIT_USAGE;
    }
    json_t *request =
        json_pack("{s:s,s:o}", "profileId", arguments->words[0], "identity", identity);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = call(session, method, request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    /* Both answers have the profile as their first member. */
    const Profiled__V1__Profile *profile =
        ((const Profiled__V1__LinkIdentityResponse *)message)->profile;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else if (profile != NULL) {
        output_profile(session, profile);
    }
    profiled_message_free(message);
    return code;
}

int identity_link(struct session *session, const struct arguments *arguments) {
    return link_or_unlink(session, arguments, "LinkIdentity");
}

int identity_unlink(struct session *session, const struct arguments *arguments) {
    return link_or_unlink(session, arguments, "UnlinkIdentity");
}

int identity_merge(struct session *session, const struct arguments *arguments) {
    json_t *request = json_pack("{s:s,s:s}", "profileId", arguments->words[0], "otherProfileId",
                                arguments->words[1]);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = call(session, "MergeProfiles", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__MergeProfilesResponse *response =
        (const Profiled__V1__MergeProfilesResponse *)message;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else {
        fprintf(stdout, "merged  %s\n\n", response->merged_id);
        output_profile(session, response->profile);
    }
    profiled_message_free(message);
    return code;
}

static void add_type(struct table *table, const Profiled__V1__IdentityType *type) {
    char number[24];
    char words[WORDS_SIZE];
    char vetoes[256] = "";
    table_add(table, type->type);
    snprintf(number, sizeof number, "%" PRId32, type->priority);
    table_add(table, number);
    snprintf(number, sizeof number, "%" PRId32, type->limit);
    table_add(table, number);
    output_words(&profiled__v1__normalizer__descriptor, (int32_t)type->normalizer, "NORMALIZER_",
                 words);
    table_add(table, words);
    table_add(table, type->match ? "yes" : "no");
    output_words(&profiled__v1__provenance__descriptor, (int32_t)type->merge_provenance,
                 "PROVENANCE_", words);
    table_add(table, type->merge ? words : "no");
    for (size_t i = 0; i < type->n_veto_attributes; i++) {
        const size_t used = strlen(vetoes);
        snprintf(vetoes + used, sizeof vetoes - used, "%s%s", i == 0 ? "" : " ",
                 type->veto_attributes[i]);
    }
    table_add(table, vetoes);
    snprintf(number, sizeof number, "%zu%s", type->n_blocked_values,
             type->block_role_mailboxes ? "+roles" : "");
    table_add(table, number);
}

static void print_types(struct session *session, Profiled__V1__IdentityType *const *types,
                        size_t count) {
    static const struct table_column columns[] = {
        {.title = "TYPE", .whole = true},
        {.title = "PRIO", .right = true},
        {.title = "LIMIT", .right = true},
        {.title = "READ AS"},
        {.title = "MATCH"},
        {.title = "MERGE"},
        {.title = "VETO"},
        {.title = "BLOCKED"},
    };
    struct table table;
    table_init(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++) {
        add_type(&table, types[i]);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

int identity_types(struct session *session, const struct arguments *arguments) {
    (void)arguments;
    ProtobufCMessage *message = NULL;
    int code = call(session, "ListIdentityTypes", json_object(), &message);
    if (code != EXIT_DONE) {
        return code;
    }
    const Profiled__V1__ListIdentityTypesResponse *response =
        (const Profiled__V1__ListIdentityTypesResponse *)message;
    if (session->output == OUTPUT_TABLE) {
        print_types(session, response->identity_types, response->n_identity_types);
        fprintf(stdout, "\nRules %" PRId64 ", default region %s\n", response->rule_version,
                response->default_region[0] == '\0' ? "none" : response->default_region);
    } else {
        code = output_message(session, message);
    }
    profiled_message_free(message);
    return code;
}

static json_t *read_values(const struct arguments *arguments) {
    json_t *values = json_array();
    size_t position = 0;
    for (const char *value = arguments_next(arguments, OPT_BLOCKED, &position); value != NULL;
         value = arguments_next(arguments, OPT_BLOCKED, &position)) {
        if (value[0] != '\0') { /* --blocked-value '' empties the list. */
            json_array_append_new(values, json_string(value));
        }
    }
    return values;
}

/* Reads the changes into `type`; false, told, when one can't be read. */
static bool read_changes(json_t *type, const struct arguments *arguments) {
    request_text(type, "limit", arguments, OPT_LIMIT);
    request_text(type, "priority", arguments, OPT_PRIORITY);
    request_text(type, "minLength", arguments, OPT_MIN_LENGTH);
    request_enum(type, "mergeProvenance", "PROVENANCE_", arguments, OPT_MERGE_PROVENANCE);
    if (arguments_has(arguments, OPT_BLOCKED)) {
        json_object_set_new(type, "blockedValues", read_values(arguments));
    }
    request_names(type, "vetoAttributes", arguments, OPT_VETO);
    return request_choice(type, "match", arguments, OPT_MATCH) &&
           request_choice(type, "merge", arguments, OPT_MERGE) &&
           request_choice(type, "blockRoleMailboxes", arguments, OPT_ROLE_MAILBOXES);
}

/* The fields of `type`, as the comma-separated mask of the JSON mapping. "" when there are none. */
static json_t *mask_of(const json_t *type) {
    static const char *const fields[] = {
        "limit", "priority", "minLength",      "mergeProvenance",    "blockedValues",
        "match", "merge",    "vetoAttributes", "blockRoleMailboxes",
    };
    char mask[256] = "";
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (json_object_get(type, fields[i]) != NULL) {
            const size_t used = strlen(mask);
            snprintf(mask + used, sizeof mask - used, "%s%s", used == 0 ? "" : ",", fields[i]);
        }
    }
    return json_string(mask);
}

int identity_types_update(struct session *session, const struct arguments *arguments) {
    json_t *type = json_pack("{s:s}", "type", arguments->words[0]);
    json_t *request = json_pack("{s:o}", "identityType", type);
    if (!read_changes(type, arguments)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    json_t *mask = mask_of(type);
    json_object_set_new(request, "updateMask", mask);
    if (json_string_length(mask) == 0) {
        json_decref(request);
        fprintf(stderr, "profilectl: nothing to change: give one of --limit, --priority, "
                        "--min-length, --match,\n--merge, --merge-provenance, --veto, "
                        "--blocked-value, --block-role-mailboxes\n");
        return EXIT_USAGE;
    }
    request_text(request, "ruleVersion", arguments, OPT_RULE_VERSION);
    request_write(request, arguments);
    ProtobufCMessage *message = NULL;
    int code = call(session, "UpdateIdentityType", request, &message);
    if (code != EXIT_DONE) {
        return code;
    }
    Profiled__V1__UpdateIdentityTypeResponse *response =
        (Profiled__V1__UpdateIdentityTypeResponse *)message;
    if (session->output != OUTPUT_TABLE) {
        code = output_message(session, message);
    } else {
        print_types(session, &response->identity_type, 1);
        fprintf(stdout, "\nRules %" PRId64 "\n", response->rule_version);
    }
    profiled_message_free(message);
    return code;
}
