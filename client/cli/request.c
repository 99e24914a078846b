/* Requests in JSON out of the command line. JSON is the one form in which commands build requests:
 * what --json reads and what options say go the same way, and are checked in the same place. */

#include "client/cli/request.h"

#include "client/cli/origins.h"
#include "client/cli/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "profiled/v1/change.pb-c.h"
#include "profiled/v1/identity.pb-c.h"

enum { ENUM_NAME_SIZE = 96, TYPE_SIZE = 65, ITEM_SIZE = 32 };

/* Command lines come in the user's encoding; JSON takes UTF-8 only. Answers the value, borrowed. */
static json_t *set_text(json_t *object, const char *field, const char *value) {
    json_t *text = json_string(value);
    json_object_set_new_nocheck(object, field, text == NULL ? json_false() : text);
    return text;
}

void request_text(json_t *object, const char *field, const struct arguments *arguments,
                  enum cli_option option) {
    const char *value = arguments_get(arguments, option);
    if (value != NULL) {
        origins_note(arguments->origins, set_text(object, field, value), option, NULL);
    }
}

void request_time(json_t *object, const char *field, const struct arguments *arguments,
                  enum cli_option option) {
    const char *value = arguments_get(arguments, option);
    if (value != NULL) {
        char *time = text_number(value);
        origins_note(arguments->origins, set_text(object, field, time), option, NULL);
        free(time);
    }
}

void request_needed(json_t *object, const char *field, const struct arguments *arguments,
                    enum cli_option option) {
    const char *value = arguments_get(arguments, option);
    origins_note(arguments->origins, set_text(object, field, value == NULL ? "" : value), option,
                 NULL);
}

void request_number(json_t *object, const char *field, const struct arguments *arguments,
                    enum cli_option option) {
    const char *value = arguments_get(arguments, option);
    if (value != NULL) {
        char *number = text_number(value);
        origins_note(arguments->origins, set_text(object, field, number), option, NULL);
        free(number);
    }
}

static bool is_int32(const char *number) {
    char *end = NULL;
    errno = 0;
    const long long value = strtoll(number, &end, 10);
    return errno == 0 && end != number && *end == '\0' && value >= INT32_MIN && value <= INT32_MAX;
}

bool request_whole(json_t *object, const char *field, const struct arguments *arguments,
                   enum cli_option option, int32_t min, int32_t max) {
    const char *value = arguments_get(arguments, option);
    char *number = value == NULL ? NULL : text_number(value);
    const bool is_good = number == NULL || is_int32(number);
    free(number);
    if (!is_good) {
        fprintf(stderr, "profilectl: --%s: must be a number from %" PRId32 " to %" PRId32 "\n",
                option_get(option)->name, min, max);
        return false;
    }
    request_number(object, field, arguments, option);
    return true;
}

void request_flag(json_t *object, const char *field, const struct arguments *arguments,
                  enum cli_option option) {
    if (arguments_has(arguments, option)) {
        json_object_set_new(object, field, json_true());
    }
}

/* Says what the option may be, as it is written on a command line. What is not said is no choice.
 */
static void tell_names(const ProtobufCEnumDescriptor *names, size_t prefix_size, int left_out,
                       enum cli_option option) {
    const char *before = "";
    fprintf(stderr, "profilectl: --%s: must be one of ", option_get(option)->name);
    for (unsigned i = 0; i < names->n_values; i++) {
        if (names->values[i].value == 0 || names->values[i].value == left_out) {
            continue;
        }
        fputs(before, stderr);
        for (const char *at = names->values[i].name + prefix_size; *at != '\0'; at++) {
            fputc(*at == '_' ? '-' : tolower((unsigned char)*at), stderr);
        }
        before = ", ";
    }
    fputc('\n', stderr);
}

/* The full name of what people write as `value`; false when there is none. */
static bool find_name(const ProtobufCEnumDescriptor *names, const char *prefix, const char *value,
                      char out[ENUM_NAME_SIZE]) {
    const int length = snprintf(out, ENUM_NAME_SIZE, "%s%s", prefix, value);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    }
    return length >= 0 && length < ENUM_NAME_SIZE &&
           protobuf_c_enum_descriptor_get_value_by_name(names, out) != NULL;
}

