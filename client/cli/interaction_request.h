#pragma once
/* An interaction and whose it is, out of the options of `interaction record`. */

#include <jansson.h>

#include "client/cli/arguments.h"

/* An InteractionRecord in JSON, that of --json or out of the other options. NULL, told, when it
 * can't be read. */
json_t *interaction_request(const struct arguments *arguments);
