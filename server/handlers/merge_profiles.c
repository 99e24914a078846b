/* MergeProfiles: two profiles are one person, because somebody knows it. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/joining.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/identity_type.h"
#include "server/identity/veto.h"
#include "server/rpc/method.h"

static void merge_profiles_check(struct rpc_context *ctx,
                                 const Profiled__V1__MergeProfilesRequest *request) {
    struct id one;
    struct id other;
    const bool first = wire_id_read(ctx, request->profile_id, "profile_id", &one);
    const bool second = wire_id_read(ctx, request->other_profile_id, "other_profile_id", &other);
    if (first && second && id_equal(one, other)) {
        rpc_violation(ctx, "is the same profile", "other_profile_id");
    }
}

static struct status find(struct rpc_context *ctx, const char *text, struct id *id,
                          const struct profile **out) {
    *id = wire_id_checked(text);
    return profile_find(ctx, *id, false, out);
}

static struct status merge_profiles(struct rpc_context *ctx,
                                    const Profiled__V1__MergeProfilesRequest *request,
                                    Profiled__V1__MergeProfilesResponse *response) {
    const struct profile *one = NULL;
    const struct profile *other = NULL;
    struct store_merge merge = {.method = "MergeProfiles"};
    TRY(find(ctx, request->profile_id, &merge.one, &one));
    TRY(find(ctx, request->other_profile_id, &merge.other, &other));
    const struct profile *survivor = NULL;
    TRY(joining_merge(ctx, VETO_BY_HAND, one, other, &merge, &survivor));
    response->merged_id = wire_id(merge.absorbed, ctx->arena);
    response->merge_id = wire_id(merge.id, ctx->arena);
    return profile_message(ctx, survivor, &response->profile);
}

RPC_METHOD(IdentityService, MergeProfiles, merge_profiles, RPC_WRITE);
