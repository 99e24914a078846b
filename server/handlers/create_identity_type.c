/* CreateIdentityType: a type of the workspace's own. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/identity_type_fields.h"
#include "server/handlers/identity_type_message.h"
#include "server/identity/type_effect.h"
#include "server/rpc/method.h"

/* What the check leaves: the type, and the change that made it. */
struct made {
    struct identity_type_change change;
    struct identity_type type;
};

static void create_identity_type_check(struct rpc_context *ctx,
                                       const Profiled__V1__CreateIdentityTypeRequest *request) {
    const Profiled__V1__IdentityType *given = request->identity_type;
    if (given == NULL) {
        rpc_violation(ctx, "is required", "identity_type");
        return;
    }
    if (!identity_type_name_is_good(given->type)) {
        rpc_violation(ctx, "must be a letter of a-z, then up to 31 of a-z, 0-9 and _",
                      "identity_type.type");
    }
    struct made *made = arena_alloc(ctx->arena, sizeof *made);
    made->change.given = given;
    if (request->create_mask != NULL && request->create_mask->n_paths > 0) {
        identity_type_mask_read(ctx, request->create_mask, "create_mask", &made->change);
    } else {
        identity_type_given_read(&made->change);
    }
    if (given->normalizer == PROFILED__V1__NORMALIZER__NORMALIZER_UNSPECIFIED) {
        rpc_violation(ctx, "is required", "identity_type.normalizer");
        return;
    }
    identity_type_change_check(ctx, &made->change);
    if (ctx->violation_count > 0 || identity_type_builtin(given->type) != NULL) {
        return; /* That there is one of the name already is the handler's to say. */
    }
    made->type = identity_type_own(given->type, (enum normalizer)given->normalizer);
    identity_type_change_read(ctx, &made->type, &made->change);
    identity_type_change_apply(&made->change, &made->type);
    ctx->prepared = made;
}

static struct status check_room(struct rpc_context *ctx, const struct identity_rules *rules,
                                const char *name) {
    if (identity_rules_find(rules, name) != NULL) {
        return status_of(STATUS_ALREADY_EXISTS, REASON_IDENTITY_TYPE_EXISTS,
                         "there is an identity type of this name");
    }
    if (identity_rules_count_own(rules) >= IDENTITY_TYPES_OWN_MAX) {
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", IDENTITY_TYPES_OWN_MAX));
        return status_of(STATUS_FAILED_PRECONDITION, REASON_RULES_INVALID,
                         "the workspace has as many types of its own as it may");
    }
    return OK;
}

static struct status create_identity_type(struct rpc_context *ctx,
                                          const Profiled__V1__CreateIdentityTypeRequest *request,
                                          Profiled__V1__CreateIdentityTypeResponse *response) {
    const struct identity_rules *before = NULL;
    TRY(identity_rules_read(ctx->store, &before));
    TRY(identity_rules_version_check(before, request->rule_version));
    TRY(check_room(ctx, before, request->identity_type->type));
    const struct made *made = ctx->prepared;
    struct identity_rules *rules = identity_rules_copy(before, ctx->arena);
    rules->types[rules->type_count++] = made->type;
    struct identity_type_effect effect;
    TRY(identity_type_change_weigh(ctx, &made->change, before, rules, &effect));
    TRY(identity_rules_put(ctx->store, rules));
    response->identity_type = identity_type_message(&made->type, ctx->arena);
    response->rule_version = (int64_t)rules->version;
    return OK;
}

RPC_METHOD(IdentityService, CreateIdentityType, create_identity_type, RPC_WRITE);
