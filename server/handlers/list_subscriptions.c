/* ListSubscriptions: all subscriptions of the workspace by name. */

#include "profiled/v1/change_service.pb-c.h"
#include "server/handlers/subscription_message.h"
#include "server/rpc/method.h"

static void list_subscriptions_check(struct rpc_context *ctx,
                                     const Profiled__V1__ListSubscriptionsRequest *request) {
    (void)ctx;
    (void)request; /* It has no fields. */
}

static struct status list_subscriptions(struct rpc_context *ctx,
                                        const Profiled__V1__ListSubscriptionsRequest *request,
                                        Profiled__V1__ListSubscriptionsResponse *response) {
    (void)request;
    struct store_subscription *there =
        arena_array(ctx->arena, STORE_SUBSCRIPTIONS_MAX, sizeof *there);
    size_t count = 0;
    TRY(store_subscription_scan(ctx->store, there, &count));
    response->subscriptions = arena_array(ctx->arena, count, sizeof *response->subscriptions);
    for (size_t i = 0; i < count; i++) {
        TRY(subscription_message(ctx, &there[i], &response->subscriptions[i]));
        response->n_subscriptions++;
    }
    return OK;
}

RPC_METHOD(ChangeService, ListSubscriptions, list_subscriptions, RPC_READ);
