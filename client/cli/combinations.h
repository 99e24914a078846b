#pragma once
/* Which options do not go together: what would be left out without a word is refused. */

#include "client/cli/command.h"

/* False, told, when the command line says something that the command would not look at. */
bool combinations_check(const struct command *command, const struct arguments *arguments);
