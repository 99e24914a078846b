#pragma once
/* Traits, a line each. */

#include "tests/handlers/events.h"

#define AGGREGATION(NAME) PROFILED__V1__TRAIT_AGGREGATION__TRAIT_AGGREGATION_##NAME
#define FIELD(NAME) PROFILED__V1__TRAIT_FIELD__TRAIT_FIELD_##NAME

/* A trait that is to be made, as a message in the test's arena; of all interactions. */
Profiled__V1__TraitDefinition *trait_told(const char *name, int aggregation, int field,
                                          int window_days);

const Profiled__V1__TraitDefinition *create_trait(Profiled__V1__TraitDefinition *trait);
const Profiled__V1__ListTraitsResponse *list_traits(void);
void delete_trait(const char *name);

/* One call of BackfillTraits. */
const Profiled__V1__BackfillTraitsResponse *backfill_traits(int max_interactions);

/* The value of a trait in a profile; NULL when there is none of the name. */
const Profiled__V1__TraitValue *trait_in(const Profiled__V1__Profile *profile, const char *name);

/* Its number; NaN when it has none. */
double trait_number(const char *profile_id, const char *name);

/* Its text; "" when it has none. */
const char *trait_text(const char *profile_id, const char *name);
