/* ListIdentityTypes: the rules by which this workspace resolves. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_type_message.h"
#include "server/handlers/wire.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

static void list_identity_types_check(struct rpc_context *ctx,
                                      const Profiled__V1__ListIdentityTypesRequest *request) {
    if (request->rule_version < 0) {
        rpc_violation(ctx, "must be a version, or 0 for the present one", "rule_version");
    }
}

static struct status read_rules(struct rpc_context *ctx, int64_t rule_version,
                                const struct identity_rules **out) {
    if (rule_version == 0) {
        return identity_rules_read(ctx->store, out);
    }
    TRY(identity_rules_read_version(ctx->store, (uint64_t)rule_version, out));
    return *out != NULL ? OK
                        : status_of(STATUS_NOT_FOUND, REASON_RULE_VERSION_NOT_FOUND,
                                    "there are no rules of this version, or none any more");
}

static struct status list_identity_types(struct rpc_context *ctx,
                                         const Profiled__V1__ListIdentityTypesRequest *request,
                                         Profiled__V1__ListIdentityTypesResponse *response) {
    const struct identity_rules *rules = NULL;
    TRY(read_rules(ctx, request->rule_version, &rules));
    response->rule_version = (int64_t)rules->version;
    response->default_region = wire_string(ctx->default_region);
    response->n_identity_types = rules->type_count;
    response->identity_types = identity_types_message(rules, ctx->arena);
    return OK;
}

RPC_METHOD(IdentityService, ListIdentityTypes, list_identity_types, RPC_READ);
