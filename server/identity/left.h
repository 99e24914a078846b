#pragma once
/* What of a record a person's other members tell already: it is left to them, and each keeps what
 * it is by itself. Nobody's later record, which may agree with any of them, is kept from the person
 * for what an earlier one took away. */

#include "server/identity/members.h"
#include "server/identity/record.h"

/* Strong facts of the record that contradict the member that it goes to, and that another member
 * tells: bits of enum identity_veto. Those by which any type keeps records from the person, be it
 * none of this record's. */
MUST_USE struct status left_find(const struct members_context *context,
                                 const struct members *members, const struct profile *member,
                                 const struct record *record, uint32_t *out);
