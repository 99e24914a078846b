#pragma once
/* What relates two persons by the present rules, whether these have been applied to them or not. */

#include "server/identity/record.h"
#include "server/identity/rules.h"
#include "server/store/profile.h"

/* Whether the two have an identity in common that matches by the rules, and that is one's own: if
 * both have it as contact data because others own it, it is what relates them to these. Reads
 * nothing; sorts their identities, and judges those that both tell. */
bool relation_holds(const struct identity_rules *rules, const struct profile *one,
                    const struct profile *other, struct arena *arena);

/* Whether the record tells what matches by the rules and is the person's own. */
bool relation_reaches(const struct identity_rules *rules, const struct record *record,
                      const struct profile *person, struct arena *arena);
