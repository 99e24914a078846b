#pragma once
/* What asked for a merge, on the wire. */

#include "profiled/v1/identity.pb-c.h"
#include "server/identity/members.h"
#include "server/rpc/rpc.h"

/* `members` are those of the profile that is explained, one side of the merge or both. *room is how
 * many bytes of identities may still be told, and becomes less. */
MUST_USE struct status merge_cause_message(struct rpc_context *ctx, const struct members *members,
                                           const struct store_merge *merge, size_t *room,
                                           Profiled__V1__MergeCause **out);
