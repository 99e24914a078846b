/* What traits forget: cells whose days are out of their window, found by the day on which they are
 * due; and all states of traits that were deleted. A few at a time, so that no write waits for
 * long. */

#include <string.h>

#include "server/store/mark.h"
#include "server/store/trait_state.h"

enum {
    STATES_MAX = 200, /* In one transaction. */
    RECOUNTS_MAX = 4, /* Of these. */
    ARENA_SIZE = 256 << 20,
    DUE_KEY_SIZE = 1 + 4 + 4 + ID_SIZE,
};

/* Keys that were found, in order. */
struct keys {
    size_t max;
    size_t count;
    struct bytes *items;
    bool more;
};

typedef bool key_fn(struct bytes key, int32_t mark_day);

static bool is_due(struct bytes key, int32_t mark_day) {
    return key.size == DUE_KEY_SIZE && store_day_of_key(store_get_u32(key.data + 1)) <= mark_day;
}

static bool is_any(struct bytes key, int32_t mark_day) {
    (void)key;
    (void)mark_day;
    return true;
}

/* Up to the first key that is not wanted. */
static struct status keys_fill(struct engine_scan *scan, key_fn *wants, int32_t mark_day,
                               struct arena *arena, struct keys *out) {
    for (;;) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL || !wants(key, mark_day)) {
            return OK;
        }
        if (out->count == out->max) {
            out->more = true;
            return OK;
        }
        out->items[out->count++] = arena_copy(arena, key);
    }
}

static struct status keys_find(struct store_view *view, const struct store_key *prefix,
                               key_fn *wants, int32_t mark_day, size_t max, struct keys *out) {
    struct engine_scan *scan = NULL;
    *out = (struct keys){.max = max, .items = arena_array(view->arena, max, sizeof *out->items)};
    TRY(engine_scan_open(view->txn, store_key_bytes(prefix), bytes_of(NULL, 0), ENGINE_ASCENDING,
                         &scan));
    const struct status status = keys_fill(scan, wants, mark_day, view->arena, out);
    engine_scan_close(scan);
    return status;
}

/* Once days are forgotten there may be room for values that were left out: they are counted then.
 */
static bool has_room_again(const struct trait_state *whole) {
    return whole->left_out > 0 && whole->count < STORE_TRAIT_CELLS_MAX;
}

/* A due row that leads to nothing goes as well. */
static struct status forget(struct store_view *view, const struct store_traits *traits,
                            struct bytes due, int32_t mark_day, size_t *recounts) {
    struct store_key key = {.size = due.size};
    memcpy(key.bytes, due.data, due.size);
    view_delete(view, &key);
    uint32_t number = 0;
    struct id member;
    struct trait_change *whole = NULL;
    trait_key_read(due, &number, &member);
    const struct store_trait *trait = trait_of_number(traits, number);
    if (trait == NULL) {
        return OK;
    }
    TRY(trait_state_change(view, trait, member, &whole));
    TRY(trait_state_forget(view, whole, member, mark_day));
    whole->is_to_recount = has_room_again(&whole->state);
    *recounts += whole->is_to_recount ? 1 : 0;
    return OK;
}

/* Up to the first states that are to be counted anew, which takes its time. */
static struct status forget_all(struct store_view *view, const struct store_traits *traits,
                                int32_t mark_day, struct keys *due) {
    size_t recounts = 0;
    for (size_t i = 0; i < due->count; i++) {
        if (recounts == RECOUNTS_MAX) {
            due->count = i;
            due->more = true;
            break;
        }
        TRY(forget(view, traits, due->items[i], mark_day, &recounts));
    }
    return recounts == 0 ? OK : trait_states_recount(view, mark_day);
}

/* A row of a trait that was deleted. */
static struct status clear(struct store_view *view, const struct store_trait *trait,
                           struct bytes key) {
    uint32_t number = 0;
    struct id member;
    int32_t day = 0;
    struct trait_change *change = NULL;
    trait_key_read(key, &number, &member);
    TRY(trait_key_day(key, &day) ? trait_day_change(view, trait, member, day, &change)
                                 : trait_state_change(view, trait, member, &change));
    change->state = (struct trait_state){.count = 0};
    return OK;
}

/* Tells in *count how many states it looked at: `max` when there may be more. */
static struct status sweep_view(struct store_view *view, int32_t mark_day, size_t max,
                                size_t *count) {
    struct keys due;
    struct keys gone = {.count = 0};
    const struct store_key dues = store_key_table(STORE_TABLE_TRAIT_DUE);
    const struct store_traits *there = NULL;
    TRY(store_traits_get(view, &there));
    TRY(keys_find(view, &dues, is_due, mark_day, max, &due));
    if (there->gone_count > 0) {
        const struct store_key states = store_key_trait_states(there->gone[0].number);
        TRY(keys_find(view, &states, is_any, mark_day, max - due.count, &gone));
    }
    *count = 0;
    if (due.count == 0 && there->gone_count == 0) {
        return OK;
    }
    struct store_traits *traits = store_traits_copy(there, view->arena);
    TRY(forget_all(view, there, mark_day, &due));
    for (size_t i = 0; i < gone.count; i++) {
        TRY(clear(view, &there->gone[0], gone.items[i]));
    }
    if (traits->gone_count > 0 && !gone.more) {
        traits->gone[0] = traits->gone[--traits->gone_count];
    }
    *count = due.more || traits->gone_count > 0 ? max : due.count + gone.count;
    return store_traits_put(view, traits);
}

struct status trait_sweep(struct store *store, int64_t now_us, size_t max, size_t *count) {
    struct arena arena;
    struct store_write *write = NULL;
    struct store_view *view = NULL;
    const size_t limit = max < STATES_MAX ? max : STATES_MAX;
    size_t swept = 0;
    TRY(store_write_begin(store, STORE_WRITE_ERASE, &write));
    arena_init(&arena, ARENA_SIZE);
    struct status status = store_view_begin_write(write, &arena, &view);
    if (status_is_ok(status)) {
        /* The mark of the view is no earlier than that once it is applied. */
        const struct store_mark mark = {.until_us = now_us};
        status = sweep_view(view, store_mark_day(&mark), limit, &swept);
    }
    if (status_is_ok(status)) {
        status = store_view_apply(view, now_us);
    }
    if (status_is_ok(status) && view->overlay->wished_count > 0) {
        status = store_write_commit(write);
    } else {
        store_write_abort(write);
    }
    arena_free(&arena);
    if (status_is_ok(status)) {
        *count = swept == limit ? max : swept;
    }
    return status;
}
