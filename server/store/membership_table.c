/* The rows of who is in which segment: told lists, derived memberships, and what follows from
 * these: members, sizes, and what is due. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/day.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/segment.h"
#include "server/store/view.h"

/* ---- lists ---- */

struct status store_segment_list_get(struct store_view *view, struct id profile,
                                     const uint32_t **out, size_t *count) {
    const struct store_key key = store_key_id(STORE_TABLE_SEGMENT_LIST, profile);
    ProtobufCMessage *message = NULL;
    *count = 0;
    TRY(view_get_message(view, &key, &stored__v1__segment_list__descriptor, &message));
    if (message == NULL) {
        return OK;
    }
    const Stored__V1__SegmentList *list = (const Stored__V1__SegmentList *)message;
    *out = list->segments;
    *count = list->n_segments;
    return OK;
}

struct status store_segment_list_put(struct store_view *view, struct id profile,
                                     const uint32_t *segments, size_t count) {
    const struct store_key key = store_key_id(STORE_TABLE_SEGMENT_LIST, profile);
    if (count == 0) {
        view_delete(view, &key);
        return OK;
    }
    Stored__V1__SegmentList list = STORED__V1__SEGMENT_LIST__INIT;
    list.n_segments = count;
    list.segments = arena_array(view->arena, count, sizeof *list.segments);
    memcpy(list.segments, segments, count * sizeof *segments);
    return view_put_tagged(view, &key, store_pack(view->arena, &list.base));
}

/* ---- memberships ---- */

bool store_membership_has(const struct store_membership *membership, uint32_t segment) {
    size_t from = 0;
    size_t to = membership->count;
    while (from < to) {
        const size_t middle = (from + to) / 2;
        if (membership->segments[middle] == segment) {
            return true;
        }
        if (membership->segments[middle] < segment) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return false;
}

struct status membership_row_unpack(struct arena *arena, struct bytes packed,
                                    struct store_membership *out) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__membership__descriptor, packed, &message));
    const Stored__V1__Membership *row = (const Stored__V1__Membership *)message;
    if (row->n_due_segments != row->n_due_us) {
        return store_corrupt("a membership has not a time for each segment that is due");
    }
    struct store_segment_due *dues = arena_array(arena, row->n_due_us, sizeof *dues);
    for (size_t i = 0; i < row->n_due_us; i++) {
        dues[i] = (struct store_segment_due){row->due_segments[i], row->due_us[i]};
    }
    *out = (struct store_membership){.count = row->n_segments,
                                     .segments = row->segments,
                                     .due_count = row->n_due_us,
                                     .dues = dues};
    return OK;
}

struct status store_membership_get(struct store_view *view, struct id profile,
                                   struct store_membership *out) {
    const struct store_key key = store_key_id(STORE_TABLE_MEMBERSHIP, profile);
    struct bytes row;
    *out = (struct store_membership){.count = 0};
    TRY(view_get_tagged(view, &key, &row));
    return row.data == NULL ? OK : membership_row_unpack(view->arena, row, out);
}

static struct status row_put(struct store_view *view, struct id profile,
                             const struct store_membership *membership) {
    const struct store_key key = store_key_id(STORE_TABLE_MEMBERSHIP, profile);
    if (membership->count == 0 && membership->due_count == 0) {
        view_delete(view, &key);
        return OK;
    }
    Stored__V1__Membership row = STORED__V1__MEMBERSHIP__INIT;
    row.n_segments = membership->count;
    row.segments = arena_array(view->arena, membership->count, sizeof *row.segments);
    memcpy(row.segments, membership->segments, membership->count * sizeof *row.segments);
    row.n_due_segments = membership->due_count;
    row.n_due_us = membership->due_count;
    row.due_segments = arena_array(view->arena, membership->due_count, sizeof *row.due_segments);
    row.due_us = arena_array(view->arena, membership->due_count, sizeof *row.due_us);
    for (size_t i = 0; i < membership->due_count; i++) {
        row.due_segments[i] = membership->dues[i].segment;
        row.due_us[i] = membership->dues[i].due_us;
    }
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

/* ---- sizes ---- */

static struct status size_get(struct store_view *view, uint32_t segment,
                              struct store_segment_point *out) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, segment);
    ProtobufCMessage *message = NULL;
    *out = (struct store_segment_point){0};
    TRY(view_get_message(view, &key, &stored__v1__segment_size__descriptor, &message));
    if (message == NULL) {
        return OK;
    }
    const Stored__V1__SegmentSize *size = (const Stored__V1__SegmentSize *)message;
    *out = (struct store_segment_point){size->day, (int64_t)size->count};
    return OK;
}

