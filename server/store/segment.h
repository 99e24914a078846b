#pragma once
/* Segments: named groups of persons. A dynamic one has a filter and is exact at every moment: who
 * is in it is derived (server/segment/membership.h) whenever something is written of a person, and
 * when a time comes that the filter waits for. A static one has a list: it holds the persons of
 * whom somebody listed a profile, one that was merged into another included.
 *
 * Dynamic segments are filled by one pass, which goes through all profiles in their order, round
 * after round, and judges each by all segments that are being filled. A segment begins where the
 * pass is, and is ready when it comes there again: whatever moment each was made, all that are
 * filled read a profile together, and what is written down by the way is the one row of the pass.
 * Those whom the pass has not come to stay as they were, or are judged by the filter of before. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "server/store/store.h"

enum {
    STORE_SEGMENTS_MAX = 2000,       /* That are there, archived ones among them. */
    STORE_SEGMENT_LABELS_MAX = 20,   /* Of one. */
    STORE_SEGMENTS_LISTED_MAX = 1000 /* Static ones that one profile is listed in. */
};

/* The numbers are those of profiled.v1.SegmentKind and of the stored form. */
enum store_segment_kind { STORE_SEGMENT_DYNAMIC = 1, STORE_SEGMENT_STATIC = 2 };

/* The numbers are those of profiled.v1.SegmentState and of the stored form. */
enum store_segment_state {
    STORE_SEGMENT_ACTIVE = 1,
    STORE_SEGMENT_PAUSED = 2,   /* Of a dynamic one: members stay, but for those who are gone. */
    STORE_SEGMENT_ARCHIVED = 3, /* The same; and no filter names it. */
};

struct store_segment_label {
    const char *key;
    const char *value;
};

struct store_segment {
    uint32_t number; /* Of its rows; never used again. */
    const char *name;
    const char *display_name;
    const char *description;
    const char *color;
    size_t label_count;
    const struct store_segment_label *labels;
    enum store_segment_kind kind;
    enum store_segment_state state;
    const char *filter; /* Of a dynamic one; else "". */
    size_t read_count;  /* The segments that the filter reads, by number. */
    const uint32_t *reads;
    bool unfilled; /* It is not active, and its members were never all that its filter finds. */
    int64_t create_us;
    int64_t update_us;
    uint64_t revision;
};

/* What is being filled, or taken away. One that has no place is neither. */
struct store_segment_place {
    uint32_t segment;
    bool begun;                /* It is with the pass; false: that is to take it along. */
    struct id from;            /* Where the pass was when it began: see store_segment_pass. */
    uint64_t round;            /* The same. */
    uint64_t looked_before;    /* The same. */
    uint64_t whole;            /* How many persons there were to look at when it began. */
    const char *filter_before; /* "": whom the pass has not come to stays as it is. */
    bool gone;                 /* It was deleted: its members are taken away. */
};

/* Where the pass is. All zero where it has not begun. */
struct store_segment_pass {
    struct id profile;  /* The last one that was looked at; zero at the beginning of a round. */
    uint64_t round;     /* How often it has come to the end. */
    uint64_t looked_at; /* Persons, in all rounds. */
};

/* ---- segments ---- */

/* Changes with every change to any segment: 16 bytes, zero before the first one. */
MUST_USE struct status store_segments_stamp(struct store_view *view, struct id *out);

MUST_USE struct status store_segment_get(struct store_view *view, const char *name, bool *found,
                                         struct store_segment *out);

/* The name of a number; NULL when there is no such segment, or it was deleted. */
MUST_USE struct status store_segment_name(struct store_view *view, uint32_t number,
                                          const char **out);

/* Wishes the segment to be this; one with number 0 is new, and gets its number. In a view without
 * wishes then: it looks for the last one. */
MUST_USE struct status store_segment_put(struct store_view *view, struct store_segment *segment);

/* Wishes that there is no segment: its place becomes one of what is gone. */
MUST_USE struct status store_segment_delete(struct store_view *view,
                                            const struct store_segment *segment);

/* Up to `max` segments by name, strictly behind `after` unless it is "". In a view without wishes.
 */
MUST_USE struct status store_segment_scan(struct store_view *view, const char *after, size_t max,
                                          struct store_segment *out, size_t *count);

/* ---- places ---- */

MUST_USE struct status store_place_get(struct store_view *view, uint32_t segment, bool *found,
                                       struct store_segment_place *out);
MUST_USE struct status store_place_put(struct store_view *view,
                                       const struct store_segment_place *place);
void store_place_delete(struct store_view *view, uint32_t segment);

/* Wishes that nothing is left of a deleted segment without members: its sizes and its place. In a
 * view without wishes. */
