/* CreateTrait: one value more that every profile has. */

#include <string.h>

#include "server/handlers/profile_filter.h"
#include "server/handlers/trait_message.h"
#include "server/rpc/method.h"
#include "server/segment/trait_filter.h"

static void create_trait_check(struct rpc_context *ctx,
                               const Profiled__V1__CreateTraitRequest *request) {
    if (request->trait == NULL) {
        rpc_violation(ctx, "is required", "trait");
        return;
    }
    struct store_trait *trait = arena_alloc(ctx->arena, sizeof *trait);
    trait_read(ctx, request->trait, trait);
    ctx->prepared = trait;
}

/* Interactions have channels and themes by their names, whatever they were told by: so has the kept
 * filter, and its values in canonical form. */
static struct status settle_filter(struct rpc_context *ctx, struct store_trait *trait) {
    struct trait_filter filter;
    struct filter_error error = {.nearest = NULL};
    const struct status status = trait_filter_read(ctx->store, trait->filter, &filter, &error);
    filter_error_tell(ctx, status, &error);
    TRY(status);
    if (strlen(filter.text) > STORE_TRAIT_FILTER_SIZE_MAX) {
        rpc_violation(ctx, "is longer than 1,024 bytes", "trait.filter");
        return rpc_violations_status(ctx);
    }
    if (trait->field == STORE_TRAIT_AMOUNT && !filter.has_one_currency) {
        rpc_violation(ctx,
                      "must ask for one currency, as currency = SAR: amounts of several add up to "
                      "nothing",
                      "trait.filter");
        return rpc_violations_status(ctx);
    }
    trait->filter = filter.text;
    return OK;
}

static struct status create_trait(struct rpc_context *ctx,
                                  const Profiled__V1__CreateTraitRequest *request,
                                  Profiled__V1__CreateTraitResponse *response) {
    (void)request; /* The check has read it. */
    struct store_trait trait = *(const struct store_trait *)ctx->prepared;
    const struct store_traits *traits = NULL;
    size_t place = 0;
    TRY(settle_filter(ctx, &trait));
    TRY(store_traits_get(ctx->store, &traits));
    if (status_is_ok(trait_find(traits, trait.name, &place))) {
        return status_of(STATUS_ALREADY_EXISTS, REASON_TRAIT_EXISTS,
                         "there is a trait of this name");
    }
    if (traits->count >= STORE_TRAITS_MAX || traits->gone_count >= STORE_TRAITS_MAX) {
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", STORE_TRAITS_MAX));
        return status_of(STATUS_FAILED_PRECONDITION, REASON_RULES_INVALID,
                         "the workspace has, or has just deleted, as many traits as it may");
    }
    TRY(store_trait_add(ctx->store, &trait, ctx->now_us));
    response->trait = trait_message(&trait, ctx->arena);
    return OK;
}

RPC_METHOD(SchemaService, CreateTrait, create_trait, RPC_WRITE);
