/* StreamInteractions: a header, then batches of interactions, each with a verdict. How far the
 * stream has come lies in the store with its interactions: so a sequence is stored once, whatever
 * is sent again, and by however many streams at a time. */

#include <string.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/import_progress.h"
#include "server/handlers/recording.h"
#include "server/handlers/wire.h"
#include "server/rpc/method.h"

/* What the messages of one stream share. In the stream's arena. */
struct stream {
    struct import_name name;
    char *source; /* "": each interaction must name one. */
    char *region; /* "": the workspace's. */
};

/* ---- checks ---- */

static void check_header(struct rpc_context *ctx,
                         const Profiled__V1__InteractionStreamHeader *header) {
    struct field_errors errors = {.arena = ctx->arena};
    import_id_check(header->stream_id, &errors, "stream_id");
    (void)wire_source_read(header->source, "", &errors, "source");
    wire_region_check(header->default_region, &errors, "default_region");
    import_digest_check(header->content_digest, &errors, "content_digest");
    field_errors_violate(&errors, ctx, "header.");
}

static void check_batch(struct rpc_context *ctx, const struct stream *stream,
                        const Profiled__V1__InteractionBatch *batch) {
    const size_t count = batch->n_interactions;
    if (count == 0 || count > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000", "batch.interactions");
        return;
    }
    struct interaction_defaults defaults = interaction_defaults_of(ctx);
    defaults.source = stream->source[0] == '\0' ? NULL : stream->source;
    if (stream->region[0] != '\0') {
        defaults.region = stream->region;
    }
    struct interaction_try *items = arena_array(ctx->arena, count, sizeof *items);
    int64_t before = 0;
    for (size_t i = 0; i < count; i++) {
        const Profiled__V1__SequencedInteraction *one = batch->interactions[i];
        if (one->sequence <= before) {
            rpc_violation(ctx, "must ascend from 1", "batch.interactions[%zu].sequence", i);
        }
        before = one->sequence;
        interaction_try_read(ctx, i, one->interaction_record, &defaults, &items[i]);
    }
    ctx->prepared = items;
}

