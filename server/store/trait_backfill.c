/* Traits that are made and deleted, and the way of new ones through what was recorded before. */

#include <assert.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/store/fact.h"
#include "server/store/trait_state.h"

enum {
    FACT_KEY_SIZE = 1 + 8 + ID_SIZE,
    DAYS_MIN = -10000000, /* Before and behind the days of the years 1 to 9999. */
    DAYS_MAX = 10000000,
};

/* ---- making and deleting ---- */

static struct status add_count(void *state, const struct store_fact *fact) {
    *(int64_t *)state += fact->count;
    return OK;
}

/* What lies out of its window is passed over: it would count nowhere. */
struct status store_trait_add(struct store_view *view, struct store_trait *trait, int64_t now_us) {
    const struct store_traits *there = NULL;
    TRY(store_traits_get(view, &there));
    assert(there->count < STORE_TRAITS_MAX && there->gone_count < STORE_TRAITS_MAX);
    struct store_traits *traits = store_traits_copy(there, view->arena);
    const int32_t today = day_of(now_us);
    traits->mark_day = today > traits->mark_day ? today : traits->mark_day;
    const int32_t first =
        trait->window_days == 0 ? DAYS_MIN : traits->mark_day - trait->window_days + 1;
    trait->number = ++traits->last_number;
    trait->create_us = now_us;
    trait->place_us = trait->window_days == 0 ? INT64_MIN : first * (int64_t)US_PER_DAY;
    trait->place = (struct id){{0}};
    trait->looked_at = 0;
    trait->whole = 0;
    TRY(store_count_scan(view, false, first, DAYS_MAX, add_count, &trait->whole));
    trait->ready = trait->whole == 0;
    traits->items[traits->count++] = *trait;
    return store_traits_put(view, traits);
}

struct status store_trait_delete(struct store_view *view, size_t index) {
    const struct store_traits *there = NULL;
    TRY(store_traits_get(view, &there));
    assert(index < there->count);
    struct store_traits *traits = store_traits_copy(there, view->arena);
    traits->gone[traits->gone_count++] = (struct store_trait){
        .number = there->items[index].number,
        .name = "",
        .description = "",
        .field_name = "",
        .filter =
            {.channel = "", .theme = "", .sub_theme = "", .name = "", .source = "", .currency = ""},
        .window_days = there->items[index].window_days};
    traits->count--;
    memmove(&traits->items[index], &traits->items[index + 1],
            (traits->count - index) * sizeof *traits->items);
    return store_traits_put(view, traits);
}

/* ---- the backfill ---- */

/* Facts of the next interactions: which they are alone. */
struct page {
    size_t count;
    struct store_interaction *items;
    bool more; /* There are further ones. */
};

/* Where the page begins: behind the least place of the traits that are not ready; NULL when all
 * are. */
static const struct store_trait *first_of(const struct store_traits *traits) {
    const struct store_trait *first = NULL;
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        if (!trait->ready &&
            (first == NULL || trait_counts(first, trait->place_us, trait->place))) {
            first = trait;
        }
    }
    return first;
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
        if (trait_counts(behind, fact.occur_us, fact.interaction)) {
            continue; /* The one at the place itself. */
        }
        if (page->count == max) {
            page->more = true;
            return OK;
        }
        page->items[page->count++] = (struct store_interaction){
            .profile = fact.profile, .id = fact.interaction, .occur_us = fact.occur_us};
    }
}

static struct status page_read(struct store_view *view, const struct store_trait *behind,
                               size_t max, struct page *page) {
    const struct store_key table = store_key_table(STORE_TABLE_FACT);
    const struct store_key from = store_key_fact(behind->place_us, behind->place);
    struct engine_scan *scan = NULL;
    *page = (struct page){.items = arena_array(view->arena, max, sizeof *page->items)};
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    const struct status status = page_fill(scan, behind, max, page);
    engine_scan_close(scan);
    return status;
}

/* Counts an interaction for those that have not come to it, and that they looked at it. */
static struct status look_at(struct store_view *view, struct store_traits *traits,
                             struct store_interaction *interaction) {
    TRY(store_interaction_get(view, interaction));
    if (interaction->packed.data == NULL) {
        return store_corrupt("a fact is of no interaction");
    }
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__interaction__descriptor, interaction->packed,
                     &message));
    for (size_t i = 0; i < traits->count; i++) {
        struct store_trait *trait = &traits->items[i];
        struct trait_event event = {interaction->occur_us, interaction->id, {.kind = 0}};
        if (trait_counts(trait, event.occur_us, event.interaction)) {
            continue;
        }
        trait->looked_at++;
        trait->whole = trait->looked_at > trait->whole ? trait->looked_at : trait->whole;
        if (trait_takes(trait, (const Stored__V1__Interaction *)message, view->arena,
                        &event.datum)) {
            struct trait_state *state = NULL;
            TRY(trait_state_change(view, trait, interaction->profile, &state));
            trait_state_add(state, trait, traits->mark_day, &event, view->arena);
        }
        trait->place_us = interaction->occur_us;
        trait->place = interaction->id;
    }
    return OK;
}

struct status store_traits_backfill(struct store_view *view, size_t max, int64_t *looked_at) {
    assert(view->overlay->wished_count == 0);
    const struct store_traits *there = NULL;
    TRY(store_traits_get(view, &there));
    const struct store_trait *first = first_of(there);
    *looked_at = 0;
    if (first == NULL) {
        return OK;
    }
    struct page page;
    TRY(page_read(view, first, max, &page));
    struct store_traits *traits = store_traits_copy(there, view->arena);
    for (size_t i = 0; i < page.count; i++) {
        TRY(look_at(view, traits, &page.items[i]));
    }
    for (size_t i = 0; i < traits->count && !page.more; i++) {
        traits->items[i].ready = true;
    }
    *looked_at = (int64_t)page.count;
    return store_traits_put(view, traits);
}
