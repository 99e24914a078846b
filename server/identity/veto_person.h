#pragma once
/* Persons with all that their members tell, to be held against records and each other (veto.h). */

#include "server/identity/members.h"
#include "server/identity/veto.h"

/* The person of a profile that answers, whose members are read where it has others. */
MUST_USE struct status veto_person_read(struct store_view *view, const struct profile *profile,
                                        struct veto_person *out);

/* The same of members that were read, and of what they are together. */
struct veto_person veto_person_of(const struct profile *profile, const struct members *members);
