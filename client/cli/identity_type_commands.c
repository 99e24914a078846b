/* The commands of `identity types`. */

#include "client/cli/answer.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/request.h"
#include "client/cli/table.h"
#include "client/cli/text.h"

#include "profiled/v1/identity_service.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void add_type(struct table *table, const Profiled__V1__IdentityType *type) {
    char number[24];
    char words[WORDS_SIZE];
    char vetoes[256] = "";
    table_add(table, type->type);
    table_add_number(table, type->priority);
    table_add_number(table, type->limit);
    output_words(&profiled__v1__normalizer__descriptor, (int32_t)type->normalizer, "NORMALIZER_",
                 words);
    table_add(table, words);
    table_add(table, type->disabled ? "disabled" : type->match ? "yes" : "no");
    output_words(&profiled__v1__provenance__descriptor, (int32_t)type->merge_provenance,
                 "PROVENANCE_", words);
    table_add(table, type->merge ? words : "no");
    for (size_t i = 0; i < type->n_veto_attributes; i++) {
        text_append(vetoes, sizeof vetoes, " ", type->veto_attributes[i]);
    }
    table_add(table, vetoes);
    snprintf(number, sizeof number, "%zu%s", type->n_blocked_values + type->n_blocked_patterns,
             type->block_role_mailboxes ? "+roles" : "");
    table_add(table, number);
}

static void print_types(const struct session *session, Profiled__V1__IdentityType *const *types,
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

/* What a change does to the identities that there are, where it was counted. */
static void print_effect(const Profiled__V1__UpdateIdentityTypeResponse *response) {
    if (response->identity_count > 0) {
        fprintf(stdout, "Blocks %" PRId64 " of the %" PRId64 " that profiles have",
                response->blocked_count, response->identity_count);
        if (response->partial) {
            fprintf(stdout, ", of which the latest %" PRId64 " were looked at",
                    response->profile_count);
        }
        fputc('\n', stdout);
    }
}

static void view_types(const struct session *session, const struct arguments *arguments,
                       const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__ListIdentityTypesResponse *response =
        (const Profiled__V1__ListIdentityTypesResponse *)answer;
    print_types(session, response->identity_types, response->n_identity_types);
    fprintf(stdout, "\nRules %" PRId64 ", default region %s\n", response->rule_version,
            response->default_region[0] == '\0' ? "none" : response->default_region);
}

int identity_types(struct session *session, const struct arguments *arguments) {
    json_t *request = json_object();
    request_text(request, "ruleVersion", arguments, OPT_RULES);
    return answer_ask(session, arguments, "ListIdentityTypes", request, view_types);
}

/* Sets the field to the list of the option's values; nothing when it was not given. */
static void read_list(json_t *type, const char *field, const struct arguments *arguments,
                      enum cli_option option) {
    if (!arguments_has(arguments, option)) {
        return;
    }
    json_t *values = json_array();
    size_t position = 0;
    for (const char *value = arguments_next(arguments, option, &position); value != NULL;
         value = arguments_next(arguments, option, &position)) {
        if (value[0] != '\0') { /* --blocked-value '' empties the list. */
            json_t *text = json_string(value);
            json_array_append_new(values, text == NULL ? json_false() : text); /* Not UTF-8. */
            request_note_item(values, arguments, option);
        }
    }
    json_object_set_new(type, field, values);
}

/* Reads the fields into `type`; false, told, when one can't be read. */
static bool read_fields(json_t *type, const struct arguments *arguments) {
    read_list(type, "blockedValues", arguments, OPT_BLOCKED);
    read_list(type, "blockedPatterns", arguments, OPT_PATTERN);
    request_names(type, "vetoAttributes", arguments, OPT_VETO);
    return request_whole(type, "limit", arguments, OPT_TYPE_LIMIT, 1, 50) &&
           request_whole(type, "priority", arguments, OPT_PRIORITY, 1, 1000) &&
           request_whole(type, "minLength", arguments, OPT_MIN_LENGTH, 1, 64) &&
           request_enum(type, "normalizer", &profiled__v1__normalizer__descriptor, "NORMALIZER_",
                        arguments, OPT_NORMALIZER) &&
           request_enum(type, "mergeProvenance", &profiled__v1__provenance__descriptor,
                        "PROVENANCE_", arguments, OPT_MERGE_PROVENANCE) &&
           request_choice(type, "disabled", arguments, OPT_DISABLED) &&
           request_choice(type, "match", arguments, OPT_MATCH) &&
           request_choice(type, "merge", arguments, OPT_MERGE) &&
           request_choice(type, "blockRoleMailboxes", arguments, OPT_ROLE_MAILBOXES) &&
           request_choice(type, "emailIgnoreDots", arguments, OPT_IGNORE_DOTS) &&
           request_choice(type, "emailIgnoreTag", arguments, OPT_IGNORE_TAG);
}

/* The fields of `type`, as the comma-separated mask of the JSON mapping. "" when there are none. */
static json_t *mask_of(const json_t *type) {
    char mask[512] = "";
    const char *field = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)type, field, value) {
        if (strcmp(field, "type") != 0) {
            text_append(mask, sizeof mask, ",", field);
        }
    }
    return json_string(mask);
}

