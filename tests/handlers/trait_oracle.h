#pragma once
/* What a trait should be, computed from scratch: from all interactions of a profile as
 * ListInteractions tells them, with nothing of how the server computes it. */

#include "tests/handlers/traits.h"

/* Ends the test where the profile's value of a trait is another one. */
void expect_trait(const Profiled__V1__TraitDefinition *trait, const Profiled__V1__Profile *profile,
                  const Profiled__V1__ListInteractionsResponse *events, const char *when);
