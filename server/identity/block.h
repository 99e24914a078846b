#pragma once
/* Values that identify nobody: placeholders, repeated characters, too short ones, role mailboxes.
 * A blocked value is kept as contact data and never matches. */

#include <stdbool.h>

#include "server/base/arena.h"
#include "server/identity/identity_type.h"

enum block_rule {
    BLOCK_VALUE,        /* A placeholder, or on the list of the type. */
    BLOCK_REPEATED,     /* Zeros and punctuation alone, or one character four times or more;
                           five for EXACT and HANDLE types. A phone number that ends in one digit
                           seven times. */
    BLOCK_SHORT,        /* Shorter than the type's min_length. */
    BLOCK_ROLE_MAILBOX, /* info@, sales@, ... */
    BLOCK_PATTERN,      /* One of the type's patterns is found in it, or takes too many steps. */
};

/* Whether a canonical value is blocked; *out is set only then. The rules are tried in the order of
 * the enum. `canonical` comes from identity_canonicalise() with the same type. */
bool identity_block_rule(const struct identity_type *type, const char *canonical,
                         enum block_rule *out);

/* Whether it is the type's own list that has the value, and no built-in one. */
bool block_is_listed(const struct identity_type *type, const char *canonical);

/* What people and programs write where there is no value, in one spelling: `null` of `(Null)`, and
 * zeros or one digit four times or more, `00-00`. It is a canonical form of the types that have a
 * form of their own, as e-mail addresses, and they block it: identity_block_rule(). NULL for any
 * other value. In the arena. */
const char *block_value_of_nobody(const char *value, struct arena *arena);
