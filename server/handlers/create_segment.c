/* CreateSegment: a new group of persons. */

#include "profiled/v1/segment_service.pb-c.h"
#include "server/handlers/segment_message.h"
#include "server/rpc/method.h"

static void create_segment_check(struct rpc_context *ctx,
                                 const Profiled__V1__CreateSegmentRequest *request) {
    const Profiled__V1__Segment *given = request->segment;
    if (given == NULL) {
        rpc_violation(ctx, "is required", "segment");
        return;
    }
    struct store_segment *segment = arena_alloc(ctx->arena, sizeof *segment);
    segment->name = given->name;
    segment->kind = (enum store_segment_kind)given->kind;
    segment_name_check(ctx, given->name, "segment.name");
    if (segment->kind != STORE_SEGMENT_DYNAMIC && segment->kind != STORE_SEGMENT_STATIC) {
        rpc_violation(ctx, given->kind == 0 ? "is required" : "is no kind", "segment.kind");
    }
    segment_read(ctx, given, SEGMENT_ALL_FIELDS, segment);
    ctx->prepared = segment;
}

/* How many there are, up to the limit. */
static struct status count_segments(struct rpc_context *ctx, size_t *out) {
    struct store_segment *segments = arena_array(ctx->arena, STORE_SEGMENTS_MAX, sizeof *segments);
    return store_segment_scan(ctx->store, "", STORE_SEGMENTS_MAX, segments, out);
}

static struct status create_segment(struct rpc_context *ctx,
                                    const Profiled__V1__CreateSegmentRequest *request,
                                    Profiled__V1__CreateSegmentResponse *response) {
    (void)request; /* The check has read it. */
    struct store_segment segment = *(const struct store_segment *)ctx->prepared;
    struct store_segment there;
    bool found = false;
    size_t count = 0;
    TRY(store_segment_get(ctx->store, segment.name, &found, &there));
    if (found) {
        return status_of(STATUS_ALREADY_EXISTS, REASON_SEGMENT_EXISTS,
                         "there is a segment of this name");
    }
    TRY(count_segments(ctx, &count));
    if (count >= STORE_SEGMENTS_MAX) {
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", STORE_SEGMENTS_MAX));
        return status_of(STATUS_FAILED_PRECONDITION, REASON_SEGMENT_LIMIT,
                         "the workspace has as many segments as it may");
    }
    if (segment.kind == STORE_SEGMENT_DYNAMIC) {
        TRY(segment_filter_settle(ctx, false, &segment));
        segment.unfilled = segment.state != STORE_SEGMENT_ACTIVE;
    }
    segment.create_us = ctx->now_us;
    segment.update_us = ctx->now_us;
    TRY(store_segment_put(ctx->store, &segment));
    if (segment.kind == STORE_SEGMENT_DYNAMIC && segment.state == STORE_SEGMENT_ACTIVE) {
        TRY(store_place_put(ctx->store, &(struct store_segment_place){.segment = segment.number,
                                                                      .filter_before = ""}));
    }
    return segment_message(ctx, &segment, &response->segment);
}

RPC_METHOD(SegmentService, CreateSegment, create_segment, RPC_WRITE);
