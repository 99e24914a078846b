/* GetRetention: how long interactions are kept. */

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/handlers/retention_message.h"
#include "server/rpc/method.h"

static void get_retention_check(struct rpc_context *ctx,
                                const Profiled__V1__GetRetentionRequest *request) {
    (void)ctx;
    (void)request; /* It has no fields. */
}

static struct status get_retention(struct rpc_context *ctx,
                                   const Profiled__V1__GetRetentionRequest *request,
                                   Profiled__V1__GetRetentionResponse *response) {
    (void)request;
    struct store_retention retention;
    TRY(store_retention_get(ctx->store, &retention));
    response->retention = retention_message(&retention, ctx->arena);
    return OK;
}

RPC_METHOD(InteractionService, GetRetention, get_retention, RPC_READ);
