#pragma once
/* What SimulateIdentityTypes tells of rules, held against what ApplyIdentityTypes then does. */

#include "tests/handlers/rules.h"

/* Simulates the present rules, with a row or two a message where it is slow; applies them, so many
 * profiles at a time; and compares: the counts of all, the passes, page by page what is listed, and
 * whether those that are listed changed. NULL when all is as it was told; otherwise what is not: a
 * text of the test's arena. */
const char *rehearse(int max_profiles, bool is_slow, const struct applied **done);

/* The same a second after what was before, two profiles at a time: what is not as it was told is a
 * failure of the test. */
const struct applied *rehearsed(void);

/* Resolves a second after what was before. Answers the profile's id. */
const char *tell(const struct told *told);

/* Counts as a text. */
const char *effect_text(const Profiled__V1__IdentityTypesEffect *effect);
