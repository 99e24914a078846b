#pragma once
/* Pairs that are never to be one, of persons who may be several members each. Making and taking
 * away one is merge.h's. */

#include "server/store/store.h"

enum { NEVER_JOIN_PAIRS_MAX = 100 }; /* That are told of two persons. */

/* The pairs of a member of the one and a member of the other, at most NEVER_JOIN_PAIRS_MAX. *out is
 * the view's arena's. */
MUST_USE struct status never_joins_between(struct store_view *view, const struct profile *one,
                                           const struct profile *other,
                                           const struct store_never_join **out, size_t *count);
