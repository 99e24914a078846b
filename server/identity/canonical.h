#pragma once
/* The canonical form of an identity: two values are the same identity when their canonical forms
 * are equal bytes. */

#include "server/base/arena.h"
#include "server/base/status.h"
#include "server/identity/identity_type.h"

/* Brings a value into the canonical form of its type. `region` is that of national phone numbers
 * (ISO 3166-1 alpha-2 of either case), "" when none is known; other types ignore it. The value is
 * 1 to IDENTITY_VALUE_SIZE_MAX bytes of UTF-8; anything else is refused, not trusted.
 *
 * A value that the type's form refuses and that nobody has (`n/a` as an e-mail address,
 * `0000000000` as a number) is not refused: see block_value_of_nobody().
 *
 * A canonical form is its own canonical form, and at most IDENTITY_VALUE_SIZE_MAX bytes too.
 *
 * *out is allocated from the arena. Errors: INVALID_ARGUMENT FIELD_INVALID; the text completes
 * "the value ...": "has no @". It never holds the value. */
MUST_USE struct status identity_canonicalise(const struct identity_type *type, const char *value,
                                             const char *region, struct arena *arena,
                                             const char **out);
