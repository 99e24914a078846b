/* Counting profiles while something goes through them. To count a row is to step over its key,
 * which is next to nothing beside judging its profile. So a few stops count all that the way is
 * still to come to, and neither the first nor any other is long. */

#include "server/handlers/profile_rows.h"

enum { ROWS_MAX = 20000 }; /* Counted at one stop. */

struct status profile_rows_count(struct store_view *view, struct profile_rows *rows, bool *whole) {
    struct store_cursor cursor = {.set = rows->counted > 0, .id = rows->last_counted};
    struct id *ids = arena_array(store_view_arena(view), ROWS_MAX, sizeof *ids);
    size_t count = 0;
    bool more = false;
    TRY(store_profile_scan(view, STORE_BY_CREATE, false, NULL, &cursor, ROWS_MAX, ids, &count,
                           &more, NULL));
    rows->counted += (int64_t)count;
    rows->last_counted = cursor.id;
    *whole = !more;
    return OK;
}

Profiled__V1__IdentityTypesProgress *profile_rows_message(const struct profile_rows *rows,
                                                          bool whole, struct arena *arena) {
    Profiled__V1__IdentityTypesProgress *progress = arena_alloc(arena, sizeof *progress);
    profiled__v1__identity_types_progress__init(progress);
    progress->looked_at_count = rows->looked_at;
    progress->profile_count = !whole                            ? 0
                              : rows->counted < rows->looked_at ? rows->looked_at
                                                                : rows->counted;
    return progress;
}

struct status profile_rows_end(struct store_view *view, bool latest, struct id *out) {
    struct store_cursor cursor = {.set = false};
    size_t count = 0;
    bool more = false;
    *out = (struct id){{0}};
    return store_profile_scan(view, STORE_BY_CREATE, latest, NULL, &cursor, 1, out, &count, &more,
                              NULL);
}
