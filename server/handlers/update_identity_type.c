/* UpdateIdentityType: other rules for one type, from now on. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_type_fields.h"
#include "server/handlers/identity_type_message.h"
#include "server/identity/type_effect.h"
#include "server/rpc/method.h"

static void update_identity_type_check(struct rpc_context *ctx,
                                       const Profiled__V1__UpdateIdentityTypeRequest *request) {
    const Profiled__V1__IdentityType *given = request->identity_type;
    if (given == NULL || given->type[0] == '\0') {
        rpc_violation(ctx, "is required", "identity_type.type");
        return;
    }
    if (request->update_mask == NULL || request->update_mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "update_mask");
        return;
    }
    struct identity_type_change *change = arena_alloc(ctx->arena, sizeof *change);
    change->given = given;
    identity_type_mask_read(ctx, request->update_mask, "update_mask", change);
    identity_type_change_check(ctx, change);
    const struct identity_type *builtin = identity_type_builtin(given->type);
    if (builtin != NULL) { /* How others are read only the rules know. */
        identity_type_change_read(ctx, builtin, change);
    }
    ctx->prepared = change;
}

static struct status update_identity_type(struct rpc_context *ctx,
                                          const Profiled__V1__UpdateIdentityTypeRequest *request,
                                          Profiled__V1__UpdateIdentityTypeResponse *response) {
    const struct identity_rules *before = NULL;
    TRY(identity_rules_read(ctx->store, &before));
    TRY(identity_rules_version_check(before, request->rule_version));
    struct identity_rules *rules = identity_rules_copy(before, ctx->arena);
    struct identity_type *type =
        (struct identity_type *)(uintptr_t)identity_rules_find(rules, request->identity_type->type);
    if (type == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_IDENTITY_TYPE_NOT_FOUND,
                         "there is no identity type of this name");
    }
    TRY(identity_type_change_make(ctx, ctx->prepared, type));
    struct identity_type_effect effect;
    TRY(identity_type_change_weigh(ctx, ctx->prepared, before, rules, &effect));
    if (!identity_types_are_alike(identity_rules_find(before, type->name), type)) {
        TRY(identity_rules_put(ctx->store, rules)); /* As the next version. */
    }
    response->identity_type = identity_type_message(type, ctx->arena);
    response->rule_version = (int64_t)rules->version;
    response->identity_count = (int64_t)effect.identity_count;
    response->blocked_count = (int64_t)effect.blocked_count;
    response->profile_count = (int64_t)effect.profile_count;
    response->partial = effect.partial;
    return OK;
}

RPC_METHOD(IdentityService, UpdateIdentityType, update_identity_type, RPC_WRITE);
