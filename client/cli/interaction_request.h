#pragma once
/* Interactions, and which of them are wanted, out of options. */

#include <jansson.h>

#include "client/cli/arguments.h"

/* An InteractionRecord in JSON, that of --json or out of the other options. NULL, told, when it
 * can't be read. */
json_t *interaction_request(const struct arguments *arguments);

/* An InteractionFilter in JSON, out of --kind, --channel, --since and so on. NULL, told, when it
 * can't be read. */
json_t *interaction_filter_request(const struct arguments *arguments);
