#pragma once
/* Other names that fields, functions and words are often asked for by: too far from the known one
 * for the nearest name. Private to filters. */

#include "server/segment/field.h"

/* The known name, or NULL. Case, _ and - make no difference: createdAt is created_at. */
const char *field_alias_find(enum field_subject subject, const char *name);
