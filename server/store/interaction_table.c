/* Interactions, the events that they came from, and what they add up to. An interaction stays under
 * the profile that it came in under; the timeline of a merged profile is woven together here. */

#include <assert.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"
#include "server/store/view.h"

enum { EVENT_ROW_SIZE = 2 * ID_SIZE };

struct status store_interaction_put(struct store_view *view,
                                    const struct store_interaction *interaction) {
    const struct store_key key =
        store_key_interaction(interaction->profile, interaction->occur_us, interaction->id);
    return view_put_sealed(view, &key, interaction->profile, interaction->packed);
}

struct store_key view_event_key(const struct store *store, const char *source,
                                const char *event_id) {
    return store_key_hash(STORE_TABLE_EVENT, view_hash(store, "event", source, event_id));
}

struct status store_event_get(struct store_view *view, const char *source, const char *event_id,
                              bool *found, struct id *profile, struct id *interaction) {
    const struct store_key key = view_event_key(view->store, source, event_id);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *found = row.data != NULL;
    if (!*found) {
        return OK;
    }
    if (row.size != EVENT_ROW_SIZE) {
        return store_corrupt("a row of the event table has not 32 bytes");
    }
    memcpy(profile->bytes, row.data, ID_SIZE);
    memcpy(interaction->bytes, row.data + ID_SIZE, ID_SIZE);
    return OK;
}

struct status store_event_put(struct store_view *view, const char *source, const char *event_id,
                              const struct store_interaction *interaction) {
    const struct store_key key = view_event_key(view->store, source, event_id);
    uint8_t *row = arena_alloc(view->arena, EVENT_ROW_SIZE);
    memcpy(row, interaction->profile.bytes, ID_SIZE);
    memcpy(row + ID_SIZE, interaction->id.bytes, ID_SIZE);
    view_put(view, &key, bytes_of(row, EVENT_ROW_SIZE));
    return OK;
}

/* ---- the timeline ---- */

/* One profile's interactions in the weave: the next of them, not yet given out. */
struct strand {
    struct id profile;
    struct engine_scan *scan;
    bool ended;
    struct bytes value;
    uint64_t descending; /* The key's time part. */
    struct id id;
};

static int strand_compare(const struct strand *a, const struct strand *b) {
    if (a->descending != b->descending) {
        return a->descending < b->descending ? -1 : 1;
    }
    return id_compare(a->id, b->id);
}

static struct status strand_next(struct strand *strand) {
    struct bytes key;
    TRY(engine_scan_next(strand->scan, &key, &strand->value));
    if (key.data == NULL) {
        strand->ended = true;
        return OK;
    }
    if (key.size != 1 + ID_SIZE + 8 + ID_SIZE) {
        return store_corrupt("a key of the interaction table has not 41 bytes");
    }
    strand->descending = store_get_u64(key.data + 1 + ID_SIZE);
    memcpy(strand->id.bytes, key.data + 1 + ID_SIZE + 8, ID_SIZE);
    return OK;
}

static struct status strand_open(struct store_view *view, struct strand *strand, bool before_set,
                                 int64_t before_us, struct id before_id) {
    struct store_key prefix = store_key_interaction(strand->profile, 0, before_id);
    prefix.size = 1 + ID_SIZE;
    struct store_key from = {.size = 0};
    if (before_set) {
        from = store_key_interaction(strand->profile, before_us, before_id);
    }
    TRY(engine_scan_open(view->txn, store_key_bytes(&prefix), store_key_bytes(&from),
                         ENGINE_ASCENDING, &strand->scan));
    TRY(strand_next(strand));
    if (before_set && !strand->ended && strand->descending == store_time_descending(before_us) &&
        id_equal(strand->id, before_id)) {
        return strand_next(strand);
    }
    return OK;
}

static struct strand *earliest_key(struct strand *strands, size_t count) {
    struct strand *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!strands[i].ended && (first == NULL || strand_compare(&strands[i], first) < 0)) {
            first = &strands[i];
        }
    }
    return first;
}

