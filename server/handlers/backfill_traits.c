/* BackfillTraits: what was recorded before traits were made, some interactions a call. */

#include "server/handlers/trait_message.h"
#include "server/rpc/method.h"

enum { INTERACTIONS_DEFAULT = 500, INTERACTIONS_MAX = 1000 };

static void backfill_traits_check(struct rpc_context *ctx,
                                  const Profiled__V1__BackfillTraitsRequest *request) {
    if (request->max_interactions < 0 || request->max_interactions > INTERACTIONS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000, or 0 for 500", "max_interactions");
    }
}

static struct status backfill_traits(struct rpc_context *ctx,
                                     const Profiled__V1__BackfillTraitsRequest *request,
                                     Profiled__V1__BackfillTraitsResponse *response) {
    const size_t max =
        request->max_interactions == 0 ? INTERACTIONS_DEFAULT : (size_t)request->max_interactions;
    const struct store_traits *before = NULL;
    const struct store_traits *after = NULL;
    TRY(store_traits_get(ctx->store, &before));
    TRY(store_traits_backfill(ctx->store, max, &response->looked_at_count));
    TRY(store_traits_get(ctx->store, &after));
    response->done = true;
    response->traits = arena_array(ctx->arena, after->count, sizeof *response->traits);
    for (size_t i = 0; i < after->count; i++) { /* In one order, that of their names. */
        response->done = response->done && after->items[i].ready;
        if (!before->items[i].ready) {
            response->traits[response->n_traits++] = trait_message(&after->items[i], ctx->arena);
        }
    }
    return OK;
}

RPC_METHOD(SchemaService, BackfillTraits, backfill_traits, RPC_WRITE);
