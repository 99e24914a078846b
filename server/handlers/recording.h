#pragma once
/* Recording one interaction: what RecordInteraction, its batch and its stream have in common. */

#include "server/handlers/interaction_message.h"
#include "server/identity/resolve.h"
#include "server/interaction/channels.h"
#include "server/interaction/themes.h"
#include "server/rpc/rpc.h"
#include "server/store/fact.h"

/* What the items of a call are recorded by. */
struct recording {
    struct resolve_context resolve; /* Its now_us is that of the item at hand. */
    struct channels *channels;
    struct themes themes;
    struct store_retention retention;
};

/* Reads the rules, the channels, the themes and the retention as the call sees them. */
MUST_USE struct status recording_begin(struct rpc_context *ctx, const char *method,
                                       struct recording *out);

/* Completes the item by the workspace's channels and themes, and its record, where it has one, by
 * the rules and the time; notes what is wrong with it. Paths are relative to the item. Fails only
 * where the store does. */
MUST_USE struct status interaction_settle(const struct recording *recording,
                                          struct interaction_item *item,
                                          struct field_errors *errors);

/* Finds or makes the profile of an item that was settled, stores the interaction, counts it; wishes
 * nothing of one that is told again, or past retention.
 * NOT_FOUND PROFILE_NOT_FOUND when the subject is an id of no profile; then nothing was wished. */
MUST_USE struct status interaction_record(struct rpc_context *ctx,
                                          const struct recording *recording,
                                          struct interaction_item *item,
                                          Profiled__V1__RecordInteractionResponse *response);

/* One of many, each with a verdict of its own. */
struct interaction_try {
    struct interaction_item item;
    struct field_errors errors;
};

/* Reads the one at `index`, for a check; what is wrong with it waits for its verdict. A message of
 * NULL is wrong. */
void interaction_try_read(struct rpc_context *ctx, size_t index,
                          const Profiled__V1__InteractionRecord *message,
                          const struct interaction_defaults *defaults, struct interaction_try *out);

/* Settles and records it. A status is no fault of its own, and ends the call. */
MUST_USE struct status interaction_try_record(struct rpc_context *ctx,
                                              const struct recording *recording,
                                              struct interaction_try *one,
                                              Profiled__V1__InteractionVerdict **out);
