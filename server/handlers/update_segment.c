/* UpdateSegment: what a segment is called, whether it is kept up, who is in it. */

#include <string.h>

#include "profiled/v1/segment_service.pb-c.h"
#include "server/handlers/segment_message.h"
#include "server/rpc/method.h"

static const struct {
    const char *path;
    unsigned field;
} paths[] = {
    {"display_name", SEGMENT_DISPLAY_NAME},
    {"description", SEGMENT_DESCRIPTION},
    {"color", SEGMENT_COLOR},
    {"labels", SEGMENT_LABELS},
    {"state", SEGMENT_STATE},
    {"filter", SEGMENT_FILTER},
};

static unsigned mask_read(struct rpc_context *ctx, const Google__Protobuf__FieldMask *mask) {
    unsigned fields = 0;
    for (size_t i = 0; i < mask->n_paths; i++) {
        unsigned field = 0;
        for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
            field = strcmp(mask->paths[i], paths[k].path) == 0 ? paths[k].field : field;
        }
        if (field == 0) {
            rpc_violation(ctx,
                          "is not a field that can be updated: display_name, description, color, "
                          "labels, state or filter",
                          "update_mask.paths[%zu]", i);
        }
        fields |= field;
    }
    return fields;
}

/* What is told is read by the handler: it hangs on the segment's kind. */
static void update_segment_check(struct rpc_context *ctx,
                                 const Profiled__V1__UpdateSegmentRequest *request) {
    if (request->segment == NULL) {
        rpc_violation(ctx, "is required", "segment");
        return;
    }
    segment_name_check(ctx, request->segment->name, "segment.name");
    if (request->update_mask == NULL || request->update_mask->n_paths == 0) {
        rpc_violation(ctx, "is required", "update_mask");
        return;
    }
    unsigned *fields = arena_alloc(ctx->arena, sizeof *fields);
    *fields = mask_read(ctx, request->update_mask);
    ctx->prepared = fields;
}

/* Where everybody is to be judged anew, from the beginning. One that was not kept up has no filter
 * of before: its members stay until the filling comes to them. Neither has one that was still being
 * filled: not everybody was judged by its filter, and who was not would leave by it, to come back.
 */
static struct status place_anew(struct rpc_context *ctx, const struct store_segment *before,
                                struct store_segment *after) {
    const bool was_active = before->state == STORE_SEGMENT_ACTIVE;
    const bool is_active = after->state == STORE_SEGMENT_ACTIVE;
    if (after->kind != STORE_SEGMENT_DYNAMIC) {
        return OK;
    }
    struct store_segment_place there;
    bool filling = false;
    const bool is_same = strcmp(before->filter, after->filter) == 0;
    TRY(store_place_get(ctx->store, after->number, &filling, &there));
    if (!is_active) {
        after->unfilled = before->unfilled || filling || !is_same;
        store_place_delete(ctx->store, after->number);
        return OK;
    }
    after->unfilled = false;
    if (was_active && is_same) {
        return OK;
    }
    const struct store_segment_place place = {
        .segment = after->number, .filter_before = was_active && !filling ? before->filter : ""};
    return store_place_put(ctx->store, &place);
}

static struct status update_segment(struct rpc_context *ctx,
                                    const Profiled__V1__UpdateSegmentRequest *request,
                                    Profiled__V1__UpdateSegmentResponse *response) {
    const unsigned fields = *(const unsigned *)ctx->prepared;
    struct store_segment before;
    TRY(segment_find(ctx, request->segment->name, "segment.name", &before));
    TRY(segment_etag_check(ctx, &before, request->segment->etag));
    struct store_segment after = before;
    segment_read(ctx, request->segment, fields, &after);
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    /* What was not kept up may name what is no longer there. */
    const bool is_back =
        before.state != STORE_SEGMENT_ACTIVE && after.state == STORE_SEGMENT_ACTIVE;
    if (after.kind == STORE_SEGMENT_DYNAMIC && ((fields & SEGMENT_FILTER) != 0 || is_back)) {
        TRY(segment_filter_settle(ctx, (fields & SEGMENT_FILTER) == 0, &after));
    }
    if (after.state == STORE_SEGMENT_ARCHIVED && before.state != after.state) {
        TRY(segment_use_check(ctx, &before));
    }
    after.update_us = ctx->now_us;
    TRY(place_anew(ctx, &before, &after));
    TRY(store_segment_put(ctx->store, &after));
    return segment_message(ctx, &after, &response->segment);
}

RPC_METHOD(SegmentService, UpdateSegment, update_segment, RPC_WRITE);
