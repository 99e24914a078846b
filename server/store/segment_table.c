/* The rows of segments: what they are, and how far they have come. */

#include "server/store/segment.h"

#include <assert.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/view.h"

static char *borrowed(const char *text) { return (char *)(uintptr_t)text; }

/* ---- segments ---- */

static void segment_read(const Stored__V1__Segment *row, const char *name, struct arena *arena,
                         struct store_segment *out) {
    struct store_segment_label *labels = arena_array(arena, row->n_labels, sizeof *labels);
    for (size_t i = 0; i < row->n_labels; i++) {
        labels[i] = (struct store_segment_label){row->labels[i]->key, row->labels[i]->value};
    }
    *out = (struct store_segment){.number = row->number,
                                  .name = name,
                                  .display_name = row->display_name,
                                  .description = row->description,
                                  .color = row->color,
                                  .label_count = row->n_labels,
                                  .labels = labels,
                                  .kind = (enum store_segment_kind)row->kind,
                                  .state = (enum store_segment_state)row->state,
                                  .filter = row->filter,
                                  .read_count = row->n_reads,
                                  .reads = row->reads,
                                  .unfilled = row->unfilled,
                                  .create_us = (int64_t)row->create_us,
                                  .update_us = (int64_t)row->update_us,
                                  .revision = row->revision};
}

struct status store_segments_stamp(struct store_view *view, struct id *out) {
    const struct store_key key = store_key_table(STORE_TABLE_SEGMENT);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *out = (struct id){{0}};
    if (row.data != NULL && row.size != ID_SIZE) {
        return store_corrupt("the stamp of segments has not 16 bytes");
    }
    if (row.data != NULL) {
        memcpy(out->bytes, row.data, ID_SIZE);
    }
    return OK;
}

/* The next stamp tells of all changes up to this one: two of one stamp are of one history. */
static struct status stamp_put(struct store_view *view, struct bytes change) {
    const struct store_key key = store_key_table(STORE_TABLE_SEGMENT);
    struct id before;
    TRY(store_segments_stamp(view, &before));
    const struct bytes parts[] = {bytes_of(before.bytes, ID_SIZE), change};
    const struct fingerprint next = vault_fingerprint(&view->store->index_key, parts, 2);
    view_put(view, &key, arena_copy(view->arena, bytes_of(next.bytes, sizeof next.bytes)));
    return OK;
}

struct status store_segment_get(struct store_view *view, const char *name, bool *found,
                                struct store_segment *out) {
    *found = false;
    if (name[0] == '\0' || strlen(name) > SEGMENT_NAME_SIZE_MAX) {
        return OK;
    }
    const struct store_key key = store_key_segment(bytes_of_string(name));
    ProtobufCMessage *message = NULL;
    TRY(view_get_message(view, &key, &stored__v1__segment__descriptor, &message));
    if (message != NULL) {
        *found = true;
        segment_read((const Stored__V1__Segment *)message, name, view->arena, out);
    }
    return OK;
}

struct status store_segment_name(struct store_view *view, uint32_t number, const char **out) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_NAME, number);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *out = row.size == 0 ? NULL : arena_string(view->arena, row);
    return OK;
}

/* The number behind the last one: names of deleted ones stay, as empty rows. */
static struct status next_number(struct store_view *view, uint32_t *out) {
    assert(view->overlay->wished_count == 0);
    const struct store_key table = store_key_table(STORE_TABLE_SEGMENT_NAME);
    struct engine_scan *scan = NULL;
    struct bytes key;
    struct bytes value;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), bytes_of(NULL, 0), ENGINE_DESCENDING,
                         &scan));
    const struct status status = engine_scan_next(scan, &key, &value);
    *out = status_is_ok(status) && key.size == 1 + 4 ? store_get_u32(key.data + 1) + 1 : 1;
    engine_scan_close(scan);
    return status;
}

