/* UpdateRetention: how long interactions are kept from now on. */

#include <string.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/handlers/retention_message.h"
#include "server/rpc/method.h"
#include "server/store/change.h"

enum { DAYS_MAX = 36500, EXPIRED_MAX = 1000000 };

/* The fields that can be changed. */
static const struct field {
    const char *path;
    enum store_kind kind;
} fields[] = {
    {"engagement_days", STORE_KIND_ENGAGEMENT},
    {"survey_response_days", STORE_KIND_SURVEY_RESPONSE},
    {"activity_days", STORE_KIND_ACTIVITY},
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static int32_t days_of(const Profiled__V1__Retention *retention, enum store_kind kind) {
    return kind == STORE_KIND_ENGAGEMENT        ? retention->engagement_days
           : kind == STORE_KIND_SURVEY_RESPONSE ? retention->survey_response_days
                                                : retention->activity_days;
}

static const struct field *field_of(const char *path) {
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(fields[i].path, path) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

static bool is_change_days(const char *path) { return strcmp(path, "change_days") == 0; }

static void update_retention_check(struct rpc_context *ctx,
                                   const Profiled__V1__UpdateRetentionRequest *request) {
    const Google__Protobuf__FieldMask *mask = request->update_mask;
    if (request->retention == NULL) {
        rpc_violation(ctx, "is required", "retention");
        return;
    }
    if (mask == NULL || mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "update_mask");
        return;
    }
    for (size_t i = 0; i < mask->n_paths; i++) {
        const struct field *field = field_of(mask->paths[i]);
        if (is_change_days(mask->paths[i])) {
            if (request->retention->change_days < 1 ||
                request->retention->change_days > STORE_CHANGE_DAYS_MAX) {
                rpc_violation(ctx, "must be 1 to 90", "retention.change_days");
            }
        } else if (field == NULL) {
            rpc_violation(ctx,
                          "is not a field that can be updated: engagement_days, "
                          "survey_response_days, activity_days or change_days",
                          "update_mask.paths[%zu]", i);
        } else if (days_of(request->retention, field->kind) < 0 ||
                   days_of(request->retention, field->kind) > DAYS_MAX) {
            rpc_violation(ctx, "must be 0 to 36,500", "retention.%s", field->path);
        }
    }
}

static struct status count_one(void *state, const struct store_fact *fact) {
    (void)fact;
    int64_t *count = state;
    /* What it fails with ends the scan. */
    return ++*count < EXPIRED_MAX
               ? OK
               : status_of(STATUS_RESOURCE_EXHAUSTED, REASON_NONE, "there are enough");
}

/* How many are past it: as many as can be counted in the time of a call. */
static struct status count_expired(struct rpc_context *ctx, const struct store_retention *retention,
                                   Profiled__V1__UpdateRetentionResponse *response) {
    for (size_t i = 0; i < FIELD_COUNT && !response->partial; i++) {
        const int64_t until_us = store_retention_until(retention, fields[i].kind, ctx->now_us);
        struct store_fact_cursor cursor = {.set = false};
        bool more = false;
        if (until_us == INT64_MIN) {
            continue;
        }
        const struct status status =
            store_fact_scan(ctx->store, fields[i].kind, INT64_MIN, until_us, &cursor, count_one,
                            &response->expired_count, &more);
        response->partial = more || response->expired_count >= EXPIRED_MAX;
        if (!status_is_ok(status) && !response->partial) {
            return status;
        }
    }
    return OK;
}

static struct status update_retention(struct rpc_context *ctx,
                                      const Profiled__V1__UpdateRetentionRequest *request,
                                      Profiled__V1__UpdateRetentionResponse *response) {
    struct store_retention retention;
    TRY(store_retention_get(ctx->store, &retention));
    for (size_t i = 0; i < request->update_mask->n_paths; i++) {
        const struct field *field = field_of(request->update_mask->paths[i]);
        if (field == NULL) {
            retention.change_days = (uint32_t)request->retention->change_days;
        } else {
            retention.days[field->kind] = (uint32_t)days_of(request->retention, field->kind);
        }
    }
    TRY(count_expired(ctx, &retention, response));
    TRY(store_retention_put(ctx->store, &retention));
    response->retention = retention_message(&retention, ctx->arena);
    return OK;
}

RPC_METHOD(InteractionService, UpdateRetention, update_retention, RPC_WRITE);
