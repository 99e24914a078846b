/* AcknowledgeChanges: what a program has done with, and what it wants to have again. */

#include "profiled/v1/change_service.pb-c.h"
#include "server/handlers/subscription_message.h"
#include "server/rpc/method.h"

static void acknowledge_changes_check(struct rpc_context *ctx,
                                      const Profiled__V1__AcknowledgeChangesRequest *request) {
    subscription_name_check(ctx, request->name, "name");
    ack_ids_count_check(ctx, request->n_ack_ids + request->n_retry_ids, "ack_ids");
    ack_ids_check(ctx, request->ack_ids, request->n_ack_ids, "ack_ids");
    ack_ids_check(ctx, request->retry_ids, request->n_retry_ids, "retry_ids");
}

/* Looks for what an ack id names among what is out. */
static struct status find(struct rpc_context *ctx, const char *name, const char *ack_id,
                          bool *found, struct store_delivery *out) {
    uint64_t sequence = 0;
    uint32_t place = 0;
    (void)ack_id_read(ack_id, &sequence, &place); /* The check has. */
    return store_delivery_get(ctx->store, name, false, sequence, place, found, out);
}

static struct status acknowledge_changes(struct rpc_context *ctx,
                                         const Profiled__V1__AcknowledgeChangesRequest *request,
                                         Profiled__V1__AcknowledgeChangesResponse *response) {
    struct store_subscription subscription;
    struct store_delivery delivery;
    bool found = false;
    TRY(subscription_find(ctx, request->name, &subscription));
    for (size_t i = 0; i < request->n_ack_ids; i++) {
        TRY(find(ctx, request->name, request->ack_ids[i], &found, &delivery));
        if (found) {
            store_delivery_delete(ctx->store, request->name, false, delivery.sequence,
                                  delivery.place);
        }
        response->acknowledged_count += found ? 1 : 0;
        response->missing_count += found ? 0 : 1;
    }
    for (size_t i = 0; i < request->n_retry_ids; i++) {
        TRY(find(ctx, request->name, request->retry_ids[i], &found, &delivery));
        if (found) {
            delivery.due_us = ctx->now_us; /* Due at once. */
            TRY(store_delivery_put(ctx->store, request->name, false, &delivery));
        }
        response->retried_count += found ? 1 : 0;
        response->missing_count += found ? 0 : 1;
    }
    subscription.acknowledged_count += response->acknowledged_count;
    return store_subscription_put(ctx->store, &subscription);
}

RPC_METHOD(ChangeService, AcknowledgeChanges, acknowledge_changes, RPC_WRITE);