static Stored__V1__SegmentLabel **label_rows(const struct store_segment *segment,
                                             struct arena *arena) {
    Stored__V1__SegmentLabel **rows = arena_array(arena, segment->label_count, sizeof *rows);
    for (size_t i = 0; i < segment->label_count; i++) {
        rows[i] = arena_alloc(arena, sizeof **rows);
        stored__v1__segment_label__init(rows[i]);
        rows[i]->key = borrowed(segment->labels[i].key);
        rows[i]->value = borrowed(segment->labels[i].value);
    }
    return rows;
}

struct status store_segment_put(struct store_view *view, struct store_segment *segment) {
    if (segment->number == 0) {
        TRY(next_number(view, &segment->number));
    }
    segment->revision++;
    Stored__V1__Segment row = STORED__V1__SEGMENT__INIT;
    row.number = segment->number;
    row.display_name = borrowed(segment->display_name);
    row.description = borrowed(segment->description);
    row.color = borrowed(segment->color);
    row.n_labels = segment->label_count;
    row.labels = label_rows(segment, view->arena);
    row.kind = segment->kind;
    row.state = segment->state;
    row.filter = borrowed(segment->filter);
    row.n_reads = segment->read_count;
    row.reads = (uint32_t *)(uintptr_t)segment->reads;
    row.unfilled = segment->unfilled;
    row.create_us = (uint64_t)segment->create_us;
    row.update_us = (uint64_t)segment->update_us;
    row.revision = segment->revision;
    const struct bytes packed = store_pack(view->arena, &row.base);
    const struct store_key key = store_key_segment(bytes_of_string(segment->name));
    const struct store_key named =
        store_key_segment_number(STORE_TABLE_SEGMENT_NAME, segment->number);
    TRY(stamp_put(view, packed));
    view_put(view, &named, arena_copy(view->arena, bytes_of_string(segment->name)));
    return view_put_tagged(view, &key, packed);
}

struct status store_segment_delete(struct store_view *view, const struct store_segment *segment) {
    const struct store_key key = store_key_segment(bytes_of_string(segment->name));
    const struct store_key named =
        store_key_segment_number(STORE_TABLE_SEGMENT_NAME, segment->number);
    const struct store_segment_place place = {
        .segment = segment->number, .filter_before = "", .gone = true};
    TRY(stamp_put(view, bytes_of_string(segment->name)));
    view_put(view, &named, bytes_of("", 0));
    view_delete(view, &key);
    return store_place_put(view, &place);
}

static struct status segment_rows(struct store_view *view, struct engine_scan *scan, size_t max,
                                  struct bytes after, struct store_segment *out, size_t *count) {
    while (*count < max) {
        struct bytes key;
        struct bytes value;
        ProtobufCMessage *message = NULL;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            return OK;
        }
        const struct bytes name = bytes_of(key.data + 1, key.size - 1);
        if (name.size == 0 || bytes_equal(name, after)) {
            continue; /* The stamp; the last of the page before. */
        }
        TRY(view_untagged(view->store, key, value, view->arena, &value));
        TRY(store_unpack(view->arena, &stored__v1__segment__descriptor, value, &message));
        segment_read((const Stored__V1__Segment *)message, arena_string(view->arena, name),
                     view->arena, &out[(*count)++]);
    }
    return OK;
}

struct status store_segment_scan(struct store_view *view, const char *after, size_t max,
                                 struct store_segment *out, size_t *count) {
    assert(view->overlay->wished_count == 0);
    const struct store_key table = store_key_table(STORE_TABLE_SEGMENT);
    struct store_key from = {.size = 0};
    if (after[0] != '\0') {
        from = store_key_segment(bytes_of_string(after));
    }
    struct engine_scan *scan = NULL;
    *count = 0;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    const struct status status = segment_rows(view, scan, max, bytes_of_string(after), out, count);
    engine_scan_close(scan);
    return status;
}

/* ---- places ---- */

