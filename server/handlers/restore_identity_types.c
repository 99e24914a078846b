/* RestoreIdentityTypes: the identity types as they were at an earlier version. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_type_fields.h"
#include "server/handlers/identity_type_message.h"
#include "server/rpc/method.h"

static void restore_identity_types_check(struct rpc_context *ctx,
                                         const Profiled__V1__RestoreIdentityTypesRequest *request) {
    if (request->rule_version < 1) {
        rpc_violation(ctx, request->rule_version == 0 ? "is required" : "must be a version",
                      "rule_version");
    }
}

static struct status
restore_identity_types(struct rpc_context *ctx,
                       const Profiled__V1__RestoreIdentityTypesRequest *request,
                       Profiled__V1__RestoreIdentityTypesResponse *response) {
    const struct identity_rules *present = NULL;
    struct identity_rules *rules = NULL;
    TRY(identity_rules_read(ctx->store, &present));
    TRY(identity_rules_back(ctx, present, request->rule_version, &rules));
    TRY(identity_rules_weigh(ctx, present, rules));
    TRY(identity_rules_put(ctx->store, rules));
    response->rule_version = (int64_t)rules->version;
    response->n_identity_types = rules->type_count;
    response->identity_types = identity_types_message(rules, ctx->arena);
    return OK;
}

RPC_METHOD(IdentityService, RestoreIdentityTypes, restore_identity_types, RPC_WRITE);
