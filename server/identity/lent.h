#pragma once
/* What a part (part.h) has only while it stands alone. Where it came from an identity may be
 * contact data: another profile's, or over a limit. Alone the part may have it active; it remembers
 * what it is by right, and is that again once it is back.
 *
 *   told in p with e     phone: active      whatsapp: active      whatsapp blocked
 *   p has the number as  contact data       contact data          contact data
 *   the part             is in p            alone: active         is in p again: contact data */

#include "server/identity/members.h"

/* An identity of a part that stands alone from now on may be active. */
void lent_free(struct profile_identity *identity);

/* The part comes back: what was lent is contact data again, and the first of the fellows that
 * claims it has it. */
void lent_return(struct profile *part, struct members *const *fellows, size_t count);

/* The part, which was back, stands alone again. */
void lent_take(struct profile *part);

/* The members let go of what one of them has only as a part. False when none has, or another of
 * them has it by right. */
bool lent_yield(struct members *members, const struct identity_type *type, const char *match);

/* The member has what it claimed. */
void lent_claim(struct profile *member, const struct identity_type *type, const char *match);
