#pragma once
/* Whether other rules would make a merge that is there: by the record that asked for it, or where
 * rules themselves joined two, by the identities that one claimed and the other has. */

#include "server/identity/cause.h"

/* Whether a merge that stands is to go: the rules that it was made by join the two, these do not;
 * or an attribute differs that vetoes now and did not then. What somebody did by hand stays. */
MUST_USE struct status tie_is_to_go(const struct members_context *context, const struct tie *tie,
                                    bool *out);

/* Whether a merge that rules undid is to stand again, as far as it depends on what joined the two.
 */
MUST_USE struct status tie_may_stand(const struct members_context *context, const struct tie *tie,
                                     bool *out);
