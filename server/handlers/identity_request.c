/* Checking an identity, and completing it. */

#include "server/handlers/identity_request.h"

#include "server/handlers/record_message.h"

void identity_request_check(struct rpc_context *ctx, const Profiled__V1__Identity *identity) {
    if (identity == NULL) {
        rpc_violation(ctx, "is required", "identity");
        return;
    }
    struct field_errors errors = {.arena = ctx->arena};
    const struct record_defaults defaults = record_defaults_of(ctx);
    struct record_identity *read = arena_alloc(ctx->arena, sizeof *read);
    record_identity_read(identity, &defaults, &errors, "identity", read);
    field_errors_violate(&errors, ctx, "");
    ctx->checks_later = read->type != NULL && read->canonical == NULL;
    ctx->prepared = read;
}

struct status identity_request_settle(struct rpc_context *ctx, const struct identity_rules *rules,
                                      struct record_identity *identity) {
    struct field_errors errors = {.arena = ctx->arena};
    record_identity_settle(identity, rules, &errors, "identity");
    field_errors_violate(&errors, ctx, "");
    return ctx->violation_count == 0 ? OK : rpc_violations_status(ctx);
}