static void stream_interactions_check(struct rpc_context *ctx,
                                      const Profiled__V1__StreamInteractionsRequest *request) {
    const struct stream *stream = *ctx->stream;
    switch (request->payload_case) {
    case PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_HEADER:
        if (stream != NULL) {
            rpc_violation(ctx, "only goes in the first message", "header");
            return;
        }
        check_header(ctx, request->header);
        return;
    case PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_BATCH:
        if (stream == NULL) {
            rpc_violation(ctx, "a header must come first", "batch");
            return;
        }
        check_batch(ctx, stream, request->batch);
        return;
    case PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD__NOT_SET:
    case _PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    rpc_violation(ctx, "a header or a batch is required", "payload");
}

/* ---- progress ---- */

static Profiled__V1__InteractionStreamCounts *counts_message(const Stored__V1__Import *progress,
                                                             struct arena *arena) {
    Profiled__V1__InteractionStreamCounts *counts = arena_alloc(arena, sizeof *counts);
    profiled__v1__interaction_stream_counts__init(counts);
    counts->recorded = (int64_t)progress->recorded;
    counts->repeated_events = (int64_t)progress->repeated;
    counts->expired = (int64_t)progress->expired;
    counts->failed = (int64_t)progress->failed;
    counts->skipped = (int64_t)progress->skipped;
    counts->profiles_created = (int64_t)progress->created;
    counts->profiles_linked = (int64_t)progress->linked;
    counts->profiles_merged = (int64_t)progress->merged;
    return counts;
}

static struct status progress_read(struct rpc_context *ctx, const struct stream *stream,
                                   Stored__V1__Import *out) {
    const struct status mismatch =
        status_of(STATUS_FAILED_PRECONDITION, REASON_STREAM_MISMATCH,
                  "the stream_id was used with other content, or another source or region");
    TRY(import_progress_read(ctx, &stream->name, mismatch, out));
    out->of_interactions = true;
    return OK;
}

static void count_verdict(const Profiled__V1__InteractionVerdict *verdict,
                          Stored__V1__Import *progress) {
    const Profiled__V1__RecordInteractionResponse *recorded = verdict->recorded;
    if (recorded == NULL) {
        progress->failed++;
        return;
    }
    if (recorded->repeated_event) {
        progress->repeated++;
        return;
    }
    if (recorded->expired) {
        progress->expired++;
        return;
    }
    progress->recorded++;
    if (recorded->decision == NULL) {
        return; /* It named its profile by id. */
    }
    switch (recorded->decision->outcome) {
    case PROFILED__V1__OUTCOME__OUTCOME_CREATED:
        progress->created++;
        break;
    case PROFILED__V1__OUTCOME__OUTCOME_LINKED:
        progress->linked++;
        break;
    case PROFILED__V1__OUTCOME__OUTCOME_MERGED:
        progress->merged++;
        break;
    case PROFILED__V1__OUTCOME__OUTCOME_UNSPECIFIED:
    case _PROFILED__V1__OUTCOME_IS_INT_SIZE:
        break;
    }
}

/* ---- the header and the batches ---- */

static struct status start(struct rpc_context *ctx,
                           const Profiled__V1__InteractionStreamHeader *header,
                           Profiled__V1__StreamInteractionsResponse *response) {
    struct arena *arena = ctx->stream_arena;
    struct stream *stream = arena_alloc(arena, sizeof *stream);
    const struct bytes parts[] = {
        bytes_of_string(header->source),
        bytes_of_string(header->default_region),
        bytes_of_string(header->content_digest),
    };
    stream->name.kind = STORE_IMPORT_INTERACTIONS;
    stream->name.id = arena_string(arena, bytes_of_string(header->stream_id));
    stream->name.header =
        store_fingerprint(store_view_store(ctx->store), parts, sizeof parts / sizeof *parts);
    stream->source = arena_string(arena, bytes_of_string(header->source));
    stream->region = arena_string(arena, bytes_of_string(header->default_region));
    Stored__V1__Import progress;
    TRY(progress_read(ctx, stream, &progress));
    ctx->validate_only = true; /* There is nothing to be written yet. */
    *ctx->stream = stream;
    Profiled__V1__InteractionStreamStarted *started = arena_alloc(ctx->arena, sizeof *started);
    profiled__v1__interaction_stream_started__init(started);
    started->durable_sequence = progress.durable_row;
    started->counts = counts_message(&progress, ctx->arena);
    response->payload_case = PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__PAYLOAD_STARTED;
    response->started = started;
    return OK;
}

static struct status take_interactions(struct rpc_context *ctx,
                                       const Profiled__V1__InteractionBatch *batch,
                                       Stored__V1__Import *progress,
                                       Profiled__V1__InteractionStreamAck *ack) {
    struct interaction_try *items = ctx->prepared;
    struct recording recording;
    TRY(recording_begin(ctx, "StreamInteractions", &recording));
    ack->n_verdicts = batch->n_interactions;
    ack->verdicts = arena_array(ctx->arena, ack->n_verdicts, sizeof *ack->verdicts);
    for (size_t i = 0; i < ack->n_verdicts; i++) {
        Profiled__V1__SequencedVerdict *verdict = arena_alloc(ctx->arena, sizeof *verdict);
        profiled__v1__sequenced_verdict__init(verdict);
        verdict->sequence = batch->interactions[i]->sequence;
        ack->verdicts[i] = verdict;
        if (verdict->sequence <= progress->durable_row) {
            verdict->skipped = true;
            progress->skipped++;
            continue;
        }
        recording.resolve.now_us = record_now_us(ctx);
        TRY(interaction_try_record(ctx, &recording, &items[i], &verdict->verdict));
        count_verdict(verdict->verdict, progress);
        progress->durable_row = verdict->sequence;
    }
    return OK;
}

static struct status take_batch(struct rpc_context *ctx, const struct stream *stream,
                                const Profiled__V1__InteractionBatch *batch,
                                Profiled__V1__StreamInteractionsResponse *response) {
    Stored__V1__Import progress;
    TRY(progress_read(ctx, stream, &progress));
    Profiled__V1__InteractionStreamAck *ack = arena_alloc(ctx->arena, sizeof *ack);
    profiled__v1__interaction_stream_ack__init(ack);
    TRY(take_interactions(ctx, batch, &progress, ack));
    TRY(import_progress_write(ctx, &stream->name, &progress));
    ack->durable_sequence = progress.durable_row;
    ack->counts = counts_message(&progress, ctx->arena);
    response->payload_case = PROFILED__V1__STREAM_INTERACTIONS_RESPONSE__PAYLOAD_ACK;
    response->ack = ack;
    return OK;
}

static struct status stream_interactions(struct rpc_context *ctx,
                                         const Profiled__V1__StreamInteractionsRequest *request,
                                         Profiled__V1__StreamInteractionsResponse *response) {
    if (request->payload_case == PROFILED__V1__STREAM_INTERACTIONS_REQUEST__PAYLOAD_HEADER) {
        return start(ctx, request->header, response);
    }
    return take_batch(ctx, *ctx->stream, request->batch, response);
}

RPC_BATCH_METHOD(InteractionService, StreamInteractions, stream_interactions, RPC_STREAM,
                 interaction_record);
