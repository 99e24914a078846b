#pragma once
/* Accounts on social networks. */

#include "server/base/arena.h"
#include "server/base/status.h"
#include "server/identity/identity_type.h"

/* The canonical form of an account: without surrounding space and marks, the @ and the URL of the
 * type's network (https://www.instagram.com/NAME/?hl=ar is NAME), NFKC; lower case where the type
 * says so. A URL of another site is refused, as is one that names a post and no account.
 *
 * Errors and memory as identity_canonicalise(). */
MUST_USE struct status handle_canonicalise(const struct identity_type *type, const char *value,
                                           struct arena *arena, const char **out);
