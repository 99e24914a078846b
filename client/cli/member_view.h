#pragma once
/* What a member of a profile has, besides its records, as branches of a tree. */

#include "client/cli/history.h"
#include "client/cli/tree.h"

/* The branches of a member's identities, of what somebody did by hand, and of its open reviews;
 * none for what there is not. `last`: no branch follows. */
void member_view_print(struct tree *tree, const struct history *history, const char *member_id,
                       bool last);
