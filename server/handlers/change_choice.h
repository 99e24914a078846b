#pragma once
/* Which changes somebody wants to hear of: by kind, segment and person. */

#include "profiled/v1/change.pb-c.h"
#include "server/handlers/profile_filter.h"
#include "server/store/change.h"

enum { CHANGE_SEGMENTS_MAX = 100 };

struct change_choice {
    uint64_t kinds; /* Bits. */
    size_t segment_count;
    const char *const *segments;
    struct profile_filter filter;
};

/* Notes kinds that there are not, and names that no segment has. */
void change_choice_check(struct rpc_context *ctx, const Profiled__V1__ChangeKind *kinds,
                         size_t kind_count, char *const *segments, size_t segment_count,
                         const char *path);

/* The kinds as bits; 0 for none. */
uint64_t change_kinds(const Profiled__V1__ChangeKind *kinds, size_t count);

/* NOT_FOUND SEGMENT_NOT_FOUND where one of the segments is not there. */
MUST_USE struct status change_segments_check(struct rpc_context *ctx, char *const *segments,
                                             size_t count, const char *path);

/* The choice without its filter; without kinds all are meant, or, with segments, those of segments.
 */
struct change_choice change_choice_of(uint64_t kinds, const char *const *segments,
                                      size_t segment_count);

/* The same with its filter; `is_kept`: that is one that was kept. What it took is to be freed with
 * change_choice_free(), unless this fails. */
MUST_USE struct status change_choice_read(struct rpc_context *ctx, uint64_t kinds,
                                          const char *const *segments, size_t segment_count,
                                          const char *filter, bool is_kept,
                                          struct change_choice *out);
void change_choice_free(struct change_choice *choice);

/* Whether it takes a change. Of a person who is not there, and of a segment itself, the filter
 * takes any. */
MUST_USE struct status change_choice_takes(struct rpc_context *ctx, struct change_choice *choice,
                                           const struct store_change *change, bool *out);
