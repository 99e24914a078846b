#pragma once
/* Recording one interaction: what RecordInteraction and its batch have in common. */

#include "server/handlers/interaction_message.h"
#include "server/identity/resolve.h"
#include "server/rpc/rpc.h"

/* Completes the item's record, where it has one, by the rules and the time of `resolve`; notes what
 * is wrong with it. Paths are relative to the item. Fails only where the store does. */
MUST_USE struct status interaction_settle(const struct resolve_context *resolve,
                                          struct interaction_item *item,
                                          struct field_errors *errors);

/* Finds or makes the profile of an item that was settled, stores the interaction, counts it.
 * NOT_FOUND PROFILE_NOT_FOUND when the subject is an id of no profile; then nothing was wished. */
MUST_USE struct status interaction_record(struct rpc_context *ctx,
                                          const struct resolve_context *resolve,
                                          struct interaction_item *item,
                                          Profiled__V1__RecordInteractionResponse *response);
