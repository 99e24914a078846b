/* DeleteSegment: a group that nobody is in any more. */

#include "profiled/v1/segment_service.pb-c.h"
#include "server/handlers/segment_message.h"
#include "server/rpc/method.h"

static void delete_segment_check(struct rpc_context *ctx,
                                 const Profiled__V1__DeleteSegmentRequest *request) {
    segment_name_check(ctx, request->name, "name");
}

static struct status delete_segment(struct rpc_context *ctx,
                                    const Profiled__V1__DeleteSegmentRequest *request,
                                    Profiled__V1__DeleteSegmentResponse *response) {
    struct store_segment segment;
    TRY(segment_find(ctx, request->name, "name", &segment));
    TRY(segment_etag_check(ctx, &segment, request->etag));
    TRY(segment_use_check(ctx, &segment));
    TRY(segment_message(ctx, &segment, &response->segment));
    return store_segment_delete(ctx->store, &segment);
}

RPC_METHOD(SegmentService, DeleteSegment, delete_segment, RPC_WRITE);
