/* Records of the wire: reading them, and telling those that were kept. */

#include "server/handlers/record_message.h"

#include <assert.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/handlers/record_attributes.h"
#include "server/handlers/wire.h"
#include "server/identity/canonical.h"
#include "server/identity/text.h"

struct record_defaults record_defaults_of(const struct rpc_context *ctx) {
    return (struct record_defaults){
        .source = "api",
        .region = ctx->default_region,
        .observe_us = WIRE_TIME_UNSET,
        .now_us = ctx->now_us,
    };
}

static const char *name_read(const char *name, struct field_errors *errors) {
    if (name[0] == '\0') {
        return "";
    }
    const char *clean = "";
    const struct status status = text_clean_line(name, NAME_LENGTH_MAX, errors->arena, &clean);
    if (!status_is_ok(status)) {
        field_errors_add(errors, status.text, "name");
    }
    return clean;
}

static enum provenance provenance_read(int provenance, struct field_errors *errors,
                                       const char *path) {
    if (provenance < PROVENANCE_UNSPECIFIED || provenance > PROVENANCE_VERIFIED) {
        field_errors_add(errors, "is not a provenance that this server knows", "%s.provenance",
                         path);
    }
    return provenance == PROVENANCE_UNSPECIFIED ? PROVENANCE_ATTESTED : (enum provenance)provenance;
}

/* Whether there is a value that can be read, whatever else may be wrong with the identity. */
static bool value_check(const char *value, struct field_errors *errors, const char *path) {
    if (value[0] == '\0') {
        field_errors_add(errors, "is required", "%s.value", path);
        return false;
    }
    if (strlen(value) > IDENTITY_VALUE_SIZE_MAX) {
        field_errors_add(errors, "is longer than 512 bytes", "%s.value", path);
        return false;
    }
    return true;
}

/* Reads the value where the type is built in. The others wait for the rules, and are left to be
 * told then: of what can't be read, whether there is such a type at all. */
static void value_read(const char *type_name, bool readable, struct field_errors *errors,
                       size_t errors_before, const char *path, struct record_identity *out) {
    const struct identity_type *type = identity_type_builtin(type_name);
    if (type == NULL) {
        out->value = readable ? out->value : NULL;
        return;
    }
    if (readable) {
        const struct status status =
            identity_canonicalise(type, out->value, out->region, errors->arena, &out->canonical);
        if (!status_is_ok(status)) {
            field_errors_add(errors, status.text, "%s.value", path);
        }
    }
    if (errors->count > errors_before) {
        out->type = NULL; /* It has been told what is wrong. */
    }
}

void record_identity_read(const Profiled__V1__Identity *message,
                          const struct record_defaults *defaults, struct field_errors *errors,
                          const char *path, struct record_identity *out) {
    const size_t errors_before = errors->count;
    *out = (struct record_identity){.type = message->type, .value = message->value};
    out->provenance = provenance_read((int)message->provenance, errors, path);
    out->source = defaults->source;
    if (message->source[0] != '\0') { /* Few say it: only then is the path worth its memory. */
        out->source = wire_source_read(message->source, defaults->source, errors,
                                       arena_format(errors->arena, "%s.source", path));
    }
    const size_t errors_of_others = errors->count;
    out->region = defaults->region;
    if (message->region[0] != '\0') {
        out->region = message->region;
        wire_region_check(message->region, errors, arena_format(errors->arena, "%s.region", path));
    }
    const bool has_region = errors->count == errors_of_others;
    const bool has_value = value_check(message->value, errors, path);
    if (message->type[0] == '\0') {
        field_errors_add(errors, "is required", "%s.type", path);
        out->type = NULL;
        return;
    }
    value_read(message->type, has_region && has_value, errors, errors_before, path, out);
}

static void identities_read(size_t count, Profiled__V1__Identity *const *messages,
                            const struct record_defaults *defaults, struct field_errors *errors,
                            struct record *out) {
    if (count > RECORD_IDENTITIES_MAX) {
        field_errors_add(errors, "there are more than 20", "identities");
        return;
    }
    out->identity_count = count;
    out->identities = arena_array(errors->arena, count, sizeof *out->identities);
    for (size_t i = 0; i < count; i++) {
        record_identity_read(messages[i], defaults, errors,
                             arena_format(errors->arena, "identities[%zu]", i),
                             &out->identities[i]);
    }
}

