/* LookupProfile: the profile that an identity belongs to, whatever form it is given in. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/record_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static void lookup_profile_check(struct rpc_context *ctx,
                                 const Profiled__V1__LookupProfileRequest *request) {
    if (request->identity == NULL) {
        rpc_violation(ctx, "is required", "identity");
        return;
    }
    struct field_errors errors = {.arena = ctx->arena};
    struct record_identity *identity = arena_alloc(ctx->arena, sizeof *identity);
    const struct record_defaults defaults = record_defaults_of(ctx);
    record_identity_read(request->identity, &defaults, &errors, "identity", identity);
    field_errors_violate(&errors, ctx, "");
    ctx->prepared = identity;
}

static struct status lookup_profile(struct rpc_context *ctx,
                                    const Profiled__V1__LookupProfileRequest *request,
                                    Profiled__V1__LookupProfileResponse *response) {
    (void)request; /* The check has read it. */
    const struct record_identity *identity = ctx->prepared;
    const struct identity_type *type = identity_type_builtin(identity->type);
    const struct profile *profile = NULL;
    TRY(store_identity_owner(ctx->store, identity_type_match_name(type), identity->canonical,
                             &profile));
    if (profile == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_PROFILE_NOT_FOUND,
                         "no profile has this identity");
    }
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(ProfileService, LookupProfile, lookup_profile, RPC_READ);