static struct status place_read(const Stored__V1__SegmentPlace *row, uint32_t segment,
                                struct store_segment_place *out) {
    *out = (struct store_segment_place){.segment = segment,
                                        .begun = row->begun,
                                        .round = row->round,
                                        .looked_before = row->looked_before,
                                        .whole = row->whole,
                                        .filter_before = row->filter_before,
                                        .gone = row->gone};
    return store_id_read(row->from, &out->from);
}

struct status store_place_get(struct store_view *view, uint32_t segment, bool *found,
                              struct store_segment_place *out) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, segment);
    ProtobufCMessage *message = NULL;
    TRY(view_get_message(view, &key, &stored__v1__segment_place__descriptor, &message));
    *found = message != NULL;
    return *found ? place_read((const Stored__V1__SegmentPlace *)message, segment, out) : OK;
}

struct status store_place_put(struct store_view *view, const struct store_segment_place *place) {
    const struct store_key key =
        store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, place->segment);
    Stored__V1__SegmentPlace row = STORED__V1__SEGMENT_PLACE__INIT;
    if (!id_is_zero(place->from)) {
        row.from = store_id_data(&place->from);
    }
    row.begun = place->begun;
    row.round = place->round;
    row.looked_before = place->looked_before;
    row.whole = place->whole;
    row.filter_before = borrowed(place->filter_before);
    row.gone = place->gone;
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

void store_place_delete(struct store_view *view, uint32_t segment) {
    const struct store_key key = store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, segment);
    view_delete(view, &key);
}

static struct status place_rows(struct store_view *view, struct engine_scan *scan, size_t max,
                                struct store_segment_place *out, size_t *count) {
    while (*count < max) {
        struct bytes key;
        struct bytes value;
        ProtobufCMessage *message = NULL;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            return OK;
        }
        if (key.size != 1 + 4) {
            return store_corrupt("a key has not the size of its table");
        }
        TRY(view_untagged(view->store, key, value, view->arena, &value));
        TRY(store_unpack(view->arena, &stored__v1__segment_place__descriptor, value, &message));
        TRY(place_read((const Stored__V1__SegmentPlace *)message, store_get_u32(key.data + 1),
                       &out[*count]));
        (*count)++;
    }
    return OK;
}

struct status store_place_scan(struct store_view *view, uint32_t after, size_t max,
                               struct store_segment_place *out, size_t *count) {
    const struct store_key table = store_key_table(STORE_TABLE_SEGMENT_PLACE);
    const struct store_key from = store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, after + 1);
    struct engine_scan *scan = NULL;
    *count = 0;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    const struct status status = place_rows(view, scan, max, out, count);
    engine_scan_close(scan);
    return status;
}

/* ---- the pass ---- */

/* No segment has number 0. */
static struct store_key pass_key(void) {
    return store_key_segment_number(STORE_TABLE_SEGMENT_PLACE, 0);
}

struct status store_pass_get(struct store_view *view, struct store_segment_pass *out) {
    const struct store_key key = pass_key();
    ProtobufCMessage *message = NULL;
    *out = (struct store_segment_pass){.round = 0};
    TRY(view_get_message(view, &key, &stored__v1__segment_pass__descriptor, &message));
    if (message == NULL) {
        return OK;
    }
    const Stored__V1__SegmentPass *row = (const Stored__V1__SegmentPass *)message;
    out->round = row->round;
    out->looked_at = row->looked_at;
    return store_id_read(row->profile, &out->profile);
}

struct status store_pass_put(struct store_view *view, const struct store_segment_pass *pass) {
    const struct store_key key = pass_key();
    Stored__V1__SegmentPass row = STORED__V1__SEGMENT_PASS__INIT;
    if (!id_is_zero(pass->profile)) {
        row.profile = store_id_data(&pass->profile);
    }
    row.round = pass->round;
    row.looked_at = pass->looked_at;
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

void store_pass_delete(struct store_view *view) {
    const struct store_key key = pass_key();
    view_delete(view, &key);
}
