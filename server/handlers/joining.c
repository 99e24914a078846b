/* Joining by hand, and forbidding it. */

#include "server/handlers/joining.h"

#include <inttypes.h>

#include "server/identity/merge.h"
#include "server/identity/veto_person.h"

/* What is in the way, in words. */
static const char *describe(const struct veto *veto, struct arena *arena) {
    if (veto->limit != 0) {
        return arena_format(arena, "%s: the two have %" PRIu64 " together, the limit is %" PRIu64,
                            veto->field, veto->count, veto->limit);
    }
    return arena_format(arena,
                        veto->rule == IDENTITY_RULE_NEVER_JOIN
                            ? "%s: somebody said that the two are never to be one"
                            : "%s: the two differ",
                        veto->field);
}

static struct status not_allowed(struct rpc_context *ctx, const struct veto *veto) {
    rpc_error_metadata(ctx, "rule", identity_rule_name(veto->rule));
    rpc_error_metadata(ctx, "field", veto->field);
    if (veto->limit != 0) {
        rpc_error_metadata(ctx, "count", arena_format(ctx->arena, "%" PRIu64, veto->count));
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%" PRIu64, veto->limit));
    }
    return status_of(STATUS_FAILED_PRECONDITION, REASON_MERGE_NOT_ALLOWED,
                     describe(veto, ctx->arena));
}

struct status joining_merge(struct rpc_context *ctx, uint32_t vetoes, const struct profile *one,
                            const struct profile *other, struct store_merge *merge,
                            const struct profile **survivor) {
    if (id_equal(one->id, other->id)) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_MERGE_NOT_ALLOWED,
                         "the two ids are of one profile already");
    }
    struct members_context context;
    TRY(members_context_read(ctx->store, ctx->now_us, &context));
    merge->rule_version = context.rules->version;
    struct members *members = NULL;
    struct members *others = NULL;
    TRY(members_read(ctx->store, one, &members));
    TRY(members_read(ctx->store, other, &others));
    const struct veto_person person = veto_person_of(one, members);
    const struct veto_person other_person = veto_person_of(other, others);
    struct vetoes all = {0};
    veto_merge_all(context.rules, vetoes, &person, &other_person, ctx->arena, &all);
    if (all.count > 0) {
        return not_allowed(ctx, &all.items[0]);
    }
    TRY(merge_make(&context, ctx->random, members, others, merge));
    return members_put(&context, members, survivor);
}

struct status joining_forbid(struct rpc_context *ctx, const struct profile *one,
                             const struct profile *other, struct store_never_join *never) {
    if (id_equal(one->id, other->id)) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_MERGE_NOT_ALLOWED,
                         "the two ids are of one profile: unmerge them first");
    }
    bool found = false;
    TRY(store_never_join_get(ctx->store, never->one, never->other, &found, never));
    if (found) {
        return OK;
    }
    struct members_context context;
    TRY(members_context_read(ctx->store, ctx->now_us, &context));
    never->create_us = ctx->now_us;
    struct members *members = NULL;
    struct members *others = NULL;
    TRY(members_read(ctx->store, one, &members));
    TRY(members_read(ctx->store, other, &others));
    TRY(never_join_make(ctx->store, members, others, never));
    TRY(members_put(&context, members, &one));
    TRY(members_put(&context, others, &other));
    return store_never_join_get(ctx->store, never->one, never->other, &found, never);
}
