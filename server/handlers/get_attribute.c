/* GetAttribute: one attribute of this workspace. */

#include "profiled/v1/schema_service.pb-c.h"
#include "server/handlers/attribute_message.h"
#include "server/rpc/method.h"

static void get_attribute_check(struct rpc_context *ctx,
                                const Profiled__V1__GetAttributeRequest *request) {
    if (request->name[0] == '\0') {
        rpc_violation(ctx, "is required", "name");
    }
}

static struct status get_attribute(struct rpc_context *ctx,
                                   const Profiled__V1__GetAttributeRequest *request,
                                   Profiled__V1__GetAttributeResponse *response) {
    const struct attribute_rules *rules = NULL;
    TRY(attribute_rules_read(ctx->store, &rules));
    const struct attribute_rule *rule = attribute_rules_find(rules, request->name);
    if (rule == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_ATTRIBUTE_NOT_FOUND,
                         "there is no attribute of this name");
    }
    response->schema_version = (int64_t)rules->version;
    return attribute_message(ctx->store, rule, ctx->arena, &response->attribute);
}

RPC_METHOD(SchemaService, GetAttribute, get_attribute, RPC_READ);
