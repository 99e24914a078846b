#pragma once
/* Filters of profiles in requests. */

#include "server/rpc/rpc.h"
#include "server/segment/filter.h"
#include "server/segment/person.h"

struct profile_filter {
    const char *text; /* As it was given. */
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
 * in ErrorInfo, and `nearest` where a name is not known and another one is like it. One that is
 * kept was accepted before: see field_names. Lives as long as the call. */
MUST_USE struct status profile_filter_read(struct rpc_context *ctx, const char *text, bool is_kept,
                                           struct profile_filter *out);

/* The same of a segment's filter, which may not name the segment itself: FAILED_PRECONDITION
 * SEGMENT_CIRCLE. */
MUST_USE struct status profile_filter_read_of(struct rpc_context *ctx, const char *segment,
                                              const char *text, bool is_kept,
                                              struct profile_filter *out);

/* The filter of a call of several runs: it means in all of them what it meant in the first one,
 * whatever becomes of labels, identity types and the region. *kept, NULL before the first run, is
 * its text in canonical form, in the arena of the stream. NOT_FOUND SEGMENT_NOT_FOUND with `field`
 * and `segment` where one that it names was deleted or archived since. */
MUST_USE struct status profile_filter_go_on(struct rpc_context *ctx, const char *text,
                                            const char **kept, struct profile_filter *out);

/* The text for keeping it. INVALID_ARGUMENT FIELD_INVALID of `field` where that is too long. */
MUST_USE struct status profile_filter_settle(struct rpc_context *ctx, struct profile_filter *filter,
                                             const char *field, const char **out);

/* Whether it holds for the live profile of an id; false where there is none. */
MUST_USE struct status profile_filter_takes(struct rpc_context *ctx, struct profile_filter *filter,
                                            struct id id, bool *out);

/* What a profile_filter holds beside the call's own memory. */
void profile_filter_free(struct profile_filter *filter);
