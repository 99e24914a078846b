/* The row of the mark, and its way along with the clock and back. */

#include "server/store/mark.h"

#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/view.h"

enum {
    AHEAD_US = CLOCK_BACK_MAX_US / 2, /* Of who writes: so the row is written twice a second. */
    PASSED_NEVER_US = 1,              /* 0 is not known. */
    STEP_PROFILES_MAX = 1000,         /* Of one step, which others wait for: */
    STEP_US_MAX = 5000,               /* it ends behind the profile with which it has taken as */
    STEP_ARENA_MAX = 64 << 20,        /* long, or as much memory. */
};

/* ---- the row ---- */

struct status mark_row_read(struct arena *arena, struct bytes packed, struct store_mark *out) {
    *out = (struct store_mark){0};
    if (packed.data == NULL) {
        return OK;
    }
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__mark__descriptor, packed, &message));
    const Stored__V1__Mark *row = (const Stored__V1__Mark *)message;
    out->until_us = row->until_us;
    out->passed_us = row->passed_us == 0 ? row->until_us : row->passed_us;
    out->counting = row->counting;
    return store_id_read(row->place, &out->place);
}

static struct status mark_read(struct store_view *view, struct store_mark *out) {
    const struct store_key key = store_key_table(STORE_TABLE_MARK);
    struct bytes packed;
    TRY(view_get_tagged(view, &key, &packed));
    return mark_row_read(view->arena, packed, out);
}

struct status store_mark_get(struct store_view *view, const struct store_mark **out) {
    struct mark_cache *cache = view->write == NULL ? NULL : &view->write->mark_cache;
    if (view->mark == NULL) {
        struct store_mark *mark = arena_alloc(view->arena, sizeof *mark);
        if (cache != NULL && cache->known) {
            *mark = cache->mark;
        } else {
            TRY(mark_read(view, mark));
        }
        if (cache != NULL) {
            *cache = (struct mark_cache){true, *mark};
        }
        view->mark = mark;
    }
    *out = view->mark;
    return OK;
}

