/* Profiles in order, all or those that are chosen. What the fewest profiles have of that which is
 * asked for is gone through, the rest is looked up for each id: keys of indexes end with it. */

#include <stdlib.h>
#include <string.h>

#include "server/store/profile_source.h"
#include "server/store/profile_walk.h"

enum {
    ROWS_LOOKED_AT_MAX = 20000, /* On the way, in one scan. */
    RARITY_ROWS_MAX = 500,      /* Rows of a clause that are counted to tell which one is rarest. */
    UPDATED_MAX = 5000,         /* Profiles of a span that are put in order of creation. */
    SORTED_MAX = 100,           /* Profiles of a clause that are put in order of their writes. */
};

/* What a scan is for, and how it is done. */
struct plan {
    enum store_order order;
    const struct store_choice *choice;
    struct profile_sources *sources; /* Of each clause. */
    enum store_scan_way way;
    size_t clause;               /* STORE_SCAN_CLAUSE. */
    struct store_cursor *places; /* That were put in order; NULL: rows are gone through. */
    size_t place_count;
    size_t row_count; /* Of those places. */
};

/* ---- ranges ---- */

static int64_t from_1970(int64_t time_us) { return time_us < 0 ? 0 : time_us; }

static bool is_all(const struct store_span *span) {
    return span->from_us <= 0 && span->to_us == INT64_MAX;
}

static bool is_empty(const struct store_span *span) {
    return span->to_us < 0 || span->from_us > span->to_us;
}

static const struct id id_last = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff}};

/* The ids of profiles that were made in the span. */
static void ids_of(const struct store_span *span, struct id *low, struct id *high) {
    *low = is_all(span) ? (struct id){{0}} : id_first(span->from_us);
    *high = id_last;
    if (span->to_us != INT64_MAX) {
        *high = id_first(span->to_us);
        memset(high->bytes + 8, 0xff, ID_SIZE - 8);
    }
}

static struct profile_range range_by_update(const struct store_span *span, bool descending) {
    return (struct profile_range){
        .order = STORE_BY_UPDATE,
        .descending = descending,
        .low = {.set = true, .update_us = from_1970(span->from_us)},
        .high = {.set = true, .update_us = from_1970(span->to_us), .id = id_last},
    };
}

static struct profile_range range_of(const struct plan *plan, bool descending,
                                     const struct store_cursor *after) {
    struct profile_range range = range_by_update(&plan->choice->update, descending);
    if (plan->order == STORE_BY_CREATE) {
        range = (struct profile_range){
            .descending = descending, .low = {.set = true}, .high = {.set = true}};
        ids_of(&plan->choice->create, &range.low.id, &range.high.id);
    }
    range.order = plan->order;
    range.after = *after;
    if (plan->order == STORE_BY_CREATE) {
        range.after.update_us = 0; /* The time is no part of this order. */
    }
    return range;
}

/* ---- which way ---- */

/* The clause that the fewest profiles meet, of those that many meet the first; *least: how many. */
static struct status find_rarest(struct store_view *view, struct plan *plan, uint64_t max,
                                 uint64_t *least) {
    *least = UINT64_MAX;
    for (size_t i = 0; i < plan->choice->clause_count; i++) {
        uint64_t count = 0;
        TRY(profile_sources_count(view, &plan->sources[i], max, &count));
        if (count < *least) {
            *least = count;
            plan->clause = i;
        }
    }
    return OK;
}

/* Adds the lists of a clause. */
static struct status add_sources(struct profile_walk *walk, const struct profile_sources *sources) {
    for (size_t i = 0; i < sources->count; i++) {
        const struct profile_source *source = &sources->items[i];
        if (source->prefix.size > 0) {
            TRY(profile_walk_add_rows(walk, &source->prefix));
        } else if (!id_is_zero(source->one)) {
            struct store_cursor *place = arena_alloc(walk->view->arena, sizeof *place);
            *place = (struct store_cursor){.set = true, .id = source->one};
            TRY(profile_walk_add_places(walk, place, 1));
            walk->row_count++;
        }
    }
    return OK;
}

static int ascending(const void *left, const void *right) {
    return store_cursor_compare(left, right);
}

static int descending(const void *left, const void *right) {
    return store_cursor_compare(right, left);
}

/* Takes up to `max` places off a walk; *whole: these were all. */
static struct status take_places(struct plan *plan, struct profile_walk *walk, size_t max,
                                 bool *whole) {
    plan->places = arena_array(walk->view->arena, max, sizeof *plan->places);
    plan->place_count = 0;
    for (;;) {
        struct store_cursor place;
        TRY(profile_walk_next(walk, &place));
        *whole = !place.set;
        if (*whole || plan->place_count == max) {
            plan->row_count += walk->row_count;
            return OK;
        }
        plan->places[plan->place_count++] = place;
    }
}

