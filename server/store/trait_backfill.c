/* Traits that are made and deleted, and the way of new ones through what was recorded before. */

#include <assert.h>
#include <string.h>

#include "server/base/day.h"
#include "server/store/fact.h"
#include "server/store/mark.h"
#include "server/store/trait_state.h"

enum {
    STEP_ARENA_SIZE = 256 << 20,
    ARENA_MAX = 32 << 20, /* Bytes after which a step counts no further interaction. */
};

/* ---- making and deleting ---- */

static struct status add_count(void *state, const struct store_fact *fact) {
    *(int64_t *)state += fact->count;
    return OK;
}

struct status store_trait_add(struct store_view *view, struct store_trait *trait, int64_t now_us) {
    const struct store_traits *there = NULL;
    TRY(store_traits_get(view, &there));
    assert(there->count < STORE_TRAITS_MAX && there->gone_count < STORE_TRAITS_MAX);
    struct store_traits *traits = store_traits_copy(there, view->arena);
    trait->number = ++traits->last_number;
    trait->create_us = now_us;
    trait->place_kind = STORE_KIND_ANY; /* Before all. */
    trait->place_us = 0;
    trait->place = (struct id){{0}};
    trait->looked_at = 0;
    trait->whole = 0;
    TRY(store_count_scan(view, false, INT32_MIN, INT32_MAX, add_count, &trait->whole));
    trait->ready = trait->whole == 0;
    traits->items[traits->count++] = *trait;
    return store_traits_put(view, traits);
}

struct status store_trait_delete(struct store_view *view, size_t index) {
    const struct store_traits *there = NULL;
    TRY(store_traits_get(view, &there));
    assert(index < there->count);
    struct store_traits *traits = store_traits_copy(there, view->arena);
    traits->gone[traits->gone_count++] =
        (struct store_trait){.number = there->items[index].number,
                             .name = "",
                             .description = "",
                             .field_name = "",
                             .filter = "",
                             .window_days = there->items[index].window_days};
    traits->count--;
    memmove(&traits->items[index], &traits->items[index + 1],
            (traits->count - index) * sizeof *traits->items);
    return store_traits_put(view, traits);
}

/* ---- the backfill ---- */

/* The next interactions, in the order of facts. */
struct page {
    size_t count;
    struct store_fact *facts; /* Without labels. */
    bool more;                /* There are further ones. */
};

static bool has_come_to(const struct store_trait *trait, const struct store_fact *fact) {
    return trait_has_come_to(trait, fact->kind, fact->occur_us, fact->interaction);
}

/* The trait that is not ready and has come the least way; NULL when all are ready. */
static const struct store_trait *least_of(const struct store_traits *traits) {
    const struct store_trait *least = NULL;
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        if (!trait->ready && (least == NULL || trait_has_come_to(least, trait->place_kind,
                                                                 trait->place_us, trait->place))) {
            least = trait;
        }
    }
    return least;
}

static struct status page_fill(struct engine_scan *scan, const struct store_trait *behind,
                               size_t max, struct page *page) {
    for (;;) {
        struct bytes key;
        struct bytes value;
        struct store_fact fact;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            return OK;
        }
        TRY(view_fact_read(key, value, &fact));
        if (has_come_to(behind, &fact)) {
            continue; /* The one at the place itself. */
        }
        if (page->count == max) {
            page->more = true;
            return OK;
        }
        memset(fact.labels, 0, sizeof fact.labels);
        page->facts[page->count++] = fact;
    }
}

static struct status page_read(struct store_view *view, const struct store_trait *behind,
                               size_t max, struct page *page) {
    const struct store_key table = store_key_table(STORE_TABLE_FACT);
    const struct store_key from =
        store_key_fact((uint8_t)behind->place_kind, behind->place_us, behind->place);
    struct engine_scan *scan = NULL;
    *page = (struct page){.facts = arena_array(view->arena, max, sizeof *page->facts)};
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    const struct status status = page_fill(scan, behind, max, page);
    engine_scan_close(scan);
    return status;
}

