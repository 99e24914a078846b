#pragma once
/* Segments between the wire, their checks, and the store's. */

#include "profiled/v1/segment.pb-c.h"
#include "server/rpc/rpc.h"
#include "server/store/segment.h"

/* Notes a name that no segment may have. */
void segment_name_check(struct rpc_context *ctx, const char *name, const char *field);

/* The fields of a segment that may be changed. */
enum segment_fields {
    SEGMENT_DISPLAY_NAME = 1,
    SEGMENT_DESCRIPTION = 2,
    SEGMENT_COLOR = 4,
    SEGMENT_LABELS = 8,
    SEGMENT_STATE = 16,
    SEGMENT_FILTER = 32,
    SEGMENT_ALL_FIELDS = 63,
};

/* Reads these fields of a segment into `out`, and leaves the others; notes what is wrong. A filter
 * is not compiled. */
void segment_read(struct rpc_context *ctx, const Profiled__V1__Segment *given, unsigned fields,
                  struct store_segment *out);

/* Compiles the filter of a segment, and settles it for keeping, with the segments that it reads;
 * `is_kept`: it was kept before. INVALID_ARGUMENT FILTER_INVALID, FIELD_INVALID;
 * FAILED_PRECONDITION SEGMENT_CIRCLE where it reads itself, by way of others or at once. Before the
 * view has wishes. */
MUST_USE struct status segment_filter_settle(struct rpc_context *ctx, bool is_kept,
                                             struct store_segment *segment);

/* The segment of a name. NOT_FOUND SEGMENT_NOT_FOUND, with the `field` that names it, and the
 * `nearest` name. */
MUST_USE struct status segment_find(struct rpc_context *ctx, const char *name, const char *field,
                                    struct store_segment *out);

/* ABORTED ETAG_MISMATCH when an etag was given and is not the segment's. */
MUST_USE struct status segment_etag_check(struct rpc_context *ctx,
                                          const struct store_segment *segment, const char *etag);

/* FAILED_PRECONDITION SEGMENT_IN_USE where the filter of another segment, or a subscription, asks
 * for this one. Before the view has wishes. */
MUST_USE struct status segment_use_check(struct rpc_context *ctx,
                                         const struct store_segment *segment);

/* Whether everybody was judged by it, and by all that it reads. */
MUST_USE struct status segment_is_ready(struct rpc_context *ctx,
                                        const struct store_segment *segment, bool *out);

MUST_USE struct status segment_message(struct rpc_context *ctx, const struct store_segment *segment,
                                       Profiled__V1__Segment **out);
