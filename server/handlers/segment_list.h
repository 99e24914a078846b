#pragma once
/* The lists of static segments: putting persons on one, and taking them off. */

#include "profiled/v1/segment_service.pb-c.h"
#include "server/rpc/rpc.h"

/* Checks the name and the members of a request. */
void segment_list_check(struct rpc_context *ctx, const char *name, size_t member_count);

struct segment_list_result {
    Profiled__V1__SegmentMemberVerdict **verdicts; /* One for each member. */
    int64_t changed_count;
    int64_t failed_count;
};

/* Puts the profiles of members on the list of a segment, or takes all profiles of the persons off
 * it. */
MUST_USE struct status segment_list_change(struct rpc_context *ctx, const char *name,
                                           Profiled__V1__SegmentMember *const *members,
                                           size_t member_count, bool add,
                                           struct segment_list_result *out);
