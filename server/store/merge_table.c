/* The records of merges, where to find those of a profile, and the pairs that are never to be one.
 */

#include <assert.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"
#include "server/store/weave.h"

/* ---- merges ---- */

struct status store_merge_get(struct store_view *view, struct id id, bool *found,
                              struct store_merge *out) {
    const struct store_key key = store_key_id(STORE_TABLE_MERGE, id);
    struct bytes row;
    TRY(view_get_tagged(view, &key, &row));
    *found = row.data != NULL;
    return *found ? merge_row_unpack(view->arena, id, row, out) : OK;
}

struct status merge_row_unpack(struct arena *arena, struct id id, struct bytes packed,
                               struct store_merge *out) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__merge__descriptor, packed, &message));
    const Stored__V1__Merge *row = (const Stored__V1__Merge *)message;
    *out = (struct store_merge){
        .id = id,
        .merge_us = (int64_t)row->merge_us,
        .method = row->method,
        .rule_version = row->rule_version,
        .undo_us = (int64_t)row->undo_us,
        .undone_by_rules = row->undone_by_rules,
        .undo_rule_version = row->undo_rule_version,
        .linked = row->linked,
        .parted = row->parted,
        .retold = row->retold,
        .apart_version = row->apart_version,
    };
    TRY(store_id_read(row->survivor, &out->survivor));
    TRY(store_id_read(row->absorbed, &out->absorbed));
    out->decision_absorbed = out->absorbed;
    if (row->decision_absorbed.len > 0) {
        TRY(store_id_read(row->decision_absorbed, &out->decision_absorbed));
    }
    TRY(store_id_read(row->one, &out->one));
    TRY(store_id_read(row->other, &out->other));
    TRY(store_id_read(row->decision, &out->decision));
    return store_id_read(row->decision_profile, &out->decision_member);
}

struct status store_merge_put(struct store_view *view, const struct store_merge *merge) {
    Stored__V1__Merge row = STORED__V1__MERGE__INIT;
    row.survivor = store_id_data(&merge->survivor);
    row.absorbed = store_id_data(&merge->absorbed);
    if (!id_equal(merge->decision_absorbed, merge->absorbed)) {
        row.decision_absorbed = store_id_data(&merge->decision_absorbed);
    }
    row.one = store_id_data(&merge->one);
    row.other = store_id_data(&merge->other);
    row.merge_us = (uint64_t)merge->merge_us;
    row.method = (char *)(uintptr_t)merge->method;
    row.decision = store_id_data(&merge->decision);
    row.decision_profile = store_id_data(&merge->decision_member);
    row.rule_version = merge->rule_version;
    row.undo_us = (uint64_t)merge->undo_us;
    row.undone_by_rules = merge->undone_by_rules;
    row.undo_rule_version = merge->undo_rule_version;
    row.linked = merge->linked;
    row.parted = merge->parted;
    row.retold = merge->retold;
    row.apart_version = merge->apart_version;
    const struct store_key key = store_key_id(STORE_TABLE_MERGE, merge->id);
    TRY(view_put_tagged(view, &key, store_pack(view->arena, &row.base)));
    const struct store_key one = store_key_ids(STORE_TABLE_MERGE_BY_ID, merge->one, merge->id);
    view_put(view, &one, bytes_of(NULL, 0));
    const struct store_key other = store_key_ids(STORE_TABLE_MERGE_BY_ID, merge->other, merge->id);
    view_put(view, &other, bytes_of(NULL, 0));
    return OK;
}

void store_merge_forget(struct store_view *view, const struct store_merge *merge,
                        struct id profile) {
    assert(!id_equal(merge->one, profile) && !id_equal(merge->other, profile));
    const struct store_key key = store_key_ids(STORE_TABLE_MERGE_BY_ID, profile, merge->id);
    view_delete(view, &key);
}

/* Takes ids, each once: a merge is in the lists of both its profiles. */
static struct status take(struct weave *weave, size_t max, struct id *out, size_t *count) {
    for (struct strand *first = weave_first(weave); first != NULL; first = weave_first(weave)) {
        struct id id;
        memcpy(id.bytes, first->place.data, ID_SIZE);
        if (*count == 0 || !id_equal(out[*count - 1], id)) {
            if (*count == max) {
                break;
            }
            out[(*count)++] = id;
        }
        TRY(weave_next(weave, first));
    }
    return OK;
}

