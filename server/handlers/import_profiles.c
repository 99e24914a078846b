/* ImportProfiles: a header, then batches of rows, each row with a verdict. What an import has come
 * to lies in the store with its rows: after a broken stream it goes on behind the last durable row.
 */

#include <string.h>

#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/decision_message.h"
#include "server/handlers/import_progress.h"
#include "server/handlers/record_attributes.h"
#include "server/handlers/record_message.h"
#include "server/handlers/wire.h"
#include "server/identity/resolve.h"
#include "server/rpc/method.h"
#include "server/store/records/record.pb-c.h"

/* What a dry run holds of its rows: IMPORT_DRY_ROWS_MAX of about 5 kB each. */
enum { DRY_ARENA_MAX = 640 << 20 };

/* What the messages of one stream share. In the stream's arena. */
struct import {
    struct import_name name;
    Profiled__V1__ConflictPolicy policy;
    bool validate_only;
    char *source;
    char *region;
    Stored__V1__Import progress;   /* Of a dry run only; otherwise it lies in the store. */
    size_t dry_count;              /* Rows of a dry run. */
    struct store_what_if *what_if; /* Of a dry run. */
};

struct row {
    struct record record;
    struct field_errors errors;
};

/* ---- checks ---- */

static void check_header(struct rpc_context *ctx, const Profiled__V1__ImportHeader *header) {
    struct field_errors errors = {.arena = ctx->arena};
    import_id_check(header->import_id, &errors, "import_id");
    if ((int)header->conflict_policy < PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_UNSPECIFIED ||
        (int)header->conflict_policy > PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_REPLACE) {
        field_errors_add(&errors, "is not a policy that this server knows", "conflict_policy");
    }
    (void)wire_source_read(header->source, "import", &errors, "source");
    wire_region_check(header->default_region, &errors, "default_region");
    import_digest_check(header->content_digest, &errors, "content_digest");
    field_errors_violate(&errors, ctx, "header.");
}

static void check_batch(struct rpc_context *ctx, const struct import *import,
                        const Profiled__V1__ImportBatch *batch) {
    if (batch->n_rows == 0 || batch->n_rows > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000", "batch.rows");
        return;
    }
    struct record_defaults defaults = record_defaults_of(ctx);
    defaults.source = import->source;
    if (import->region[0] != '\0') {
        defaults.region = import->region;
    }
    struct row *rows = arena_array(ctx->arena, batch->n_rows, sizeof *rows);
    for (size_t i = 0; i < batch->n_rows; i++) {
        if (batch->rows[i]->row < 1 || (i > 0 && batch->rows[i]->row <= batch->rows[i - 1]->row)) {
            rpc_violation(ctx, "must ascend from 1", "batch.rows[%zu].row", i);
        }
        rows[i].errors.arena = ctx->arena;
        if (batch->rows[i]->record == NULL) {
            field_errors_add(&rows[i].errors, "is required", "record");
        } else {
            record_message_try(ctx, i, batch->rows[i]->record, &defaults, &rows[i].errors,
                               &rows[i].record);
        }
    }
    ctx->prepared = rows;
}

