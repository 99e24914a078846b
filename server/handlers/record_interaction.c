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
    const struct interaction_defaults defaults = interaction_defaults_of(ctx);
    interaction_record_read(request->interaction_record, &defaults, &errors, item);
    field_errors_violate(&errors, ctx, "interaction_record.");
    const bool is_engagement =
        item->stored.payload_case == STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    ctx->checks_later = is_engagement || (!item->by_id && !record_is_read(&item->record));
    ctx->prepared = item;
}

static struct status record_interaction(struct rpc_context *ctx,
                                        const Profiled__V1__RecordInteractionRequest *request,
                                        Profiled__V1__RecordInteractionResponse *response) {
    (void)request; /* The check has read it. */
    struct recording recording;
    TRY(recording_begin(ctx, "RecordInteraction", &recording));
    struct field_errors errors = {.arena = ctx->arena};
    TRY(interaction_settle(&recording, ctx->prepared, &errors));
    field_errors_violate(&errors, ctx, "interaction_record.");
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    return interaction_record(ctx, &recording, ctx->prepared, response);
}

RPC_METHOD(InteractionService, RecordInteraction, record_interaction, RPC_WRITE);
