/* Finding pairs between two persons. The rows of both sides tell the other's member, the list tells
 * the pairs. */

#include "server/identity/never_join.h"

#include "server/identity/members.h"

static bool has_pair(const struct store_never_join *pairs, size_t count,
                     const struct store_never_join *pair) {
    for (size_t i = 0; i < count; i++) {
        if (id_equal(pairs[i].one, pair->one) && id_equal(pairs[i].other, pair->other)) {
            return true;
        }
    }
    return false;
}

/* Adds the pair of two members, where it is on the list. A member is told once for each of those
 * that it is kept from: so a pair may come again. */
static struct status add_pair(struct store_view *view, struct id one, struct id other,
                              struct store_never_join *pairs, size_t *count) {
    bool found = false;
    struct store_never_join pair;
    TRY(store_never_join_get(view, one, other, &found, &pair));
    if (found && !has_pair(pairs, *count, &pair)) {
        pairs[(*count)++] = pair;
    }
    return OK;
}

/* Of the members of one that the other's rows tell, those that are not to be one with `member`. */
static struct status add_of_member(struct store_view *view, const struct profile *one,
                                   const struct profile *other, struct id member,
                                   struct store_never_join *pairs, size_t *count) {
    for (size_t i = 0; i < other->apart_count && *count < NEVER_JOIN_PAIRS_MAX; i++) {
        if (profile_has_member(one, other->apart[i])) {
            TRY(add_pair(view, other->apart[i], member, pairs, count));
        }
    }
    return OK;
}

struct status never_joins_between(struct store_view *view, const struct profile *one,
                                  const struct profile *other, const struct store_never_join **out,
                                  size_t *count) {
    struct store_never_join *pairs =
        arena_array(store_view_arena(view), NEVER_JOIN_PAIRS_MAX, sizeof *pairs);
    *count = 0;
    for (size_t i = 0; i < one->apart_count; i++) {
        if (profile_has_member(other, one->apart[i])) {
            TRY(add_of_member(view, one, other, one->apart[i], pairs, count));
        }
    }
    *out = pairs;
    return OK;
}
