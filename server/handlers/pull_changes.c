/* PullChanges: gives changes to a program: first those that nobody acknowledged in time, then those
 * that follow. */

#include "profiled/v1/change_service.pb-c.h"
#include "server/base/clock.h"
#include "server/handlers/change_choice.h"
#include "server/handlers/subscription_message.h"
#include "server/rpc/method.h"

enum { CHANGES_DEFAULT = 100, CHANGES_MAX = 500, LOOKED_AT_MAX = 10000 };

struct pull {
    struct rpc_context *ctx;
    struct store_subscription subscription;
    struct change_choice *choice;
    size_t max;
    size_t count;
    struct store_delivery *items;
    bool more;            /* Further changes wait. */
    bool expired;         /* Of those that follow some were trimmed: none is taken. */
    struct status status; /* Of what a change was found to be. */
};

static void pull_changes_check(struct rpc_context *ctx,
                               const Profiled__V1__PullChangesRequest *request) {
    subscription_name_check(ctx, request->name, "name");
    if (request->max_changes < 0 || request->max_changes > CHANGES_MAX) {
        rpc_violation(ctx, "must be 0 to 500", "max_changes");
    }
}

/* ---- what comes next ---- */

static bool take(void *state, const struct store_change *change) {
    struct pull *pull = state;
    bool takes = false;
    if (pull->count == pull->max) {
        return false;
    }
    pull->status = change_choice_takes(pull->ctx, pull->choice, change, &takes);
    if (status_is_ok(pull->status) && takes) {
        pull->items[pull->count++] = (struct store_delivery){
            .sequence = change->sequence, .place = change->place, .change = *change};
    }
    return status_is_ok(pull->status);
}

static struct status take_next(struct pull *pull) {
    TRY(store_change_scan(pull->ctx->store, &pull->subscription.place, LOOKED_AT_MAX, take, pull,
                          &pull->more));
    return pull->status;
}

/* ---- what is out too long ---- */

/* Puts one aside that was delivered as often as it may be. */
static struct status put_aside(struct pull *pull, const struct store_delivery *delivery,
                               Profiled__V1__PullChangesResponse *response) {
    const char *name = pull->subscription.name;
    response->dead_count++;
    pull->subscription.dead_count++;
    store_delivery_delete(pull->ctx->store, name, false, delivery->sequence, delivery->place);
    return store_delivery_put(pull->ctx->store, name, true, delivery);
}

/* Of what is out, that which is due goes again; *out_count is how much stays out. */
static struct status take_due(struct pull *pull, const struct store_delivery *out, size_t out_count,
                              Profiled__V1__PullChangesResponse *response) {
    for (size_t i = 0; i < out_count; i++) {
        if (store_delivery_is_out(&pull->subscription, &out[i], pull->ctx->now_us)) {
            continue;
        }
        if (out[i].attempt < pull->subscription.max_attempts) {
            if (pull->count < pull->max) {
                pull->items[pull->count++] = out[i];
            }
        } else if (pull->subscription.dead_count < STORE_DEAD_LETTERS_MAX) {
            TRY(put_aside(pull, &out[i], response));
        }
    }
    return OK;
}

/* ---- the whole ---- */

/* How many of what is out are due, and may be delivered once more. */
static size_t count_due(const struct pull *pull, const struct store_delivery *out,
                        size_t out_count) {
    size_t due = 0;
    for (size_t i = 0; i < out_count; i++) {
        const bool is_due = !store_delivery_is_out(&pull->subscription, &out[i], pull->ctx->now_us);
        due += is_due && out[i].attempt < pull->subscription.max_attempts ? 1 : 0;
    }
    return due;
}

static struct status deliver(struct pull *pull, Profiled__V1__PullChangesResponse *response) {
    struct arena *arena = pull->ctx->arena;
    const int64_t due_us =
        pull->ctx->now_us + (int64_t)pull->subscription.ack_seconds * US_PER_SECOND;
    response->deliveries = arena_array(arena, pull->count, sizeof *response->deliveries);
    for (size_t i = 0; i < pull->count; i++) {
        struct store_delivery *delivery = &pull->items[i];
        delivery->attempt++;
        delivery->delivered_count++;
        delivery->due_us = due_us;
        TRY(store_delivery_put(pull->ctx->store, pull->subscription.name, false, delivery));
        response->deliveries[response->n_deliveries++] =
            delivery_message(pull->ctx, &pull->subscription, delivery);
    }
    pull->subscription.delivered_count += (int64_t)pull->count;
    response->more = pull->more;
    return store_subscription_put(pull->ctx->store, &pull->subscription);
}

/* Rows are gone through before anything is wished: so what comes next is looked for first, and put
 * behind what is due. */
static struct status collect(struct pull *pull, Profiled__V1__PullChangesResponse *response) {
    struct arena *arena = pull->ctx->arena;
    const size_t max = pull->max;
    struct store_delivery *out = arena_array(arena, STORE_OUTSTANDING_MAX, sizeof *out);
    struct store_delivery *next = arena_array(arena, max, sizeof *next);
    size_t out_count = 0;
    TRY(store_delivery_scan(pull->ctx->store, pull->subscription.name, false, false, 0, 0,
                            STORE_OUTSTANDING_MAX, out, &out_count));
    const size_t due = count_due(pull, out, out_count);
    const size_t room = STORE_OUTSTANDING_MAX - out_count;
    pull->items = next;
    pull->max = due >= max ? 0 : max - due < room ? max - due : room;
    pull->more = due > max || (pull->max == 0 && room > 0);
    if (pull->max > 0 && !pull->expired) {
        TRY(take_next(pull));
    }
    const size_t next_count = pull->count;
    pull->items = arena_array(arena, max, sizeof *pull->items);
    pull->count = 0;
    pull->max = max - next_count;
    TRY(take_due(pull, out, out_count, response));
    for (size_t i = 0; i < next_count; i++) {
        pull->items[pull->count++] = next[i];
    }
    return OK;
}

/* What is due is given although what follows was trimmed; that it was is told when there is nothing
 * else. */
static struct status run(struct pull *pull, Profiled__V1__PullChangesResponse *response) {
    const struct store_change_place place = pull->subscription.place;
    int64_t oldest_us = 0;
    bool is_kept = false;
    TRY(change_place_is_kept(pull->ctx->store, &place, &is_kept, &oldest_us));
    pull->expired = !is_kept;
    TRY(collect(pull, response));
    if (pull->expired && pull->count == 0 && response->dead_count == 0) {
        return change_place_check(pull->ctx, &place);
    }
    pull->more = pull->more || pull->expired;
    return deliver(pull, response);
}

static struct status pull_changes(struct rpc_context *ctx,
                                  const Profiled__V1__PullChangesRequest *request,
                                  Profiled__V1__PullChangesResponse *response) {
    struct change_choice choice;
    struct pull pull = {.ctx = ctx,
                        .choice = &choice,
                        .max = request->max_changes == 0 ? (size_t)CHANGES_DEFAULT
                                                         : (size_t)request->max_changes,
                        .status = OK};
    TRY(subscription_find(ctx, request->name, &pull.subscription));
    const struct store_subscription *subscription = &pull.subscription;
    TRY(change_choice_read(ctx, subscription->kinds, subscription->segments,
                           subscription->segment_count, subscription->filter, true, &choice));
    const struct status status = run(&pull, response);
    change_choice_free(&choice);
    return status;
}

RPC_METHOD(ChangeService, PullChanges, pull_changes, RPC_WRITE);
