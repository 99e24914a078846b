/* AddSegmentMembers: puts persons on the list of a segment. */

#include "server/handlers/segment_list.h"
#include "server/rpc/method.h"

static void add_segment_members_check(struct rpc_context *ctx,
                                      const Profiled__V1__AddSegmentMembersRequest *request) {
    segment_list_check(ctx, request->name, request->n_members);
}

static struct status add_segment_members(struct rpc_context *ctx,
                                         const Profiled__V1__AddSegmentMembersRequest *request,
                                         Profiled__V1__AddSegmentMembersResponse *response) {
    struct segment_list_result result;
    TRY(segment_list_change(ctx, request->name, request->members, request->n_members, true,
                            &result));
    response->n_verdicts = request->n_members;
    response->verdicts = result.verdicts;
    response->added_count = result.changed_count;
    response->failed_count = result.failed_count;
    return OK;
}

RPC_METHOD(SegmentService, AddSegmentMembers, add_segment_members, RPC_WRITE);
