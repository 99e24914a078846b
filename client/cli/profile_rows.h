#pragma once
/* Profiles as a table, a line each: id, name, the best identity, when it was changed. */

#include "client/cli/session.h"

#include "profiled/v1/profile.pb-c.h"

/* Prints them; where `is_section`, as what stands under a heading. */
void profile_rows_print(const struct session *session, Profiled__V1__Profile *const *profiles,
                        size_t count, bool is_section);
