/* CreateNeverJoin: two profiles are two people, because somebody knows it. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/joining.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static void create_never_join_check(struct rpc_context *ctx,
                                    const Profiled__V1__CreateNeverJoinRequest *request) {
    struct id *ids = arena_array(ctx->arena, 2, sizeof *ids);
    ctx->prepared = ids;
    const bool first = wire_id_read(ctx, request->profile_id, "profile_id", &ids[0]);
    const bool second = wire_id_read(ctx, request->other_profile_id, "other_profile_id", &ids[1]);
    if (first && second && id_equal(ids[0], ids[1])) {
        rpc_violation(ctx, "is the same profile", "other_profile_id");
    }
}

static struct status create_never_join(struct rpc_context *ctx,
                                       const Profiled__V1__CreateNeverJoinRequest *request,
                                       Profiled__V1__CreateNeverJoinResponse *response) {
    (void)request; /* The check has read it. */
    const struct id *ids = ctx->prepared;
    const struct profile *one = NULL;
    const struct profile *other = NULL;
    TRY(profile_find(ctx, ids[0], false, &one));
    TRY(profile_find(ctx, ids[1], false, &other));
    struct store_never_join never = {.one = ids[0], .other = ids[1]};
    TRY(joining_forbid(ctx, one, other, &never));
    response->never_join = never_join_message(&never, ctx->arena);
    return OK;
}

RPC_METHOD(IdentityService, CreateNeverJoin, create_never_join, RPC_WRITE);
