#pragma once
/* A way through profiles in an order: lists that are read as one, of which each profile is given
 * out once. Private to the store.
 *
 *   struct profile_walk walk = profile_walk_begin(view, &range, list_count);
 *   TRY(profile_walk_add_rows(&walk, &prefix));          as many lists as list_count
 *   profile_walk_add_places(&walk, places, count);
 *   status = profile_walk_next(&walk, &place);           place.set false: there is no more
 *   profile_walk_end(&walk);                             always */

#include "server/store/view_scan.h"

/* Places from `low` to `high`, both included, and beyond `after`. In order of creation places have
 * no time. */
struct profile_range {
    enum store_order order;
    bool descending;
    struct store_cursor low;
    struct store_cursor high;
    struct store_cursor after;
};

struct profile_list;

struct profile_walk {
    struct store_view *view;
    struct profile_range range;
    size_t row_count;         /* Of indexes, looked at so far. */
    struct store_cursor last; /* Given out. */
    size_t count;
    struct profile_list *lists;
};

/* Negative where the place of `a` comes first, going up. */
int store_cursor_compare(const struct store_cursor *a, const struct store_cursor *b);

struct profile_walk profile_walk_begin(struct store_view *view, const struct profile_range *range,
                                       size_t list_count);

/* Adds the rows whose keys are a prefix and a place. */
MUST_USE struct status profile_walk_add_rows(struct profile_walk *walk,
                                             const struct store_key *prefix);

/* Adds places that are in the order of the walk; borrowed. */
MUST_USE struct status profile_walk_add_places(struct profile_walk *walk,
                                               const struct store_cursor *places, size_t count);

MUST_USE struct status profile_walk_next(struct profile_walk *walk, struct store_cursor *out);

void profile_walk_end(struct profile_walk *walk);
