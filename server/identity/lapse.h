#pragma once
/* Identities that the present rules make contact data, on profiles that ApplyIdentityTypes has not
 * come to: they hold what somebody else is about to have. */

#include "server/identity/identity_type.h"
#include "server/identity/members.h"

/* Makes contact data of what those have the identity by that identity_owners_find() tells as
 * lapsed, as ApplyIdentityTypes would: they remember what it was. All but `keepers`, whose the
 * identity is to be. Before these are put. */
MUST_USE struct status identity_lapse(const struct members_context *context,
                                      const struct identity_type *type, const char *canonical,
                                      const struct members *keepers);
