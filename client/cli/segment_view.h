#pragma once
/* Segments as people read them. */

#include "client/cli/session.h"

#include "profiled/v1/segment_service.pb-c.h"

/* As a table, a line each. */
void segment_view_rows(const struct session *session, Profiled__V1__Segment *const *segments,
                       size_t count);

/* All that one is. */
void segment_view_one(const struct session *session, const Profiled__V1__Segment *segment);

/* Its size over time, as a chart; nothing where it never had a member. `today` is the day, counted
 * from 1970. */
void segment_view_sizes(const struct session *session,
                        const Profiled__V1__ListSegmentSizesResponse *sizes, int64_t today);
