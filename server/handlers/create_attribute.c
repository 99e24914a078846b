/* CreateAttribute: an attribute of the workspace's own. */

#include "profiled/v1/schema_service.pb-c.h"
#include "server/handlers/attribute_fields.h"
#include "server/handlers/attribute_message.h"
#include "server/handlers/wire.h"
#include "server/identity/identity_type.h"
#include "server/rpc/method.h"

/* What the check leaves: the attribute, and the change that made it. */
struct made {
    struct attribute_change change;
    struct attribute_kind kind;
    Profiled__V1__AttributeDefinition given;
};

static bool type_is_known(int type) {
    return type >= ATTRIBUTE_TYPE_STRING && type <= ATTRIBUTE_TYPE_LANGUAGE;
}

static void create_attribute_check(struct rpc_context *ctx,
                                   const Profiled__V1__CreateAttributeRequest *request) {
    if (request->attribute == NULL) {
        rpc_violation(ctx, "is required", "attribute");
        return;
    }
    struct made *made = arena_alloc(ctx->arena, sizeof *made);
    made->given = *request->attribute;
    if (!identity_type_name_is_good(made->given.name)) {
        rpc_violation(ctx, "must be a letter of a-z, then up to 31 of a-z, 0-9 and _",
                      "attribute.name");
    }
    if (made->given.survivorship == PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_UNSPECIFIED) {
        made->given.survivorship = PROFILED__V1__SURVIVORSHIP__SURVIVORSHIP_MOST_RECENT;
    }
    made->change.given = &made->given;
    attribute_mask_read(ctx, NULL, &made->change);
    attribute_change_check(ctx, &made->change);
    if (!type_is_known((int)made->given.type)) {
        rpc_violation(ctx, "is required, and must be one that this server knows", "attribute.type");
        return;
    }
    made->kind = (struct attribute_kind){.name = made->given.name,
                                         .personal = made->given.personal,
                                         .indexed = !made->given.personal,
                                         .type = (enum attribute_type)made->given.type,
                                         .list = made->given.max_values > 1,
                                         .own = true};
    attribute_change_settle(ctx, &made->change, &made->kind);
    ctx->prepared = made;
}

static struct status create_attribute(struct rpc_context *ctx,
                                      const Profiled__V1__CreateAttributeRequest *request,
                                      Profiled__V1__CreateAttributeResponse *response) {
    const struct attribute_rules *before = NULL;
    TRY(attribute_rules_read(ctx->store, &before));
    TRY(attribute_version_check(before, request->schema_version));
    const struct made *made = ctx->prepared;
    const struct attribute_rule *there = attribute_rules_find(before, made->kind.name);
    if (there != NULL) {
        return status_of(STATUS_ALREADY_EXISTS, REASON_ATTRIBUTE_EXISTS,
                         there->retired ? "there is a retired attribute of this name: "
                                          "UpdateAttribute brings it back"
                                        : "there is an attribute of this name");
    }
    TRY(attribute_room_check(ctx, before, true));
    struct attribute_definition *definition = arena_alloc(ctx->arena, sizeof *definition);
    const struct attribute_definition *defined = definition;
    definition->kind = made->kind;
    struct attribute_rules *rules = attribute_rules_copy(before, ctx->arena);
    struct attribute_rule *rule = &rules->rules[rules->count++];
    *rule = (struct attribute_rule){.kind = &definition->kind, .definition = &defined};
    attribute_change_apply(&made->change, rule, definition);
    TRY(attribute_rule_agrees(ctx, rule));
    TRY(attribute_definition_put(ctx->store, definition));
    TRY(attribute_rules_put(ctx->store, rules));
    response->schema_version = (int64_t)rules->version;
    return attribute_message(ctx->store, rule, ctx->arena, &response->attribute);
}

RPC_METHOD(SchemaService, CreateAttribute, create_attribute, RPC_WRITE);