static bool has_name_attribute(const Profiled__V1__Record *message) {
    for (size_t i = 0; i < message->n_attributes; i++) {
        const char *name = message->attributes[i]->key;
        if (strcmp(name, "given_name") == 0 || strcmp(name, "family_name") == 0) {
            return true;
        }
    }
    return false;
}

const char *record_region(const Profiled__V1__Record *message, const char *otherwise) {
    return message->default_region[0] != '\0' ? message->default_region : otherwise;
}

bool record_part_read(const Profiled__V1__Record *message, const struct record_defaults *defaults,
                      struct field_errors *errors, struct record *out) {
    struct record_defaults own = *defaults;
    own.source = wire_source_read(message->source, defaults->source, errors, "source");
    const int64_t observe_us =
        wire_time_read(message->observe_time, defaults->now_us, errors, "observe_time");
    own.observe_us = observe_us == WIRE_TIME_UNSET ? defaults->observe_us : observe_us;
    wire_region_check(message->default_region, errors, "default_region");
    own.region = record_region(message, defaults->region);
    *out = (struct record){.name = name_read(message->name, errors),
                           .source = own.source,
                           .observe_us = own.observe_us};
    identities_read(message->n_identities, message->identities, &own, errors, out);
    out->attributes = arena_array(errors->arena, message->n_attributes + 1, /* See dialects. */
                                  sizeof *out->attributes);
    for (size_t i = 0; i < message->n_attributes; i++) {
        record_attribute_read(message->attributes[i]->key, message->attributes[i]->value, &own,
                              errors, out);
    }
    record_dialects_read(out, errors);
    return message->name[0] != '\0' || message->n_identities > 0 || has_name_attribute(message);
}

void record_message_read(const Profiled__V1__Record *message,
                         const struct record_defaults *defaults, struct field_errors *errors,
                         struct record *out) {
    if (!record_part_read(message, defaults, errors, out)) {
        field_errors_add(errors, RECORD_NAMES_NOBODY, "name");
    }
}

void record_message_try(const struct rpc_context *ctx, size_t index,
                        const Profiled__V1__Record *message, const struct record_defaults *defaults,
                        struct field_errors *errors, struct record *out) {
    const char *bad_text = rpc_bad_text(ctx, index);
    if (bad_text == NULL) {
        record_message_read(message, defaults, errors, out);
        return;
    }
    *out = (struct record){.identity_count = 0};
    field_errors_add(errors, RPC_BAD_TEXT, "%s", bad_text);
}

void record_of_profile(const Profiled__V1__Profile *message, const struct record_defaults *defaults,
                       struct field_errors *errors, struct record *out) {
    *out = (struct record){.name = name_read(message->name, errors),
                           .source = defaults->source,
                           .observe_us = defaults->observe_us};
    identities_read(message->n_identities, message->identities, defaults, errors, out);
    out->attributes = arena_array(errors->arena, message->n_attributes + 1, /* See dialects. */
                                  sizeof *out->attributes);
    for (size_t i = 0; i < message->n_attributes; i++) {
        profile_attribute_read(message->attributes[i]->key, message->attributes[i]->value, defaults,
                               errors, out);
    }
    record_dialects_read(out, errors);
}

static const char *known_types(const struct identity_rules *rules, struct arena *arena) {
    char *text = arena_format(arena, "is not an identity type; there are:");
    for (size_t i = 0; i < rules->type_count; i++) {
        text = arena_format(arena, "%s %s", text, rules->types[i].name);
    }
    return text;
}

/* What is wrong with an identity by the rules; NULL for nothing. *field is that which is. */
static const char *identity_settle(struct record_identity *identity,
                                   const struct identity_rules *rules, struct arena *arena,
                                   const char **field) {
    *field = "type";
    if (identity->type == NULL) {
        return NULL;
    }
    if (identity->value == NULL) { /* Nothing of it but the type is left to be told. */
        return identity_rules_find(rules, identity->type) == NULL ? known_types(rules, arena)
                                                                  : NULL;
    }
    bool known = false;
    const struct status status = record_identity_complete(identity, rules, arena, &known);
    if (!status_is_ok(status)) {
        *field = "value";
        return status.text;
    }
    return known ? NULL : known_types(rules, arena);
}

void record_identity_settle(struct record_identity *identity, const struct identity_rules *rules,
                            struct field_errors *errors, const char *path) {
    const char *field = NULL;
    const char *wrong = identity_settle(identity, rules, errors->arena, &field);
    if (wrong != NULL) {
        field_errors_add(errors, wrong, "%s.%s", path, field);
    }
}

