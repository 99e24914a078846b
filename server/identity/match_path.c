/* Between two members of one person: the ties that lead from the one to the other. */

#include <assert.h>

#include "server/identity/match.h"

static size_t position_of(const struct profile *profile, struct id id) {
    size_t at = 0;
    while (at < profile->absorbed_count && !id_equal(profile->absorbed[at], id)) {
        at++;
    }
    return at; /* The profile itself stands behind those that it absorbed. */
}

/* From `to` outwards, each member learns the tie by which it is reached: from `from` these ties
 * lead back. */
const struct id *match_path(const struct profile *profile, struct id from, struct id to,
                            struct arena *arena, size_t *count) {
    const size_t none = profile->absorbed_count; /* Of ties; there are as many. */
    size_t *ties = arena_array(arena, profile->absorbed_count + 1, sizeof *ties);
    bool *reached = arena_array(arena, profile->absorbed_count + 1, sizeof *reached);
    reached[position_of(profile, to)] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < none; i++) {
            const size_t one = position_of(profile, profile->merges[i].one);
            const size_t other = position_of(profile, profile->merges[i].other);
            if (reached[one] != reached[other]) {
                ties[reached[one] ? other : one] = i;
                reached[one] = true;
                reached[other] = true;
                more = true;
            }
        }
    }
    struct id *path = arena_array(arena, none, sizeof *path);
    *count = 0;
    const size_t end = position_of(profile, to);
    for (size_t at = position_of(profile, from); at != end && *count < none;) {
        assert(reached[at]);
        const struct profile_merge *tie = &profile->merges[ties[at]];
        path[(*count)++] = tie->id;
        const size_t one = position_of(profile, tie->one);
        at = one == at ? position_of(profile, tie->other) : one;
    }
    return path;
}
