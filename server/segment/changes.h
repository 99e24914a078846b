#pragma once
/* What becomes of persons in a write: made from what their profiles were and are to be, from the
 * interactions that are recorded, and from the segments that they enter and leave, or that are
 * deleted. */

#include "server/store/change.h"
#include "server/store/segment.h"

/* The changes of one write, in their order. */
struct changes {
    struct arena *arena;
    size_t count;
    struct store_change *items;
};

/* Adds what a view wishes of profiles and interactions, and the segments that it deletes. */
MUST_USE struct status changes_of_view(struct changes *changes, struct store_view *view);

/* Adds the segments that somebody enters and leaves; `filled` where nobody wrote anything. */
MUST_USE struct status changes_of_membership(struct changes *changes, struct store_view *view,
                                             struct id profile,
                                             const struct store_membership *before,
                                             const struct store_membership *after, bool filled);

/* Wishes that they follow the changes there are. */
MUST_USE struct status changes_put(const struct changes *changes, struct store_view *view,
                                   int64_t now_us);
