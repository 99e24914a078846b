/* DeleteAttribute: an attribute of the workspace's own is retired. What profiles have of it stays.
 */

#include "profiled/v1/schema_service.pb-c.h"
#include "server/handlers/attribute_fields.h"
#include "server/handlers/attribute_message.h"
#include "server/rpc/method.h"

static void delete_attribute_check(struct rpc_context *ctx,
                                   const Profiled__V1__DeleteAttributeRequest *request) {
    if (request->name[0] == '\0') {
        rpc_violation(ctx, "is required", "name");
    }
}

static struct status delete_attribute(struct rpc_context *ctx,
                                      const Profiled__V1__DeleteAttributeRequest *request,
                                      Profiled__V1__DeleteAttributeResponse *response) {
    const struct attribute_rules *before = NULL;
    TRY(attribute_rules_read(ctx->store, &before));
    TRY(attribute_version_check(before, request->schema_version));
    struct attribute_rules *rules = attribute_rules_copy(before, ctx->arena);
    struct attribute_rule *rule =
        (struct attribute_rule *)(uintptr_t)attribute_rules_find(rules, request->name);
    if (rule == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_ATTRIBUTE_NOT_FOUND,
                         "there is no attribute of this name");
    }
    if (!rule->kind->own) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_ATTRIBUTE_BUILT_IN,
                         "an attribute that is built in can't be retired");
    }
    const struct attribute_definition *definition = NULL;
    TRY(attribute_rule_define(ctx->store, rule, &definition));
    struct attribute_effect effect;
    TRY(attribute_effect_count(ctx->store, definition, &effect));
    if (!rule->retired) {
        rule->retired = true;
        TRY(attribute_rules_put(ctx->store, rules));
    }
    response->schema_version = (int64_t)rules->version;
    response->effect = attribute_effect_message(&effect, ctx->arena);
    return attribute_message(ctx->store, rule, ctx->arena, &response->attribute);
}

RPC_METHOD(SchemaService, DeleteAttribute, delete_attribute, RPC_WRITE);
