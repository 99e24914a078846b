#pragma once
/* The match value of an identity: the form in which it is compared and indexed. Two identities of
 * types with one match name are the same when their match values are equal bytes. It is a function
 * of the type's rules and the canonical value, and the canonical value itself but for e-mail
 * addresses of a workspace that ignores dots or +tags. */

#include "server/base/arena.h"
#include "server/identity/identity_type.h"

/* The match value; `canonical` itself where nothing differs, else in the arena. */
const char *identity_match_value(const struct identity_type *type, const char *canonical,
                                 struct arena *arena);

/* The other match values that the identity had under earlier rules of the type: rows that nobody
 * has written since lie under them. Each once, none equal to the present one; at most
 * EMAIL_FORM_COUNT - 1. Answers how many. */
size_t identity_match_values_before(const struct identity_type *type, const char *canonical,
                                    struct arena *arena, const char *out[EMAIL_FORM_COUNT]);
