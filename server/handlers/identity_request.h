#pragma once
/* What LinkIdentity and UnlinkIdentity have in common: a profile's id and an identity. */

#include "profiled/v1/identity.pb-c.h"
#include "server/identity/record.h"
#include "server/rpc/rpc.h"

/* Checks both, and leaves the identity that was read in ctx->prepared. */
void identity_request_check(struct rpc_context *ctx, const char *profile_id,
                            const Profiled__V1__Identity *identity);
