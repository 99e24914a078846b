/* UndeleteProfile: a deleted profile answers and matches again, unless somebody else has got one of
 * its identities since. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/identity_type.h"
#include "server/rpc/method.h"

static void undelete_profile_check(struct rpc_context *ctx,
                                   const Profiled__V1__UndeleteProfileRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->id, "id", &id);
}

static struct status check_owners(struct rpc_context *ctx, const struct profile *profile) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        if (identity->rule != 0) {
            continue;
        }
        const struct identity_type *type = identity_type_builtin(identity->type);
        assert(type != NULL);
        const struct profile *owner = NULL;
        TRY(store_identity_owner(ctx->store, identity_type_match_name(type), identity->canonical,
                                 &owner));
        if (owner != NULL) {
            return profile_conflict(ctx, owner->id, identity->type);
        }
    }
    return OK;
}

static struct status undelete_profile(struct rpc_context *ctx,
                                      const Profiled__V1__UndeleteProfileRequest *request,
                                      Profiled__V1__UndeleteProfileResponse *response) {
    struct id id;
    const bool read = id_parse(request->id, &id);
    assert(read);
    const struct profile *before = NULL;
    TRY(profile_find(ctx, id, true, &before));
    if (before->delete_us == 0) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_PROFILE_NOT_DELETED,
                         "the profile is not deleted");
    }
    TRY(profile_etag_check(before, request->etag, ctx->arena));
    TRY(check_owners(ctx, before));
    struct profile *profile = profile_copy(before, ctx->arena);
    profile->delete_us = 0;
    profile->update_us = ctx->now_us;
    TRY(store_profile_put(ctx->store, profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(ProfileService, UndeleteProfile, undelete_profile, RPC_WRITE);
