#pragma once
/* E-mail addresses: the addr-spec of RFC 5321 and RFC 6531. */

#include "server/base/arena.h"
#include "server/base/status.h"
#include "server/identity/identity_type.h"

enum {
    EMAIL_SIZE_MAX = 254,      /* RFC 5321, 4.5.3.1.3: a path of 256 with its angle brackets. */
    EMAIL_LOCAL_SIZE_MAX = 64, /* RFC 5321, 4.5.3.1.1. */
    EMAIL_LABEL_SIZE_MAX = 63, /* RFC 1035, 2.3.4. */
};

/* The canonical form of an address: trimmed, NFC, lower case throughout, the domain in IDNA ASCII,
 * quotes round the local part only where it needs them, a plain i for İ before the @. Dots and
 * +tags stay.
 *
 * Refused: comments, folding white space and obsolete forms; a domain without a dot; anything over
 * the sizes above. Address literals are read: [192.0.2.1], and [IPv6:2001:DB8::1], which becomes
 * [ipv6:2001:db8::1].
 *
 * Errors and memory as identity_canonicalise(). */
MUST_USE struct status email_canonicalise(const char *value, struct arena *arena, const char **out);

/* A canonical address without what a form ignores (bits of enum email_form): the dots of the local
 * part; its +tag, unless nothing would be left. A quoted local part stays as it is. The address
 * itself where that changes nothing; else in the arena. */
const char *email_in_form(const char *address, uint32_t form, struct arena *arena);

/* Whether two canonical addresses are the same in a form. Needs no memory. */
bool email_is_same(const char *one, const char *other, uint32_t form);
