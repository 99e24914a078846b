/* Compiling the segments of a workspace. */

#include "server/segment/segment_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/segment/person.h"

enum {
    SCRATCH_SIZE = 256 << 20,
    PAGE = 100, /* Segments that are read at once. */
};

/* All segments there are, while they are compiled. */
struct maker {
    struct segment_set *set;
    struct store_view *view;
    int64_t now_us;
    struct field_names names;
    size_t count;
    struct segment_item *items; /* In order of names. */
    size_t place_count;
    struct store_segment_place *places; /* By number. */
};

static int by_number(const void *a, const void *b) {
    const uint32_t *left = a;
    const uint32_t *right = b;
    return (*left > *right) - (*left < *right);
}

size_t segment_number_find(const uint32_t *numbers, size_t count, uint32_t number) {
    const uint32_t *found =
        count == 0 ? NULL : bsearch(&number, numbers, count, sizeof number, by_number);
    return found == NULL ? SIZE_MAX : (size_t)(found - numbers);
}

static void number_add(struct segment_set *set, const uint32_t **numbers, size_t *count,
                       uint32_t number) {
    uint32_t *grown = arena_append(&set->arena, *numbers, *count, sizeof number);
    grown[(*count)++] = number;
    qsort(grown, *count, sizeof number, by_number);
    *numbers = grown;
}

static void freeze(struct maker *maker, uint32_t number) {
    number_add(maker->set, &maker->set->frozen, &maker->set->frozen_count, number);
}

/* ---- places ---- */

static struct status places_read(struct maker *maker) {
    struct store_segment_place page[PAGE];
    uint32_t after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        TRY(store_place_scan(maker->view, after, PAGE, page, &count));
        for (size_t i = 0; i < count; i++) {
            after = page[i].segment;
            maker->places = arena_grow(store_view_arena(maker->view), maker->places,
                                       maker->place_count, sizeof *maker->places);
            maker->places[maker->place_count++] = page[i];
            if (page[i].gone) {
                number_add(maker->set, &maker->set->gone, &maker->set->gone_count, after);
            }
        }
    }
    return store_pass_get(maker->view, &maker->set->pass);
}

static void place_find(const struct maker *maker, struct segment_item *item) {
    const struct store_segment_place *found =
        maker->place_count == 0
            ? NULL
            : bsearch(&item->number, maker->places, maker->place_count, sizeof *maker->places,
                      by_number); /* Which a place begins with. */
    item->filling = found != NULL;
    if (found != NULL) {
        item->place = *found;
        item->place.filter_before =
            arena_string(&maker->set->arena, bytes_of_string(found->filter_before));
    }
}

/* ---- compiling one ---- */

/* False when the filter does not compile. */
static struct status compile(struct maker *maker, const char *text, struct filter *out,
                             bool *compiled) {
    struct filter_error error;
    const struct status status =
        filter_compile(text, &maker->names, &maker->set->fields, out, &error);
    *compiled = status_is_ok(status);
    return status.reason == REASON_FILTER_INVALID ? OK : status;
}

static struct status add_dynamic(struct maker *maker, const struct store_segment *segment) {
    struct segment_item item = {.number = segment->number};
    bool compiled = false;
    bool before_compiled = true;
    place_find(maker, &item);
    TRY(compile(maker, segment->filter, &item.filter, &compiled));
    item.has_before = item.filling && item.place.filter_before[0] != '\0';
    if (item.has_before) {
        TRY(compile(maker, item.place.filter_before, &item.before, &before_compiled));
        item.has_before = before_compiled; /* What it read is gone: members stay as they are. */
    }
    if (!compiled) {
        freeze(maker, segment->number);
        return OK;
    }
    maker->items = arena_grow(&maker->set->arena, maker->items, maker->count, sizeof *maker->items);
    maker->items[maker->count++] = item;
    return OK;
}

static struct status add(struct maker *maker, const struct store_segment *segment) {
    if (segment->kind == STORE_SEGMENT_STATIC) {
        number_add(maker->set, &maker->set->statics, &maker->set->static_count, segment->number);
        return OK;
    }
    if (segment->state != STORE_SEGMENT_ACTIVE) {
        freeze(maker, segment->number);
        return OK;
    }
    return add_dynamic(maker, segment);
}