struct status store_merge_scan(struct store_view *view, const struct id *profiles,
                               size_t profile_count, struct id before, size_t max, struct id *out,
                               size_t *count) {
    const size_t list_count = profile_count == 0 ? 1 : profile_count;
    struct weave weave = weave_begin(view, list_count, ID_SIZE, ENGINE_DESCENDING);
    struct status status = OK;
    *count = 0;
    for (size_t i = 0; i < list_count && status_is_ok(status); i++) {
        struct store_key prefix = store_key_table(STORE_TABLE_MERGE);
        if (profile_count > 0) {
            prefix = store_key_table(STORE_TABLE_MERGE_BY_ID);
            prefix = store_key_with_id(&prefix, profiles[i]);
        }
        status = weave_add(&weave, &prefix, weave_behind(&before));
    }
    if (status_is_ok(status)) {
        status = take(&weave, max, out, count);
    }
    weave_end(&weave);
    return status;
}

/* ---- pairs that are never to be one ---- */

static struct store_key never_join_key(struct id one, struct id other) {
    return id_compare(one, other) < 0 ? store_key_ids(STORE_TABLE_NEVER_JOIN, one, other)
                                      : store_key_ids(STORE_TABLE_NEVER_JOIN, other, one);
}

struct status never_join_row_unpack(struct store_view *view, struct bytes key, struct bytes value,
                                    struct store_never_join *out) {
    TRY(view_untagged(view->store, key, value, view->arena, &value));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__never_join__descriptor, value, &message));
    const Stored__V1__NeverJoin *row = (const Stored__V1__NeverJoin *)message;
    *out = (struct store_never_join){.create_us = (int64_t)row->create_us};
    memcpy(out->one.bytes, key.data + 1, ID_SIZE);
    memcpy(out->other.bytes, key.data + 1 + ID_SIZE, ID_SIZE);
    TRY(store_id_read(row->merge, &out->merge));
    return store_id_read(row->review, &out->review);
}

struct status store_never_join_get(struct store_view *view, struct id one, struct id other,
                                   bool *found, struct store_never_join *out) {
    const struct store_key key = never_join_key(one, other);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *found = row.data != NULL;
    return *found ? never_join_row_unpack(view, store_key_bytes(&key), row, out) : OK;
}

struct status store_never_join_put(struct store_view *view, const struct store_never_join *never) {
    Stored__V1__NeverJoin row = STORED__V1__NEVER_JOIN__INIT;
    row.create_us = (uint64_t)never->create_us;
    row.merge = store_id_data(&never->merge);
    row.review = store_id_data(&never->review);
    const struct store_key key = never_join_key(never->one, never->other);
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

void store_never_join_delete(struct store_view *view, struct id one, struct id other) {
    const struct store_key key = never_join_key(one, other);
    view_delete(view, &key);
}

struct status store_never_join_scan(struct store_view *view, struct id one, struct id other,
                                    size_t max, struct store_never_join *out, size_t *count) {
    assert(view->overlay->wished_count == 0);
    const struct store_key prefix = store_key_table(STORE_TABLE_NEVER_JOIN);
    struct store_key from = {.size = 0};
    if (!id_is_zero(one)) {
        from = store_key_ids(STORE_TABLE_NEVER_JOIN, one, other);
    }
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(view->txn, store_key_bytes(&prefix), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    struct status status = OK;
    *count = 0;
    while (*count < max) {
        struct bytes key;
        struct bytes value;
        status = engine_scan_next(scan, &key, &value);
        if (!status_is_ok(status) || key.data == NULL) {
            break;
        }
        if (bytes_equal(key, store_key_bytes(&from))) {
            continue; /* The last of the page before. */
        }
        status = never_join_row_unpack(view, key, value, &out[*count]);
        if (!status_is_ok(status)) {
            break;
        }
        (*count)++;
    }
    engine_scan_close(scan);
    return status;
}
