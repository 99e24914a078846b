#pragma once
/* What a trait should be, computed from scratch: from all interactions of a profile as
 * ListInteractions tells them, with nothing of how the server computes it. */

#include "tests/handlers/traits.h"

/* The filters that it knows by their texts, beside "", the first of them of one currency. */
enum { TRAIT_FILTERS = 10, TRAIT_FILTERS_OF_AMOUNTS = 2 };
const char *trait_filter_of(size_t at);

/* Ends the test where the profile's value of a trait is another one. */
void expect_trait(const Profiled__V1__TraitDefinition *trait, const Profiled__V1__Profile *profile,
                  const Profiled__V1__ListInteractionsResponse *events, const char *when);