struct status store_segment_size_get(struct store_view *view, uint32_t segment, int64_t *out) {
    struct store_segment_point size;
    TRY(size_get(view, segment, &size));
    *out = size.count;
    return OK;
}

static struct status forget_points_of(struct store_view *view, struct engine_scan *scan,
                                      uint32_t segment) {
    for (;;) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL || key.size != 1 + 4 + 4) {
            return OK; /* The shorter one, that of now, is behind all. */
        }
        const struct store_key point =
            store_key_segment_size(segment, store_day_of_key(store_get_u32(key.data + 5)));
        view_delete(view, &point);
    }
}

static struct status points_forget(struct store_view *view, uint32_t segment) {
    const struct store_key prefix = store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, segment);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(view->txn, store_key_bytes(&prefix), bytes_of(NULL, 0), ENGINE_DESCENDING,
                         &scan));
    const struct status status = forget_points_of(view, scan, segment);
    engine_scan_close(scan);
    return status;
}

/* The size at the end of a day is kept when the first change of another one comes: of an earlier
 * one where the clock was set back. Those of days to come stay, unseen, until their days come
 * again: nobody knows whether the clock was wrong before, or is now. */
static struct status size_add(struct store_view *view, uint32_t segment, int32_t day,
                              int64_t change) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, segment);
    struct store_segment_point size;
    TRY(size_get(view, segment, &size));
    if (day != size.day && size.day != 0) {
        const struct store_key point = store_key_segment_size(segment, size.day);
        uint8_t *count = arena_alloc(view->arena, 8);
        store_put_u64(count, (uint64_t)size.count);
        view_put(view, &point, bytes_of(count, 8));
    }
    if (size.count + change < 0) {
        return store_corrupt("a segment has fewer members than leave it");
    }
    Stored__V1__SegmentSize row = STORED__V1__SEGMENT_SIZE__INIT;
    row.count = (uint64_t)(size.count + change);
    row.day = day;
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

static int by_segment(const void *a, const void *b) {
    const struct member_change *left = a;
    const struct member_change *right = b;
    return (left->segment > right->segment) - (left->segment < right->segment);
}

struct status membership_sizes_put(struct store_view *view) {
    const size_t count = view->member_change_count;
    struct member_change *changes = arena_append(view->arena, view->member_changes, count,
                                                 sizeof *changes); /* Which stay in their order. */
    if (count > 0) {
        qsort(changes, count, sizeof *changes, by_segment);
    }
    for (size_t i = 0; i < count;) {
        const struct member_change *first = &changes[i];
        int64_t change = 0;
        for (; i < count && changes[i].segment == first->segment; i++) {
            change += changes[i].enters ? 1 : -1;
        }
        TRY(size_add(view, first->segment, first->day, change));
    }
    return OK;
}

/* Those of the days before the one that is there already. */
static struct status point_rows(struct engine_scan *scan, size_t max,
                                struct store_segment_point *out, size_t *count) {
    while (*count < max) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            return OK;
        }
        if (key.size != 1 + 4 + 4 || value.size != 8) {
            continue; /* The shorter one is that of now. */
        }
        const int32_t day = store_day_of_key(store_get_u32(key.data + 5));
        if (day < out[0].day) {
            out[(*count)++] = (struct store_segment_point){day, (int64_t)store_get_u64(value.data)};
        }
    }
    return OK;
}

