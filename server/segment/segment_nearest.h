#pragma once
/* The segment that may be meant by a name that none has. */

#include "server/base/arena.h"
#include "server/base/status.h"
#include "server/store/store.h"

/* *out is NULL where none is like it, else in the arena. `archived`: those that are archived may be
 * meant too. Wishes of the view do not count. */
MUST_USE struct status segment_nearest(struct store_view *view, const char *name, bool archived,
                                       struct arena *arena, const char **out);