static struct status add_all(struct maker *maker) {
    struct store_segment segments[PAGE];
    const char *after = "";
    size_t count = PAGE;
    while (count == PAGE) {
        TRY(store_segment_scan(maker->view, after, PAGE, segments, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(add(maker, &segments[i]));
        }
        after = count > 0 ? segments[count - 1].name : after;
    }
    return OK;
}

/* ---- their order ---- */

static bool reads(const struct segment_item *item, uint32_t number) {
    for (size_t i = 0; i < item->filter.segment_count; i++) {
        if (item->filter.segments[i] == number) {
            return true;
        }
    }
    for (size_t i = 0; item->has_before && i < item->before.segment_count; i++) {
        if (item->before.segments[i] == number) {
            return true;
        }
    }
    return false;
}

static bool waits(const struct maker *maker, const bool *placed, size_t index) {
    for (size_t i = 0; i < maker->count; i++) {
        if (!placed[i] && reads(&maker->items[index], maker->items[i].number)) {
            return true;
        }
    }
    return false;
}

/* Each behind those that it reads. Few read others: most are placed in the first round. What is
 * left when nobody can be placed any more reads itself in a circle, and is frozen. */
static void order(struct maker *maker) {
    struct segment_set *set = maker->set;
    bool *placed = arena_array(&set->arena, maker->count, sizeof *placed);
    set->items = arena_array(&set->arena, maker->count, sizeof *set->items);
    for (bool some = true; some;) {
        some = false;
        for (size_t i = 0; i < maker->count; i++) {
            const struct segment_item *item = &maker->items[i];
            const bool reads_any = item->filter.segment_count > 0 ||
                                   (item->has_before && item->before.segment_count > 0);
            if (!placed[i] && (!reads_any || !waits(maker, placed, i))) {
                set->items[set->count++] = *item;
                placed[i] = true;
                some = true;
            }
        }
    }
    for (size_t i = 0; i < maker->count; i++) {
        if (!placed[i]) {
            freeze(maker, maker->items[i].number);
        }
    }
}

size_t segment_set_find(const struct segment_set *set, uint32_t number) {
    const struct segment_position *found =
        set->count == 0 ? NULL
                        : bsearch(&number, set->positions, set->count, sizeof *set->positions,
                                  by_number); /* Which a position begins with. */
    return found == NULL ? SIZE_MAX : found->position;
}

static void positions_find(struct segment_set *set) {
    set->positions = arena_array(&set->arena, set->count, sizeof *set->positions);
    for (uint32_t i = 0; i < set->count; i++) {
        set->positions[i] = (struct segment_position){set->items[i].number, i};
    }
    if (set->count > 0) {
        qsort(set->positions, set->count, sizeof *set->positions, by_number);
    }
}

/* ---- who reads what ---- */

static void reader_add(struct segment_set *set, uint16_t field, uint32_t item) {
    struct segment_readers *readers = &set->readers[field];
    uint32_t *items = (uint32_t *)(uintptr_t)readers->items;
    if (readers->count > 0 && items[readers->count - 1] == item) {
        return; /* Both of its filters do. */
    }
    items = arena_grow(&set->arena, items, readers->count, sizeof *items);
    items[readers->count++] = item;
    readers->items = items;
}

static void readers_find(struct segment_set *set) {
    set->readers = arena_array(&set->arena, set->fields.count, sizeof *set->readers);
    for (uint32_t i = 0; i < set->count; i++) {
        const struct segment_item *item = &set->items[i];
        for (size_t k = 0; k < item->filter.field_count; k++) {
            reader_add(set, item->filter.fields[k], i);
        }
        for (size_t k = 0; item->has_before && k < item->before.field_count; k++) {
            reader_add(set, item->before.fields[k], i);
        }
    }
}

/* ---- nobody ---- */

static struct status judge_nobody(struct maker *maker) {
    struct segment_set *set = maker->set;
    struct arena *arena = store_view_arena(maker->view);
    struct person nobody = person_of_nobody(maker->view, maker->now_us, arena);
    struct field_value *values = arena_array(arena, set->fields.count, sizeof *values);
    for (size_t i = 0; i < set->fields.count; i++) {
        TRY(person_value(&nobody, &set->fields.items[i], &values[i]));
    }
    for (size_t i = 0; i < set->count; i++) {
        struct segment_item *item = &set->items[i];
        int64_t change_us = INT64_MAX;
        for (size_t k = 0; k < item->filter.segment_count; k++) {
            /* Those it reads come first: their fields hold what was found of them. */
            assert(item->filter.segments[k] != item->number);
        }
        item->holds_for_nobody = filter_holds(&item->filter, values, maker->now_us, &change_us);
        for (size_t k = 0; item->holds_for_nobody && k < set->fields.count; k++) {
            const struct field *field = &set->fields.items[k];
            if (field->kind == FIELD_SEGMENT && field->number == item->number) {
                static const struct field_item yes = {.number = 1};
                values[k].items = &yes;
            }
        }
    }
    return OK;
}

/* ---- the whole ---- */

static struct status make(struct maker *maker) {
    TRY(store_segments_stamp(maker->view, &maker->set->stamp));
    TRY(field_names_read(maker->view, store_default_region(store_view_store(maker->view)),
                         maker->now_us, &maker->names));
    maker->names.is_accepted = true;
    TRY(places_read(maker));
    TRY(add_all(maker));
    order(maker);
    positions_find(maker->set);
    readers_find(maker->set);
    return judge_nobody(maker);
}

struct status segment_set_make(struct store_view *view, int64_t now_us, struct segment_set **out) {
    struct arena scratch;
    struct segment_set *set = calloc(1, sizeof *set);
    assert(set != NULL);
    arena_init(&set->arena, SCRATCH_SIZE);
    arena_init(&scratch, SCRATCH_SIZE);
    set->fields.arena = &set->arena;
    struct maker maker = {.set = set, .view = store_view_beside(view, &scratch), .now_us = now_us};
    const struct status status = make(&maker);
    arena_free(&scratch);
    if (!status_is_ok(status)) {
        segment_set_free(set);
        return status;
    }
    *out = set;
    return OK;
}

void segment_set_free(struct segment_set *set) {
    if (set != NULL) {
        arena_free(&set->arena);
        free(set);
    }
}

/* ---- who reads whom ---- */

/* A way through the segments that each reads the next one: depth first, each looked at once. */
struct walk {
    const struct segment_set *set;
    uint32_t to;
    bool *seen;
    size_t depth;
    uint32_t path[STORE_SEGMENTS_MAX + 1];
};

static bool walk_from(struct walk *walk, uint32_t number);

static bool walk_from_any(struct walk *walk, const struct filter *filter) {
    for (size_t i = 0; i < filter->segment_count; i++) {
        if (walk_from(walk, filter->segments[i])) {
            return true;
        }
    }
    return false;
}

/* Whether there is a way from a segment; it stands in the path then. It may end at one that is not
 * in the set, as one that is paused. The set has no circles: so it goes as deep as the longest way,
 * which STORE_SEGMENTS_MAX bounds. */
static bool walk_from(struct walk *walk, uint32_t number) {
    const size_t position = segment_set_find(walk->set, number);
    walk->path[walk->depth++] = number;
    if (number == walk->to) {
        return true;
    }
    if (position != SIZE_MAX && !walk->seen[position]) {
        const struct segment_item *item = &walk->set->items[position];
        walk->seen[position] = true;
        if (walk_from_any(walk, &item->filter) ||
            (item->has_before && walk_from_any(walk, &item->before))) {
            return true;
        }
    }
    walk->depth--;
    return false;
}

static struct status path_text(struct store_view *view, const char *from, const struct walk *walk,
                               const char **out) {
    const char *text = from;
    for (size_t i = 0; i < walk->depth; i++) {
        const char *name = NULL;
        TRY(store_segment_name(view, walk->path[i], &name));
        text = arena_format(store_view_arena(view), "%s, %s", text, name == NULL ? "?" : name);
    }
    *out = text;
    return OK;
}

struct status segment_circle_find(struct store_view *view, const char *from,
                                  const uint32_t *reads_of, size_t read_count, int64_t now_us,
                                  const char **out) {
    struct store_segment segment;
    struct segment_set *set = NULL;
    bool found = false;
    *out = NULL;
    TRY(store_segment_get(view, from, &found, &segment));
    if (!found || read_count == 0) {
        return OK; /* Nobody reads a new one. */
    }
    TRY(segment_set_make(view, now_us, &set));
    struct arena *arena = store_view_arena(view);
    struct walk *walk = arena_alloc(arena, sizeof *walk);
    *walk = (struct walk){
        .set = set, .to = segment.number, .seen = arena_array(arena, set->count, sizeof(bool))};
    bool is_circle = false;
    for (size_t i = 0; i < read_count && !is_circle; i++) {
        is_circle = walk_from(walk, reads_of[i]);
    }
    segment_set_free(set);
    return is_circle ? path_text(view, from, walk, out) : OK;
}

static bool reads_field(const struct segment_set *set, const struct filter *filter,
                        enum field_kind kind, uint32_t number) {
    for (size_t i = 0; i < filter->field_count; i++) {
        const struct field *field = &set->fields.items[filter->fields[i]];
        if (field->kind == kind && field->number == number) {
            return true;
        }
    }
    return false;
}

struct status segment_reader_find(struct store_view *view, enum field_kind kind, uint32_t number,
                                  int64_t now_us, const char **out) {
    struct segment_set *set = NULL;
    uint32_t reader = 0;
    *out = NULL;
    TRY(segment_set_make(view, now_us, &set));
    for (size_t i = 0; i < set->count && reader == 0; i++) {
        const struct segment_item *item = &set->items[i];
        if (reads_field(set, &item->filter, kind, number) ||
            (item->has_before && reads_field(set, &item->before, kind, number))) {
            reader = item->number;
        }
    }
    segment_set_free(set);
    return reader == 0 ? OK : store_segment_name(view, reader, out);
}
