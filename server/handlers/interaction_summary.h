#pragma once
/* What the interactions of a profile add up to, in the form of the wire. */

#include "profiled/v1/profile.pb-c.h"
#include "server/rpc/rpc.h"
#include "server/store/profile.h"

/* Those of all members of the person. */
MUST_USE struct status interaction_summary_message(struct rpc_context *ctx,
                                                   const struct profile *profile,
                                                   Profiled__V1__InteractionSummary **out);