bool request_enum(json_t *object, const char *field, const ProtobufCEnumDescriptor *names,
                  const char *prefix, const struct arguments *arguments, enum cli_option option) {
    const char *value = arguments_get(arguments, option);
    char name[ENUM_NAME_SIZE];
    if (value == NULL) {
        return true;
    }
    if (!find_name(names, prefix, value, name)) {
        tell_names(names, strlen(prefix), 0, option);
        return false;
    }
    origins_note(arguments->origins, set_text(object, field, name), option, NULL);
    return true;
}

/* The same where nobody may ask for one of the values; 0 for none. */
static bool set_enums(json_t *object, const char *field, const ProtobufCEnumDescriptor *names,
                      const char *prefix, int left_out, const struct arguments *arguments,
                      enum cli_option option) {
    request_names(object, field, arguments, option);
    json_t *list = json_object_get(object, field);
    size_t i = 0;
    json_t *value = NULL;
    json_array_foreach(list, i, value) {
        char name[ENUM_NAME_SIZE];
        const char *text = json_string_value(value);
        if (text == NULL || !find_name(names, prefix, text, name) ||
            (left_out != 0 &&
             protobuf_c_enum_descriptor_get_value_by_name(names, name)->value == left_out)) {
            tell_names(names, strlen(prefix), left_out, option);
            return false;
        }
        json_array_set_new(list, i, json_string(name));
    }
    return true;
}

bool request_enums(json_t *object, const char *field, const ProtobufCEnumDescriptor *names,
                   const char *prefix, const struct arguments *arguments, enum cli_option option) {
    return set_enums(object, field, names, prefix, 0, arguments, option);
}

bool request_change_kinds(json_t *object, const struct arguments *arguments) {
    return set_enums(object, "kinds", &profiled__v1__change_kind__descriptor, "CHANGE_KIND_",
                     PROFILED__V1__CHANGE_KIND__CHANGE_KIND_SNAPSHOT, arguments, OPT_CHANGE_KINDS);
}

void request_names(json_t *object, const char *field, const struct arguments *arguments,
                   enum cli_option option) {
    const char *list = arguments_get(arguments, option);
    if (list == NULL) {
        return;
    }
    json_t *names = json_array();
    json_object_set_new(object, field, names);
    origins_note(arguments->origins, names, option, NULL);
    while (*list != '\0') {
        const size_t size = strcspn(list, ",");
        if (size > 0) {
            json_t *name = json_stringn(list, size);
            json_array_append_new(names, name == NULL ? json_false() : name);
        }
        list += size + (list[size] == ',' ? 1 : 0);
    }
}

bool request_choice(json_t *object, const char *field, const struct arguments *arguments,
                    enum cli_option option) {
    const char *value = arguments_get(arguments, option);
    if (value == NULL) {
        return true;
    }
    const bool yes = strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0;
    if (!yes && strcasecmp(value, "no") != 0 && strcasecmp(value, "false") != 0) {
        fprintf(stderr, "profilectl: --%s: must be yes or no\n", option_get(option)->name);
        return false;
    }
    json_object_set_new(object, field, json_boolean(yes));
    return true;
}

bool request_days(json_t *object, const char *field, const struct arguments *arguments,
                  enum cli_option option, int64_t min, int64_t max) {
    const char *value = arguments_get(arguments, option);
    if (value == NULL) {
        return true;
    }
    char *number_text = text_number(value);
    char *end = NULL;
    errno = 0;
    const long long days = strtoll(number_text, &end, 10);
    const bool is_number =
        errno == 0 && end != number_text && (*end == '\0' || strcmp(end, "d") == 0);
    free(number_text);
    if (!is_number || days < min || days > max) {
        fprintf(stderr,
                "profilectl: --%s: must be a number of days from %" PRId64 " to %" PRId64
                ", as 90 or 90d\n",
                option_get(option)->name, min, max);
        return false;
    }
    json_t *number = json_integer(days);
    origins_note(arguments->origins, number, option, NULL);
    json_object_set_new(object, field, number);
    return true;
}

