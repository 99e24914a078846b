#pragma once
/* Addresses that are contact data since somebody else had one that was compared as the same. */

#include "server/identity/members.h"

/* Whether the one who had the member's identity, when it was told, had it by another address that
 * the rules of then compared as the same, and those of the context do not. */
MUST_USE struct status contact_was_another(const struct members_context *context,
                                           const struct profile *member,
                                           const struct profile_identity *identity, bool *out);
