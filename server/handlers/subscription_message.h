#pragma once
/* Subscriptions between the wire and the store. */

#include "profiled/v1/subscription.pb-c.h"
#include "server/rpc/rpc.h"
#include "server/segment/field.h"
#include "server/store/subscription.h"

/* Notes a name that no subscription may have. */
void subscription_name_check(struct rpc_context *ctx, const char *name, const char *field);

/* The subscription of a name. NOT_FOUND SUBSCRIPTION_NOT_FOUND. */
MUST_USE struct status subscription_find(struct rpc_context *ctx, const char *name,
                                         struct store_subscription *out);

/* The name of a subscription that asks for a segment or a trait of a number, in its filter or, of a
 * segment, by its `name` (NULL for a trait); NULL for none. Before the view has wishes. */
MUST_USE struct status subscription_reader_find(struct rpc_context *ctx, enum field_kind kind,
                                                uint32_t number, const char *name,
                                                const char **out);

/* With how far it is behind. Before the view has wishes. */
MUST_USE struct status subscription_message(struct rpc_context *ctx,
                                            const struct store_subscription *subscription,
                                            Profiled__V1__Subscription **out);

/* A change that is out of a subscription, or dead. */
Profiled__V1__Delivery *delivery_message(struct rpc_context *ctx,
                                         const struct store_subscription *subscription,
                                         const struct store_delivery *delivery);

/* Notes lists of ack ids that are empty or too long, or in which one is none. */
void ack_ids_check(struct rpc_context *ctx, char *const *ids, size_t count, const char *field);
void ack_ids_count_check(struct rpc_context *ctx, size_t count, const char *field);

/* Looks for what an ack id that was checked names, among what is out of the subscription or dead:
 * *found, and *latest where it is of no earlier delivery. */
MUST_USE struct status ack_id_find(struct rpc_context *ctx,
                                   const struct store_subscription *subscription, bool dead,
                                   const char *text, bool *found, bool *latest,
                                   struct store_delivery *out);

/* Whether no change behind a place was trimmed; *oldest_us is when the first that is kept was made.
 * In a view without wishes, as the next. */
MUST_USE struct status change_place_is_kept(struct store_view *view,
                                            const struct store_change_place *place, bool *out,
                                            int64_t *oldest_us);

/* OUT_OF_RANGE RESUME_TOKEN_EXPIRED, with the time of the oldest, where changes behind a place are
 * no longer kept. */
MUST_USE struct status change_place_check(struct rpc_context *ctx,
                                          const struct store_change_place *place);
