/* UpdateTrait: what is said of a trait. What it computes never changes. */

#include <string.h>

#include "server/handlers/trait_message.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

static bool is_computed(const char *path) {
    static const char *const fields[] = {"aggregation", "field", "field_name", "window_days",
                                         "filter"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const size_t size = strlen(fields[i]);
        if (strncmp(path, fields[i], size) == 0 && (path[size] == '\0' || path[size] == '.')) {
            return true;
        }
    }
    return false;
}

static void check_mask(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask) {
    for (size_t i = 0; i < mask->n_paths; i++) {
        if (strcmp(mask->paths[i], "description") != 0) {
            rpc_violation(ctx,
                          is_computed(mask->paths[i])
                              ? "never changes: make another trait"
                              : "is not a field that can be updated: description",
                          "update_mask.paths[%zu]", i);
        }
    }
}

static void update_trait_check(struct rpc_context *ctx,
                               const Profiled__V1__UpdateTraitRequest *request) {
    if (request->trait == NULL || request->trait->name[0] == '\0') {
        rpc_violation(ctx, "is required", "trait.name");
        return;
    }
    if (request->update_mask == NULL || request->update_mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "update_mask");
        return;
    }
    check_mask(ctx, request->update_mask);
    struct store_trait *told = arena_alloc(ctx->arena, sizeof *told);
    trait_description_read(ctx, request->trait->description, told);
    ctx->prepared = told;
}

static struct status update_trait(struct rpc_context *ctx,
                                  const Profiled__V1__UpdateTraitRequest *request,
                                  Profiled__V1__UpdateTraitResponse *response) {
    const struct store_trait *told = ctx->prepared;
    const struct store_traits *there = NULL;
    size_t place = 0;
    TRY(store_traits_get(ctx->store, &there));
    TRY(trait_find(there, request->trait->name, &place));
    struct store_traits *traits = store_traits_copy(there, store_view_arena(ctx->store));
    traits->items[place].description = told->description;
    response->trait = trait_message(&traits->items[place], ctx->arena);
    return store_traits_put(ctx->store, traits);
}

RPC_METHOD(SchemaService, UpdateTrait, update_trait, RPC_WRITE);
