/* LinkIdentity: one more identity of a person, because somebody knows it. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_request.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/link.h"
#include "server/rpc/method.h"

static void link_identity_check(struct rpc_context *ctx,
                                const Profiled__V1__LinkIdentityRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    identity_request_check(ctx, request->identity);
}

static struct status refuse(struct rpc_context *ctx, const struct identity_type *type,
                            const struct identity_link *link) {
    if (link->rule == IDENTITY_RULE_OWNED_ELSEWHERE) {
        return profile_conflict(ctx, link->owner->id, "identity");
    }
    if (link->rule == IDENTITY_RULE_OVER_LIMIT) {
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%u", type->limit));
        return status_of(STATUS_FAILED_PRECONDITION, REASON_IDENTITY_LIMIT,
                         "the profile has as many identities of the type as it may");
    }
    rpc_error_metadata(ctx, "rule", identity_rule_name(link->rule));
    return status_of(STATUS_FAILED_PRECONDITION, REASON_IDENTITY_BLOCKED,
                     "the value identifies nobody, or its type does not match: see rule");
}

static struct status link_identity(struct rpc_context *ctx,
                                   const Profiled__V1__LinkIdentityRequest *request,
                                   Profiled__V1__LinkIdentityResponse *response) {
    struct record_identity *identity = ctx->prepared;
    struct members_context put;
    TRY(members_context_read(ctx->store, ctx->now_us, &put));
    TRY(identity_request_settle(ctx, put.rules, identity));
    const struct id id = wire_id_checked(request->profile_id);
    const struct profile *profile = NULL;
    struct identity_link link;
    TRY(profile_find(ctx, id, false, &profile));
    TRY(identity_link(&put, profile, id, identity, ctx->now_us, &link));
    return link.rule == IDENTITY_RULE_NONE
               ? profile_message(ctx, link.profile, &response->profile)
               : refuse(ctx, identity_rules_find(put.rules, identity->type), &link);
}

RPC_METHOD(IdentityService, LinkIdentity, link_identity, RPC_WRITE);
