/* UpdateAttribute: another definition of an attribute, from now on. What profiles have of it is
 * looked at first. */

#include <string.h>

#include "profiled/v1/schema_service.pb-c.h"
#include "server/handlers/attribute_fields.h"
#include "server/handlers/attribute_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static void update_attribute_check(struct rpc_context *ctx,
                                   const Profiled__V1__UpdateAttributeRequest *request) {
    if (request->attribute == NULL || request->attribute->name[0] == '\0') {
        rpc_violation(ctx, "is required", "attribute.name");
        return;
    }
    const Google__Protobuf__FieldMask *mask = request->update_mask;
    if (mask == NULL || mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "update_mask");
        return;
    }
    struct attribute_change *change = arena_alloc(ctx->arena, sizeof *change);
    change->given = request->attribute;
    attribute_mask_read(ctx, mask, change);
    attribute_change_check(ctx, change);
    enum attribute built_in;
    const bool is_name = strcmp(request->attribute->name, "name") == 0;
    if (is_name || attribute_find(request->attribute->name, &built_in)) {
        attribute_change_check_built_in(ctx, mask, is_name);
    }
    ctx->prepared = change;
}

static void tell_samples(struct rpc_context *ctx, const struct attribute_samples *samples) {
    const char *ids = "";
    for (size_t i = 0; i < samples->count; i++) {
        ids = arena_format(ctx->arena, "%s%s%s", ids, i == 0 ? "" : ",",
                           wire_id(samples->ids[i], ctx->arena));
    }
    if (samples->count > 0) {
        rpc_error_metadata(ctx, "profile_ids", ids);
    }
}

static void tell_effect(struct rpc_context *ctx, const struct attribute_effect *effect) {
    const struct {
        const char *key;
        size_t count;
    } counts[] = {{"profile_count", effect->profile_count},
                  {"value_count", effect->value_count},
                  {"refused_count", effect->refused_count}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        rpc_error_metadata(ctx, counts[i].key, arena_format(ctx->arena, "%zu", counts[i].count));
    }
    rpc_error_metadata(ctx, "partial", effect->partial ? "true" : "false");
}

/* The samples are of those that are in the way. */
static struct status in_use(struct rpc_context *ctx, const struct attribute_effect *effect,
                            const struct attribute_samples *samples, const char *text) {
    tell_effect(ctx, effect);
    tell_samples(ctx, samples);
    return status_of(STATUS_FAILED_PRECONDITION, REASON_ATTRIBUTE_IN_USE, text);
}

/* Looks at what profiles have, where the change may be one that it can't bear. */
static struct status weigh(struct rpc_context *ctx, const struct attribute_definition *before,
                           const struct attribute_definition *after, bool force,
                           Profiled__V1__AttributeEffect **out) {
    const bool moves = before->kind.personal != after->kind.personal;
    const bool narrows = attribute_definition_narrows(before, after);
    if (!moves && !narrows) {
        return OK;
    }
    struct attribute_effect effect;
    TRY(attribute_effect_count(ctx->store, after, &effect));
    if (moves && (effect.value_count > 0 || effect.partial)) {
        return in_use(ctx, &effect, &effect.valued,
                      "profiles have values, or not all could be looked at: whether values are "
                      "personal changes only before there are any");
    }
    if (narrows && !force && (effect.refused_count > 0 || effect.partial)) {
        return in_use(ctx, &effect, &effect.refused,
                      "profiles have values that the change would refuse, or not all could be "
                      "looked at: force makes it anyway, and leaves such values as they are");
    }
    *out = attribute_effect_message(&effect, ctx->arena);
    return OK;
}

/* A change of the workspace's own attribute: its definition is read, weighed and put. */
static struct status redefine(struct rpc_context *ctx, const struct attribute_rules *before,
                              struct attribute_change *change, bool force,
                              struct attribute_rule *rule, Profiled__V1__AttributeEffect **out) {
    attribute_change_settle(ctx, change, rule->kind);
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    const bool was_retired = rule->retired;
    const struct attribute_definition *defined = NULL;
    TRY(attribute_rule_define(ctx->store, rule, &defined));
    struct attribute_definition *definition = arena_alloc(ctx->arena, sizeof *definition);
    *definition = *defined;
    attribute_change_apply(change, rule, definition);
    if (was_retired && !rule->retired) {
        TRY(attribute_room_check(ctx, before, false));
    }
    TRY(weigh(ctx, defined, definition, force, out));
    if (*out != NULL && ((*out)->refused_count > 0 || (*out)->partial)) { /* It was forced. */
        attribute_values_keep(ctx, defined, definition);
    }
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    rule->kind = &definition->kind;
    rule->definition = arena_alloc(ctx->arena, sizeof *rule->definition);
    *rule->definition = definition;
    return attribute_change_defines(change) ? attribute_definition_put(ctx->store, definition) : OK;
}

static struct status update_attribute(struct rpc_context *ctx,
                                      const Profiled__V1__UpdateAttributeRequest *request,
                                      Profiled__V1__UpdateAttributeResponse *response) {
    const struct attribute_rules *before = NULL;
    TRY(attribute_rules_read(ctx->store, &before));
    TRY(attribute_version_check(before, request->schema_version));
    struct attribute_rules *rules = attribute_rules_copy(before, ctx->arena);
    struct attribute_rule *rule =
        (struct attribute_rule *)(uintptr_t)attribute_rules_find(rules, request->attribute->name);
    if (rule == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_ATTRIBUTE_NOT_FOUND,
                         "there is no attribute of this name");
    }
    struct attribute_change *change = ctx->prepared;
    if (rule->kind->own) {
        TRY(redefine(ctx, before, change, request->force, rule, &response->effect));
    } else {
        attribute_change_apply(change, rule, NULL);
    }
    TRY(attribute_rule_agrees(ctx, rule));
    TRY(attribute_rules_put(ctx->store, rules));
    response->schema_version = (int64_t)rules->version;
    return attribute_message(ctx->store, rule, ctx->arena, &response->attribute);
}

RPC_METHOD(SchemaService, UpdateAttribute, update_attribute, RPC_WRITE);
