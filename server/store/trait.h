#pragma once
/* Traits: values that are computed from the interactions of a profile. What the interactions of a
 * profile come to, for one trait, is its state: a row for each member of a person, so that nothing
 * changes in a merge, and the value of a person is that of the states of all members together.
 *
 * A state has a cell alone, or where values are counted one for each value; of a sum a second one
 * for what is too great to be added. Of a trait with a window each day has such a state too, in a
 * row of its own. Which days are in the window is asked when the value is read, by the time of the
 * call. Days that are out of it on that of the mark (mark.h) may be gone: they are taken off, and
 * deleted, when they are due.
 *
 * A trait counts the interactions up to its place, in the order of their facts (kind, time, id):
 * those that are put before it count at once, those behind it when the backfill comes to them. At
 * the end it is ready, and all count at once. So each is counted once, whatever is recorded, moved
 * or removed meanwhile. */

#include "server/store/fact.h"
#include "server/store/store.h"
#include "server/vault/vault.h"

enum {
    STORE_TRAITS_MAX = 50,
    STORE_TRAIT_WINDOW_DAYS_MAX = 366,
    STORE_TRAIT_CELLS_MAX = 500, /* Of a state; what would need a further one is left out. */
    STORE_TRAIT_TEXT_SIZE_MAX = 128,
    STORE_TRAIT_FILTER_SIZE_MAX = 1024,
};

/* The numbers are those of profiled.v1.TraitAggregation and of the stored form. */
enum store_trait_aggregation {
    STORE_TRAIT_COUNT = 1,
    STORE_TRAIT_SUM = 2,
    STORE_TRAIT_MIN = 3,
    STORE_TRAIT_MAX = 4,
    STORE_TRAIT_AVERAGE = 5,
    STORE_TRAIT_FIRST = 6,
    STORE_TRAIT_LAST = 7,
    STORE_TRAIT_MOST_FREQUENT = 8,
    STORE_TRAIT_DISTINCT_COUNT = 9,
};

/* The numbers are those of profiled.v1.TraitField and of the stored form. */
enum store_trait_field {
    STORE_TRAIT_NO_FIELD = 0,
    STORE_TRAIT_AMOUNT = 1,
    STORE_TRAIT_PROPERTY = 2,
    STORE_TRAIT_ANSWER = 3,
    STORE_TRAIT_CHANNEL = 4,
    STORE_TRAIT_KIND = 5,
    STORE_TRAIT_THEME = 6,
    STORE_TRAIT_SUB_THEME = 7,
    STORE_TRAIT_SENTIMENT = 8,
    STORE_TRAIT_SENTIMENT_SCORE = 9,
    STORE_TRAIT_LANGUAGE = 10,
    STORE_TRAIT_DIALECT = 11,
    STORE_TRAIT_AGENT = 12,
    STORE_TRAIT_NAME = 13,
    STORE_TRAIT_SOURCE = 14,
};

struct store_trait {
    uint32_t number; /* Of its states; never used again. */
    const char *name;
    const char *description;
    enum store_trait_aggregation aggregation;
    enum store_trait_field field;
    const char *field_name; /* Of a property or a question; else "". */
    const char *filter;     /* As store_trait_filters reads it; "" for all interactions. */
    const void *compiled;   /* NULL: not yet. */
    int32_t window_days;    /* 0: of all time. */
    int64_t create_us;
    bool ready;
    enum store_kind place_kind; /* Where it is not ready: it counts interactions up to this one. */
    int64_t place_us;
    struct id place;
    int64_t looked_at; /* Interactions that the backfill went through. */
    int64_t whole;     /* Those that there are to look at, at least. */
};

struct store_traits {
    uint32_t last_number;
    size_t count;
    struct store_trait *items; /* By name. */
    size_t gone_count;
    struct store_trait *gone; /* Deleted ones whose states are still there. */
};

/* What an interaction tells, or a value of a trait. */
enum store_trait_kind {
    STORE_TRAIT_NOTHING,
    STORE_TRAIT_TEXT,
    STORE_TRAIT_NUMBER,
    STORE_TRAIT_TIME,
};
struct store_trait_datum {
    enum store_trait_kind kind;
    const char *text;
    bool is_cut;              /* The text is the beginning of a longer one, */
    struct fingerprint whole; /* whose keyed hash this is; else zeroes. */
    double number;
    int64_t time_us;
};

struct store_trait_value {
    struct store_trait_datum datum; /* Nothing: there is none. */
    int64_t count;                  /* Interactions that it is made of. */
    int64_t occur_us;               /* Of a first or a last value. */
    int64_t left_out;               /* Interactions that there was no room for, or whose numbers are
                                       too great; 0: none that may still be in the window. */
    int32_t change_day; /* The first day to come on which it may be another one if nothing is
                           written; INT32_MAX for none. */
};

/* The traits of the workspace; none when there are none. Lives as long as the view's arena. */
MUST_USE struct status store_traits_get(struct store_view *view, const struct store_traits **out);

/* A copy with room for one trait, and one that is gone, more. */
struct store_traits *store_traits_copy(const struct store_traits *traits, struct arena *arena);

/* Wishes the traits to be these, which the view borrows. */
MUST_USE struct status store_traits_put(struct store_view *view, struct store_traits *traits);

/* Wishes one more, whose number, place and counts are set here. In a view without wishes: looks for
 * interactions that are there. */
MUST_USE struct status store_trait_add(struct store_view *view, struct store_trait *trait,
                                       int64_t now_us);

/* Wishes that there is no trait at a place of `traits`; its states go in the sweeps to come. */
MUST_USE struct status store_trait_delete(struct store_view *view, size_t index);

/* Counts up to `max` further interactions, the earliest first, for all traits that are not ready.
 * In a view without wishes. *looked_at: how many there were. */
MUST_USE struct status store_traits_backfill(struct store_view *view, size_t max,
                                             int64_t *looked_at);

/* The value of a trait, of all members of a person, on a day (UTC, since 1970). */
MUST_USE struct status store_trait_value_get(struct store_view *view,
                                             const struct store_trait *trait,
                                             const struct id *members, size_t member_count,
                                             int32_t today, struct store_trait_value *out);

/* Wishes the states of a member to be nothing, for all traits. */
MUST_USE struct status store_trait_states_clear(struct store_view *view, struct id member);

/* Counts an interaction, under the profile that it says, for all traits that have come to it. */
MUST_USE struct status store_trait_states_add(struct store_view *view,
                                              const struct store_interaction *interaction);

/* Counts one no more, which is wished to be deleted. Where it was the first, the last, the least or
 * the greatest one, what is there now is found by store_trait_states_recount(). */
MUST_USE struct status store_trait_states_remove(struct store_view *view,
                                                 const struct store_interaction *interaction);

/* Counts anew, by the interactions of their members, the states that need it. */
MUST_USE struct status store_trait_states_recount(struct store_view *view);
