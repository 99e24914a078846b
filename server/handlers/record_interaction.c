/* RecordInteraction: one thing that happened, and whose it is. */

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/handlers/recording.h"
#include "server/rpc/method.h"

static void record_interaction_check(struct rpc_context *ctx,
                                     const Profiled__V1__RecordInteractionRequest *request) {
    if (request->interaction_record == NULL) {
        rpc_violation(ctx, "is required", "interaction_record");
        return;
    }
    struct field_errors errors = {.arena = ctx->arena};
    struct interaction_item *item = arena_alloc(ctx->arena, sizeof *item);
    interaction_record_read(request->interaction_record, ctx->default_region, ctx->now_us, &errors,
                            item);
    field_errors_violate(&errors, ctx, "interaction_record.");
    ctx->checks_later = !item->by_id && !record_is_read(&item->record);
    ctx->prepared = item;
}

static struct status record_interaction(struct rpc_context *ctx,
                                        const Profiled__V1__RecordInteractionRequest *request,
                                        Profiled__V1__RecordInteractionResponse *response) {
    (void)request; /* The check has read it. */
    struct resolve_context resolve = {.view = ctx->store,
                                      .random = ctx->random,
                                      .now_us = ctx->now_us,
                                      .method = "RecordInteraction"};
    TRY(identity_rules_read(ctx->store, &resolve.rules));
    TRY(attribute_rules_read(ctx->store, &resolve.attributes));
    struct field_errors errors = {.arena = ctx->arena};
    TRY(interaction_settle(&resolve, ctx->prepared, &errors));
    field_errors_violate(&errors, ctx, "interaction_record.");
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    return interaction_record(ctx, &resolve, ctx->prepared, response);
}

RPC_METHOD(InteractionService, RecordInteraction, record_interaction, RPC_WRITE);