static void import_profiles_check(struct rpc_context *ctx,
                                  const Profiled__V1__ImportProfilesRequest *request) {
    const struct import *import = *ctx->stream;
    switch (request->payload_case) {
    case PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER:
        if (import != NULL) {
            rpc_violation(ctx, "only goes in the first message", "header");
            return;
        }
        check_header(ctx, request->header);
        return;
    case PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH:
        if (import == NULL) {
            rpc_violation(ctx, "a header must come first", "batch");
            return;
        }
        check_batch(ctx, import, request->batch);
        return;
    case PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD__NOT_SET:
    case _PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    rpc_violation(ctx, "a header or a batch is required", "payload");
}

/* ---- progress ---- */

static Profiled__V1__ImportCounts *counts_message(const Stored__V1__Import *progress,
                                                  struct arena *arena) {
    Profiled__V1__ImportCounts *counts = arena_alloc(arena, sizeof *counts);
    profiled__v1__import_counts__init(counts);
    counts->created = (int64_t)progress->created;
    counts->linked = (int64_t)progress->linked;
    counts->merged = (int64_t)progress->merged;
    counts->skipped = (int64_t)progress->skipped;
    counts->failed = (int64_t)progress->failed;
    return counts;
}

static struct status progress_read(struct rpc_context *ctx, const struct import *import,
                                   Stored__V1__Import *out) {
    const struct status mismatch =
        status_of(STATUS_FAILED_PRECONDITION, REASON_IMPORT_MISMATCH,
                  "the import_id was used with other content, or another policy, source or region");
    return import_progress_read(ctx, &import->name, mismatch, out);
}

/* ---- the header ---- */

/* Of what the header means: a default that is not said is the same as one that is. */
static struct fingerprint header_hash(struct rpc_context *ctx, const struct import *import,
                                      const char *content_digest) {
    const uint8_t policy = (uint8_t)import->policy;
    const struct bytes parts[] = {
        bytes_of(&policy, 1),
        bytes_of_string(import->source),
        bytes_of_string(import->region),
        bytes_of_string(content_digest),
    };
    /* Without a digest as it was before there were any: such imports lie in the store. */
    const size_t count = sizeof parts / sizeof *parts - (content_digest[0] == '\0' ? 1 : 0);
    return store_fingerprint(store_view_store(ctx->store), parts, count);
}

static struct status start(struct rpc_context *ctx, const Profiled__V1__ImportHeader *header,
                           Profiled__V1__ImportProfilesResponse *response) {
    struct arena *arena = ctx->stream_arena;
    struct import *import = arena_alloc(arena, sizeof *import);
    import->name.kind = STORE_IMPORT_PROFILES;
    import->name.id = arena_string(arena, bytes_of_string(header->import_id));
    import->policy =
        header->conflict_policy == PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_UNSPECIFIED
            ? PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_MERGE
            : header->conflict_policy;
    import->validate_only = header->validate_only;
    import->source =
        arena_string(arena, bytes_of_string(header->source[0] == '\0' ? "import" : header->source));
    import->region = arena_string(arena, bytes_of_string(header->default_region));
    import->name.header = header_hash(ctx, import, header->content_digest);
    Stored__V1__Import progress;
    TRY(progress_read(ctx, import, &progress));
    if (import->validate_only) { /* A dry run begins where the real one would. */
        arena->budget = DRY_ARENA_MAX;
        import->progress = progress;
        import->progress.header = (ProtobufCBinaryData){0}; /* Of this message's arena. */
    }
    ctx->validate_only = true; /* There is nothing to be written yet. */
    *ctx->stream = import;
    Profiled__V1__ImportStarted *started = arena_alloc(ctx->arena, sizeof *started);
    profiled__v1__import_started__init(started);
    started->durable_row = progress.durable_row;
    started->counts = counts_message(&progress, ctx->arena);
    response->payload_case = PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_STARTED;
    response->started = started;
    return OK;
}

/* ---- rows ---- */

static enum resolve_policy resolve_policy_of(Profiled__V1__ConflictPolicy policy) {
    switch (policy) {
    case PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_SKIP:
    case PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_FAIL:
        return RESOLVE_LOOK;
    case PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_REPLACE:
        return RESOLVE_REPLACE;
    case PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_UNSPECIFIED:
    case PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_MERGE:
    case _PROFILED__V1__CONFLICT_POLICY_IS_INT_SIZE:
        break;
    }
    return RESOLVE_LINK;
}

static void fail_row(struct row *row, Profiled__V1__ImportVerdict *verdict,
                     Stored__V1__Import *progress, struct arena *arena) {
    verdict->outcome = PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_FAILED;
    verdict->n_errors = row->errors.count;
    verdict->errors = field_errors_message(&row->errors, arena);
    progress->failed++;
}

static void take_decision(const struct decision *decision, Profiled__V1__ConflictPolicy policy,
                          struct row *row, Profiled__V1__ImportVerdict *verdict,
                          Stored__V1__Import *progress, struct arena *arena) {
    verdict->profile_id = wire_id(decision->profile, arena);
    verdict->decision = decision_message(decision, arena);
    if (decision->outcome == OUTCOME_CREATED) {
        verdict->outcome = PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_CREATED;
        progress->created++;
    } else if (policy == PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_SKIP) {
        verdict->outcome = PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_SKIPPED;
        progress->skipped++;
    } else if (policy == PROFILED__V1__CONFLICT_POLICY__CONFLICT_POLICY_FAIL) {
        field_errors_add(&row->errors, "the row matches a profile, and the policy is to fail",
                         "record");
        verdict->decision = NULL;
        fail_row(row, verdict, progress, arena);
    } else if (decision->outcome == OUTCOME_MERGED) {
        verdict->outcome = PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_MERGED;
        progress->merged++;
    } else {
        verdict->outcome = PROFILED__V1__IMPORT_OUTCOME__IMPORT_OUTCOME_LINKED;
        progress->linked++;
    }
}

static struct status take_row(struct rpc_context *ctx, const struct import *import,
                              const struct resolve_context *resolve, struct row *row,
                              Profiled__V1__ImportVerdict *verdict, Stored__V1__Import *progress) {
    TRY(record_settle_all(ctx->store, resolve->rules, resolve->attributes, resolve->now_us,
                          &row->record, &row->errors));
    record_required_check(resolve->attributes, REQUIRED_FOR_IMPORT, &row->record, &row->errors);
    if (row->errors.count > 0) {
        fail_row(row, verdict, progress, ctx->arena);
        return OK;
    }
    struct record record = row->record;
    if (import->validate_only) { /* What it wishes is seen by later messages of the stream. */
        record_copy(&row->record, ctx->stream_arena, &record);
    }
    struct decision decision;
    TRY(record_resolve(resolve, &record, &decision));
    take_decision(&decision, import->policy, row, verdict, progress, ctx->arena);
    return OK;
}

static struct status take_rows(struct rpc_context *ctx, const struct import *import,
                               const Profiled__V1__ImportBatch *batch, Stored__V1__Import *progress,
                               Profiled__V1__ImportAck *ack) {
    struct row *rows = ctx->prepared;
    struct resolve_context resolve = {.view = ctx->store,
                                      .random = ctx->random,
                                      .now_us = ctx->now_us,
                                      .policy = resolve_policy_of(import->policy),
                                      .method = "ImportProfiles"};
    TRY(identity_rules_read(ctx->store, &resolve.rules));
    TRY(attribute_rules_read(ctx->store, &resolve.attributes));
    ack->n_verdicts = batch->n_rows;
    ack->verdicts = arena_array(ctx->arena, batch->n_rows, sizeof *ack->verdicts);
    for (size_t i = 0; i < batch->n_rows; i++) {
        Profiled__V1__ImportVerdict *verdict = arena_alloc(ctx->arena, sizeof *verdict);
        profiled__v1__import_verdict__init(verdict);
        verdict->row = batch->rows[i]->row;
        ack->verdicts[i] = verdict;
        resolve.now_us = record_now_us(ctx);
        TRY(rpc_memory_check(ctx));
        TRY(take_row(ctx, import, &resolve, &rows[i], verdict, progress));
    }
    progress->durable_row = batch->rows[batch->n_rows - 1]->row;
    return OK;
}

static struct status check_progress(struct rpc_context *ctx, const struct import *import,
                                    const Profiled__V1__ImportBatch *batch,
                                    const Stored__V1__Import *progress) {
    if (batch->rows[0]->row <= progress->durable_row) {
        rpc_violation(ctx, "is not behind the last durable row of the import", "batch.rows[0].row");
        return rpc_violations_status(ctx);
    }
    if (import->validate_only && import->dry_count + batch->n_rows > IMPORT_DRY_ROWS_MAX) {
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_MESSAGE_TOO_LARGE,
                         "an import that only validates may have at most 100,000 rows: all before "
                         "this batch were judged");
    }
    return OK;
}

