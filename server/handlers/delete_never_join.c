/* DeleteNeverJoin: two profiles may be found to be one person again. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/wire.h"
#include "server/identity/merge.h"
#include "server/identity/never_join.h"
#include "server/rpc/method.h"

static void delete_never_join_check(struct rpc_context *ctx,
                                    const Profiled__V1__DeleteNeverJoinRequest *request) {
    struct id *ids = arena_array(ctx->arena, 2, sizeof *ids);
    ctx->prepared = ids;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &ids[0]);
    (void)wire_id_read(ctx, request->other_profile_id, "other_profile_id", &ids[1]);
}

/* Takes it out of the state of one of the two, wherever that one answers now. */
static struct status forget(const struct members_context *context, struct id id, struct id other) {
    const struct profile *profile = NULL;
    TRY(store_profile_follow(context->view, id, &profile));
    if (profile == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a profile that is never to be one with another has no row");
    }
    struct members *members = NULL;
    TRY(members_read(context->view, profile, &members));
    never_join_forget(members_change(members, id), other);
    return members_put(context, members, &profile);
}

/* Nothing says it of these two. Where other members of the same two people are the pair, the error
 * names it: it is what is to be taken away. */
static struct status not_found(struct rpc_context *ctx, const struct id ids[2]) {
    const struct profile *one = NULL;
    const struct profile *other = NULL;
    TRY(store_profile_follow(ctx->store, ids[0], &one));
    TRY(store_profile_follow(ctx->store, ids[1], &other));
    size_t count = 0;
    const struct store_never_join *pairs = NULL;
    if (one != NULL && other != NULL) {
        TRY(never_joins_between(ctx->store, one, other, &pairs, &count));
    }
    if (count == 0) {
        return status_of(STATUS_NOT_FOUND, REASON_NEVER_JOIN_NOT_FOUND,
                         "nothing says that the two are never to be one");
    }
    rpc_error_metadata(ctx, "profile_id", wire_id(pairs[0].one, ctx->arena));
    rpc_error_metadata(ctx, "other_profile_id", wire_id(pairs[0].other, ctx->arena));
    rpc_error_metadata(ctx, "pair_count", arena_format(ctx->arena, "%zu", count));
    return status_of(STATUS_NOT_FOUND, REASON_NEVER_JOIN_NOT_FOUND,
                     "the two people are kept apart by a pair of other ids of theirs: see "
                     "profile_id and other_profile_id");
}

static struct status delete_never_join(struct rpc_context *ctx,
                                       const Profiled__V1__DeleteNeverJoinRequest *request,
                                       Profiled__V1__DeleteNeverJoinResponse *response) {
    (void)request; /* The check has read it. */
    const struct id *ids = ctx->prepared;
    bool found = false;
    struct store_never_join never;
    TRY(store_never_join_get(ctx->store, ids[0], ids[1], &found, &never));
    if (!found) {
        return not_found(ctx, ids);
    }
    struct members_context context;
    TRY(members_context_read(ctx->store, ctx->now_us, &context));
    TRY(forget(&context, ids[0], ids[1]));
    TRY(forget(&context, ids[1], ids[0]));
    store_never_join_delete(ctx->store, ids[0], ids[1]);
    response->never_join = never_join_message(&never, ctx->arena);
    return OK;
}

RPC_METHOD(IdentityService, DeleteNeverJoin, delete_never_join, RPC_WRITE);
