/* The nearest name of a segment: all names are tried. */

#include "server/segment/segment_nearest.h"

#include "server/base/nearest.h"
#include "server/store/segment.h"

enum { SEGMENTS_PAGE = 100 }; /* Segments that are read at once. */

struct status segment_nearest(struct store_view *view, const char *name, bool archived,
                              struct arena *arena, const char **out) {
    struct store_view *beside = store_view_beside(view, arena);
    struct store_segment segments[SEGMENTS_PAGE];
    struct nearest nearest = nearest_begin(name);
    const char *after = "";
    size_t count = SEGMENTS_PAGE;
    while (count == SEGMENTS_PAGE) {
        TRY(store_segment_scan(beside, after, SEGMENTS_PAGE, segments, &count));
        for (size_t i = 0; i < count; i++) {
            if (archived || segments[i].state != STORE_SEGMENT_ARCHIVED) {
                nearest_try(&nearest, segments[i].name, segments[i].name);
            }
            after = segments[i].name;
        }
    }
    *out = nearest.name;
    return OK;
}
