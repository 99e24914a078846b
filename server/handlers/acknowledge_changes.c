/* AcknowledgeChanges: what a program has done with, and what it wants to have again. */

#include "profiled/v1/change_service.pb-c.h"
#include "server/handlers/change_token.h"
#include "server/handlers/subscription_message.h"
#include "server/rpc/method.h"

static void acknowledge_changes_check(struct rpc_context *ctx,
                                      const Profiled__V1__AcknowledgeChangesRequest *request) {
    subscription_name_check(ctx, request->name, "name");
    const size_t count = request->n_ack_ids + request->n_retry_ids;
    if (count > 0 || request->resume_token[0] == '\0') {
        ack_ids_count_check(ctx, count, "ack_ids");
    }
    ack_ids_check(ctx, request->ack_ids, request->n_ack_ids, "ack_ids");
    ack_ids_check(ctx, request->retry_ids, request->n_retry_ids, "retry_ids");
}

/* Takes back what is worked through: whichever of its deliveries the id is of, and though it was
 * put aside meanwhile, the work is done. */
static struct status acknowledge(struct rpc_context *ctx, struct store_subscription *subscription,
                                 const char *ack_id, bool *found) {
    struct store_delivery delivery;
    bool is_latest = false;
    bool is_dead = false;
    TRY(ack_id_find(ctx, subscription, false, ack_id, found, &is_latest, &delivery));
    if (!*found) {
        TRY(ack_id_find(ctx, subscription, true, ack_id, &is_dead, &is_latest, &delivery));
        *found = is_dead;
    }
    if (*found) {
        subscription->dead_count -= is_dead ? 1 : 0;
        store_delivery_delete(ctx->store, subscription->name, is_dead, delivery.sequence,
                              delivery.place);
    }
    return OK;
}

/* Gives one back. By the id of an earlier delivery it may not be: that would take it from whoever
 * has it now. */
static struct status give_back(struct rpc_context *ctx,
                               const struct store_subscription *subscription, const char *ack_id,
                               bool *found) {
    struct store_delivery delivery;
    bool is_there = false;
    TRY(ack_id_find(ctx, subscription, false, ack_id, &is_there, found, &delivery));
    if (*found) {
        delivery.due_us = ctx->now_us; /* Due at once. */
        TRY(store_delivery_put(ctx->store, subscription->name, false, &delivery));
    }
    return OK;
}

/* Moves the place behind a message of WatchChanges; never back. */
static struct status move_place(struct rpc_context *ctx, const char *token,
                                struct store_subscription *subscription, bool *moved) {
    struct watch_place place;
    TRY(change_token_read(ctx, token, &place));
    if (place.in_snapshot != 0) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_RESUME_TOKEN_INVALID,
                         "the resume token is of a snapshot, not of a subscription");
    }
    if (place.subscription != change_token_subscription(ctx, subscription)) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_RESUME_TOKEN_INVALID,
                         "the resume token is not of a stream of this subscription");
    }
    const struct store_change_place *to = &place.change;
    const struct store_change_place *from = &subscription->place;
    *moved = to->sequence > from->sequence ||
             (to->sequence == from->sequence && to->count > from->count);
    if (*moved) {
        subscription->place = *to;
    }
    return OK;
}

static struct status acknowledge_changes(struct rpc_context *ctx,
                                         const Profiled__V1__AcknowledgeChangesRequest *request,
                                         Profiled__V1__AcknowledgeChangesResponse *response) {
    struct store_subscription subscription;
    bool found = false;
    TRY(subscription_find(ctx, request->name, &subscription));
    for (size_t i = 0; i < request->n_ack_ids; i++) {
        TRY(acknowledge(ctx, &subscription, request->ack_ids[i], &found));
        response->acknowledged_count += found ? 1 : 0;
        response->missing_count += found ? 0 : 1;
    }
    for (size_t i = 0; i < request->n_retry_ids; i++) {
        TRY(give_back(ctx, &subscription, request->retry_ids[i], &found));
        response->retried_count += found ? 1 : 0;
        response->missing_count += found ? 0 : 1;
    }
    if (request->resume_token[0] != '\0') {
        bool moved = false;
        TRY(move_place(ctx, request->resume_token, &subscription, &moved));
        response->moved = moved;
    }
    subscription.acknowledged_count += response->acknowledged_count;
    return store_subscription_put(ctx->store, &subscription);
}

RPC_METHOD(ChangeService, AcknowledgeChanges, acknowledge_changes, RPC_WRITE);
