/* CreateSubscription: a place in the changes that is kept for a program. */

#include "profiled/v1/change_service.pb-c.h"
#include "server/handlers/change_choice.h"
#include "server/handlers/subscription_message.h"
#include "server/rpc/method.h"

enum {
    ACK_SECONDS_MIN = 10,
    ACK_SECONDS_MAX = 3600,
    ACK_SECONDS_DEFAULT = 60,
    ATTEMPTS_MAX = 100,
    ATTEMPTS_DEFAULT = 5,
};

static void create_subscription_check(struct rpc_context *ctx,
                                      const Profiled__V1__CreateSubscriptionRequest *request) {
    const Profiled__V1__Subscription *given = request->subscription;
    if (given == NULL) {
        rpc_violation(ctx, "is required", "subscription");
        return;
    }
    subscription_name_check(ctx, given->name, "subscription.name");
    change_choice_check(ctx, given->kinds, given->n_kinds, given->segments, given->n_segments,
                        "subscription.");
    if (given->ack_seconds != 0 &&
        (given->ack_seconds < ACK_SECONDS_MIN || given->ack_seconds > ACK_SECONDS_MAX)) {
        rpc_violation(ctx, "must be 10 to 3,600, or 0", "subscription.ack_seconds");
    }
    if (given->max_attempts < 0 || given->max_attempts > ATTEMPTS_MAX) {
        rpc_violation(ctx, "must be 0 to 100", "subscription.max_attempts");
    }
}

/* That there is room for one more of the name, and that what it asks for can be asked for:
 * *filter is its filter for keeping. */
static struct status check_there(struct rpc_context *ctx, const Profiled__V1__Subscription *given,
                                 const char **filter) {
    struct store_subscription *there =
        arena_array(ctx->arena, STORE_SUBSCRIPTIONS_MAX, sizeof *there);
    struct profile_filter read;
    bool found = false;
    size_t count = 0;
    TRY(store_subscription_get(ctx->store, given->name, &found, there));
    if (found) {
        return status_of(STATUS_ALREADY_EXISTS, REASON_SUBSCRIPTION_EXISTS,
                         "there is a subscription of this name");
    }
    TRY(store_subscription_scan(ctx->store, there, &count));
    if (count >= STORE_SUBSCRIPTIONS_MAX) {
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", STORE_SUBSCRIPTIONS_MAX));
        return status_of(STATUS_FAILED_PRECONDITION, REASON_SUBSCRIPTION_LIMIT,
                         "the workspace has as many subscriptions as it may");
    }
    TRY(change_segments_check(ctx, given->segments, given->n_segments, "subscription."));
    TRY(profile_filter_read(ctx, given->filter, false, &read));
    profile_filter_free(&read);
    return profile_filter_settle(ctx, &read, "subscription.filter", filter);
}

static struct status create_subscription(struct rpc_context *ctx,
                                         const Profiled__V1__CreateSubscriptionRequest *request,
                                         Profiled__V1__CreateSubscriptionResponse *response) {
    const Profiled__V1__Subscription *given = request->subscription;
    const char *filter = "";
    TRY(check_there(ctx, given, &filter));
    struct store_subscription subscription = {
        .name = given->name,
        .kinds = change_kinds(given->kinds, given->n_kinds),
        .segment_count = given->n_segments,
        .segments = (const char *const *)given->segments,
        .filter = filter,
        .ack_seconds =
            given->ack_seconds == 0 ? (uint32_t)ACK_SECONDS_DEFAULT : (uint32_t)given->ack_seconds,
        .max_attempts =
            given->max_attempts == 0 ? (uint32_t)ATTEMPTS_DEFAULT : (uint32_t)given->max_attempts,
        .create_us = ctx->now_us,
    };
    TRY(store_change_end(ctx->store, &subscription.place));
    TRY(subscription_message(ctx, &subscription, &response->subscription));
    return store_subscription_put(ctx->store, &subscription);
}

RPC_METHOD(ChangeService, CreateSubscription, create_subscription, RPC_WRITE);
