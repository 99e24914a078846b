/* Checking a profile's id and an identity. */

#include "server/handlers/identity_request.h"

#include "server/handlers/record_message.h"
#include "server/handlers/wire.h"

void identity_request_check(struct rpc_context *ctx, const char *profile_id,
                            const Profiled__V1__Identity *identity) {
    struct id id;
    (void)wire_id_read(ctx, profile_id, "profile_id", &id);
    if (identity == NULL) {
        rpc_violation(ctx, "is required", "identity");
        return;
    }
    struct field_errors errors = {.arena = ctx->arena};
    const struct record_defaults defaults = record_defaults_of(ctx);
    struct record_identity *read = arena_alloc(ctx->arena, sizeof *read);
    record_identity_read(identity, &defaults, &errors, "identity", read);
    field_errors_violate(&errors, ctx, "");
    ctx->prepared = read;
}
