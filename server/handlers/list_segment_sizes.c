/* ListSegmentSizes: how large a segment was, day by day. */

#include "profiled/v1/segment_service.pb-c.h"
#include "server/base/day.h"
#include "server/handlers/segment_message.h"
#include "server/rpc/method.h"

enum { POINTS_DEFAULT = 90, POINTS_MAX = 1000 };

static void list_segment_sizes_check(struct rpc_context *ctx,
                                     const Profiled__V1__ListSegmentSizesRequest *request) {
    segment_name_check(ctx, request->name, "name");
    if (request->max_points < 0 || request->max_points > POINTS_MAX) {
        rpc_violation(ctx, "must be 0 to 1,000", "max_points");
    }
}

static struct status list_segment_sizes(struct rpc_context *ctx,
                                        const Profiled__V1__ListSegmentSizesRequest *request,
                                        Profiled__V1__ListSegmentSizesResponse *response) {
    const size_t max = request->max_points == 0 ? POINTS_DEFAULT : (size_t)request->max_points;
    struct store_segment_point *points = arena_array(ctx->arena, max, sizeof *points);
    struct store_segment segment;
    size_t count = 0;
    TRY(segment_find(ctx, request->name, "name", &segment));
    TRY(store_segment_points(ctx->store, segment.number, day_of(ctx->now_us), max, points, &count));
    response->sizes = arena_array(ctx->arena, count, sizeof *response->sizes);
    for (size_t i = 0; i < count; i++) {
        Profiled__V1__SegmentSize *size = arena_alloc(ctx->arena, sizeof *size);
        profiled__v1__segment_size__init(size);
        size->day = day_text(points[i].day, ctx->arena);
        size->member_count = points[i].count;
        response->sizes[response->n_sizes++] = size;
    }
    return OK;
}

RPC_METHOD(SegmentService, ListSegmentSizes, list_segment_sizes, RPC_READ);
