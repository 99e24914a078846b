/* Reading what is to be put under other rules: a row, and all that only scans tell of it. */

#include "server/identity/merge.h"
#include "server/identity/reapply.h"

static void ids_add(struct id **ids, size_t *count, struct id id, struct arena *arena) {
    *ids = arena_append(arena, *ids, *count, sizeof **ids);
    (*ids)[(*count)++] = id;
}

static struct status ties_read(struct store_view *view, struct reapply_row *row) {
    struct arena *arena = store_view_arena(view);
    size_t count = 0;
    struct id ids[REAPPLY_UNDONE_MAX];
    TRY(store_merge_scan(view, &row->id, 1, (struct id){{0}}, REAPPLY_UNDONE_MAX, ids, &count));
    for (size_t i = 0; i < count; i++) {
        struct store_merge merge;
        TRY(merge_read(view, ids[i], &merge));
        if (merge.undo_us != 0 && merge.undone_by_rules) {
            ids_add(&row->ties, &row->tie_count, merge.id, arena);
        }
        if (!id_is_zero(merge.decision) && id_equal(merge.decision_member, row->id)) {
            ids_add(&row->decided, &row->decided_count, merge.id, arena);
        }
        if (merge.parted && id_equal(merge.one, row->id) && merge.undo_us > row->made_us) {
            row->made_us = merge.undo_us;
        }
    }
    return OK;
}

static struct status reviews_read(struct store_view *view, struct reapply_row *row) {
    struct store_review_place places[REAPPLY_REVIEWS_MAX];
    TRY(store_review_scan(view, STORE_REVIEWS_ALL, &row->id, 1, (struct id){{0}},
                          REAPPLY_REVIEWS_MAX, places, &row->review_count));
    row->reviews = arena_array(store_view_arena(view), row->review_count, sizeof *row->reviews);
    for (size_t i = 0; i < row->review_count; i++) {
        row->reviews[i] = places[i];
    }
    return OK;
}

struct status reapply_row_begin(struct store_view *view, struct id id, struct reapply_row *out) {
    *out = (struct reapply_row){.id = id, .parts = {.count = 1}};
    TRY(ties_read(view, out));
    return reviews_read(view, out);
}

/* As if the profile were alone; one that has too much to come apart is unjudged. */
struct status reapply_row_read_parts(const struct reapply_context *context,
                                     const struct profile *profile, struct reapply_row *row) {
    struct store_view *view = context->members.view;
    row->has_parts = true;
    TRY(history_read(view, row->id, HISTORY_RECORDS_MAX, &row->history));
    if (row->history.count < 2) {
        return OK;
    }
    const struct profile *member = NULL;
    TRY(member_state_read(view, profile, row->id, &member));
    TRY(parts_find(&context->members, NULL, member, &row->history, &row->parts));
    if (row->parts.count > 1 && row->history.is_whole) {
        TRY(history_read_interactions(view, &row->history));
    }
    if (row->parts.count > 1 && (!row->history.is_whole || row->parts.count > PARTS_MAX ||
                                 profile->absorbed_count + row->parts.count > MEMBERS_MAX)) {
        row->is_unjudged = true;
        row->parts.count = 1;
    }
    return OK;
}

struct status reapply_row_behind(struct store_view *view, struct id last, struct id *out) {
    struct store_cursor cursor = {.set = !id_is_zero(last), .id = last};
    size_t count = 0;
    bool more = false;
    TRY(store_profile_scan(view, STORE_BY_CREATE, false, NULL, &cursor, 1, out, &count, &more,
                           NULL));
    if (count == 0) {
        *out = (struct id){{0}};
    }
    return OK;
}
