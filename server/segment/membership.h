#pragma once
/* Who is in which segment, kept exact: with every write, and when a time comes that filters wait
 * for. A person is judged by the segments whose filters read a field that has another value than
 * before, and by those that read these segments in turn. */

#include "server/store/segment.h"
#include "server/store/store.h"

/* Judges the persons whom a view's wishes are about. Its steps judge those for whom something is
 * due, go on with the backfill of segments, and take away what is left of deleted ones; where the
 * clock was set back past a time that a filter had waited for, all segments are filled anew. For
 * store_options.follower. */
extern const struct store_follower membership_follower;
