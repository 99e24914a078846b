/* DeleteTrait: a value that profiles have no more. */

#include "server/handlers/trait_message.h"
#include "server/rpc/method.h"

static void delete_trait_check(struct rpc_context *ctx,
                               const Profiled__V1__DeleteTraitRequest *request) {
    if (request->name[0] == '\0') {
        rpc_violation(ctx, "is required", "name");
    }
}

static struct status delete_trait(struct rpc_context *ctx,
                                  const Profiled__V1__DeleteTraitRequest *request,
                                  Profiled__V1__DeleteTraitResponse *response) {
    const struct store_traits *traits = NULL;
    size_t place = 0;
    TRY(store_traits_get(ctx->store, &traits));
    TRY(trait_find(traits, request->name, &place));
    response->trait = trait_message(&traits->items[place], ctx->arena);
    return store_trait_delete(ctx->store, place);
}

RPC_METHOD(SchemaService, DeleteTrait, delete_trait, RPC_WRITE);