static struct status mark_put(struct store_view *view, const struct store_mark *mark) {
    const struct store_key key = store_key_table(STORE_TABLE_MARK);
    Stored__V1__Mark row = STORED__V1__MARK__INIT;
    row.until_us = mark->until_us;
    row.passed_us = mark->passed_us;
    row.counting = mark->counting;
    row.place = store_id_data(&mark->place);
    view->mark = mark;
    view->write->mark_cache = (struct mark_cache){true, *mark};
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

static struct store_mark *mark_copy(const struct store_mark *mark, struct arena *arena) {
    struct store_mark *copy = arena_alloc(arena, sizeof *copy);
    *copy = *mark;
    return copy;
}

int32_t store_mark_day(const struct store_mark *mark) { return day_of(mark->until_us); }

struct status mark_day_get(struct store_view *view, int32_t *out) {
    const struct store_mark *mark = NULL;
    TRY(store_mark_get(view, &mark));
    const int32_t today = day_of(view->now_us);
    *out = today > store_mark_day(mark) ? today : store_mark_day(mark);
    return OK;
}

bool store_mark_has_windows(const struct store_mark *mark, const struct id *members,
                            size_t member_count, int32_t today) {
    for (size_t i = 0; i < member_count; i++) {
        if (!store_mark_has_come_to(mark, members[i])) {
            return false;
        }
    }
    return today >= store_mark_day(mark);
}

/* ---- along with the clock ---- */

struct status mark_follow(struct store_view *view, int64_t now_us) {
    const struct store_mark *there = NULL;
    TRY(store_mark_get(view, &there));
    if (now_us <= there->until_us) {
        return OK;
    }
    struct store_mark *mark = mark_copy(there, view->arena);
    mark->passed_us = there->until_us == 0 ? PASSED_NEVER_US : there->passed_us;
    mark->until_us = now_us + AHEAD_US;
    return mark_put(view, mark);
}

/* Later by up to half a second, so that the row is not written for each. */
struct status store_mark_pass(struct store_view *view, int64_t passed_us) {
    const struct store_mark *there = NULL;
    TRY(store_mark_get(view, &there));
    if (passed_us <= there->passed_us) {
        return OK;
    }
    struct store_mark *mark = mark_copy(there, view->arena);
    mark->passed_us = passed_us + AHEAD_US;
    return mark_put(view, mark);
}

/* ---- back ---- */

static bool is_clock_back(const struct store_mark *mark, int64_t now_us) {
    return now_us < mark->until_us - CLOCK_BACK_MAX_US;
}

/* Windows that are being counted anew for a later day are begun again for this one. */
static struct status go_back(struct store_view *view, const struct store_mark *there,
                             int64_t now_us) {
    struct store *store = view->store;
    struct store_mark *mark = mark_copy(there, view->arena);
    mark->until_us = now_us + AHEAD_US;
    if (store_mark_day(mark) < store_mark_day(there)) {
        mark->counting = true;
        mark->place = (struct id){{0}};
    }
    const bool was_passed = there->passed_us > now_us;
    mark->passed_us = was_passed ? PASSED_NEVER_US : there->passed_us; /* All are judged anew. */
    TRY(mark_put(view, mark));
    return !was_passed || store->follower == NULL
               ? OK
               : store->follower->anew(&store->follower_state, view, now_us);
}

/* Counts the windows of the next profiles anew. */
static struct status count_on(struct store_view *view, const struct store_mark *there) {
    const int64_t end_us = store_view_clock_us(view) + STEP_US_MAX;
    struct store_mark *mark = mark_copy(there, view->arena);
    struct store_cursor cursor = {.set = !id_is_zero(there->place), .id = there->place};
    struct id *ids = arena_array(view->arena, STEP_PROFILES_MAX, sizeof *ids);
    size_t count = 0;
    bool more = false;
    TRY(store_profile_scan(view, STORE_BY_CREATE, false, NULL, &cursor, STEP_PROFILES_MAX, ids,
                           &count, &more, NULL));
    mark->counting = more;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 &&
            (store_view_clock_us(view) >= end_us || view->arena->used > (size_t)STEP_ARENA_MAX)) {
            mark->counting = true;
            break;
        }
        TRY(windows_recount(view, ids[i]));
        mark->place = ids[i];
    }
    mark->place = mark->counting ? mark->place : (struct id){{0}};
    return mark_put(view, mark);
}

/* ---- steps ---- */

static struct status step_view(struct store_view *view, int64_t now_us) {
    const struct store_mark *mark = NULL;
    TRY(store_mark_get(view, &mark));
    TRY(is_clock_back(mark, now_us) ? go_back(view, mark, now_us) : count_on(view, mark));
    return store_view_apply(view, now_us);
}

static struct status step(struct store *store, int64_t now_us, struct arena *arena) {
    struct store_write *write = NULL;
    struct store_view *view = NULL;
    TRY(store_write_begin(store, STORE_WRITE_ERASE, &write));
    struct status status = store_view_begin_write(write, arena, &view);
    status = status_is_ok(status) ? step_view(view, now_us) : status;
    if (status_is_ok(status)) {
        return store_write_commit(write);
    }
    store_write_abort(write);
    return status;
}

/* The mark as the last commit left it. */
static struct status know_mark(struct store *store, struct arena *arena) {
    struct store_reader *reader = NULL;
    struct store_view *view = NULL;
    const struct store_mark *mark = NULL;
    if (store->mark_cache.known) {
        return OK;
    }
    TRY(store_reader_open(store, &reader));
    struct status status = store_view_begin_read(reader, arena, &view);
    if (status_is_ok(status)) {
        status = store_mark_get(view, &mark);
        store->mark_cache.known = status_is_ok(status);
        store->mark_cache.mark = status_is_ok(status) ? *mark : store->mark_cache.mark;
        store_view_end(view);
    }
    store_reader_close(reader);
    return status;
}

struct status mark_step(struct store *store, int64_t now_us, bool *more) {
    const struct store_mark *mark = &store->mark_cache.mark;
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    struct status status = know_mark(store, &arena);
    *more = status_is_ok(status) && (mark->counting || is_clock_back(mark, now_us));
    if (*more) {
        status = step(store, now_us, &arena);
    }
    arena_free(&arena);
    return status;
}
