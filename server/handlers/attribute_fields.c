/* Fields of definitions: each with its check, which reads it, and what it sets. */

#include "server/handlers/attribute_fields.h"

#include <assert.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/handlers/wire.h"
#include "server/identity/language.h"
#include "server/identity/pattern.h"
#include "server/identity/text.h"

/* ---- texts ---- */

static const char *line_read(struct rpc_context *ctx, const char *text, size_t length_max,
                             const char *field) {
    const char *clean = "";
    if (text[0] != '\0') {
        const struct status status = text_clean_line(text, length_max, ctx->arena, &clean);
        if (!status_is_ok(status)) {
            rpc_violation(ctx, status.text, "attribute.%s", field);
        }
    }
    return clean;
}

static void display_name_check(struct rpc_context *ctx, struct attribute_change *change) {
    change->values.display_name =
        line_read(ctx, change->given->display_name, LABEL_LENGTH_MAX, "display_name");
}

static void description_check(struct rpc_context *ctx, struct attribute_change *change) {
    change->values.description = "";
    if (change->given->description[0] != '\0') {
        const struct status status =
            text_clean_lines(change->given->description, DESCRIPTION_LENGTH_MAX, ctx->arena,
                             &change->values.description);
        if (!status_is_ok(status)) {
            rpc_violation(ctx, status.text, "attribute.description");
        }
    }
}

/* ---- bounds ---- */

static void bounds_check(struct rpc_context *ctx, struct attribute_change *change) {
    static const Profiled__V1__AttributeBounds none = PROFILED__V1__ATTRIBUTE_BOUNDS__INIT;
    const Profiled__V1__AttributeBounds *given =
        change->given->bounds == NULL ? &none : change->given->bounds;
    struct attribute_definition *values = &change->values;
    values->min = "";
    values->max = "";
    values->pattern = given->pattern;
    const int32_t length_max =
        given->max_length == 0 ? ATTRIBUTE_LENGTH_DEFAULT : given->max_length;
    if (length_max < 1 || length_max > ATTRIBUTE_LENGTH_MAX) {
        rpc_violation(ctx, "must be 1 to 1,024, or 0 for 256", "attribute.bounds.max_length");
        return;
    }
    values->length_max = (uint32_t)length_max;
    if (given->min_length < 0 || given->min_length > length_max) {
        rpc_violation(ctx, "must be 0 to max_length", "attribute.bounds.min_length");
        return;
    }
    values->length_min = (uint32_t)given->min_length;
    const char *fault = NULL;
    if (given->pattern[0] != '\0' &&
        !status_is_ok(pattern_check(given->pattern, ctx->arena, &fault))) {
        rpc_violation(ctx, fault, "attribute.bounds.pattern");
    }
}

static const char *bound_settle(struct rpc_context *ctx, enum attribute_type type, const char *text,
                                const char *field) {
    const char *canonical = "";
    if (text[0] != '\0') {
        const struct status status = attribute_bound_read(type, text, ctx->arena, &canonical);
        if (!status_is_ok(status)) {
            rpc_violation(ctx, status.text, "attribute.bounds.%s", field);
        }
    }
    return canonical;
}

static void bounds_settle(struct rpc_context *ctx, struct attribute_change *change,
                          enum attribute_type type) {
    const Profiled__V1__AttributeBounds *given = change->given->bounds;
    if (given == NULL) {
        return;
    }
    struct attribute_definition *values = &change->values;
    values->min = bound_settle(ctx, type, given->min, "min");
    values->max = bound_settle(ctx, type, given->max, "max");
    if (values->min[0] != '\0' && values->max[0] != '\0' &&
        attribute_bound_is_less(type, values->max, values->min)) {
        rpc_violation(ctx, "is less than min", "attribute.bounds.max");
    }
    if (type != ATTRIBUTE_TYPE_STRING &&
        (given->min_length != 0 || given->pattern[0] != '\0' ||
         (given->max_length != 0 && given->max_length != ATTRIBUTE_LENGTH_DEFAULT))) {
        rpc_violation(ctx, "has a length or a pattern, which strings alone have",
                      "attribute.bounds");
    }
}

/* ---- enumerations ---- */

