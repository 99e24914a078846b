#pragma once
/* Whether the server knows the fields that an import's columns are mapped to. */

#include "client/cli/columns.h"
#include "client/cli/session.h"

/* Asks the server for its attributes and identity types, as far as columns were mapped to some:
 * what was guessed is always known. Answers an exit code: EXIT_USAGE, with each column told and the
 * fields that there are, when one goes where the server knows nothing. */
int import_fields_check(struct session *session, struct columns *columns);