/* Those of the span of the latest writes, in order of creation, where there are at most `max`. */
static struct status sort_updated(struct store_view *view, struct plan *plan, size_t max,
                                  bool *whole) {
    const struct profile_range range = range_by_update(&plan->choice->update, false);
    const struct store_key prefix = store_key_table(STORE_TABLE_UPDATE_TIME);
    struct profile_walk walk = profile_walk_begin(view, &range, 1);
    struct status status = profile_walk_add_rows(&walk, &prefix);
    if (status_is_ok(status)) {
        status = take_places(plan, &walk, max, whole);
    }
    profile_walk_end(&walk);
    for (size_t i = 0; i < plan->place_count; i++) {
        plan->places[i].update_us = 0;
    }
    return status;
}

/* Those of a clause, which are few, in the order of their latest writes. */
static struct status sort_clause(struct store_view *view, struct plan *plan) {
    const struct profile_sources *sources = &plan->sources[plan->clause];
    const struct profile_range range = {
        .order = STORE_BY_CREATE, .low = {.set = true}, .high = {.set = true, .id = id_last}};
    bool whole = false;
    struct profile_walk walk = profile_walk_begin(view, &range, sources->count);
    struct status status = add_sources(&walk, sources);
    if (status_is_ok(status)) {
        status = take_places(plan, &walk, SORTED_MAX, &whole);
    }
    profile_walk_end(&walk);
    TRY(status);
    for (size_t i = 0; whole && i < plan->place_count; i++) {
        const struct profile *profile = NULL;
        TRY(store_profile_get(view, plan->places[i].id, &profile));
        if (profile == NULL) {
            return store_corrupt("an index leads to no profile");
        }
        plan->places[i].update_us = profile->update_us;
    }
    plan->places = whole ? plan->places : NULL; /* Wishes were not counted. */
    return OK;
}

static struct status plan_by_update(struct store_view *view, struct plan *plan) {
    uint64_t least = 0;
    TRY(find_rarest(view, plan, SORTED_MAX + 1, &least));
    if (least <= SORTED_MAX) {
        TRY(sort_clause(view, plan));
        plan->way = plan->places == NULL ? STORE_SCAN_ALL : STORE_SCAN_CLAUSE;
    }
    return OK;
}

static struct status plan_by_create(struct store_view *view, struct plan *plan) {
    const bool has_span = !is_all(&plan->choice->update);
    uint64_t least = UINT64_MAX;
    if (plan->choice->clause_count > 0) {
        plan->way = STORE_SCAN_CLAUSE;
    }
    if (plan->choice->clause_count > 1 || has_span) {
        TRY(find_rarest(view, plan, RARITY_ROWS_MAX, &least));
    }
    if (has_span) {
        bool whole = false;
        TRY(sort_updated(view, plan, least < RARITY_ROWS_MAX ? (size_t)least : UPDATED_MAX,
                         &whole));
        plan->places = whole ? plan->places : NULL;
        plan->way = whole ? STORE_SCAN_UPDATED : plan->way;
    }
    return OK;
}

/* ---- the way ---- */

static struct status add_lists(struct profile_walk *walk, const struct plan *plan) {
    const bool by_update = plan->order == STORE_BY_UPDATE;
    const struct store_key all =
        store_key_table(by_update ? STORE_TABLE_UPDATE_TIME : STORE_TABLE_PROFILE);
    if (is_empty(&plan->choice->create) || is_empty(&plan->choice->update)) {
        return OK;
    }
    if (plan->places != NULL) {
        return profile_walk_add_places(walk, plan->places, plan->place_count);
    }
    return plan->way == STORE_SCAN_ALL ? profile_walk_add_rows(walk, &all)
                                       : add_sources(walk, &plan->sources[plan->clause]);
}

/* Whether a profile on the way meets what the way does not tell. */
static struct status is_chosen(struct store_view *view, const struct plan *plan, struct id id,
                               bool *out) {
    struct id low;
    struct id high;
    ids_of(&plan->choice->create, &low, &high);
    *out = id_compare(id, low) >= 0 && id_compare(id, high) <= 0;
    for (size_t i = 0; i < plan->choice->clause_count && *out; i++) {
        if (plan->way != STORE_SCAN_CLAUSE || i != plan->clause) {
            TRY(profile_sources_have(view, &plan->sources[i], id, out));
        }
    }
    return OK;
}

struct scan_output {
    size_t max;
    struct id *ids;
    size_t count;
    bool more;
};

