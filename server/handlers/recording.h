#pragma once
/* Recording one interaction: what RecordInteraction and its batch have in common. */

#include "server/handlers/interaction_message.h"
#include "server/identity/resolve.h"
#include "server/rpc/rpc.h"

/* Finds or makes the profile, stores the interaction, counts it. NOT_FOUND PROFILE_NOT_FOUND when
 * the subject is an id of no profile; then nothing was wished. */
MUST_USE struct status interaction_record(struct rpc_context *ctx,
                                          const struct resolve_context *resolve,
                                          struct interaction_item *item,
                                          Profiled__V1__RecordInteractionResponse *response);
