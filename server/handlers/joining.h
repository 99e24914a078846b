#pragma once
/* Two profiles that are one person, or are not, because somebody knows it: what the calls that say
 * so have in common. */

#include "server/rpc/rpc.h"

/* Merges two profiles. The caller sets of `merge` one, other and method; the rest is filled here.
 * FAILED_PRECONDITION MERGE_NOT_ALLOWED when that would break a limit or a strong fact, of which
 * attributes count as `vetoes` (enum identity_veto) says: with the rule, the field, and the count
 * and the limit, where there is one, in ErrorInfo. Without these when the two are one already. */
MUST_USE struct status joining_merge(struct rpc_context *ctx, uint32_t vetoes,
                                     const struct profile *one, const struct profile *other,
                                     struct store_merge *merge, const struct profile **survivor);

/* Says that two profiles are never to be one, and answers how it stands: as it was said before, if
 * it was. `one` and `other` answer for the two of `never`, in either order. MERGE_NOT_ALLOWED when
 * they are one profile. */
MUST_USE struct status joining_forbid(struct rpc_context *ctx, const struct profile *one,
                                      const struct profile *other, struct store_never_join *never);
