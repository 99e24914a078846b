/* Lists of profiles read as one. A list is rows of an index, or places that are known already. */

#include "server/store/profile_walk.h"

#include <assert.h>
#include <string.h>

struct profile_list {
    struct view_scan *scan; /* NULL: of places. */
    size_t prefix_size;
    const struct store_cursor *places;
    size_t place_count;
    struct store_cursor next; /* Not set: the list has ended. */
};

int store_cursor_compare(const struct store_cursor *a, const struct store_cursor *b) {
    if (a->update_us != b->update_us) {
        return a->update_us < b->update_us ? -1 : 1;
    }
    return id_compare(a->id, b->id);
}

/* Negative where `a` comes before `b` on the way. */
static int compare(const struct profile_range *range, const struct store_cursor *a,
                   const struct store_cursor *b) {
    const int order = store_cursor_compare(a, b);
    return range->descending ? -order : order;
}

struct profile_walk profile_walk_begin(struct store_view *view, const struct profile_range *range,
                                       size_t list_count) {
    return (struct profile_walk){
        .view = view,
        .range = *range,
        .lists = arena_array(view->arena, list_count, sizeof(struct profile_list))};
}

/* The place at which the way begins. */
static struct store_cursor start_of(const struct profile_range *range) {
    const struct store_cursor *end = range->descending ? &range->high : &range->low;
    return range->after.set && compare(range, &range->after, end) > 0 ? range->after : *end;
}

/* ---- lists ---- */

static struct status read_row(struct profile_walk *walk, struct profile_list *list) {
    const size_t time_size = walk->range.order == STORE_BY_UPDATE ? 8 : 0;
    struct view_row row;
    TRY(view_scan_next(list->scan, &row));
    list->next.set = row.key.data != NULL;
    if (!list->next.set) {
        return OK;
    }
    walk->row_count++;
    if (row.key.size != list->prefix_size + time_size + ID_SIZE) {
        return store_corrupt("a key has not the size of its table");
    }
    list->next.update_us =
        time_size == 0 ? 0 : (int64_t)store_get_u64(row.key.data + list->prefix_size);
    memcpy(list->next.id.bytes, row.key.data + row.key.size - ID_SIZE, ID_SIZE);
    return OK;
}

static struct status list_next(struct profile_walk *walk, struct profile_list *list) {
    if (list->scan != NULL) {
        TRY(read_row(walk, list));
    } else {
        list->next = list->place_count > 0 ? *list->places : (struct store_cursor){.set = false};
        list->places += list->place_count > 0 ? 1 : 0;
        list->place_count -= list->place_count > 0 ? 1 : 0;
    }
    const struct store_cursor *end = walk->range.descending ? &walk->range.low : &walk->range.high;
    list->next.set = list->next.set && compare(&walk->range, &list->next, end) <= 0;
    return OK;
}

/* Past what the way has come past: of rows at most the one that it begins at. */
static struct status list_begin(struct profile_walk *walk, struct profile_list *list) {
    const struct store_cursor start = start_of(&walk->range);
    const bool is_past =
        walk->range.after.set && store_cursor_compare(&start, &walk->range.after) == 0;
    TRY(list_next(walk, list));
    while (list->next.set && compare(&walk->range, &list->next, &start) < (is_past ? 1 : 0)) {
        TRY(list_next(walk, list));
    }
    return OK;
}

struct status profile_walk_add_rows(struct profile_walk *walk, const struct store_key *prefix) {
    struct profile_list *list = &walk->lists[walk->count++];
    *list = (struct profile_list){.prefix_size = prefix->size};
    const struct store_cursor start = start_of(&walk->range);
    assert(walk->range.order == STORE_BY_CREATE || prefix->bytes[0] == STORE_TABLE_UPDATE_TIME);
    const struct store_key from = walk->range.order == STORE_BY_UPDATE
                                      ? store_key_update_time(start.update_us, start.id)
                                      : store_key_with_id(prefix, start.id);
    TRY(view_scan_open(walk->view, prefix, store_key_bytes(&from),
                       walk->range.descending ? ENGINE_DESCENDING : ENGINE_ASCENDING, &list->scan));
    return list_begin(walk, list);
}

struct status profile_walk_add_places(struct profile_walk *walk, const struct store_cursor *places,
                                      size_t count) {
    struct profile_list *list = &walk->lists[walk->count++];
    *list = (struct profile_list){.places = places, .place_count = count};
    return list_begin(walk, list);
}

/* ---- the way ---- */

struct status profile_walk_next(struct profile_walk *walk, struct store_cursor *out) {
    struct store_cursor first = {.set = false};
    for (size_t i = 0; i < walk->count; i++) {
        struct profile_list *list = &walk->lists[i];
        if (walk->last.set && list->next.set &&
            store_cursor_compare(&list->next, &walk->last) == 0) { /* It may be in several. */
            TRY(list_next(walk, list));
        }
        if (list->next.set && (!first.set || compare(&walk->range, &list->next, &first) < 0)) {
            first = list->next;
        }
    }
    walk->last = first;
    *out = first;
    return OK;
}

void profile_walk_end(struct profile_walk *walk) {
    for (size_t i = 0; i < walk->count; i++) {
        if (walk->lists[i].scan != NULL) {
            view_scan_close(walk->lists[i].scan);
        }
    }
}
