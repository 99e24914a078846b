#pragma once
/* What LookupProfile, LinkIdentity and UnlinkIdentity have in common: an identity. */

#include "profiled/v1/identity.pb-c.h"
#include "server/identity/record.h"
#include "server/identity/rules.h"
#include "server/rpc/rpc.h"

/* Checks it, and leaves the identity that was read in ctx->prepared. What of it only the rules know
 * is left to identity_request_settle(), which must be the handler's first step: what else is wrong
 * is told with it (rpc_context.checks_later). */
void identity_request_check(struct rpc_context *ctx, const Profiled__V1__Identity *identity);

/* Completes it by the rules; what is wrong becomes the call's violation, beside those that the
 * check has noted. */
MUST_USE struct status identity_request_settle(struct rpc_context *ctx,
                                               const struct identity_rules *rules,
                                               struct record_identity *identity);
