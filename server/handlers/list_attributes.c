/* ListAttributes: what profiles of this workspace are made of. */

#include "profiled/v1/schema_service.pb-c.h"
#include "server/handlers/attribute_message.h"
#include "server/rpc/method.h"

static void list_attributes_check(struct rpc_context *ctx,
                                  const Profiled__V1__ListAttributesRequest *request) {
    (void)ctx;
    (void)request; /* It has no fields. */
}

static struct status list_attributes(struct rpc_context *ctx,
                                     const Profiled__V1__ListAttributesRequest *request,
                                     Profiled__V1__ListAttributesResponse *response) {
    (void)request;
    const struct attribute_rules *rules = NULL;
    TRY(attribute_rules_read(ctx->store, &rules));
    response->schema_version = (int64_t)rules->version;
    response->n_attributes = ATTRIBUTE_RULES_COUNT;
    response->attributes =
        arena_array(ctx->arena, ATTRIBUTE_RULES_COUNT, sizeof *response->attributes);
    for (size_t i = 0; i < ATTRIBUTE_RULES_COUNT; i++) {
        response->attributes[i] = attribute_message(&rules->rules[i], ctx->arena);
    }
    return OK;
}

RPC_METHOD(SchemaService, ListAttributes, list_attributes, RPC_READ);
