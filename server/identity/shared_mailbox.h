#pragma once
/* What tells the people apart who share a mailbox or a telephone: one of them has it as an
 * identity, the others as contact data (OWNED_ELSEWHERE), since their birth dates differ. The
 * others are found again by what they share, the birth date and the name, all three: so that a
 * record that is told twice does not make two of them. */

#include "server/identity/record.h"
#include "server/store/profile.h"

/* The value of the shared term of an identity: its match value, the birth date, the words of the
 * name. NULL when the birth date or the name was not told. The term's field is the type that the
 * identity matches as. */
const char *shared_mailbox_of_record(const struct record *record,
                                     const struct record_identity *identity, struct arena *arena);
const char *shared_mailbox_of_profile(const struct profile *profile,
                                      const struct profile_identity *identity, struct arena *arena);