struct status store_segment_points(struct store_view *view, uint32_t segment, int32_t today,
                                   size_t max, struct store_segment_point *out, size_t *count) {
    assert(max > 0);
    const struct store_key prefix = store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, segment);
    struct store_segment_point now;
    struct engine_scan *scan = NULL;
    *count = 0;
    TRY(size_get(view, segment, &now));
    if (now.day == 0) {
        return OK;
    }
    now.day = now.day < today ? now.day : today;
    out[(*count)++] = now;
    TRY(engine_scan_open(view->txn, store_key_bytes(&prefix), bytes_of(NULL, 0), ENGINE_DESCENDING,
                         &scan));
    const struct status status = point_rows(scan, max, out, count);
    engine_scan_close(scan);
    for (size_t i = 0; i < *count / 2; i++) {
        const struct store_segment_point point = out[i];
        out[i] = out[*count - 1 - i];
        out[*count - 1 - i] = point;
    }
    return status;
}

struct status store_segment_forget(struct store_view *view, uint32_t segment) {
    const struct store_key size = store_key_segment_number(STORE_TABLE_SEGMENT_SIZE, segment);
    TRY(points_forget(view, segment));
    view_delete(view, &size);
    store_place_delete(view, segment);
    return OK;
}

/* ---- what follows ---- */

static int64_t first_due(const struct store_membership *membership) {
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < membership->due_count; i++) {
        first = membership->dues[i].due_us < first ? membership->dues[i].due_us : first;
    }
    return first;
}

static void due_put(struct store_view *view, struct id profile, int64_t before_us,
                    int64_t after_us) {
    if (before_us == after_us) {
        return;
    }
    if (before_us != INT64_MAX) {
        const struct store_key key = store_key_segment_due(before_us, profile);
        view_delete(view, &key);
    }
    if (after_us != INT64_MAX) {
        const struct store_key key = store_key_segment_due(after_us, profile);
        view_put(view, &key, bytes_of("", 0));
    }
}

/* Takes away, or adds, the rows of the segments that are in one and not in the other. */
static void members_put(struct store_view *view, struct id profile,
                        const struct store_membership *of, const struct store_membership *without,
                        bool add, int32_t day) {
    for (size_t i = 0; i < of->count; i++) {
        const uint32_t segment = of->segments[i];
        if (store_membership_has(without, segment)) {
            continue;
        }
        const struct store_key members = store_key_segment_number(STORE_TABLE_MEMBER, segment);
        const struct store_key key = store_key_with_id(&members, profile);
        view->member_changes = arena_grow(view->arena, view->member_changes,
                                          view->member_change_count, sizeof *view->member_changes);
        view->member_changes[view->member_change_count++] =
            (struct member_change){segment, profile, add, day};
        if (add) {
            view_put(view, &key, bytes_of("", 0));
        } else {
            view_delete(view, &key);
        }
    }
}

static bool dues_equal(const struct store_membership *a, const struct store_membership *b) {
    if (a->due_count != b->due_count) {
        return false;
    }
    for (size_t i = 0; i < a->due_count; i++) {
        if (a->dues[i].segment != b->dues[i].segment || a->dues[i].due_us != b->dues[i].due_us) {
            return false;
        }
    }
    return true;
}

static bool segments_equal(const struct store_membership *a, const struct store_membership *b) {
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->segments, b->segments, a->count * sizeof *a->segments) == 0);
}

struct status store_membership_put(struct store_view *view, struct id profile,
                                   const struct store_membership *before,
                                   const struct store_membership *after, int32_t day) {
    if (segments_equal(before, after) && dues_equal(before, after)) {
        return OK;
    }
    members_put(view, profile, before, after, false, day);
    members_put(view, profile, after, before, true, day);
    due_put(view, profile, first_due(before), first_due(after));
    return row_put(view, profile, after);
}

/* ---- scans ---- */

static struct status member_rows(struct store_view *view, struct engine_scan *scan, bool after_set,
                                 struct id after, size_t max, struct id *out, size_t *count,
                                 bool *more) {
    for (;;) {
        struct bytes key;
        struct bytes value;
        struct id id;
        TRY(engine_scan_next(scan, &key, &value));
        *more = key.data != NULL;
        if (!*more) {
            return OK;
        }
        if (key.size != 1 + 4 + ID_SIZE) {
            return store_corrupt("a key has not the size of its table");
        }
        memcpy(id.bytes, key.data + 5, ID_SIZE);
        if (after_set && id_equal(id, after)) {
            continue;
        }
        if (*count == max || (*count > 0 && store_view_is_over(view))) {
            return OK;
        }
        out[(*count)++] = id;
    }
}

