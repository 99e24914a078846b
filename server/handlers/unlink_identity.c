/* UnlinkIdentity: an identity that is not this person's after all. */

#include <string.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_request.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/members.h"
#include "server/rpc/method.h"

static void unlink_identity_check(struct rpc_context *ctx,
                                  const Profiled__V1__UnlinkIdentityRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    identity_request_check(ctx, request->identity);
}

/* It is not this person's: no member keeps it. */
static void unlink_from(struct members *members, struct profile *member,
                        const struct record_identity *identity) {
    const struct profile_identity *there =
        profile_identity_find(member, identity->type, identity->canonical, identity->match);
    if (there != NULL) {
        (void)members_change(members, member->id);
        const size_t place = (size_t)(there - member->identities);
        member->identity_count--; /* The others stay in the order in which they were seen. */
        memmove(&member->identities[place], &member->identities[place + 1],
                (member->identity_count - place) * sizeof *member->identities);
    }
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
    for (size_t i = 0; i < members->count; i++) {
        unlink_from(members, members->items[i], identity);
    }
    const struct profile *profile = NULL;
    TRY(members_put(&put, members, &profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(IdentityService, UnlinkIdentity, unlink_identity, RPC_WRITE);