/* Both answers of a change begin with the type and the version. */
static void view_type(const struct session *session, const struct arguments *arguments,
                      const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__CreateIdentityTypeResponse *response =
        (const Profiled__V1__CreateIdentityTypeResponse *)answer;
    print_types(session, &response->identity_type, 1);
    fprintf(stdout, "\nRules %" PRId64 "\n", response->rule_version);
}

/* What is blocked of one type is not of the other that matches the same values. */
static void print_sibling(const Profiled__V1__IdentityType *type) {
    const char *sibling = strcmp(type->type, "phone") == 0 ? "whatsapp" : type->match_as;
    if (sibling[0] != '\0') {
        fprintf(stdout, "%s matches the same numbers by rules of its own\n", sibling);
    }
}

static void view_changed(const struct session *session, const struct arguments *arguments,
                         const ProtobufCMessage *answer) {
    const Profiled__V1__UpdateIdentityTypeResponse *response =
        (const Profiled__V1__UpdateIdentityTypeResponse *)answer;
    view_type(session, arguments, answer);
    print_effect(response);
    if (arguments_has(arguments, OPT_BLOCKED) || arguments_has(arguments, OPT_PATTERN)) {
        print_sibling(response->identity_type);
    }
}

/* Sends a request about one type, which is taken over, and shows the answer. */
static int send(struct session *session, const struct arguments *arguments, const char *method,
                json_t *request, answer_view *view) {
    request_text(request, "ruleVersion", arguments, OPT_RULE_VERSION);
    request_write(request, arguments);
    return answer_ask(session, arguments, method, request, view);
}

int identity_types_create(struct session *session, const struct arguments *arguments) {
    if (!arguments_has(arguments, OPT_NORMALIZER)) {
        const struct argp_option *option = option_get(OPT_NORMALIZER);
        fprintf(stderr, "profilectl: --%s is required: %s\n", option->name, option->doc);
        return EXIT_USAGE;
    }
    json_t *type = json_pack("{s:s}", "type", arguments->words[0]);
    json_t *request = json_pack("{s:o}", "identityType", type);
    if (!read_fields(type, arguments)) {
        json_decref(request);
        return EXIT_USAGE;
    }
    json_object_set_new(request, "createMask", mask_of(type));
    return send(session, arguments, "CreateIdentityType", request, view_type);
}

json_t *identity_type_change(const char *name, const struct arguments *arguments) {
    json_t *type = json_pack("{s:s}", "type", name);
    json_t *change = json_pack("{s:o}", "identityType", type);
    if (!read_fields(type, arguments)) {
        json_decref(change);
        return NULL;
    }
    json_t *mask = mask_of(type);
    json_object_set_new(change, "updateMask", mask);
    if (json_string_length(mask) == 0) {
        json_decref(change);
        fprintf(stderr, "profilectl: nothing to change: give one of --limit, --priority, "
                        "--min-length, --match,\n--merge, --merge-provenance, --veto, "
                        "--blocked-value, --blocked-pattern,\n--block-role-mailboxes, "
                        "--email-ignore-dots, --email-ignore-tag, --normalizer, --disabled\n");
        return NULL;
    }
    return change;
}

int identity_types_update(struct session *session, const struct arguments *arguments) {
    json_t *request = identity_type_change(arguments->words[0], arguments);
    return request == NULL ? EXIT_USAGE
                           : send(session, arguments, "UpdateIdentityType", request, view_changed);
}

static void view_restored(const struct session *session, const struct arguments *arguments,
                          const ProtobufCMessage *answer) {
    (void)arguments;
    const Profiled__V1__RestoreIdentityTypesResponse *response =
        (const Profiled__V1__RestoreIdentityTypesResponse *)answer;
    print_types(session, response->identity_types, response->n_identity_types);
    fprintf(stdout, "\nRules %" PRId64 "; `identity apply` puts the profiles under them\n",
            response->rule_version);
}

int identity_types_restore(struct session *session, const struct arguments *arguments) {
    json_t *request = json_pack("{s:s}", "ruleVersion", arguments->words[0]);
    request_write(request, arguments);
    return answer_ask(session, arguments, "RestoreIdentityTypes", request, view_restored);
}

static int set_disabled(struct session *session, const struct arguments *arguments, bool disabled) {
    json_t *request = json_pack("{s:{s:s,s:b},s:s}", "identityType", "type", arguments->words[0],
                                "disabled", disabled, "updateMask", "disabled");
    return send(session, arguments, "UpdateIdentityType", request, view_changed);
}

int identity_types_disable(struct session *session, const struct arguments *arguments) {
    return set_disabled(session, arguments, true);
}

int identity_types_enable(struct session *session, const struct arguments *arguments) {
    return set_disabled(session, arguments, false);
}
