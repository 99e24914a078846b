/* BatchRecordInteractions: many interactions in order, each with a verdict of its own. */

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/recording.h"
#include "server/rpc/method.h"

static void
batch_record_interactions_check(struct rpc_context *ctx,
                                const Profiled__V1__BatchRecordInteractionsRequest *request) {
    const size_t count = request->n_interaction_records;
    if (count == 0 || count > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000", "interaction_records");
        return;
    }
    const struct interaction_defaults defaults = interaction_defaults_of(ctx);
    struct interaction_try *items = arena_array(ctx->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        interaction_try_read(ctx, i, request->interaction_records[i], &defaults, &items[i]);
    }
    ctx->prepared = items;
}

static struct status
batch_record_interactions(struct rpc_context *ctx,
                          const Profiled__V1__BatchRecordInteractionsRequest *request,
                          Profiled__V1__BatchRecordInteractionsResponse *response) {
    struct interaction_try *items = ctx->prepared;
    struct recording recording;
    TRY(recording_begin(ctx, "BatchRecordInteractions", &recording));
    response->n_verdicts = request->n_interaction_records;
    response->verdicts = arena_array(ctx->arena, response->n_verdicts, sizeof *response->verdicts);
    for (size_t i = 0; i < response->n_verdicts; i++) {
        recording.resolve.now_us = record_now_us(ctx);
        TRY(interaction_try_record(ctx, &recording, &items[i], &response->verdicts[i]));
    }
    return OK;
}

RPC_BATCH_METHOD(InteractionService, BatchRecordInteractions, batch_record_interactions, RPC_WRITE,
                 interaction_record);
