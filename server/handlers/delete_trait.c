/* DeleteTrait: a value that profiles have no more. */

#include "server/handlers/subscription_message.h"
#include "server/handlers/trait_message.h"
#include "server/rpc/method.h"
#include "server/segment/segment_set.h"

static void delete_trait_check(struct rpc_context *ctx,
                               const Profiled__V1__DeleteTraitRequest *request) {
    if (request->name[0] == '\0') {
        rpc_violation(ctx, "is required", "name");
    }
}

/* A segment or a subscription that asks for the trait would no longer be what it says. */
static struct status use_check(struct rpc_context *ctx, const struct store_trait *trait) {
    const char *reader = NULL;
    TRY(segment_reader_find(ctx->store, FIELD_TRAIT, trait->number, ctx->now_us, &reader));
    if (reader != NULL) {
        rpc_error_metadata(ctx, "segment", reader);
        return status_of(STATUS_FAILED_PRECONDITION, REASON_TRAIT_IN_USE,
                         "the filter of a segment asks for it: see segment");
    }
    TRY(subscription_reader_find(ctx, FIELD_TRAIT, trait->number, NULL, &reader));
    if (reader != NULL) {
        rpc_error_metadata(ctx, "subscription", reader);
        return status_of(STATUS_FAILED_PRECONDITION, REASON_TRAIT_IN_USE,
                         "the filter of a subscription asks for it: see subscription");
    }
    return OK;
}

static struct status delete_trait(struct rpc_context *ctx,
                                  const Profiled__V1__DeleteTraitRequest *request,
                                  Profiled__V1__DeleteTraitResponse *response) {
    const struct store_traits *traits = NULL;
    size_t place = 0;
    TRY(store_traits_get(ctx->store, &traits));
    TRY(trait_find(traits, request->name, &place));
    TRY(use_check(ctx, &traits->items[place]));
    response->trait = trait_message(&traits->items[place], ctx->arena);
    return store_trait_delete(ctx->store, place);
}

RPC_METHOD(SchemaService, DeleteTrait, delete_trait, RPC_WRITE);
