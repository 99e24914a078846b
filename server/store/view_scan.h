#pragma once
/* Rows in the order of their keys as a view sees them: those of the engine, and over them its own
 * wishes and those of the what-if that it tries something on. Private to the store.
 *
 *   struct view_scan *scan = NULL;
 *   TRY(view_scan_open(view, &prefix, bytes_of(NULL, 0), ENGINE_ASCENDING, &scan));
 *   struct view_row row;
 *   status = view_scan_next(scan, &row);     row.key.data NULL: there is no more
 *   view_scan_close(scan);                   always
 *
 * Each step costs a search in the wishes, however many there are. What is wished once a scan is
 * open may be seen by it or not. */

#include "server/store/view.h"

struct view_scan;

/* Borrowed from the engine, or from the wishes: valid until the view is applied or ends. */
struct view_row {
    struct bytes key;
    struct bytes value; /* Of a profile, or the state of a trait, that the view holds: empty. */
    bool is_wished;     /* The value is the plain text where the row is one that is sealed. */
};

/* Opens a scan as engine_scan_open() does. */
MUST_USE struct status view_scan_open(struct store_view *view, const struct store_key *prefix,
                                      struct bytes from, enum engine_order order,
                                      struct view_scan **out);

MUST_USE struct status view_scan_next(struct view_scan *scan, struct view_row *out);

void view_scan_close(struct view_scan *scan);

/* The plain text of a row that is sealed at rest. */
MUST_USE struct status view_row_open_sealed(struct store_view *view, const struct view_row *row,
                                            struct bytes *out);
