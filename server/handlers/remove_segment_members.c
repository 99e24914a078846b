/* RemoveSegmentMembers: takes persons off the list of a segment. */

#include "server/handlers/segment_list.h"
#include "server/rpc/method.h"

static void remove_segment_members_check(struct rpc_context *ctx,
                                         const Profiled__V1__RemoveSegmentMembersRequest *request) {
    segment_list_check(ctx, request->name, request->n_members);
}

static struct status
remove_segment_members(struct rpc_context *ctx,
                       const Profiled__V1__RemoveSegmentMembersRequest *request,
                       Profiled__V1__RemoveSegmentMembersResponse *response) {
    struct segment_list_result result;
    TRY(segment_list_change(ctx, request->name, request->members, request->n_members, false,
                            &result));
    response->n_verdicts = request->n_members;
    response->verdicts = result.verdicts;
    response->removed_count = result.changed_count;
    response->failed_count = result.failed_count;
    return OK;
}

RPC_METHOD(SegmentService, RemoveSegmentMembers, remove_segment_members, RPC_WRITE);
