/* UnmergeProfiles: the two are not one person after all. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/merge.h"
#include "server/identity/redecide.h"
#include "server/identity/retell.h"
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

static Profiled__V1__Merge **merges_message(const struct store_merge *merges, size_t count,
                                            struct arena *arena) {
    Profiled__V1__Merge **messages = arena_array(arena, count, sizeof *messages);
    for (size_t i = 0; i < count; i++) {
        messages[i] = merge_message(&merges[i], arena);
    }
    return messages;
}

/* A merge that is to be undone, with what is decided anew. */
struct unmerge {
    struct members_context context;
    struct redecide redecide;
    struct retell retell;
    bool retells; /* By the one, where it can be, or else by the other. */
};

static struct status read_decisions(struct rpc_context *ctx, struct unmerge *unmerge,
                                    const struct profile *profile,
                                    const struct store_merge *merge) {
    TRY(retell_read(&unmerge->context, ctx->random, profile, merge, &unmerge->retell,
                    &unmerge->retells));
    return unmerge->retells
               ? OK
               : redecide_read(&unmerge->context, ctx->random, profile, merge, &unmerge->redecide);
}

/* What the merge alone kept apart is joined, on either side. */
static struct status join_anew(struct rpc_context *ctx, struct unmerge *unmerge,
                               const struct profile **survivor, const struct profile **restored,
                               Profiled__V1__UnmergeProfilesResponse *response) {
    const struct redecide *redecide = &unmerge->redecide;
    TRY(redecide_join(&unmerge->context, &unmerge->redecide, survivor, restored));
    response->n_reconsidered_merges = redecide->merge_count;
    response->reconsidered_merges =
        merges_message(redecide->merges, redecide->merge_count, ctx->arena);
    return OK;
}

/* What came since is told again. */
static struct status tell_anew(struct rpc_context *ctx, struct unmerge *unmerge,
                               const struct store_merge *merge, const struct profile **survivor,
                               const struct profile **restored,
                               Profiled__V1__UnmergeProfilesResponse *response) {
    const struct retell *retell = &unmerge->retell;
    TRY(retell_apply(&unmerge->context, &unmerge->retell));
    TRY(store_profile_follow(ctx->store, merge->survivor, survivor));
    TRY(store_profile_follow(ctx->store, merge->absorbed, restored));
    response->retold = true;
    response->n_reconsidered_merges = retell->merge_count;
    response->reconsidered_merges = merges_message(retell->merges, retell->merge_count, ctx->arena);
    response->n_reconsidered_undone_merges = retell->undone_count;
    response->reconsidered_undone_merges =
        merges_message(retell->undone, retell->undone_count, ctx->arena);
    response->n_reconsidered_profile_ids = retell->made_count;
    response->reconsidered_profile_ids =
        arena_array(ctx->arena, retell->made_count, sizeof *response->reconsidered_profile_ids);
    for (size_t i = 0; i < retell->made_count; i++) {
        response->reconsidered_profile_ids[i] = wire_id(retell->made[i], ctx->arena);
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
    struct unmerge unmerge;
    TRY(members_context_read(ctx->store, ctx->now_us, &unmerge.context));
    const struct profile *survivor = NULL;
    const struct profile *restored = NULL;
    if (!request->keep_decisions) {
        TRY(read_decisions(ctx, &unmerge, profile, &merge));
    }
    TRY(merge_undo(&unmerge.context, profile, &merge, &survivor, &restored));
    if (!request->keep_decisions) {
        TRY(unmerge.retells ? tell_anew(ctx, &unmerge, &merge, &survivor, &restored, response)
                            : join_anew(ctx, &unmerge, &survivor, &restored, response));
    }
    TRY(profile_message(ctx, survivor, &response->profile));
    TRY(profile_message(ctx, restored, &response->restored_profile));
    response->merge = merge_message(&merge, ctx->arena);
    return OK;
}

RPC_METHOD(IdentityService, UnmergeProfiles, unmerge_profiles, RPC_WRITE);
