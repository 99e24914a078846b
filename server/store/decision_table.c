/* Decisions. Each lies under the profile whose own state its record went to; the history of a
 * person is woven together here. The ids of decisions are in the order of time: so are their keys.
 */

#include "server/store/weave.h"

#include <string.h>

struct status store_decision_put(struct store_view *view, struct id profile, struct id decision,
                                 struct bytes packed) {
    const struct store_key key = store_key_ids(STORE_TABLE_DECISION, profile, decision);
    return view_put_sealed(view, &key, profile, packed);
}

void store_decision_delete(struct store_view *view, struct id profile, struct id decision) {
    const struct store_key key = store_key_ids(STORE_TABLE_DECISION, profile, decision);
    view_delete(view, &key);
}

struct status store_decision_get(struct store_view *view, struct id profile, struct id decision,
                                 struct bytes *out) {
    const struct store_key key = store_key_ids(STORE_TABLE_DECISION, profile, decision);
    return view_get_sealed(view, &key, out);
}

static struct status take(struct weave *weave, const struct id *profiles, size_t max,
                          struct store_decision *out, size_t *count, bool *more) {
    size_t size = 0;
    *count = 0;
    for (;;) {
        struct strand *first = weave_first(weave);
        *more = first != NULL;
        if (first == NULL || *count == max || size >= STORE_DECISIONS_SIZE_MAX) {
            return OK;
        }
        struct store_decision *decision = &out[*count];
        decision->profile = profiles[first->index];
        memcpy(decision->id.bytes, first->place.data, ID_SIZE);
        TRY(view_row_open_sealed(weave->view, &first->row, &decision->packed));
        size += decision->packed.size;
        (*count)++;
        TRY(weave_next(weave, first));
    }
}

struct status store_decision_scan(struct store_view *view, const struct id *profiles,
                                  size_t profile_count, struct id after, size_t max,
                                  struct store_decision *out, size_t *count, bool *more) {
    struct weave weave = weave_begin(view, profile_count, ID_SIZE, ENGINE_ASCENDING);
    struct status status = OK;
    for (size_t i = 0; i < profile_count && status_is_ok(status); i++) {
        struct store_key prefix = store_key_ids(STORE_TABLE_DECISION, profiles[i], after);
        prefix.size -= ID_SIZE;
        status = weave_add(&weave, &prefix, weave_behind(&after));
    }
    if (status_is_ok(status)) {
        status = take(&weave, profiles, max, out, count, more);
    }
    weave_end(&weave);
    return status;
}