void record_identities_settle(struct record *record, const struct identity_rules *rules,
                              struct field_errors *errors) {
    for (size_t i = 0; i < record->identity_count; i++) {
        const char *field = NULL;
        const char *wrong = identity_settle(&record->identities[i], rules, errors->arena, &field);
        if (wrong != NULL) {
            field_errors_add(errors, wrong, "identities[%zu].%s", i, field);
        }
    }
}

struct status record_settle_all(struct store_view *view, const struct identity_rules *rules,
                                const struct attribute_rules *attributes, int64_t now_us,
                                struct record *record, struct field_errors *errors) {
    record_settle(record, now_us);
    record_identities_settle(record, rules, errors);
    return record_attributes_settle(view, attributes, record, errors);
}

struct status record_settle_call(struct rpc_context *ctx, const struct identity_rules *rules,
                                 const struct attribute_rules *attributes, struct record *record,
                                 const char *prefix) {
    struct field_errors errors = {.arena = ctx->arena};
    TRY(record_settle_all(ctx->store, rules, attributes, ctx->now_us, record, &errors));
    field_errors_violate(&errors, ctx, prefix);
    return ctx->violation_count == 0 ? OK : rpc_violations_status(ctx);
}

bool record_is_read(const struct record *record) {
    for (size_t i = 0; i < record->identity_count; i++) {
        if (record->identities[i].type != NULL && record->identities[i].canonical == NULL) {
            return false;
        }
    }
    return !record_has_waiting(record);
}

bool record_has_waiting(const struct record *record) {
    for (size_t i = 0; i < record->attribute_count; i++) {
        if (record->attributes[i].kind == NULL) {
            return true;
        }
    }
    return false;
}

int64_t record_now_us(struct rpc_context *ctx) { return ctx->now_us + store_view_tick(ctx->store); }

void record_settle(struct record *record, int64_t now_us) {
    if (record->observe_us == WIRE_TIME_UNSET) {
        record->observe_us = now_us;
    }
    for (size_t i = 0; i < record->attribute_count; i++) {
        if (record->attributes[i].observe_us == WIRE_TIME_UNSET) {
            record->attributes[i].observe_us = record->observe_us;
        }
    }
}

/* ---- telling ---- */

static Profiled__V1__Identity *identity_message(const struct record_identity *identity,
                                                struct arena *arena) {
    Profiled__V1__Identity *message = arena_alloc(arena, sizeof *message);
    profiled__v1__identity__init(message);
    message->type = wire_string(identity->type);
    message->value = wire_string(identity->value);
    message->canonical_value = wire_string(identity->canonical);
    message->provenance = (Profiled__V1__Provenance)identity->provenance;
    message->source = wire_string(identity->source);
    return message;
}

static Profiled__V1__Record__AttributesEntry *
attribute_message(const struct record *record, const struct record_attribute *attribute,
                  struct arena *arena) {
    Profiled__V1__RecordAttribute *value =
        record_attribute_message(attribute_form(attribute->kind), attribute->value, arena);
    if (strcmp(attribute->source, record->source) != 0) {
        value->source = wire_string(attribute->source);
    }
    if (attribute->observe_us != record->observe_us) {
        value->observe_time = wire_time(attribute->observe_us, arena);
    }
    Profiled__V1__Record__AttributesEntry *entry = arena_alloc(arena, sizeof *entry);
    profiled__v1__record__attributes_entry__init(entry);
    entry->key = wire_string(attribute->kind->name);
    entry->value = value;
    return entry;
}

Profiled__V1__Record *record_message(const struct record *record, struct arena *arena) {
    Profiled__V1__Record *message = arena_alloc(arena, sizeof *message);
    profiled__v1__record__init(message);
    message->name = wire_string(record->name);
    message->source = wire_string(record->source);
    message->observe_time = wire_time(record->observe_us, arena);
    message->n_identities = record->identity_count;
    message->identities = arena_array(arena, record->identity_count, sizeof *message->identities);
    for (size_t i = 0; i < record->identity_count; i++) {
        message->identities[i] = identity_message(&record->identities[i], arena);
    }
    message->n_attributes = record->attribute_count;
    message->attributes = arena_array(arena, record->attribute_count, sizeof *message->attributes);
    for (size_t i = 0; i < record->attribute_count; i++) {
        message->attributes[i] = attribute_message(record, &record->attributes[i], arena);
    }
    return message;
}
