#pragma once
/* The segments of a workspace, compiled together: which persons are to be judged by which filters
 * when something of them changes. Cost grows with the filters that read what changed, not with the
 * number of segments. */

#include "server/segment/filter.h"
#include "server/store/segment.h"

struct segment_item {
    uint32_t number;
    struct filter filter;
    bool filling; /* It has a place: see store/segment.h. */
    struct store_segment_place place;
    bool has_before; /* Whom the pass has not come to is judged by the filter of before. */
    struct filter before;
    bool holds_for_nobody; /* Whether one of whom nothing is known would be in it. */
};

struct segment_readers {
    size_t count;
    const uint32_t *items; /* Positions. */
};

struct segment_position {
    uint32_t number;
    uint32_t position;
};

/* What is filled hangs on the stamp too, but for what the pass does: who moves that keeps `pass`
 * and the items' places with it. */
struct segment_set {
    struct arena arena; /* Keeps all of it. */
    struct id stamp;    /* Of the segments that it was made of. */
    struct store_segment_pass pass;
    struct fields fields;
    size_t count;
    struct segment_item *items;      /* Dynamic ones that are active, each behind those it reads. */
    struct segment_readers *readers; /* By field: the items that read it. */
    struct segment_position *positions; /* As many, by number. */
    size_t static_count;
    const uint32_t *statics; /* All, in order: who is listed is in them, archived or not. */
    size_t frozen_count;
    const uint32_t *frozen; /* Dynamic ones whose members stay as they are, in order. */
    size_t gone_count;
    const uint32_t *gone; /* Deleted ones, of whom members are left or were. */
};

/* Whether an item has judged a person: all of them, or those that the pass has come to. */
static inline bool segment_has_come_to(const struct segment_set *set, size_t position,
                                       struct id id) {
    const struct segment_item *item = &set->items[position];
    return !item->filling || store_place_has_come_to(&item->place, &set->pass, id);
}

/* Compiles the segments as a view without wishes sees them. A segment whose filter does not compile
 * (damaged: nobody can make one) is frozen. */
MUST_USE struct status segment_set_make(struct store_view *view, int64_t now_us,
                                        struct segment_set **out);
void segment_set_free(struct segment_set *set);

/* The position of a dynamic segment that is active; SIZE_MAX for others. */
size_t segment_set_find(const struct segment_set *set, uint32_t number);

/* The place of a number among some in order; SIZE_MAX when it is not among them. */
size_t segment_number_find(const uint32_t *numbers, size_t count, uint32_t number);

/* The segments, by name, on the way from `from` to itself, where its filter is to read those of
 * `reads`: NULL where there is no such circle. "a, b, a", in the arena. In a view without wishes.
 */
MUST_USE struct status segment_circle_find(struct store_view *view, const char *from,
                                           const uint32_t *reads, size_t read_count, int64_t now_us,
                                           const char **out);

/* The names of the segments whose filters read one, or the trait of a number where `trait` is set:
 * the first of them; NULL for none. In a view without wishes. */
MUST_USE struct status segment_reader_find(struct store_view *view, enum field_kind kind,
                                           uint32_t number, int64_t now_us, const char **out);
