/* BatchResolveProfiles: many records in order, each with a verdict of its own. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/decision_message.h"
#include "server/handlers/record_message.h"
#include "server/identity/resolve.h"
#include "server/rpc/method.h"

struct item {
    struct record record;
    struct field_errors errors;
};

static void batch_resolve_profiles_check(struct rpc_context *ctx,
                                         const Profiled__V1__BatchResolveProfilesRequest *request) {
    if (request->n_records == 0 || request->n_records > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000", "records");
        return;
    }
    const struct record_defaults defaults = record_defaults_of(ctx);
    struct item *items = arena_array(ctx->arena, request->n_records, sizeof *items);
    for (size_t i = 0; i < request->n_records; i++) {
        items[i].errors.arena = ctx->arena;
        record_message_try(ctx, i, request->records[i], &defaults, &items[i].errors,
                           &items[i].record);
    }
    ctx->prepared = items;
}

static struct status
batch_resolve_profiles(struct rpc_context *ctx,
                       const Profiled__V1__BatchResolveProfilesRequest *request,
                       Profiled__V1__BatchResolveProfilesResponse *response) {
    struct item *items = ctx->prepared;
    struct resolve_context resolve = {.view = ctx->store,
                                      .random = ctx->random,
                                      .now_us = ctx->now_us,
                                      .method = "BatchResolveProfiles"};
    TRY(identity_rules_read(ctx->store, &resolve.rules));
    TRY(attribute_rules_read(ctx->store, &resolve.attributes));
    response->n_verdicts = request->n_records;
    response->verdicts = arena_array(ctx->arena, request->n_records, sizeof *response->verdicts);
    for (size_t i = 0; i < request->n_records; i++) {
        Profiled__V1__ResolveVerdict *verdict = arena_alloc(ctx->arena, sizeof *verdict);
        profiled__v1__resolve_verdict__init(verdict);
        response->verdicts[i] = verdict;
        resolve.now_us = record_now_us(ctx);
        TRY(rpc_memory_check(ctx));
        TRY(record_settle_all(ctx->store, resolve.rules, resolve.attributes, resolve.now_us,
                              &items[i].record, &items[i].errors));
        if (items[i].errors.count > 0) {
            verdict->n_errors = items[i].errors.count;
            verdict->errors = field_errors_message(&items[i].errors, ctx->arena);
            continue;
        }
        struct decision decision;
        TRY(record_resolve(&resolve, &items[i].record, &decision));
        verdict->decision = decision_message(&decision, ctx->arena);
    }
    return OK;
}

RPC_BATCH_METHOD(IdentityService, BatchResolveProfiles, batch_resolve_profiles, RPC_WRITE, record);
