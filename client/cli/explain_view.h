#pragma once
/* Why, for people: a profile's history as a tree, and what keeps two apart. */

#include "client/cli/session.h"

#include "profiled/v1/identity_service.pb-c.h"

/* The tree of a profile: its members, under each the decisions on its records, and the merges. The
 * pages are those of one profile, in order; members and merges are those of the first. */
void explain_profile_print(const struct session *session, const char *name,
                           Profiled__V1__ExplainProfileResponse *const *pages, size_t page_count);

/* A verdict in a sentence, with its evidence, its obstacles and what would take them away. */
void explain_match_print(const struct session *session,
                         const Profiled__V1__ExplainMatchResponse *response);
