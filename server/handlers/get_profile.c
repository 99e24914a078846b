/* GetProfile: one profile by id, through redirects. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static void get_profile_check(struct rpc_context *ctx,
                              const Profiled__V1__GetProfileRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->id, "id", &id);
}

static struct status get_profile(struct rpc_context *ctx,
                                 const Profiled__V1__GetProfileRequest *request,
                                 Profiled__V1__GetProfileResponse *response) {
    const struct id id = wire_id_checked(request->id);
    const struct profile *profile = NULL;
    TRY(profile_find(ctx, id, request->show_deleted, &profile));
    if (!id_equal(profile->id, id)) {
        response->redirected_from_id = wire_id(id, ctx->arena);
    }
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(ProfileService, GetProfile, get_profile, RPC_READ);
