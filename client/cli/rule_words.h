#pragma once
/* What rules and verdicts mean, for people. */

#include "client/cli/output.h"

/* The rule in a phrase, as "the birth dates differ"; "" for none. For one that a newer server
 * knows, its name in `room`. */
const char *rule_words(Profiled__V1__IdentityRule rule, char room[WORDS_SIZE]);

/* The verdict in a sentence; "" for one that a newer server knows. */
const char *verdict_words(const Profiled__V1__ExplainMatchResponse *response);
