/* Reading what is to be put under other rules: the rows, and all that only scans tell of each. */

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
    row->reviews = arena_array(store_view_arena(view), REAPPLY_REVIEWS_MAX, sizeof *row->reviews);
    return store_review_scan(view, STORE_REVIEWS_ALL, &row->id, 1, (struct id){{0}},
                             REAPPLY_REVIEWS_MAX, row->reviews, &row->review_count);
}

/* Finds the parts, as if the profile were alone; one that has too much to come apart is unjudged.
 */
static struct status parts_read(const struct members_context *context,
                                const struct profile *profile, struct reapply_row *row) {
    TRY(history_read(context->view, row->id, &row->history));
    if (row->history.count < 2) {
        return OK;
    }
    const struct profile *member = profile;
    if (!id_equal(profile->id, row->id)) {
        TRY(store_profile_get(context->view, row->id, &member));
    } else if (profile->absorbed_count > 0) {
        TRY(store_own_get(context->view, row->id, &member));
    }
    if (member == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "a profile has no own state");
    }
    TRY(parts_find(context, NULL, member, &row->history, &row->parts));
    if (row->parts.count > 1 && row->history.is_whole) {
        TRY(history_read_interactions(context->view, &row->history));
    }
    if (row->parts.count > 1 && (!row->history.is_whole || row->parts.count > PARTS_MAX ||
                                 profile->absorbed_count + row->parts.count > MEMBERS_MAX)) {
        row->is_unjudged = true;
        row->parts.count = 1;
    }
    return OK;
}

static struct status row_read(const struct members_context *context, struct reapply_row *row) {
    TRY(ties_read(context->view, row));
    TRY(reviews_read(context->view, row));
    row->parts.count = 1;
    const struct profile *profile = NULL;
    TRY(store_profile_follow(context->view, row->id, &profile));
    return profile == NULL || !profile_is_live(profile) ? OK : parts_read(context, profile, row);
}

struct status reapply_page_read(const struct reapply_context *context, struct store_cursor *cursor,
                                size_t max, struct reapply_page *out) {
    struct store_view *view = context->members.view;
    struct arena *arena = store_view_arena(view);
    struct id *ids = arena_array(arena, max, sizeof *ids);
    size_t count = 0;
    *out = (struct reapply_page){0};
    TRY(store_profile_scan(view, STORE_BY_CREATE, false, NULL, 0, cursor, max, ids, &count,
                           &out->more, NULL));
    out->rows = arena_array(arena, count, sizeof *out->rows);
    const size_t used = arena->used;
    while (out->count < count &&
           (out->count == 0 || arena->used - used < (size_t)REAPPLY_PAGE_SIZE_MAX)) {
        struct reapply_row *row = &out->rows[out->count];
        row->id = ids[out->count];
        TRY(row_read(&context->members, row));
        out->count++;
    }
    if (out->count < count) {
        out->more = true;
        *cursor = (struct store_cursor){.set = true, .id = ids[out->count - 1]};
    }
    return OK;
}
