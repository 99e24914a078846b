/* ListTraits: the values that every profile of this workspace has. */

#include "server/handlers/trait_message.h"
#include "server/rpc/method.h"

static void list_traits_check(struct rpc_context *ctx,
                              const Profiled__V1__ListTraitsRequest *request) {
    (void)ctx;
    (void)request; /* It has no fields. */
}

static struct status list_traits(struct rpc_context *ctx,
                                 const Profiled__V1__ListTraitsRequest *request,
                                 Profiled__V1__ListTraitsResponse *response) {
    (void)request;
    const struct store_traits *traits = NULL;
    TRY(store_traits_get(ctx->store, &traits));
    response->n_traits = traits->count;
    response->traits = arena_array(ctx->arena, traits->count, sizeof *response->traits);
    for (size_t i = 0; i < traits->count; i++) {
        response->traits[i] = trait_message(&traits->items[i], ctx->arena);
    }
    return OK;
}

RPC_METHOD(SchemaService, ListTraits, list_traits, RPC_READ);
