/* MergeProfiles: two profiles are one person, because somebody knows it. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/merge.h"
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

static struct status not_allowed(struct rpc_context *ctx, enum identity_rule rule) {
    rpc_error_metadata(ctx, "rule", identity_rule_name(rule));
    return status_of(STATUS_FAILED_PRECONDITION, REASON_MERGE_NOT_ALLOWED,
                     "the merge would break a limit or a strong fact: see rule");
}

static struct status merge_profiles(struct rpc_context *ctx,
                                    const Profiled__V1__MergeProfilesRequest *request,
                                    Profiled__V1__MergeProfilesResponse *response) {
    const struct profile *one = NULL;
    const struct profile *other = NULL;
    struct store_merge merge = {.method = "MergeProfiles"};
    TRY(find(ctx, request->profile_id, &merge.one, &one));
    TRY(find(ctx, request->other_profile_id, &merge.other, &other));
    if (id_equal(one->id, other->id)) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_MERGE_NOT_ALLOWED,
                         "the two ids are of one profile already");
    }
    struct members_context context;
    TRY(members_context_read(ctx->store, ctx->now_us, &context));
    merge.rule_version = context.rules->version;
    const enum identity_rule rule = veto_merge(context.rules, VETO_BY_HAND, one, other, ctx->arena);
    if (rule != IDENTITY_RULE_NONE) {
        return not_allowed(ctx, rule);
    }
    struct members *members = NULL;
    struct members *others = NULL;
    TRY(members_read(ctx->store, one, &members));
    TRY(members_read(ctx->store, other, &others));
    TRY(merge_make(&context, ctx->random, members, others, &merge));
    const struct profile *survivor = NULL;
    TRY(members_put(&context, members, &survivor));
    response->merged_id = wire_id(merge.absorbed, ctx->arena);
    response->merge_id = wire_id(merge.id, ctx->arena);
    return profile_message(ctx, survivor, &response->profile);
}

RPC_METHOD(IdentityService, MergeProfiles, merge_profiles, RPC_WRITE);
