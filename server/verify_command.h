#pragma once
/* The command `profiled verify`. */

#include "server/workspaces.h"

/* Proves every workspace of a data directory, tells what it finds on standard output, and returns
 * the exit status: 0 when all is well, 1 when something is off or can't be opened. */
int verify_command(const struct workspaces_options *options);