/* Whether a trait that has not come to it may count an interaction. */
static bool may_count(const struct store_trait *trait, int32_t mark_day,
                      const struct store_fact *fact) {
    return !has_come_to(trait, fact) && trait_day_counts(trait, day_of(fact->occur_us), mark_day);
}

/* Counts an interaction for those that have not come to it. */
static struct status count_it(struct store_view *view, const struct store_traits *traits,
                              int32_t mark_day, const struct store_fact *fact) {
    struct store_interaction interaction = {
        .profile = fact->profile, .id = fact->interaction, .occur_us = fact->occur_us};
    ProtobufCMessage *message = NULL;
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        struct trait_event event;
        if (!may_count(trait, mark_day, fact)) {
            continue;
        }
        if (message == NULL) {
            TRY(store_interaction_get(view, &interaction));
            TRY(store_unpack(view->arena, &stored__v1__interaction__descriptor, interaction.packed,
                             &message));
        }
        bool takes = false;
        TRY(trait_takes(view->store, trait, &interaction, (const Stored__V1__Interaction *)message,
                        view->arena, &event, &takes));
        if (takes) {
            TRY(trait_event_add(view, trait, fact->profile, mark_day, &event));
        }
    }
    return OK;
}

/* Those that had not come to it have now. */
static void come_to(struct store_traits *traits, const struct store_fact *fact) {
    for (size_t i = 0; i < traits->count; i++) {
        struct store_trait *trait = &traits->items[i];
        if (!has_come_to(trait, fact)) {
            trait->looked_at++;
            trait->whole = trait->looked_at > trait->whole ? trait->looked_at : trait->whole;
            trait->place_kind = fact->kind;
            trait->place_us = fact->occur_us;
            trait->place = fact->interaction;
        }
    }
}

struct status store_traits_backfill(struct store_view *view, size_t max, int64_t *looked_at) {
    assert(view->overlay->wished_count == 0);
    const struct store_traits *there = NULL;
    TRY(store_traits_get(view, &there));
    const struct store_trait *least = least_of(there);
    *looked_at = 0;
    if (least == NULL) {
        return OK;
    }
    struct page page;
    const struct store_mark *mark = NULL;
    TRY(store_mark_get(view, &mark));
    TRY(page_read(view, least, max, &page));
    struct store_traits *traits = store_traits_copy(there, view->arena);
    size_t counted = 0;
    while (counted < page.count && (counted == 0 || view->arena->used < (size_t)ARENA_MAX)) {
        TRY(count_it(view, traits, store_mark_day(mark), &page.facts[counted]));
        come_to(traits, &page.facts[counted++]);
    }
    for (size_t i = 0; i < traits->count && !page.more && counted == page.count; i++) {
        traits->items[i].ready = true;
    }
    *looked_at = (int64_t)counted;
    return store_traits_put(view, traits);
}

static struct status step_write(struct store_write *write, int64_t now_us, struct arena *arena,
                                bool *done) {
    struct store_view *view = NULL;
    int64_t looked_at = 0;
    TRY(store_view_begin_write(write, arena, &view));
    TRY(store_traits_backfill(view, view->store->backfill_max, &looked_at));
    *done = view->overlay->wished_count > 0;
    return *done ? store_view_apply(view, now_us) : OK;
}

struct status store_backfill_step(struct store *store, int64_t now_us, bool *more) {
    struct store_write *write = NULL;
    struct arena arena;
    bool done = false;
    *more = false;
    if (store->backfill_max == 0 || !store->is_backfilling) {
        return OK;
    }
    TRY(store_write_begin(store, STORE_WRITE_ORDINARY, &write));
    arena_init(&arena, STEP_ARENA_SIZE);
    struct status status = step_write(write, now_us, &arena, &done);
    arena_free(&arena);
    if (status_is_ok(status) && done) {
        status = store_write_commit(write);
    } else {
        store_write_abort(write);
    }
    if (status_is_ok(status)) {
        store->is_backfilling = done;
        *more = done;
    }
    return status;
}
