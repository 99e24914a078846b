/* Several lists read as one: a scan each, of which the first row in order is taken. */

#include "server/store/weave.h"

#include <string.h>

struct weave weave_begin(struct store_view *view, size_t max, size_t place_size,
                         enum engine_order order) {
    return (struct weave){.view = view,
                          .place_size = place_size,
                          .order = order,
                          .strands = arena_array(view->arena, max, sizeof(struct strand))};
}

struct status weave_next(const struct weave *weave, struct strand *strand) {
    TRY(view_scan_next(strand->scan, &strand->row));
    const struct bytes key = strand->row.key;
    strand->place = (struct bytes){.data = NULL};
    if (key.data == NULL) {
        return OK;
    }
    if (key.size != strand->prefix_size + weave->place_size) {
        return store_corrupt("a key has not the size of its table");
    }
    strand->place = bytes_of(key.data + strand->prefix_size, weave->place_size);
    return OK;
}

struct status weave_add(struct weave *weave, const struct store_key *prefix, struct bytes after) {
    struct strand *strand = &weave->strands[weave->count];
    strand->index = weave->count++;
    strand->prefix_size = prefix->size;
    struct store_key from = {.size = 0};
    if (after.size > 0) {
        from = *prefix;
        memcpy(from.bytes + from.size, after.data, after.size);
        from.size += after.size;
    }
    TRY(view_scan_open(weave->view, prefix, store_key_bytes(&from), weave->order, &strand->scan));
    TRY(weave_next(weave, strand));
    return after.size > 0 && bytes_equal(strand->place, after) ? weave_next(weave, strand) : OK;
}

static bool comes_before(const struct weave *weave, const struct strand *a,
                         const struct strand *b) {
    const int order = memcmp(a->place.data, b->place.data, weave->place_size);
    return weave->order == ENGINE_ASCENDING ? order < 0 : order > 0;
}

struct strand *weave_first(const struct weave *weave) {
    struct strand *first = NULL;
    for (size_t i = 0; i < weave->count; i++) {
        struct strand *strand = &weave->strands[i];
        if (strand->place.data != NULL && (first == NULL || comes_before(weave, strand, first))) {
            first = strand;
        }
    }
    return first;
}

void weave_end(struct weave *weave) {
    for (size_t i = 0; i < weave->count; i++) {
        if (weave->strands[i].scan != NULL) {
            view_scan_close(weave->strands[i].scan);
        }
    }
}
