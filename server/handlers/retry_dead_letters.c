/* RetryDeadLetters: what was put aside is delivered again, or dropped. */

#include "profiled/v1/change_service.pb-c.h"
#include "server/handlers/subscription_message.h"
#include "server/rpc/method.h"

static void retry_dead_letters_check(struct rpc_context *ctx,
                                     const Profiled__V1__RetryDeadLettersRequest *request) {
    subscription_name_check(ctx, request->name, "name");
    ack_ids_count_check(ctx, request->n_retry_ids + request->n_drop_ids, "retry_ids");
    ack_ids_check(ctx, request->retry_ids, request->n_retry_ids, "retry_ids");
    ack_ids_check(ctx, request->drop_ids, request->n_drop_ids, "drop_ids");
}

/* Takes one from the dead letters; *found is false where it is none, or was retried and put aside
 * anew since the id was told. */
static struct status take(struct rpc_context *ctx, const struct store_subscription *subscription,
                          const char *ack_id, bool *found, struct store_delivery *out) {
    bool is_there = false;
    TRY(ack_id_find(ctx, subscription, true, ack_id, &is_there, found, out));
    if (*found) {
        store_delivery_delete(ctx->store, subscription->name, true, out->sequence, out->place);
    }
    return OK;
}

static struct status retry_dead_letters(struct rpc_context *ctx,
                                        const Profiled__V1__RetryDeadLettersRequest *request,
                                        Profiled__V1__RetryDeadLettersResponse *response) {
    struct store_subscription subscription;
    struct store_delivery delivery;
    bool found = false;
    TRY(subscription_find(ctx, request->name, &subscription));
    for (size_t i = 0; i < request->n_retry_ids; i++) {
        TRY(take(ctx, &subscription, request->retry_ids[i], &found, &delivery));
        if (found) {
            delivery.attempt = 0;
            delivery.due_us = ctx->now_us;
            TRY(store_delivery_put(ctx->store, request->name, false, &delivery));
        }
        response->retried_count += found ? 1 : 0;
        response->missing_count += found ? 0 : 1;
    }
    for (size_t i = 0; i < request->n_drop_ids; i++) {
        TRY(take(ctx, &subscription, request->drop_ids[i], &found, &delivery));
        response->dropped_count += found ? 1 : 0;
        response->missing_count += found ? 0 : 1;
    }
    subscription.dead_count -= response->retried_count + response->dropped_count;
    return store_subscription_put(ctx->store, &subscription);
}

RPC_METHOD(ChangeService, RetryDeadLetters, retry_dead_letters, RPC_WRITE);
