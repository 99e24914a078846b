#pragma once
/* Two profiles become one: the older survives, the other redirects to it for ever. */

#include "server/store/store.h"

/* Merges two live profiles, whose merge veto_merge() does not forbid: wishes the other to redirect,
 * and gives the survivor, not yet wished, in *survivor for further changes: the caller puts it.
 * Interactions stay where they are: the cost does not grow with them. */
MUST_USE struct status profile_merge(struct store_view *view, const struct profile *one,
                                     const struct profile *other, int64_t now_us,
                                     struct profile **survivor);

/* Whether `one` was made before `other`. */
bool profile_is_older(const struct profile *one, const struct profile *other);