static void labels_read(struct rpc_context *ctx, const Profiled__V1__AttributeEnumValue *given,
                        size_t position, struct attribute_enum_value *out) {
    if (given->n_labels > ENUM_LABELS_MAX) {
        rpc_violation(ctx, "there are more than 20", "attribute.enum_values[%zu].labels", position);
        return;
    }
    struct attribute_label *labels = arena_array(ctx->arena, given->n_labels, sizeof *labels);
    for (size_t i = 0; i < given->n_labels; i++) {
        char *language = arena_string(ctx->arena, bytes_of_string(given->labels[i]->language));
        const struct status read = language_canonicalise(language);
        if (!status_is_ok(read)) {
            rpc_violation(ctx, read.text, "attribute.enum_values[%zu].labels[%zu].language",
                          position, i);
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(labels[k].language, language) == 0) {
                rpc_violation(ctx, "is there twice",
                              "attribute.enum_values[%zu].labels[%zu].language", position, i);
            }
        }
        labels[i] = (struct attribute_label){language, ""};
        const struct status status =
            text_clean_line(given->labels[i]->text, LABEL_LENGTH_MAX, ctx->arena, &labels[i].text);
        if (!status_is_ok(status)) {
            rpc_violation(ctx, status.text, "attribute.enum_values[%zu].labels[%zu].text", position,
                          i);
        }
    }
    out->label_count = given->n_labels;
    out->labels = labels;
}

static void enum_values_check(struct rpc_context *ctx, struct attribute_change *change) {
    const Profiled__V1__AttributeDefinition *given = change->given;
    if (given->n_enum_values > ENUM_VALUES_MAX) {
        rpc_violation(ctx, "there are more than 200", "attribute.enum_values");
        return;
    }
    struct attribute_enum_value *values =
        arena_array(ctx->arena, given->n_enum_values, sizeof *values);
    const char **folded = arena_array(ctx->arena, given->n_enum_values, sizeof *folded);
    for (size_t i = 0; i < given->n_enum_values; i++) {
        const Profiled__V1__AttributeEnumValue *value = given->enum_values[i];
        values[i].value = "";
        values[i].retired = value->retired;
        const struct status status =
            text_clean_line(value->value, ENUM_VALUE_LENGTH_MAX, ctx->arena, &values[i].value);
        if (!status_is_ok(status)) {
            rpc_violation(ctx, status.text, "attribute.enum_values[%zu].value", i);
        }
        folded[i] = attribute_index_form(values[i].value, ctx->arena);
        for (size_t k = 0; k < i; k++) {
            if (folded[i][0] != '\0' && strcmp(folded[i], folded[k]) == 0) {
                rpc_violation(ctx, "is there twice", "attribute.enum_values[%zu].value", i);
                break;
            }
        }
        labels_read(ctx, value, i, &values[i]);
    }
    change->values.value_count = given->n_enum_values;
    change->values.values = values;
}

static bool has_value_of(const struct attribute_definition *definition, const char *value,
                         struct arena *arena) {
    const char *folded = attribute_index_form(value, arena);
    for (size_t i = 0; i < definition->value_count; i++) {
        if (strcmp(attribute_index_form(definition->values[i].value, arena), folded) == 0) {
            return true;
        }
    }
    return false;
}

void attribute_values_keep(struct rpc_context *ctx, const struct attribute_definition *before,
                           struct attribute_definition *after) {
    struct attribute_enum_value *values =
        arena_array(ctx->arena, after->value_count + before->value_count, sizeof *values);
    size_t count = after->value_count;
    for (size_t i = 0; i < count; i++) {
        values[i] = after->values[i];
    }
    for (size_t i = 0; i < before->value_count; i++) {
        if (!has_value_of(after, before->values[i].value, ctx->arena)) {
            values[count] = before->values[i];
            values[count++].retired = true;
        }
    }
    if (count > ENUM_VALUES_MAX) {
        rpc_violation(ctx, "there are more than 200, with those that profiles keep",
                      "attribute.enum_values");
        return;
    }
    after->values = values;
    after->value_count = count;
}

/* ---- the others ---- */

static void max_values_check(struct rpc_context *ctx, struct attribute_change *change) {
    const int32_t given = change->given->max_values;
    if (given < 0 || given > ATTRIBUTE_VALUES_MAX) {
        rpc_violation(ctx, "must be 0 to 50", "attribute.max_values");
    }
    change->values.values_max = given < 1 ? 1 : (uint32_t)given;
}

static void required_for_check(struct rpc_context *ctx, struct attribute_change *change) {
    for (size_t i = 0; i < change->given->n_required_for; i++) {
        const int required = (int)change->given->required_for[i];
        if (required < PROFILED__V1__ATTRIBUTE_REQUIREMENT__ATTRIBUTE_REQUIREMENT_CREATE ||
            required > PROFILED__V1__ATTRIBUTE_REQUIREMENT__ATTRIBUTE_REQUIREMENT_IMPORT) {
            rpc_violation(ctx, "must be one that this server knows", "attribute.required_for[%zu]",
                          i);
            continue;
        }
        change->rule.required_for |= UINT32_C(1) << required;
    }
}

static void retired_check(struct rpc_context *ctx, struct attribute_change *change) {
    if (change->given->retired) {
        rpc_violation(ctx, "DeleteAttribute retires an attribute", "attribute.retired");
    }
}

