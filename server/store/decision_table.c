/* Decisions. Each lies under the profile whose own state its record went to; the history of a
 * person is woven together here. The ids of decisions are in the order of time: so are their keys.
 */

#include <assert.h>
#include <string.h>

#include "server/store/view.h"

struct status store_decision_put(struct store_view *view, struct id profile, struct id decision,
                                 struct bytes packed) {
    const struct store_key key = store_key_ids(STORE_TABLE_DECISION, profile, decision);
    return view_put_sealed(view, &key, profile, packed);
}

struct status store_decision_get(struct store_view *view, struct id profile, struct id decision,
                                 struct bytes *out) {
    const struct store_key key = store_key_ids(STORE_TABLE_DECISION, profile, decision);
    return view_get_sealed(view, &key, out);
}

/* One profile's decisions in the weave: the next of them, not yet given out. */
struct strand {
    struct id profile;
    struct engine_scan *scan;
    bool ended;
    struct bytes value;
    struct id id;
};

static struct status strand_next(struct strand *strand) {
    struct bytes key;
    TRY(engine_scan_next(strand->scan, &key, &strand->value));
    if (key.data == NULL) {
        strand->ended = true;
        return OK;
    }
    if (key.size != 1 + 2 * ID_SIZE) {
        return store_corrupt("a key of the decision table has not 33 bytes");
    }
    memcpy(strand->id.bytes, key.data + 1 + ID_SIZE, ID_SIZE);
    return OK;
}

static struct status strand_open(struct store_view *view, struct strand *strand, struct id after) {
    struct store_key prefix = store_key_ids(STORE_TABLE_DECISION, strand->profile, after);
    struct store_key from = {.size = 0};
    if (!id_is_zero(after)) {
        from = prefix;
    }
    prefix.size = 1 + ID_SIZE;
    TRY(engine_scan_open(view->txn, store_key_bytes(&prefix), store_key_bytes(&from),
                         ENGINE_ASCENDING, &strand->scan));
    TRY(strand_next(strand));
    return !strand->ended && id_equal(strand->id, after) ? strand_next(strand) : OK;
}

static struct strand *earliest(struct strand *strands, size_t count) {
    struct strand *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!strands[i].ended && (first == NULL || id_compare(strands[i].id, first->id) < 0)) {
            first = &strands[i];
        }
    }
    return first;
}

static struct status weave(struct store_view *view, struct strand *strands, size_t strand_count,
                           size_t max, struct store_decision *out, size_t *count, bool *more) {
    size_t size = 0;
    *count = 0;
    for (;;) {
        struct strand *next = earliest(strands, strand_count);
        *more = next != NULL;
        if (next == NULL || *count == max || size >= STORE_DECISIONS_SIZE_MAX) {
            return OK;
        }
        struct store_decision *decision = &out[*count];
        decision->profile = next->profile;
        decision->id = next->id;
        const struct store_key key =
            store_key_ids(STORE_TABLE_DECISION, decision->profile, decision->id);
        TRY(view_open_sealed(view, store_key_bytes(&key), next->value, &decision->packed));
        size += decision->packed.size;
        (*count)++;
        TRY(strand_next(next));
    }
}

struct status store_decision_scan(struct store_view *view, const struct id *profiles,
                                  size_t profile_count, struct id after, size_t max,
                                  struct store_decision *out, size_t *count, bool *more) {
    assert(view->overlay->wished_count == 0);
    struct strand *strands = arena_array(view->arena, profile_count, sizeof *strands);
    struct status status = OK;
    for (size_t i = 0; i < profile_count && status_is_ok(status); i++) {
        strands[i].profile = profiles[i];
        status = strand_open(view, &strands[i], after);
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
