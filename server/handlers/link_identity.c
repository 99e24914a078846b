/* LinkIdentity: one more identity of a person, because somebody knows it. */

#include <string.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/identity_request.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/identity/identity_rule.h"
#include "server/identity/lapse.h"
#include "server/identity/members.h"
#include "server/identity/owner.h"
#include "server/identity/profile_identities.h"
#include "server/rpc/method.h"

static void link_identity_check(struct rpc_context *ctx,
                                const Profiled__V1__LinkIdentityRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->profile_id, "profile_id", &id);
    identity_request_check(ctx, request->identity);
}

static struct status check_block(struct rpc_context *ctx, const struct identity_type *type,
                                 const struct record_identity *identity) {
    const enum identity_rule rule = identity_rule_of(type, identity->canonical);
    if (rule == IDENTITY_RULE_NONE) {
        return OK;
    }
    rpc_error_metadata(ctx, "rule", identity_rule_name(rule));
    return status_of(STATUS_FAILED_PRECONDITION, REASON_IDENTITY_BLOCKED,
                     "the value identifies nobody, or its type does not match: see rule");
}

static struct status check_owners(struct rpc_context *ctx, const struct identity_rules *rules,
                                  const struct identity_type *type,
                                  const struct record_identity *identity,
                                  const struct profile *profile) {
    struct identity_owners owners;
    TRY(identity_owners_find(ctx->store, rules, type, identity->canonical, &owners));
    for (size_t i = 0; i < owners.count; i++) {
        if (!id_equal(owners.items[i]->id, profile->id)) {
            return profile_conflict(ctx, owners.items[i]->id, "identity");
        }
    }
    return OK;
}

/* Whether another profile has got the identity since it was over the limit of all members. */
static bool is_yielded(const struct profile *before, const struct profile_identity *identity) {
    const struct profile_identity *there =
        profile_identity_find(before, identity->type, identity->canonical, identity->match);
    return there != NULL && there->rule == IDENTITY_RULE_OWNED_ELSEWHERE;
}

/* `before` is what answers as it is written, `profile` what its members are together. */
static struct status check_limit(struct rpc_context *ctx, const struct identity_type *type,
                                 const struct record_identity *identity,
                                 const struct profile *before, const struct profile *profile) {
    const struct profile_identity *there =
        profile_identity_find(profile, identity->type, identity->canonical, identity->match);
    if (there != NULL && there->rule == 0) {
        return OK;
    }
    uint32_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        count += profile->identities[i].rule == 0 &&
                 strcmp(profile->identities[i].type, identity->type) == 0 &&
                 !is_yielded(before, &profile->identities[i]);
    }
    if (count < type->limit &&
        (there != NULL || profile->identity_count < PROFILE_IDENTITIES_MAX)) {
        return OK;
    }
    rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%u", type->limit));
    return status_of(STATUS_FAILED_PRECONDITION, REASON_IDENTITY_LIMIT,
                     "the profile has as many identities of the type as it may");
}

/* Whose own it becomes: that of the member that has it already, else of the one named. */
static struct id member_of(const struct members *members, const struct identity_type *type,
                           const struct record_identity *identity, struct id named) {
    const struct id owner =
        members_identity_owner(members, identity_type_match_name(type), identity->match);
    return id_is_zero(owner) ? named : owner;
}

static struct status link_identity(struct rpc_context *ctx,
                                   const Profiled__V1__LinkIdentityRequest *request,
                                   Profiled__V1__LinkIdentityResponse *response) {
    struct record_identity *identity = ctx->prepared;
    struct members_context put;
    TRY(members_context_read(ctx->store, ctx->now_us, &put));
    TRY(identity_request_settle(ctx, put.rules, identity));
    const struct id id = wire_id_checked(request->profile_id);
    const struct profile *before = NULL;
    TRY(profile_find(ctx, id, false, &before));
    const struct identity_type *type = identity_rules_find(put.rules, identity->type);
    TRY(check_block(ctx, type, identity));
    TRY(check_owners(ctx, put.rules, type, identity, before));
    struct members *members = NULL;
    TRY(members_read(ctx->store, before, &members));
    TRY(members_rematch(&put, members));
    TRY(check_limit(ctx, type, identity, before, members_unify(&put, members)));
    TRY(identity_lapse(&put, type, identity->canonical, members));
    profile_identity_add(members_change(members, member_of(members, type, identity, id)), identity,
                         IDENTITY_RULE_NONE, ctx->now_us, ctx->arena);
    const struct profile *profile = NULL;
    TRY(members_put(&put, members, &profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(IdentityService, LinkIdentity, link_identity, RPC_WRITE);