static struct status go(struct store_view *view, struct profile_walk *walk, const struct plan *plan,
                        struct store_cursor *cursor, struct scan_output *out) {
    for (size_t looked = 0; looked < ROWS_LOOKED_AT_MAX; looked++) {
        struct store_cursor place;
        TRY(profile_walk_next(walk, &place));
        if (!place.set) {
            out->more = false;
            return OK;
        }
        bool wanted = false;
        TRY(is_chosen(view, plan, place.id, &wanted));
        if (wanted && out->count == out->max) {
            return OK; /* There is at least one more: it comes with the next call. */
        }
        *cursor = place;
        if (wanted) {
            out->ids[out->count++] = place.id;
        }
        if (store_view_is_over(view)) {
            return OK; /* Behind this row, so that each call comes further. */
        }
    }
    return OK;
}

static struct status make_plan(struct store_view *view, struct plan *plan, bool is_descending) {
    const size_t clause_count = plan->choice->clause_count;
    plan->sources = arena_array(view->arena, clause_count, sizeof *plan->sources);
    for (size_t i = 0; i < clause_count; i++) {
        TRY(profile_sources_find(view, &plan->choice->clauses[i], &plan->sources[i]));
    }
    TRY(plan->order == STORE_BY_UPDATE ? plan_by_update(view, plan) : plan_by_create(view, plan));
    if (plan->places != NULL) {
        qsort(plan->places, plan->place_count, sizeof *plan->places,
              is_descending ? descending : ascending);
    }
    return OK;
}

struct status store_profile_scan(struct store_view *view, enum store_order order,
                                 bool is_descending, const struct store_choice *choice,
                                 struct store_cursor *cursor, size_t max, struct id *out,
                                 size_t *count, bool *more, struct store_scan_report *report) {
    const struct store_choice all = store_choice_all();
    struct plan plan = {.order = order, .choice = choice == NULL ? &all : choice};
    TRY(make_plan(view, &plan, is_descending));
    const struct profile_range range = range_of(&plan, is_descending, cursor);
    const size_t list_count =
        plan.way == STORE_SCAN_CLAUSE ? plan.sources[plan.clause].count + 1 : 1;
    struct profile_walk walk = profile_walk_begin(view, &range, list_count);
    struct scan_output output = {.max = max, .ids = out, .more = true};
    struct store_cursor moved = *cursor;
    struct status status = add_lists(&walk, &plan);
    if (status_is_ok(status)) {
        status = go(view, &walk, &plan, &moved, &output);
    }
    profile_walk_end(&walk);
    TRY(status);
    *cursor = moved;
    *count = output.count;
    *more = output.more;
    if (report != NULL) {
        report->way = plan.way;
        report->clause = plan.clause;
        report->row_count += walk.row_count + plan.row_count;
    }
    return OK;
}

enum { EACH_ARENA_SIZE = 16 << 20 }; /* Of one profile: a row has at most 100,000 bytes. */

/* Unpacks the rows of the profile table one by one, each in the memory of the one before. */
static struct status each_row(struct store_view *row_view, struct engine_scan *scan, size_t max,
                              store_profile_fn *each, void *state, bool *more) {
    const int64_t end_us = engine_monotonic_us(row_view->txn) + (int64_t)ENGINE_READ_MS_MAX * 1000;
    for (size_t count = 0, looked = 0;; looked++) {
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        *more = key.data != NULL;
        if (!*more || (looked > 0 && engine_monotonic_us(row_view->txn) >= end_us)) {
            return OK;
        }
        if (key.size != 1 + ID_SIZE) {
            return store_corrupt("a key has not the size of its table");
        }
        struct id id;
        memcpy(id.bytes, key.data + 1, ID_SIZE);
        struct profile *profile = NULL;
        arena_reset(row_view->arena);
        TRY(profile_row_unpack(row_view, id, value, &profile));
        if (!id_is_zero(profile->merged_into)) {
            continue;
        }
        if (count == max) {
            return OK;
        }
        each(state, profile);
        count++;
    }
}

struct status store_profile_each(struct store_view *view, size_t max, store_profile_fn *each,
                                 void *state, bool *more) {
    assert(view->overlay->wished_count == 0);
    const struct store_key prefix = store_key_table(STORE_TABLE_PROFILE);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(view->txn, store_key_bytes(&prefix), bytes_of(NULL, 0), ENGINE_DESCENDING,
                         &scan));
    struct arena arena;
    arena_init(&arena, EACH_ARENA_SIZE);
    struct store_view row_view = {.store = view->store, .arena = &arena, .txn = view->txn};
    const struct status status = each_row(&row_view, scan, max, each, state, more);
    arena_free(&arena);
    engine_scan_close(scan);
    return status;
}
