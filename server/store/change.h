#pragma once
/* Changes: what became of persons, in the order of commits. Each write that changes something
 * leaves rows of them, which are kept for some days. They tell of ids, of fields and of types,
 * never of values: nothing in them is personal. */

#include "server/store/store.h"

enum {
    STORE_CHANGE_DAYS_DEFAULT = 7, /* For how long they are kept. */
    STORE_CHANGE_DAYS_MAX = 90,
};

/* The numbers are those of profiled.v1.ChangeKind and of the stored form. */
enum store_change_kind {
    STORE_CHANGE_PROFILE_CREATED = 1,
    STORE_CHANGE_PROFILE_UPDATED = 2,
    STORE_CHANGE_PROFILE_MERGED = 3,
    STORE_CHANGE_PROFILE_UNMERGED = 4,
    STORE_CHANGE_PROFILE_DELETED = 5,
    STORE_CHANGE_PROFILE_UNDELETED = 6,
    STORE_CHANGE_IDENTITY_LINKED = 7,
    STORE_CHANGE_IDENTITY_UNLINKED = 8,
    STORE_CHANGE_IDENTITY_DEMOTED = 9,
    STORE_CHANGE_IDENTITY_BLOCKED = 10,
    STORE_CHANGE_INTERACTION_RECORDED = 11,
    STORE_CHANGE_SEGMENT_ENTERED = 12,
    STORE_CHANGE_SEGMENT_LEFT = 13,
    STORE_CHANGE_SEGMENT_DELETED = 15, /* 14 is that of a snapshot, which is no change. */
};

/* Whether a number is that of a kind. */
static inline bool store_change_kind_is_known(int64_t kind) {
    return (kind >= STORE_CHANGE_PROFILE_CREATED && kind <= STORE_CHANGE_SEGMENT_LEFT) ||
           kind == STORE_CHANGE_SEGMENT_DELETED;
}

struct store_change {
    enum store_change_kind kind;
    int64_t time_us;   /* Of the write. */
    struct id profile; /* Of the person; zero where it is one of a segment itself. */
    struct id other;   /* Zero where the kind has none. */
    size_t path_count;
    const char *const *paths;
    const char *identity_type; /* "" for none, as all texts here. */
    uint32_t rule;
    struct id interaction;
    uint32_t interaction_kind;
    const char *channel;
    const char *segment;
    bool filled;
    uint64_t sequence; /* Of its row, and its place there: set where it is read. */
    uint32_t place;
};

/* A change with nothing but its kind and person. */
struct store_change store_change_of(enum store_change_kind kind, struct id profile);

/* Wishes that changes follow those there are. */
MUST_USE struct status store_changes_put(struct store_view *view, int64_t now_us,
                                         const struct store_change *changes, size_t count);

/* Behind which change one has come to: so many of a row, STORE_CHANGE_ALL of one of which there are
 * no more. All zero is before the first there ever was. */
#define STORE_CHANGE_ALL UINT32_MAX
struct store_change_place {
    uint64_t sequence;
    uint32_t count;
};

/* Behind the last one. In a view without wishes. */
MUST_USE struct status store_change_end(struct store_view *view, struct store_change_place *out);

/* The row that is kept the longest: its sequence and time; zeroes where there is none. In a view
 * without wishes. */
MUST_USE struct status store_change_first(struct store_view *view, uint64_t *sequence,
                                          int64_t *time_us);

/* Gives up to `max` changes behind a place to a function, in order, and moves the place behind the
 * last one that it took: it takes none any more once it answers false. *more tells whether there
 * are further ones. In a view without wishes. */
typedef bool store_change_fn(void *state, const struct store_change *change);
MUST_USE struct status store_change_scan(struct store_view *view, struct store_change_place *place,
                                         size_t max, store_change_fn *each, void *state,
                                         bool *more);

/* What a view wishes of profiles: each that is to be otherwise, as it was (NULL: not there) and as
 * it is to be. In the order in which they were first read. */
struct store_profile_change {
    const struct profile *before;
    const struct profile *after;
};
size_t store_view_profile_changes(struct store_view *view, struct arena *arena,
                                  const struct store_profile_change **out);

/* The names of the segments that a view deletes. */
size_t store_view_segments_deleted(struct store_view *view, struct arena *arena,
                                   const char *const **out);

/* The facts of interactions that a view records: those that were not there. */
struct store_fact;
MUST_USE struct status store_view_facts(struct store_view *view, struct arena *arena,
                                        const struct store_fact **out, size_t *count);
