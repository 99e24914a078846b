/* UnmergeProfiles: the two are not one person after all. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/merge.h"
#include "server/identity/redecide.h"
#include "server/rpc/method.h"

static void unmerge_profiles_check(struct rpc_context *ctx,
                                   const Profiled__V1__UnmergeProfilesRequest *request) {
    struct id *id = arena_alloc(ctx->arena, sizeof *id);
    ctx->prepared = id;
    const bool by_merge = request->merge_id[0] != '\0';
    if (by_merge && request->profile_id[0] != '\0') {
        rpc_violation(ctx, "goes without a merge_id", "profile_id");
    }
    (void)wire_id_read(ctx, by_merge ? request->merge_id : request->profile_id,
                       by_merge || request->profile_id[0] == '\0' ? "merge_id" : "profile_id", id);
}

static struct status not_found(const char *text) {
    return status_of(STATUS_NOT_FOUND, REASON_MERGE_NOT_FOUND, text);
}

/* The merge that stands and took the profile of the id. */
static struct status find_by_profile(struct rpc_context *ctx, struct id id,
                                     const struct profile *profile, struct store_merge *out) {
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        bool found = false;
        TRY(store_merge_get(ctx->store, profile->merges[i].id, &found, out));
        if (found && id_equal(out->absorbed, id)) {
            return OK;
        }
    }
    return not_found("the profile of this id is merged into no other one");
}

static struct status find_by_merge(struct rpc_context *ctx, struct id id, struct store_merge *out) {
    bool found = false;
    TRY(store_merge_get(ctx->store, id, &found, out));
    if (!found) {
        return not_found("there is no merge of this id");
    }
    return out->undo_us == 0 ? OK
                             : status_of(STATUS_FAILED_PRECONDITION, REASON_MERGE_UNDONE,
                                         "the merge was undone before");
}

/* What the merge alone kept apart is joined, on either side. */
static struct status reconsider(struct rpc_context *ctx, const struct members_context *context,
                                struct redecide *redecide, const struct profile **survivor,
                                const struct profile **restored,
                                Profiled__V1__UnmergeProfilesResponse *response) {
    TRY(redecide_join(context, redecide, survivor, restored));
    response->reconsidered_merges =
        arena_array(ctx->arena, redecide->merge_count, sizeof *response->reconsidered_merges);
    for (size_t i = 0; i < redecide->merge_count; i++) {
        response->reconsidered_merges[response->n_reconsidered_merges++] =
            merge_message(&redecide->merges[i], ctx->arena);
    }
    return OK;
}

static struct status unmerge_profiles(struct rpc_context *ctx,
                                      const Profiled__V1__UnmergeProfilesRequest *request,
                                      Profiled__V1__UnmergeProfilesResponse *response) {
    const struct id *id = ctx->prepared;
    const struct profile *profile = NULL;
    struct store_merge merge;
    if (request->merge_id[0] != '\0') {
        TRY(find_by_merge(ctx, *id, &merge));
        TRY(profile_find(ctx, merge.one, false, &profile));
    } else {
        TRY(profile_find(ctx, *id, false, &profile));
        TRY(find_by_profile(ctx, *id, profile, &merge));
    }
    struct members_context context;
    TRY(members_context_read(ctx->store, ctx->now_us, &context));
    const struct profile *survivor = NULL;
    const struct profile *restored = NULL;
    struct redecide redecide;
    if (request->reconsider) {
        TRY(redecide_read(&context, ctx->random, profile, &merge, &redecide));
    }
    TRY(merge_undo(&context, profile, &merge, &survivor, &restored));
    if (request->reconsider) {
        TRY(reconsider(ctx, &context, &redecide, &survivor, &restored, response));
    }
    TRY(profile_message(ctx, survivor, &response->profile));
    TRY(profile_message(ctx, restored, &response->restored_profile));
    response->merge = merge_message(&merge, ctx->arena);
    return OK;
}

RPC_METHOD(IdentityService, UnmergeProfiles, unmerge_profiles, RPC_WRITE);
