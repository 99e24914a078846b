/* CreateProfile: a new profile, unless another one has an identity of it. */

#include "profiled/v1/profile_service.pb-c.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/record_attributes.h"
#include "server/handlers/record_message.h"
#include "server/handlers/wire.h"
#include "server/identity/owner.h"
#include "server/identity/resolve.h"
#include "server/rpc/method.h"

static void create_profile_check(struct rpc_context *ctx,
                                 const Profiled__V1__CreateProfileRequest *request) {
    if (request->profile == NULL) {
        rpc_violation(ctx, "is required", "profile");
        return;
    }
    if (request->profile->name[0] == '\0') {
        rpc_violation(ctx, "is required", "profile.name");
    }
    struct field_errors errors = {.arena = ctx->arena};
    const struct record_defaults defaults = record_defaults_of(ctx);
    struct record *record = arena_alloc(ctx->arena, sizeof *record);
    record_of_profile(request->profile, &defaults, &errors, record);
    field_errors_violate(&errors, ctx, "profile.");
    ctx->checks_later = !record_is_read(record);
    ctx->prepared = record;
}

/* Names the first identity that another profile has. Blocked ones belong to nobody. */
static struct status check_owners(struct rpc_context *ctx, const struct identity_rules *rules,
                                  const struct record *record) {
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *identity = &record->identities[i];
        const struct identity_type *type = identity_rules_find(rules, identity->type);
        if (identity_rule_of(type, identity->canonical) != IDENTITY_RULE_NONE) {
            continue;
        }
        const struct profile *owner = NULL;
        TRY(identity_owner_find(ctx->store, rules, type, identity->canonical, &owner));
        if (owner != NULL) {
            return profile_conflict(ctx, owner->id,
                                    arena_format(ctx->arena, "profile.identities[%zu]", i));
        }
    }
    return OK;
}

static struct status create_profile(struct rpc_context *ctx,
                                    const Profiled__V1__CreateProfileRequest *request,
                                    Profiled__V1__CreateProfileResponse *response) {
    (void)request; /* The check has read it. */
    struct record *record = ctx->prepared;
    struct resolve_context resolve = {.view = ctx->store,
                                      .random = ctx->random,
                                      .now_us = ctx->now_us,
                                      .method = "CreateProfile"};
    TRY(identity_rules_read(ctx->store, &resolve.rules));
    TRY(attribute_rules_read(ctx->store, &resolve.attributes));
    struct field_errors errors = {.arena = ctx->arena};
    record_required_check(resolve.attributes, REQUIRED_FOR_CREATE, record, &errors);
    field_errors_violate(&errors, ctx, "profile.");
    TRY(record_settle_call(ctx, resolve.rules, resolve.attributes, record, "profile."));
    TRY(check_owners(ctx, resolve.rules, record));
    struct decision decision;
    TRY(record_resolve(&resolve, record, &decision));
    assert(decision.outcome == OUTCOME_CREATED); /* Nobody has any of its identities. */
    const struct profile *profile = NULL;
    TRY(store_profile_get(ctx->store, decision.profile, &profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(ProfileService, CreateProfile, create_profile, RPC_WRITE);