void request_note_item(json_t *list, const struct arguments *arguments, enum cli_option option) {
    char which[ITEM_SIZE];
    size_t position = 0;
    size_t given = 0;
    while (arguments_next(arguments, option, &position) != NULL) {
        given++;
    }
    const size_t count = json_array_size(list);
    snprintf(which, sizeof which, "number %zu", count);
    origins_note(arguments->origins, json_array_get(list, count - 1), option,
                 given > 1 ? which : NULL);
}

json_t *request_identity(const char *text, const struct arguments *arguments) {
    const char *colon = strchr(text, ':');
    if (colon == NULL || colon == text || colon[1] == '\0' || colon - text >= TYPE_SIZE) {
        fprintf(stderr, "profilectl: an identity reads TYPE:VALUE, as email:someone@example.org\n");
        return NULL;
    }
    char type[TYPE_SIZE];
    snprintf(type, sizeof type, "%.*s", (int)(colon - text), text);
    json_t *identity = json_object();
    set_text(identity, "type", type);
    set_text(identity, "value", colon + 1);
    request_text(identity, "region", arguments, OPT_REGION);
    request_text(identity, "source", arguments, OPT_SOURCE);
    if (!request_enum(identity, "provenance", &profiled__v1__provenance__descriptor, "PROVENANCE_",
                      arguments, OPT_PROVENANCE)) {
        json_decref(identity);
        return NULL;
    }
    return identity;
}

bool request_identities(json_t *object, const struct arguments *arguments) {
    json_t *identities = json_array();
    size_t position = 0;
    const char *text = arguments_next(arguments, OPT_IDENTITY, &position);
    while (text != NULL) {
        json_t *identity = request_identity(text, arguments);
        if (identity == NULL) {
            json_decref(identities);
            return false;
        }
        json_array_append_new(identities, identity);
        request_note_item(identities, arguments, OPT_IDENTITY);
        text = arguments_next(arguments, OPT_IDENTITY, &position);
    }
    json_object_set_new(object, "identities", identities);
    return true;
}

/* Adds a pair to the map. False, told, when it is none. */
typedef bool add_pair(json_t *pairs, const char *text, const struct arguments *arguments,
                      enum cli_option option);

static bool add_any(json_t *pairs, const char *text, const struct arguments *arguments,
                    enum cli_option option) {
    const char *equals = strchr(text, '=');
    json_t *value = equals == NULL ? NULL : json_string(equals + 1);
    if (value == NULL || equals == text) {
        json_decref(value);
        fprintf(stderr, "profilectl: --%s reads %s\n", option_get(option)->name,
                option_get(option)->arg);
        return false;
    }
    char *name = strndup(text, (size_t)(equals - text));
    origins_note(arguments->origins, value, option, name);
    json_object_set_new(pairs, name, value);
    free(name);
    return true;
}

static bool add_single(json_t *pairs, const char *text, const struct arguments *arguments,
                       enum cli_option option) {
    char *name = strndup(text, strcspn(text, "="));
    const bool is_there = json_object_get(pairs, name) != NULL;
    if (is_there) {
        fprintf(stderr, "profilectl: --%s ", option_get(option)->name);
        text_tell(stderr, name);
        fputs(" is there twice\n", stderr);
    }
    free(name);
    return !is_there && add_any(pairs, text, arguments, option);
}

static bool add_pairs(json_t *object, const char *field, const struct arguments *arguments,
                      enum cli_option option, add_pair *add) {
    json_t *pairs = json_object();
    json_object_set_new(object, field, pairs);
    size_t position = 0;
    for (const char *text = arguments_next(arguments, option, &position); text != NULL;
         text = arguments_next(arguments, option, &position)) {
        if (!add(pairs, text, arguments, option)) {
            return false;
        }
    }
    return true;
}

bool request_pairs(json_t *object, const char *field, const struct arguments *arguments,
                   enum cli_option option) {
    return add_pairs(object, field, arguments, option, add_any);
}

