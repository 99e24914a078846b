/* BatchRecordInteractions: many interactions in order, each with a verdict of its own. */

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/recording.h"
#include "server/rpc/method.h"

struct item {
    struct interaction_item interaction;
    struct field_errors errors;
};

static void
batch_record_interactions_check(struct rpc_context *ctx,
                                const Profiled__V1__BatchRecordInteractionsRequest *request) {
    const size_t count = request->n_interaction_records;
    if (count == 0 || count > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000", "interaction_records");
        return;
    }
    struct item *items = arena_array(ctx->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i].errors.arena = ctx->arena;
        interaction_record_read(request->interaction_records[i], ctx->default_region, ctx->now_us,
                                &items[i].errors, &items[i].interaction);
    }
    ctx->prepared = items;
}

static struct status record_item(struct rpc_context *ctx, const struct resolve_context *resolve,
                                 struct item *item, Profiled__V1__InteractionVerdict *verdict) {
    TRY(interaction_settle(resolve, &item->interaction, &item->errors));
    if (item->errors.count == 0) {
        Profiled__V1__RecordInteractionResponse *recorded =
            arena_alloc(ctx->arena, sizeof *recorded);
        profiled__v1__record_interaction_response__init(recorded);
        const struct status status = interaction_record(ctx, resolve, &item->interaction, recorded);
        if (status_is_ok(status)) {
            verdict->recorded = recorded;
            return OK;
        }
        if (status.reason != REASON_PROFILE_NOT_FOUND) {
            return status; /* Not this item's fault. */
        }
        field_errors_add(&item->errors, status.text, "profile_id");
    }
    verdict->n_errors = item->errors.count;
    verdict->errors = field_errors_message(&item->errors, ctx->arena);
    return OK;
}

static struct status
batch_record_interactions(struct rpc_context *ctx,
                          const Profiled__V1__BatchRecordInteractionsRequest *request,
                          Profiled__V1__BatchRecordInteractionsResponse *response) {
    struct item *items = ctx->prepared;
    struct resolve_context resolve = {.view = ctx->store,
                                      .random = ctx->random,
                                      .now_us = ctx->now_us,
                                      .method = "BatchRecordInteractions"};
    TRY(identity_rules_read(ctx->store, &resolve.rules));
    TRY(attribute_rules_read(ctx->store, &resolve.attributes));
    response->n_verdicts = request->n_interaction_records;
    response->verdicts = arena_array(ctx->arena, response->n_verdicts, sizeof *response->verdicts);
    for (size_t i = 0; i < response->n_verdicts; i++) {
        response->verdicts[i] = arena_alloc(ctx->arena, sizeof *response->verdicts[i]);
        profiled__v1__interaction_verdict__init(response->verdicts[i]);
        resolve.now_us = record_now_us(ctx);
        TRY(record_item(ctx, &resolve, &items[i], response->verdicts[i]));
    }
    return OK;
}

RPC_METHOD(InteractionService, BatchRecordInteractions, batch_record_interactions, RPC_WRITE);
