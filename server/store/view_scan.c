/* Scans that see wishes. There are up to three lists in the order of keys: the view's wishes, those
 * of the what-if below them, the engine's rows. The first row of all is given out; where several
 * have its key that of the uppermost list counts, and a wish to delete hides it. */

#include "server/store/view_scan.h"

#include <assert.h>

/* Of a list: its next row. */
struct head {
    struct overlay *overlay; /* NULL: the engine. */
    struct bytes key;        /* data NULL: the list has ended. */
    struct bytes value;      /* The engine's. */
    bool is_taken;           /* The row was given out, or there was none yet. */
};

enum { LISTS_MAX = 3 };

struct view_scan {
    struct engine_scan *scan;
    enum engine_order order;
    struct bytes prefix;
    size_t count;
    struct head heads[LISTS_MAX]; /* The uppermost first. */
};

/* ---- the lists ---- */

/* The least key that is behind all that start with the prefix. */
static struct store_key end_of(struct bytes prefix) {
    struct store_key end = {.size = prefix.size};
    memcpy(end.bytes, prefix.data, prefix.size);
    while (end.bytes[end.size - 1] == UINT8_MAX) {
        end.size--;
        assert(end.size > 0); /* No table has that byte. */
    }
    end.bytes[end.size - 1]++;
    return end;
}

static void head_set(const struct view_scan *scan, struct head *head,
                     const struct overlay_entry *entry) {
    const bool is_in = entry != NULL && bytes_start_with(entry->key, scan->prefix);
    head->key = is_in ? entry->key : (struct bytes){.data = NULL};
}

static void add_wishes(struct view_scan *scan, struct overlay *overlay, struct bytes from) {
    if (overlay == NULL || overlay->count == 0) {
        return;
    }
    struct head *head = &scan->heads[scan->count++];
    head->overlay = overlay;
    overlay_order(overlay);
    if (scan->order == ENGINE_ASCENDING) {
        head_set(scan, head, overlay_behind(overlay, from.size > 0 ? from : scan->prefix, true));
        return;
    }
    const struct store_key end = end_of(scan->prefix);
    head_set(scan, head,
             from.size > 0 ? overlay_before(overlay, from, true)
                           : overlay_before(overlay, store_key_bytes(&end), false));
}

static struct status head_next(const struct view_scan *scan, struct head *head) {
    head->is_taken = false;
    if (head->overlay == NULL) {
        return engine_scan_next(scan->scan, &head->key, &head->value);
    }
    head_set(scan, head,
             scan->order == ENGINE_ASCENDING ? overlay_behind(head->overlay, head->key, false)
                                             : overlay_before(head->overlay, head->key, false));
    return OK;
}

/* ---- rows ---- */

/* The list whose row comes next; NULL at the end. */
static const struct head *first_of(const struct view_scan *scan) {
    const struct head *first = NULL;
    for (size_t i = 0; i < scan->count; i++) {
        const struct head *head = &scan->heads[i];
        if (head->key.data == NULL) {
            continue;
        }
        const int order = first == NULL ? 0 : bytes_compare(head->key, first->key);
        if (first == NULL || (scan->order == ENGINE_ASCENDING ? order < 0 : order > 0)) {
            first = head;
        }
    }
    return first;
}

/* Takes the row that comes next, from all lists that have its key; NULL at the end. */
static struct status take(struct view_scan *scan, const struct head **out) {
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->heads[i].is_taken && scan->heads[i].key.data != NULL) {
            TRY(head_next(scan, &scan->heads[i]));
        }
    }
    *out = first_of(scan);
    for (size_t i = 0; *out != NULL && i < scan->count; i++) {
        struct head *head = &scan->heads[i];
        head->is_taken = head->key.data != NULL && bytes_equal(head->key, (*out)->key);
    }
    return OK;
}

/* False where the row is wished away, or known not to be there. */
static bool row_of(const struct head *head, struct view_row *out) {
    *out = (struct view_row){.key = head->key, .value = head->value};
    if (head->overlay == NULL) {
        return true;
    }
    const struct overlay_entry *entry = overlay_find(head->overlay, head->key);
    out->is_wished = true;
    if (head->key.data[0] == STORE_TABLE_PROFILE) {
        out->value = bytes_of(head->key.data, 0);
        return entry->profile != NULL;
    }
    if (head->key.data[0] == STORE_TABLE_TRAIT_STATE) {
        out->value = bytes_of(head->key.data, 0);
        return true; /* One of nothing, too. */
    }
    out->value = entry->value;
    return out->value.data != NULL;
}

struct status view_scan_open(struct store_view *view, const struct store_key *prefix,
                             struct bytes from, enum engine_order order, struct view_scan **out) {
    assert(prefix->size > 0);
    struct view_scan *scan = arena_alloc(view->arena, sizeof *scan);
    *scan = (struct view_scan){.order = order,
                               .prefix = arena_copy(view->arena, store_key_bytes(prefix))};
    add_wishes(scan, view->overlay, from);
    add_wishes(scan, view->below, from);
    struct head *stored = &scan->heads[scan->count++];
    *stored = (struct head){.key = scan->prefix, .is_taken = true};
    TRY(engine_scan_open(view->txn, scan->prefix, from, order, &scan->scan));
    *out = scan;
    return OK;
}

struct status view_scan_next(struct view_scan *scan, struct view_row *out) {
    for (;;) { /* Past those that are not there. */
        const struct head *first = NULL;
        TRY(take(scan, &first));
        if (first == NULL) {
            *out = (struct view_row){.is_wished = false};
            return OK;
        }
        if (row_of(first, out)) {
            return OK;
        }
    }
}

void view_scan_close(struct view_scan *scan) { engine_scan_close(scan->scan); }

struct status view_row_open_sealed(struct store_view *view, const struct view_row *row,
                                   struct bytes *out) {
    if (row->is_wished) {
        *out = row->value;
        return OK;
    }
    return view_open_sealed(view, row->key, row->value, out);
}
