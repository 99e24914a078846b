/* ResolveProfile: whose is this record? */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/decision_message.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/record_message.h"
#include "server/identity/resolve.h"
#include "server/rpc/method.h"

static void resolve_profile_check(struct rpc_context *ctx,
                                  const Profiled__V1__ResolveProfileRequest *request) {
    if (request->record == NULL) {
        rpc_violation(ctx, "is required", "record");
        return;
    }
    struct field_errors errors = {.arena = ctx->arena};
    const struct record_defaults defaults = record_defaults_of(ctx);
    struct record *record = arena_alloc(ctx->arena, sizeof *record);
    record_message_read(request->record, &defaults, &errors, record);
    field_errors_violate(&errors, ctx, "record.");
    ctx->checks_later = !record_is_read(record);
    ctx->prepared = record;
}

static struct status resolve_profile(struct rpc_context *ctx,
                                     const Profiled__V1__ResolveProfileRequest *request,
                                     Profiled__V1__ResolveProfileResponse *response) {
    struct record *record = ctx->prepared;
    struct resolve_context resolve = {.view = ctx->store,
                                      .random = ctx->random,
                                      .now_us = ctx->now_us,
                                      .method = "ResolveProfile"};
    TRY(identity_rules_read(ctx->store, &resolve.rules));
    TRY(attribute_rules_read(ctx->store, &resolve.attributes));
    TRY(record_settle_call(ctx, resolve.rules, resolve.attributes, record, "record."));
    struct decision decision;
    TRY(record_resolve(&resolve, record, &decision));
    response->decision = decision_message(&decision, ctx->arena);
    if (!request->include_profile) {
        return OK;
    }
    const struct profile *profile = NULL;
    TRY(store_profile_get(ctx->store, decision.profile, &profile));
    return profile_message(ctx, profile, &response->profile);
}

RPC_METHOD(IdentityService, ResolveProfile, resolve_profile, RPC_WRITE);
