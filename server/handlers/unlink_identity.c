/* UnlinkIdentity: an identity that is not this person's after all. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_request.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/link.h"
#include "server/rpc/method.h"

static void unlink_identity_check(struct rpc_context *ctx,
                                  const Profiled__V1__UnlinkIdentityRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    identity_request_check(ctx, request->identity);
}

static struct status unlink_identity(struct rpc_context *ctx,
                                     const Profiled__V1__UnlinkIdentityRequest *request,
                                     Profiled__V1__UnlinkIdentityResponse *response) {
    struct record_identity *identity = ctx->prepared;
    struct members_context put;
    TRY(members_context_read(ctx->store, ctx->now_us, &put));
    TRY(identity_request_settle(ctx, put.rules, identity));
    const struct profile *before = NULL;
    TRY(profile_find(ctx, wire_id_checked(request->profile_id), false, &before));
    if (profile_identity_find(before, identity->type, identity->canonical, identity->match) ==
        NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_IDENTITY_NOT_FOUND,
                         "the profile has no such identity");
    }
    struct members *members = NULL;
    TRY(members_read(ctx->store, before, &members));
    const struct profile_unlinked unlinked = {
        .id = id_make(ctx->now_us + store_view_tick(ctx->store), ctx->random),
        .type = identity->type,
        .canonical = identity->canonical,
        .match = identity->match,
    };
    identity_unlink(members, &unlinked, ctx->arena);
    const struct profile *profile = NULL;
    TRY(members_put(&put, members, &profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(IdentityService, UnlinkIdentity, unlink_identity, RPC_WRITE);
