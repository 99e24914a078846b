/* UpdateAttribute: which values of an attribute survive, from now on. */

#include <string.h>

#include "profiled/v1/schema_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/attribute_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static void survivorship_check(struct rpc_context *ctx,
                               const Profiled__V1__AttributeDefinition *given) {
    if ((int)given->survivorship < SURVIVORSHIP_MOST_RECENT ||
        (int)given->survivorship > SURVIVORSHIP_FIRST_SEEN) {
        rpc_violation(ctx, "is required, and must be one that this server knows",
                      "attribute.survivorship");
    }
}

static bool is_repeated(const Profiled__V1__AttributeDefinition *given, size_t position) {
    for (size_t i = 0; i < position; i++) {
        if (strcmp(given->trusted_sources[i], given->trusted_sources[position]) == 0) {
            return true;
        }
    }
    return false;
}

static void sources_check(struct rpc_context *ctx, const Profiled__V1__AttributeDefinition *given) {
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
}

static void survivorship_update(struct attribute_rule *rule,
                                const Profiled__V1__AttributeDefinition *given) {
    rule->survivorship = (enum survivorship)given->survivorship;
}

static void sources_update(struct attribute_rule *rule,
                           const Profiled__V1__AttributeDefinition *given) {
    rule->trusted_count = given->n_trusted_sources;
    rule->trusted = (const char *const *)given->trusted_sources;
}

/* A field that can be updated: how its new value is checked, and how it is set. */
static const struct field {
    const char *path;
    void (*check)(struct rpc_context *ctx, const Profiled__V1__AttributeDefinition *given);
    void (*set)(struct attribute_rule *rule, const Profiled__V1__AttributeDefinition *given);
} fields[] = {
    {"survivorship", survivorship_check, survivorship_update},
    {"trusted_sources", sources_check, sources_update},
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static bool mask_has(const Google__Protobuf__FieldMask *mask, const char *path) {
    for (size_t i = 0; i < mask->n_paths; i++) {
        if (strcmp(mask->paths[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_field(const char *path) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

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
    for (size_t i = 0; i < mask->n_paths; i++) {
        if (!is_field(mask->paths[i])) {
            rpc_violation(ctx,
                          "is not a field that can be updated: survivorship or trusted_sources",
                          "update_mask.paths[%zu]", i);
        }
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (mask_has(mask, fields[i].path)) {
            fields[i].check(ctx, request->attribute);
        }
    }
}

static struct status update_attribute(struct rpc_context *ctx,
                                      const Profiled__V1__UpdateAttributeRequest *request,
                                      Profiled__V1__UpdateAttributeResponse *response) {
    const struct attribute_rules *before = NULL;
    TRY(attribute_rules_read(ctx->store, &before));
    if (request->schema_version != 0 && request->schema_version != (int64_t)before->version) {
        return status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                         "the schema has changed since that version: read it and try again");
    }
    struct attribute_rules rules = *before;
    struct attribute_rule *rule =
        (struct attribute_rule *)(uintptr_t)attribute_rules_find(&rules, request->attribute->name);
    if (rule == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_ATTRIBUTE_NOT_FOUND,
                         "there is no attribute of this name");
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (mask_has(request->update_mask, fields[i].path)) {
            fields[i].set(rule, request->attribute);
        }
    }
    if (rule->survivorship == SURVIVORSHIP_TRUSTED_SOURCE && rule->trusted_count == 0) {
        rpc_violation(ctx, "is required with SURVIVORSHIP_TRUSTED_SOURCE",
                      "attribute.trusted_sources");
        return rpc_violations_status(ctx);
    }
    TRY(attribute_rules_put(ctx->store, &rules));
    response->attribute = attribute_message(rule, ctx->arena);
    response->schema_version = (int64_t)rules.version;
    return OK;
}

RPC_METHOD(SchemaService, UpdateAttribute, update_attribute, RPC_WRITE);
