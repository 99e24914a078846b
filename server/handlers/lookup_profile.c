/* LookupProfile: the profile that an identity belongs to, whatever form it is given in. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/identity_request.h"
#include "server/handlers/profile_message.h"
#include "server/identity/owner.h"
#include "server/rpc/method.h"

static void lookup_profile_check(struct rpc_context *ctx,
                                 const Profiled__V1__LookupProfileRequest *request) {
    identity_request_check(ctx, request->identity);
}

static struct status lookup_profile(struct rpc_context *ctx,
                                    const Profiled__V1__LookupProfileRequest *request,
                                    Profiled__V1__LookupProfileResponse *response) {
    (void)request; /* The check has read it. */
    struct record_identity *identity = ctx->prepared;
    const struct identity_rules *rules = NULL;
    TRY(identity_rules_read(ctx->store, &rules));
    TRY(identity_request_settle(ctx, rules, identity));
    const struct profile *profile = NULL;
    TRY(identity_owner_find(ctx->store, rules, identity_rules_find(rules, identity->type),
                            identity->canonical, &profile));
    if (profile == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_PROFILE_NOT_FOUND,
                         "no profile has this identity");
    }
    return profile_message_by(ctx, rules, profile, &response->profile);
}

RPC_METHOD(ProfileService, LookupProfile, lookup_profile, RPC_READ);
