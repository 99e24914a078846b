#pragma once
/* What a profile is found by: the terms from which the store derives its index rows. */

#include "server/store/profile.h"

/* Every active identity (as the type that it matches as), the words of the name, the indexed
 * attributes in the form in which they are compared. Pure: a profile_terms_fn. */
size_t identity_profile_terms(const struct profile *profile, struct arena *arena,
                              struct profile_term **out);
