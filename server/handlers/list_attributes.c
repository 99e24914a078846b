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
    response->n_attributes = rules->count;
    response->attributes = arena_array(ctx->arena, rules->count, sizeof *response->attributes);
    for (size_t i = 0; i < rules->count; i++) {
        TRY(attribute_message(ctx->store, &rules->rules[i], ctx->arena, &response->attributes[i]));
    }
    return OK;
}

RPC_METHOD(SchemaService, ListAttributes, list_attributes, RPC_READ);