struct status store_member_scan(struct store_view *view, uint32_t segment, bool after_set,
                                struct id after, size_t max, struct id *out, size_t *count,
                                bool *more) {
    const struct store_key prefix = store_key_segment_number(STORE_TABLE_MEMBER, segment);
    struct store_key from = {.size = 0};
    if (after_set) {
        from = store_key_with_id(&prefix, after);
    }
    struct engine_scan *scan = NULL;
    *count = 0;
    TRY(engine_scan_open(view->txn, store_key_bytes(&prefix), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    const struct status status = member_rows(view, scan, after_set, after, max, out, count, more);
    engine_scan_close(scan);
    return status;
}

enum { DUE_KEY_SIZE = 1 + 8 + ID_SIZE };

static struct status due_rows(struct engine_scan *scan, int64_t until_us, size_t max,
                              struct id *out, size_t *count, int64_t *first_us) {
    while (*count < max) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            return OK;
        }
        if (key.size != DUE_KEY_SIZE) {
            return store_corrupt("a key has not the size of its table");
        }
        const int64_t due_us = store_time_of_ascending(store_get_u64(key.data + 1));
        *first_us = due_us < *first_us ? due_us : *first_us;
        if (due_us > until_us) {
            return OK;
        }
        memcpy(out[*count].bytes, key.data + 9, ID_SIZE);
        (*count)++;
    }
    return OK;
}

static struct status due_scan(struct store_view *view, int64_t until_us, size_t max, struct id *out,
                              size_t *count, int64_t *first_us) {
    const struct store_key table = store_key_table(STORE_TABLE_SEGMENT_DUE);
    struct engine_scan *scan = NULL;
    *count = 0;
    *first_us = INT64_MAX;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), bytes_of(NULL, 0), ENGINE_ASCENDING,
                         &scan));
    const struct status status = due_rows(scan, until_us, max, out, count, first_us);
    engine_scan_close(scan);
    return status;
}

struct status store_segment_due_scan(struct store_view *view, int64_t until_us, size_t max,
                                     struct id *out, size_t *count) {
    int64_t first_us = 0;
    return due_scan(view, until_us, max, out, count, &first_us);
}

struct status store_segment_due_first(struct store_view *view, int64_t *out) {
    struct id id;
    size_t count = 0;
    return due_scan(view, INT64_MIN, 1, &id, &count, out);
}

/* ---- following what is written ---- */

/* Which part of a person a table is of; 0 for none. */
static unsigned part_of(uint8_t table) {
    return table == STORE_TABLE_PROFILE        ? STORE_TOUCH_PROFILE
           : table == STORE_TABLE_SUMMARY      ? STORE_TOUCH_SUMMARY
           : table == STORE_TABLE_TRAIT_STATE  ? STORE_TOUCH_TRAITS
           : table == STORE_TABLE_SEGMENT_LIST ? STORE_TOUCH_LIST
                                               : 0;
}

size_t store_view_touched(struct store_view *view, struct arena *arena,
                          const struct store_touch **out) {
    struct store_touch *touches = NULL;
    size_t count = 0;
    struct overlay places; /* Of each profile, its place in the list. */
    overlay_init(&places, arena);
    for (size_t i = 0; i < view->overlay->count; i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        const unsigned part = part_of(entry->key.data[0]);
        if (!entry->wished || part == 0) {
            continue;
        }
        const struct bytes id = bytes_of(entry->key.data + entry->key.size - ID_SIZE, ID_SIZE);
        const struct overlay_entry *known = overlay_find(&places, id);
        if (known == NULL) {
            touches = arena_grow(arena, touches, count, sizeof *touches);
            memcpy(touches[count].profile.bytes, id.data, ID_SIZE);
            touches[count].parts = part;
            overlay_set(&places, id)->term_count = count++;
        } else {
            assert(touches != NULL && known->term_count < count);
            touches[known->term_count].parts |= part;
        }
    }
    *out = touches;
    return count;
}
