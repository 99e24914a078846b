#pragma once
/* Who meets a clause of a scan: a source for each of its terms, two for an identity. Private to the
 * store. */

#include "server/store/view.h"

/* The rows that begin with the prefix and end with ids; or, where the prefix is empty, one profile.
 */
struct profile_source {
    struct store_key prefix;
    struct id one; /* Zero: nobody. */
};

struct profile_sources {
    size_t count;
    struct profile_source *items;
};

/* The sources of a clause. Those that are one profile, or nobody, are looked up. */
MUST_USE struct status profile_sources_find(struct store_view *view,
                                            const struct store_clause *clause,
                                            struct profile_sources *out);

/* Whether the id of a live profile is in one of them. */
MUST_USE struct status profile_sources_have(struct store_view *view,
                                            const struct profile_sources *sources, struct id id,
                                            bool *out);

/* How many rows they have together, up to `max`; wishes not counted. */
MUST_USE struct status profile_sources_count(struct store_view *view,
                                             const struct profile_sources *sources, uint64_t max,
                                             uint64_t *out);
