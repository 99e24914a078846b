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

/* A change that is out, or dead. */
Profiled__V1__Delivery *delivery_message(const struct store_delivery *delivery,
                                         struct arena *arena);

/* Notes lists of ack ids that are empty or too long, or in which one is none. */
void ack_ids_check(struct rpc_context *ctx, char *const *ids, size_t count, const char *field);
void ack_ids_count_check(struct rpc_context *ctx, size_t count, const char *field);

/* Reads an ack id; false when it is none. */
bool ack_id_read(const char *text, uint64_t *sequence, uint32_t *place);

/* OUT_OF_RANGE RESUME_TOKEN_EXPIRED, with the time of the oldest, where changes behind a place are
 * no longer kept. */
MUST_USE struct status change_place_check(struct rpc_context *ctx,
                                          const struct store_change_place *place);
