/* DeleteProfile: the profile no longer answers, lists or matches; the row stays for an undelete. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static void delete_profile_check(struct rpc_context *ctx,
                                 const Profiled__V1__DeleteProfileRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->id, "id", &id);
}

static struct status delete_profile(struct rpc_context *ctx,
                                    const Profiled__V1__DeleteProfileRequest *request,
                                    Profiled__V1__DeleteProfileResponse *response) {
    const struct id id = wire_id_checked(request->id);
    const struct profile *before = NULL;
    TRY(profile_find(ctx, id, false, &before));
    TRY(profile_etag_check(before, request->etag, ctx->arena));
    struct profile *profile = profile_copy(before, ctx->arena);
    profile->delete_us = ctx->now_us;
    profile->update_us = ctx->now_us;
    TRY(store_profile_put(ctx->store, profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(ProfileService, DeleteProfile, delete_profile, RPC_ERASE);