static struct status take_batch(struct rpc_context *ctx, struct import *import,
                                const Profiled__V1__ImportBatch *batch,
                                Profiled__V1__ImportProfilesResponse *response) {
    Stored__V1__Import progress = import->progress;
    if (import->validate_only) {
        ctx->validate_only = true;
        store_view_go_on(ctx->store, ctx->stream_arena, &import->what_if);
    } else {
        TRY(progress_read(ctx, import, &progress));
    }
    TRY(check_progress(ctx, import, batch, &progress));
    Profiled__V1__ImportAck *ack = arena_alloc(ctx->arena, sizeof *ack);
    profiled__v1__import_ack__init(ack);
    TRY(take_rows(ctx, import, batch, &progress, ack));
    if (import->validate_only) {
        import->progress = progress;
        import->dry_count += batch->n_rows;
    } else {
        TRY(import_progress_write(ctx, &import->name, &progress));
    }
    ack->durable_row = progress.durable_row;
    ack->counts = counts_message(&progress, ctx->arena);
    response->payload_case = PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_ACK;
    response->ack = ack;
    return OK;
}

static struct status import_profiles(struct rpc_context *ctx,
                                     const Profiled__V1__ImportProfilesRequest *request,
                                     Profiled__V1__ImportProfilesResponse *response) {
    if (request->payload_case == PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER) {
        return start(ctx, request->header, response);
    }
    return take_batch(ctx, *ctx->stream, request->batch, response);
}

RPC_BATCH_METHOD(TransferService, ImportProfiles, import_profiles, RPC_STREAM, record);
