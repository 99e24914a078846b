#pragma once
/* Filters of profiles in requests. */

#include "server/rpc/rpc.h"
#include "server/segment/filter.h"
#include "server/segment/person.h"

struct profile_filter {
    struct filter filter;
    struct fields fields;
    const struct store_traits *traits; /* Read once for all profiles. */
    struct arena scratch;              /* Of one profile after the other. */
};

/* Tells in ErrorInfo what is wrong with a filter of any sort, where the status is FILTER_INVALID.
 */
void filter_error_tell(struct rpc_context *ctx, struct status status,
                       const struct filter_error *error);

/* Compiles a filter. INVALID_ARGUMENT FILTER_INVALID with `offset` (bytes), `found` and `expected`
 * in ErrorInfo, and `nearest` where a name is not known and another one is like it. Lives as long
 * as the call. */
MUST_USE struct status profile_filter_read(struct rpc_context *ctx, const char *text,
                                           struct profile_filter *out);

/* Whether it holds for the live profile of an id; false where there is none. */
MUST_USE struct status profile_filter_takes(struct rpc_context *ctx, struct profile_filter *filter,
                                            struct id id, bool *out);

/* What a profile_filter holds beside the call's own memory. */
void profile_filter_free(struct profile_filter *filter);
