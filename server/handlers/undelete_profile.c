/* UndeleteProfile: a deleted profile answers and matches again, unless somebody else has got one of
 * its identities since. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/lapse.h"
#include "server/identity/members.h"
#include "server/identity/owner.h"
#include "server/rpc/method.h"

static void undelete_profile_check(struct rpc_context *ctx,
                                   const Profiled__V1__UndeleteProfileRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->id, "id", &id);
}

static const char *owner_text(const struct profile *owner, struct arena *arena) {
    return arena_format(arena, "is that of the profile %s by now", wire_id(owner->id, arena));
}

/* Names all that others have, by their places in answers; the first one in ErrorInfo, too. */
static struct status check_owners(struct rpc_context *ctx, const struct identity_rules *rules,
                                  const struct profile *profile) {
    const struct profile_identity **identities =
        profile_identities_in_order(profile, rules, ctx->arena);
    struct status status = OK;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = identities[i];
        if (identity->rule != 0) {
            continue;
        }
        const struct identity_type *type = identity_rules_find(rules, identity->type);
        assert(type != NULL); /* Types are never deleted. */
        const struct profile *owner = NULL;
        TRY(identity_owner_find(ctx->store, rules, type, identity->canonical, &owner));
        if (owner == NULL) {
            continue;
        }
        rpc_violation(ctx, owner_text(owner, ctx->arena), "identities[%zu]", i);
        if (status_is_ok(status)) {
            rpc_error_metadata(ctx, "type", identity->type);
            status =
                profile_conflict(ctx, owner->id, arena_format(ctx->arena, "identities[%zu]", i));
        }
    }
    return status;
}

/* Takes from others what they have no right to any more by the present rules. */
static struct status lapse_others(const struct members_context *put, const struct profile *profile,
                                  const struct members *members) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        if (identity->rule == 0) {
            TRY(identity_lapse(put, identity_rules_find(put->rules, identity->type),
                               identity->canonical, members));
        }
    }
    return OK;
}

static struct status undelete_profile(struct rpc_context *ctx,
                                      const Profiled__V1__UndeleteProfileRequest *request,
                                      Profiled__V1__UndeleteProfileResponse *response) {
    const struct id id = wire_id_checked(request->id);
    const struct profile *before = NULL;
    TRY(profile_find(ctx, id, true, &before));
    if (before->delete_us == 0) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_PROFILE_NOT_DELETED,
                         "the profile is not deleted");
    }
    TRY(profile_etag_check(before, request->etag, ctx->arena));
    struct members_context put;
    TRY(members_context_read(ctx->store, ctx->now_us, &put));
    TRY(check_owners(ctx, put.rules, before));
    struct members *members = NULL;
    TRY(members_read(ctx->store, before, &members));
    TRY(lapse_others(&put, before, members));
    TRY(members_rematch(&put, members));
    members->items[0]->delete_us = 0;
    const struct profile *profile = NULL;
    TRY(members_put(&put, members, &profile));
    return profile_message_by(ctx, put.rules, profile, &response->profile);
}

RPC_METHOD(ProfileService, UndeleteProfile, undelete_profile, RPC_WRITE);
