#pragma once
/* Several lists read as one. The keys of a list are its prefix and then a place; places are of one
 * size, and in their order the rows are given out. Private to the store.
 *
 *   struct weave weave = weave_begin(view, count, ID_SIZE, ENGINE_ASCENDING);
 *   struct status status = weave_add(&weave, &prefix, after);      a list; as many as `count`
 *   struct strand *first = weave_first(&weave);                    NULL: there is no more
 *   status = weave_next(&weave, first);                            past its row
 *   weave_end(&weave);                                             always
 *
 * A list is read as its rows are taken, and not further. Wishes of the view are seen. */

#include "server/store/view_scan.h"

/* A list in a weave, and its next row. */
struct strand {
    size_t index; /* Of the list: 0 for the one added first. */
    struct view_scan *scan;
    size_t prefix_size;
    struct view_row row;
    struct bytes place; /* In its key; data NULL: the list has ended. */
};

struct weave {
    struct store_view *view;
    size_t place_size;
    enum engine_order order;
    size_t count;
    struct strand *strands;
};

/* A weave of at most `max` lists. */
struct weave weave_begin(struct store_view *view, size_t max, size_t place_size,
                         enum engine_order order);

/* Adds the list of a prefix: its rows strictly behind the place `after`, or, when that is empty,
 * all. */
MUST_USE struct status weave_add(struct weave *weave, const struct store_key *prefix,
                                 struct bytes after);

/* The place behind which a list of ids begins: a zero id is before all. */
static inline struct bytes weave_behind(const struct id *id) {
    return bytes_of(id->bytes, id_is_zero(*id) ? 0 : ID_SIZE);
}

/* The list whose row comes next; of several with the same place the one added first. */
struct strand *weave_first(const struct weave *weave);

/* Goes past a list's row. */
MUST_USE struct status weave_next(const struct weave *weave, struct strand *strand);

void weave_end(struct weave *weave);