static struct status weave(struct store_view *view, struct strand *strands, size_t strand_count,
                           size_t max, struct store_interaction *out, size_t *count, bool *more) {
    *count = 0;
    for (;;) {
        struct strand *next = earliest_key(strands, strand_count);
        *more = next != NULL;
        if (next == NULL || *count == max || (*count > 0 && store_view_is_over(view))) {
            return OK;
        }
        struct store_interaction *interaction = &out[*count];
        interaction->profile = next->profile;
        interaction->id = next->id;
        interaction->occur_us = store_time_of_descending(next->descending);
        const struct store_key key =
            store_key_interaction(next->profile, interaction->occur_us, next->id);
        TRY(view_open_sealed(view, store_key_bytes(&key), next->value, &interaction->packed));
        (*count)++;
        TRY(strand_next(next));
    }
}

struct status store_interaction_scan(struct store_view *view, const struct id *profiles,
                                     size_t profile_count, bool before_set, int64_t before_us,
                                     struct id before_id, size_t max, struct store_interaction *out,
                                     size_t *count, bool *more) {
    assert(view->overlay->wished_count == 0);
    struct strand *strands = arena_array(view->arena, profile_count, sizeof *strands);
    struct status status = OK;
    for (size_t i = 0; i < profile_count && status_is_ok(status); i++) {
        strands[i].profile = profiles[i];
        status = store_view_is_over(view)
                     ? status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                                 "the timeline could not be opened in the time that a call has")
                     : strand_open(view, &strands[i], before_set, before_us, before_id);
    }
    if (status_is_ok(status)) {
        status = weave(view, strands, profile_count, max, out, count, more);
    }
    for (size_t i = 0; i < profile_count; i++) {
        if (strands[i].scan != NULL) {
            engine_scan_close(strands[i].scan);
        }
    }
    return status;
}

/* ---- summaries ---- */

struct status store_summary_get(struct store_view *view, struct id profile,
                                struct store_summary *out) {
    const struct store_key key = store_key_id(STORE_TABLE_SUMMARY, profile);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *out = (struct store_summary){0};
    if (row.data == NULL) {
        return OK;
    }
    TRY(view_unversioned(row, &row));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__summary__descriptor, row, &message));
    const Stored__V1__Summary *stored = (const Stored__V1__Summary *)message;
    out->count = (int64_t)stored->count;
    out->first_us = (int64_t)stored->first_us;
    out->last_us = (int64_t)stored->last_us;
    out->label_count = stored->n_labels;
    out->labels = arena_array(view->arena, stored->n_labels, sizeof *out->labels);
    for (size_t i = 0; i < stored->n_labels; i++) {
        out->labels[i] = (struct store_label_count){
            stored->labels[i]->kind, stored->labels[i]->label, (int64_t)stored->labels[i]->count};
    }
    return OK;
}

struct status store_summary_put(struct store_view *view, struct id profile,
                                const struct store_summary *summary) {
    Stored__V1__Summary stored = STORED__V1__SUMMARY__INIT;
    stored.count = (uint64_t)summary->count;
    stored.first_us = (uint64_t)summary->first_us;
    stored.last_us = (uint64_t)summary->last_us;
    stored.n_labels = summary->label_count;
    stored.labels = arena_array(view->arena, summary->label_count, sizeof *stored.labels);
    for (size_t i = 0; i < summary->label_count; i++) {
        Stored__V1__LabelCount *label = arena_alloc(view->arena, sizeof *label);
        stored__v1__label_count__init(label);
        label->kind = summary->labels[i].kind;
        label->label = (char *)(uintptr_t)summary->labels[i].label;
        label->count = (uint64_t)summary->labels[i].count;
        stored.labels[i] = label;
    }
    const struct bytes packed = store_pack(view->arena, &stored.base);
    TRY(view_size_check(packed));
    const struct store_key key = store_key_id(STORE_TABLE_SUMMARY, profile);
    view_put(view, &key, view_versioned(view, packed));
    return OK;
}