bool request_single_pairs(json_t *object, const char *field, const struct arguments *arguments,
                          enum cli_option option) {
    return add_pairs(object, field, arguments, option, add_single);
}

/* A value out of what was given under its name: a text, or a list of them where there are several.
 */
static json_t *attribute_of(const char *name, const struct arguments *arguments) {
    json_t *items = json_array();
    size_t position = 0;
    for (const char *text = arguments_next(arguments, OPT_ATTRIBUTE, &position); text != NULL;
         text = arguments_next(arguments, OPT_ATTRIBUTE, &position)) {
        const size_t size = strlen(name);
        if (strncmp(text, name, size) == 0 && text[size] == '=') {
            json_array_append_new(items, json_pack("{s:s}", "text", text + size + 1));
        }
    }
    if (json_array_size(items) == 1) {
        json_t *value = json_incref(json_array_get(items, 0));
        json_decref(items);
        return value;
    }
    return json_pack("{s:{s:o}}", "list", "items", items);
}

bool request_attributes(json_t *object, const struct arguments *arguments, bool timed) {
    if (!request_pairs(object, "attributes", arguments, OPT_ATTRIBUTE)) {
        return false;
    }
    json_t *attributes = json_object_get(object, "attributes");
    const char *name;
    json_t *text;
    void *next;
    json_object_foreach_safe(attributes, next, name, text) {
        json_t *value = attribute_of(name, arguments);
        if (timed) {
            request_text(value, "source", arguments, OPT_SOURCE);
            request_time(value, "observeTime", arguments, OPT_TIME);
        }
        origins_note(arguments->origins, value, OPT_ATTRIBUTE, name);
        json_object_set_new(attributes, name, value);
    }
    return true;
}

json_t *request_record(const struct arguments *arguments) {
    const char *path = arguments_get(arguments, OPT_JSON);
    if (path != NULL) {
        return request_file(path);
    }
    json_t *record = json_object();
    if (!request_identities(record, arguments) || !request_attributes(record, arguments, false)) {
        json_decref(record);
        return NULL;
    }
    request_text(record, "name", arguments, OPT_NAME);
    request_text(record, "source", arguments, OPT_SOURCE);
    request_time(record, "observeTime", arguments, OPT_TIME);
    request_text(record, "defaultRegion", arguments, OPT_REGION);
    return record;
}

/* Whether a file can be opened, where there is to be one. False, told, otherwise. */
static bool can_be_opened(const char *path) {
    if (path == NULL || strcmp(path, "-") == 0) {
        return true;
    }
    FILE *file = fopen(path, "r");
    struct stat info;
    if (file != NULL && fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
        fclose(file);
        file = NULL;
        errno = EISDIR;
    }
    if (file == NULL) {
        fprintf(stderr, "profilectl: can't open %s: %s\n", path, strerror(errno));
        return false;
    }
    fclose(file);
    return true;
}

json_t *request_file(const char *path) {
    const bool is_input = strcmp(path, "-") == 0;
    json_error_t problem;
    if (!can_be_opened(path)) {
        return NULL;
    }
    json_t *json = is_input ? json_loadf(stdin, JSON_REJECT_DUPLICATES, &problem)
                            : json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (json == NULL) {
        /* Not jansson's text, which may quote what it read. */
        fprintf(stderr, "profilectl: %s: no JSON that can be read, near line %d\n",
                is_input ? "standard input" : path, problem.line);
    }
    return json;
}

bool request_files_check(const struct arguments *arguments) {
    return can_be_opened(arguments_get(arguments, OPT_JSON)) &&
           can_be_opened(arguments_get(arguments, OPT_WEIGHTS));
}

json_t *request_pair(const struct arguments *arguments) {
    return json_pack("{s:s,s:s}", "profileId", arguments->words[0], "otherProfileId",
                     arguments->words[1]);
}

void request_write(json_t *object, const struct arguments *arguments) {
    request_text(object, "requestId", arguments, OPT_REQUEST_ID);
    request_flag(object, "validateOnly", arguments, OPT_DRY_RUN);
}