static void personal_check(struct rpc_context *ctx, struct attribute_change *change) {
    (void)ctx;
    change->values.kind.personal = change->given->personal;
}

static void survivorship_check(struct rpc_context *ctx, struct attribute_change *change) {
    const int given = (int)change->given->survivorship;
    if (given < SURVIVORSHIP_MOST_RECENT || given > SURVIVORSHIP_FIRST_SEEN) {
        rpc_violation(ctx, "is required, and must be one that this server knows",
                      "attribute.survivorship");
        return;
    }
    change->rule.survivorship = (enum survivorship)given;
}

static bool is_repeated(const Profiled__V1__AttributeDefinition *given, size_t position) {
    return wire_is_among((const char *const *)given->trusted_sources, position,
                         given->trusted_sources[position]);
}

static void sources_check(struct rpc_context *ctx, struct attribute_change *change) {
    const Profiled__V1__AttributeDefinition *given = change->given;
    if (given->n_trusted_sources > TRUSTED_SOURCES_MAX) {
        rpc_violation(ctx, "there are more than 20", "attribute.trusted_sources");
        return;
    }
    struct field_errors errors = {.arena = ctx->arena};
    for (size_t i = 0; i < given->n_trusted_sources; i++) {
        const char *field = arena_format(ctx->arena, "trusted_sources[%zu]", i);
        (void)wire_source_read(given->trusted_sources[i], NULL, &errors, field);
        if (is_repeated(given, i)) {
            field_errors_add(&errors, "is there twice", "%s", field);
        }
    }
    field_errors_violate(&errors, ctx, "attribute.");
    change->rule.trusted_count = given->n_trusted_sources;
    change->rule.trusted = (const char *const *)given->trusted_sources;
}

/* ---- the table ---- */

enum field_name {
    FIELD_DISPLAY_NAME,
    FIELD_DESCRIPTION,
    FIELD_BOUNDS,
    FIELD_ENUM_VALUES,
    FIELD_MAX_VALUES,
    FIELD_PERSONAL,
    FIELD_RETIRED, /* From here on of the rule: */
    FIELD_REQUIRED_FOR,
    FIELD_SURVIVORSHIP,
    FIELD_TRUSTED_SOURCES,
    FIELD_COUNT,
};

static const struct field {
    const char *path;
    bool built_in; /* May be changed of an attribute that is built in. */
    void (*check)(struct rpc_context *ctx, struct attribute_change *change);
} fields[] = {
    [FIELD_DISPLAY_NAME] = {"display_name", false, display_name_check},
    [FIELD_DESCRIPTION] = {"description", false, description_check},
    [FIELD_BOUNDS] = {"bounds", false, bounds_check},
    [FIELD_ENUM_VALUES] = {"enum_values", false, enum_values_check},
    [FIELD_MAX_VALUES] = {"max_values", false, max_values_check},
    [FIELD_PERSONAL] = {"personal", false, personal_check},
    [FIELD_RETIRED] = {"retired", false, retired_check},
    [FIELD_REQUIRED_FOR] = {"required_for", true, required_for_check},
    [FIELD_SURVIVORSHIP] = {"survivorship", true, survivorship_check},
    [FIELD_TRUSTED_SOURCES] = {"trusted_sources", true, sources_check},
};
static_assert(sizeof fields / sizeof *fields == FIELD_COUNT, "every field has its row");

static bool names(const struct attribute_change *change, enum field_name field) {
    return (change->named & UINT32_C(1) << field) != 0;
}

void attribute_mask_read(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask,
                         struct attribute_change *change) {
    change->named = mask == NULL ? (UINT32_C(1) << FIELD_COUNT) - 1 : 0;
    for (size_t i = 0; mask != NULL && i < mask->n_paths; i++) {
        size_t field = 0;
        while (field < FIELD_COUNT && strcmp(fields[field].path, mask->paths[i]) != 0) {
            field++;
        }
        if (field == FIELD_COUNT) {
            rpc_violation(ctx,
                          "is not a field that can be updated: display_name, description, bounds, "
                          "enum_values, max_values, personal, retired, required_for, survivorship "
                          "or trusted_sources",
                          "update_mask.paths[%zu]", i);
            continue;
        }
        change->named |= UINT32_C(1) << field;
    }
}

void attribute_change_check(struct rpc_context *ctx, struct attribute_change *change) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (names(change, (enum field_name)i)) {
            fields[i].check(ctx, change);
        }
    }
}

