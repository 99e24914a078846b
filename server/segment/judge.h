#pragma once
/* Judging one person by the segments of a workspace. Private to membership. */

#include "server/segment/changes.h"
#include "server/segment/segment_set.h"

/* What is known while persons are judged one after the other. */
struct judging {
    const struct segment_set *set;
    struct store_view *view;   /* With the wishes. */
    struct store_view *before; /* Without. */
    struct changes *changes;   /* What became of persons so far. */
    bool filling;              /* Nobody has written anything: segments are being filled. */
    struct arena *scratch;
    int64_t now_us;
    int64_t passed_us; /* filter_times.passed_us of all that was judged. */
};

/* Judges a person of whom `view` wishes something, in `parts`: bits of enum store_touch_parts. */
MUST_USE struct status judge_change(struct judging *judging, struct id id, unsigned parts);

/* Judges one by what is due by now. */
MUST_USE struct status judge_due(struct judging *judging, struct id id);

/* Judges one by items of the set, by their own filters wherever the pass is, and by the static
 * segments. Does nothing where there is no live profile of the id. */
MUST_USE struct status judge_forced(struct judging *judging, struct id id, const bool *forced);

/* Takes a person out of a segment that is no longer there. */
MUST_USE struct status judge_without(struct judging *judging, struct id id, uint32_t segment);
