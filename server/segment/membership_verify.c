/* Trying every segment on every person. */

#include "server/segment/membership_verify.h"

#include <string.h>

#include "server/segment/person.h"
#include "server/segment/segment_set.h"
#include "server/store/mark.h"

enum { PAGE = 500, SCRATCH_SIZE = 64 << 20 };

struct proof {
    struct store_reader *reader;
    int64_t now_us;
    const struct verify_sink *sink;
    struct membership_verify_result *result;
    struct segment_set *set;
    struct store_cursor cursor;
};

static void tell(struct proof *proof, struct id id, const char *what) {
    char text[ID_TEXT_SIZE + 1];
    id_format(id, text);
    proof->result->problem_count++;
    proof->sink->problem(proof->sink->state, &(struct verify_problem){"membership", text, what});
}

static bool is_due(const struct store_membership *row, uint32_t segment, int64_t now_us) {
    for (size_t i = 0; i < row->due_count; i++) {
        if (row->dues[i].segment == segment && row->dues[i].due_us <= now_us) {
            return true;
        }
    }
    return false;
}

/* Whether any segment that a filter reads is due: then what it says of the person is not known. */
static bool reads_due(const struct filter *filter, const struct store_membership *row,
                      int64_t now_us) {
    for (size_t i = 0; i < filter->segment_count; i++) {
        if (is_due(row, filter->segments[i], now_us)) {
            return true;
        }
    }
    return false;
}

static struct status try_person(struct proof *proof, struct store_view *view, struct id id) {
    const struct profile *profile = NULL;
    struct store_membership row;
    TRY(store_profile_get(view, id, &profile));
    if (profile == NULL || !profile_is_live(profile)) {
        return OK;
    }
    TRY(store_membership_get(view, id, &row));
    proof->result->person_count++;
    for (size_t i = 0; i < proof->set->count; i++) {
        const struct segment_item *item = &proof->set->items[i];
        struct person person = person_of(view, profile, proof->now_us, store_view_arena(view));
        bool holds = false;
        if (item->filling || is_due(&row, item->number, proof->now_us) ||
            reads_due(&item->filter, &row, proof->now_us)) {
            continue;
        }
        TRY(filter_holds_for(&item->filter, &proof->set->fields, &person, &holds));
        if (holds != store_membership_has(&row, item->number)) {
            tell(proof, id,
                 holds ? "is not in a segment whose filter finds it"
                       : "is in a segment whose filter does not find it");
        }
    }
    return OK;
}

/* Tries a page of profiles on a view of its own. */
static struct status try_page(struct proof *proof, struct arena *arena, bool *more) {
    struct store_view *view = NULL;
    struct id ids[PAGE];
    size_t count = 0;
    TRY(store_view_begin_read(proof->reader, arena, &view));
    struct status status = store_profile_scan(view, STORE_BY_CREATE, false, NULL, &proof->cursor,
                                              PAGE, ids, &count, more, NULL);
    for (size_t i = 0; i < count && status_is_ok(status); i++) {
        struct arena scratch;
        arena_init(&scratch, SCRATCH_SIZE);
        status = try_person(proof, store_view_beside(view, &scratch), ids[i]);
        arena_free(&scratch);
    }
    store_view_end(view);
    return status;
}

static struct status try_all(struct proof *proof) {
    for (bool more = true; more;) {
        struct arena arena;
        arena_init(&arena, SCRATCH_SIZE);
        const struct status status = try_page(proof, &arena, &more);
        arena_free(&arena);
        TRY(status);
    }
    return OK;
}

static struct status make_set_of(struct proof *proof, struct store_view *view) {
    const struct store_mark *mark = NULL;
    TRY(store_mark_get(view, &mark));
    proof->now_us = mark->until_us;
    return segment_set_make(view, proof->now_us, &proof->set);
}

static struct status make_set(struct proof *proof) {
    struct store_view *view = NULL;
    struct arena arena;
    arena_init(&arena, SCRATCH_SIZE);
    struct status status = store_view_begin_read(proof->reader, &arena, &view);
    if (status_is_ok(status)) {
        status = make_set_of(proof, view);
        store_view_end(view);
    }
    arena_free(&arena);
    return status;
}

struct status membership_verify(struct store *store, const struct verify_sink *sink,
                                struct membership_verify_result *out) {
    struct proof proof = {.sink = sink, .result = out};
    *out = (struct membership_verify_result){0};
    TRY(store_reader_open(store, &proof.reader));
    struct status status = make_set(&proof);
    for (size_t i = 0; status_is_ok(status) && i < proof.set->count; i++) {
        out->segment_count += proof.set->items[i].filling ? 0 : 1;
    }
    if (status_is_ok(status) && out->segment_count > 0) {
        status = try_all(&proof);
    }
    segment_set_free(proof.set);
    store_reader_close(proof.reader);
    return status;
}
