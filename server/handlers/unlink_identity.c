/* UnlinkIdentity: an identity that is not this person's after all. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_request.h"
#include "server/handlers/profile_message.h"
#include "server/identity/survivorship.h"
#include "server/rpc/method.h"

static void unlink_identity_check(struct rpc_context *ctx,
                                  const Profiled__V1__UnlinkIdentityRequest *request) {
    identity_request_check(ctx, request->profile_id, request->identity);
}

static struct status unlink_identity(struct rpc_context *ctx,
                                     const Profiled__V1__UnlinkIdentityRequest *request,
                                     Profiled__V1__UnlinkIdentityResponse *response) {
    const struct record_identity *identity = ctx->prepared;
    struct id id;
    const bool read = id_parse(request->profile_id, &id);
    assert(read);
    const struct profile *before = NULL;
    TRY(profile_find(ctx, id, false, &before));
    struct profile *profile = profile_copy(before, ctx->arena);
    const struct profile_identity *there =
        profile_identity_find(profile, identity->type, identity->canonical);
    if (there == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_IDENTITY_NOT_FOUND,
                         "the profile has no such identity");
    }
    profile->identities[there - profile->identities] =
        profile->identities[--profile->identity_count];
    survivorship_derive_name(profile, ctx->arena);
    profile->update_us = ctx->now_us;
    TRY(store_profile_put(ctx->store, profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(IdentityService, UnlinkIdentity, unlink_identity, RPC_WRITE);
