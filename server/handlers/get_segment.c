/* GetSegment: one segment by name. */

#include "profiled/v1/segment_service.pb-c.h"
#include "server/handlers/segment_message.h"
#include "server/rpc/method.h"

static void get_segment_check(struct rpc_context *ctx,
                              const Profiled__V1__GetSegmentRequest *request) {
    segment_name_check(ctx, request->name, "name");
}

static struct status get_segment(struct rpc_context *ctx,
                                 const Profiled__V1__GetSegmentRequest *request,
                                 Profiled__V1__GetSegmentResponse *response) {
    struct store_segment segment;
    TRY(segment_find(ctx, request->name, "name", &segment));
    return segment_message(ctx, &segment, &response->segment);
}

RPC_METHOD(SegmentService, GetSegment, get_segment, RPC_READ);
