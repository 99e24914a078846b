/* DeleteSubscription: a place that is kept no longer. */

#include "profiled/v1/change_service.pb-c.h"
#include "server/handlers/subscription_message.h"
#include "server/rpc/method.h"

static void delete_subscription_check(struct rpc_context *ctx,
                                      const Profiled__V1__DeleteSubscriptionRequest *request) {
    subscription_name_check(ctx, request->name, "name");
}

static struct status delete_subscription(struct rpc_context *ctx,
                                         const Profiled__V1__DeleteSubscriptionRequest *request,
                                         Profiled__V1__DeleteSubscriptionResponse *response) {
    struct store_subscription subscription;
    TRY(subscription_find(ctx, request->name, &subscription));
    TRY(subscription_message(ctx, &subscription, &response->subscription));
    return store_subscription_delete(ctx->store, request->name);
}

RPC_METHOD(ChangeService, DeleteSubscription, delete_subscription, RPC_WRITE);