void attribute_change_settle(struct rpc_context *ctx, struct attribute_change *change,
                             const struct attribute_kind *kind) {
    if (names(change, FIELD_BOUNDS)) {
        bounds_settle(ctx, change, kind->type);
    }
    if (names(change, FIELD_ENUM_VALUES) &&
        (kind->type == ATTRIBUTE_TYPE_ENUM) != (change->given->n_enum_values > 0)) {
        rpc_violation(ctx,
                      kind->type == ATTRIBUTE_TYPE_ENUM ? "is required of an enumeration"
                                                        : "is of enumerations alone",
                      "attribute.enum_values");
    }
    if (names(change, FIELD_MAX_VALUES) && kind->list != (change->values.values_max > 1)) {
        rpc_violation(ctx,
                      kind->list ? "must be 2 or more: a list stays a list"
                                 : "must be 1: a single value stays one",
                      "attribute.max_values");
    }
}

void attribute_change_check_built_in(struct rpc_context *ctx,
                                     const Google__Protobuf__FieldMask *mask, bool is_name) {
    for (size_t i = 0; i < mask->n_paths; i++) {
        for (size_t field = 0; field < FIELD_COUNT; field++) {
            const bool is_open =
                fields[field].built_in && !(is_name && field == FIELD_REQUIRED_FOR);
            if (!is_open && strcmp(fields[field].path, mask->paths[i]) == 0) {
                rpc_violation(ctx, "can't be changed of an attribute that is built in",
                              "update_mask.paths[%zu]", i);
            }
        }
    }
}

bool attribute_change_defines(const struct attribute_change *change) {
    return (change->named & ((UINT32_C(1) << FIELD_RETIRED) - 1)) != 0;
}

static void define(const struct attribute_change *change, struct attribute_definition *definition) {
    const struct attribute_definition *values = &change->values;
    if (names(change, FIELD_DISPLAY_NAME)) {
        definition->display_name = values->display_name;
    }
    if (names(change, FIELD_DESCRIPTION)) {
        definition->description = values->description;
    }
    if (names(change, FIELD_BOUNDS)) {
        definition->min = values->min;
        definition->max = values->max;
        definition->length_min = values->length_min;
        definition->length_max = values->length_max;
        definition->pattern = values->pattern;
    }
    if (names(change, FIELD_ENUM_VALUES)) {
        definition->value_count = values->value_count;
        definition->values = values->values;
    }
    if (names(change, FIELD_MAX_VALUES)) {
        definition->values_max = values->values_max;
    }
    if (names(change, FIELD_PERSONAL)) {
        definition->kind.personal = values->kind.personal;
        definition->kind.indexed = !values->kind.personal;
    }
}

void attribute_change_apply(const struct attribute_change *change, struct attribute_rule *rule,
                            struct attribute_definition *definition) {
    if (definition != NULL) {
        define(change, definition);
    }
    if (names(change, FIELD_RETIRED)) {
        rule->retired = false;
    }
    if (names(change, FIELD_REQUIRED_FOR)) {
        rule->required_for = change->rule.required_for;
    }
    if (names(change, FIELD_SURVIVORSHIP)) {
        rule->survivorship = change->rule.survivorship;
    }
    if (names(change, FIELD_TRUSTED_SOURCES)) {
        rule->trusted_count = change->rule.trusted_count;
        rule->trusted = change->rule.trusted;
    }
}

/* ---- what the whole must be ---- */

struct status attribute_rule_agrees(struct rpc_context *ctx, const struct attribute_rule *rule) {
    if (rule->survivorship == SURVIVORSHIP_TRUSTED_SOURCE && rule->trusted_count == 0) {
        rpc_violation(ctx, "is required with SURVIVORSHIP_TRUSTED_SOURCE",
                      "attribute.trusted_sources");
    }
    return ctx->violation_count == 0 ? OK : rpc_violations_status(ctx);
}

struct status attribute_version_check(const struct attribute_rules *rules, int64_t schema_version) {
    if (schema_version != 0 && schema_version != (int64_t)rules->version) {
        return status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                         "the schema has changed since that version: read it and try again");
    }
    return OK;
}

struct status attribute_room_check(struct rpc_context *ctx, const struct attribute_rules *rules,
                                   bool is_new) {
    const bool is_full = attribute_rules_count_own(rules, false) >= ATTRIBUTES_OWN_MAX;
    if (!is_full && (!is_new || attribute_rules_count_own(rules, true) < ATTRIBUTES_KEPT_MAX)) {
        return OK;
    }
    const int limit = is_full ? ATTRIBUTES_OWN_MAX : ATTRIBUTES_KEPT_MAX;
    rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", limit));
    return status_of(STATUS_FAILED_PRECONDITION, REASON_ATTRIBUTE_LIMIT,
                     is_full ? "the workspace has as many attributes of its own as it may"
                             : "the workspace has as many attributes of its own, retired ones "
                               "included, as it may");
}
