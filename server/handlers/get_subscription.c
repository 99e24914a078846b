/* GetSubscription: one subscription, and how far it is behind. */

#include "profiled/v1/change_service.pb-c.h"
#include "server/handlers/subscription_message.h"
#include "server/rpc/method.h"

static void get_subscription_check(struct rpc_context *ctx,
                                   const Profiled__V1__GetSubscriptionRequest *request) {
    subscription_name_check(ctx, request->name, "name");
}

static struct status get_subscription(struct rpc_context *ctx,
                                      const Profiled__V1__GetSubscriptionRequest *request,
                                      Profiled__V1__GetSubscriptionResponse *response) {
    struct store_subscription subscription;
    TRY(subscription_find(ctx, request->name, &subscription));
    return subscription_message(ctx, &subscription, &response->subscription);
}

RPC_METHOD(ChangeService, GetSubscription, get_subscription, RPC_READ);