MUST_USE struct status store_segment_forget(struct store_view *view, uint32_t segment);

/* Up to `max` places by number, strictly behind `after`. In a view without wishes. */
MUST_USE struct status store_place_scan(struct store_view *view, uint32_t after, size_t max,
                                        struct store_segment_place *out, size_t *count);

MUST_USE struct status store_pass_get(struct store_view *view, struct store_segment_pass *out);
MUST_USE struct status store_pass_put(struct store_view *view,
                                      const struct store_segment_pass *pass);
void store_pass_delete(struct store_view *view);

/* Whether the pass has come to a profile since a place began: in the round of then behind where it
 * began, or in the next one. */
static inline bool store_place_has_come_to(const struct store_segment_place *place,
                                           const struct store_segment_pass *pass,
                                           struct id profile) {
    const bool is_behind_begin = memcmp(profile.bytes, place->from.bytes, ID_SIZE) > 0;
    const bool is_passed = memcmp(profile.bytes, pass->profile.bytes, ID_SIZE) <= 0;
    if (!place->begun) {
        return false;
    }
    return pass->round == place->round ? is_behind_begin && is_passed
                                       : is_behind_begin || is_passed;
}

/* Whether the pass has come round to where a place began, or to the end of that round. */
static inline bool store_place_is_done(const struct store_segment_place *place,
                                       const struct store_segment_pass *pass) {
    const bool is_there = memcmp(pass->profile.bytes, place->from.bytes, ID_SIZE) >= 0;
    return place->begun && pass->round > place->round + (is_there ? 0 : 1);
}

/* ---- who is in them ---- */

/* The static segments that a profile is listed in, in order. */
MUST_USE struct status store_segment_list_get(struct store_view *view, struct id profile,
                                              const uint32_t **out, size_t *count);
MUST_USE struct status store_segment_list_put(struct store_view *view, struct id profile,
                                              const uint32_t *segments, size_t count);

struct store_segment_due {
    uint32_t segment;
    int64_t due_us;
};

struct store_membership {
    size_t count;
    const uint32_t *segments; /* In order. */
    size_t due_count;
    const struct store_segment_due *dues; /* By segment. */
};

MUST_USE struct status store_membership_get(struct store_view *view, struct id profile,
                                            struct store_membership *out);

/* Whether a segment is among them. */
bool store_membership_has(const struct store_membership *membership, uint32_t segment);

/* Wishes what a person is in to be `after`, and everything that follows: members, sizes by the day,
 * what is due. `before` is what store_membership_get() answered. */
MUST_USE struct status store_membership_put(struct store_view *view, struct id profile,
                                            const struct store_membership *before,
                                            const struct store_membership *after, int32_t day);

/* Up to `max` members in the order of ids, strictly behind `after` when `after_set`. In a view
 * without wishes. Fewer where the view is over before: *more tells whether there are further ones.
 */
MUST_USE struct status store_member_scan(struct store_view *view, uint32_t segment, bool after_set,
                                         struct id after, size_t max, struct id *out, size_t *count,
                                         bool *more);

/* Up to `max` persons for whom something is due at a time or earlier. In a view without wishes. */
MUST_USE struct status store_segment_due_scan(struct store_view *view, int64_t until_us, size_t max,
                                              struct id *out, size_t *count);

/* The first time at which something is due; INT64_MAX for none. In a view without wishes. */
MUST_USE struct status store_segment_due_first(struct store_view *view, int64_t *out);

/* How many members a segment has. */
MUST_USE struct status store_segment_size_get(struct store_view *view, uint32_t segment,
                                              int64_t *out);

struct store_segment_point {
    int32_t day;
    int64_t count; /* At the end of the day; of the last one, by now. */
};

/* The sizes at the end of the days on which it changed, the latest `max`, the earliest first; the
 * last one is that of now. None is later than `today`: what a clock that was ahead told of days to
 * come is not told until these come. In a view without wishes. */
MUST_USE struct status store_segment_points(struct store_view *view, uint32_t segment,
                                            int32_t today, size_t max,
                                            struct store_segment_point *out, size_t *count);

/* ---- following what is written ---- */

/* What of a profile a view wishes to be otherwise, of all that persons are judged by: bits. */
enum store_touch_parts {
    STORE_TOUCH_PROFILE = 1,
    STORE_TOUCH_SUMMARY = 2,
    STORE_TOUCH_TRAITS = 4,
    STORE_TOUCH_LIST = 8, /* The static segments that it is listed in. */
    STORE_TOUCH_ALL = 15,
};
struct store_touch {
    struct id profile;
    unsigned parts;
};

/* The profiles of which a view wishes such a thing, each once, in the arena. */
size_t store_view_touched(struct store_view *view, struct arena *arena,
                          const struct store_touch **out);
