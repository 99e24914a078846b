#pragma once
/* States of traits, as the files of the store share them. Private to the store. */

#include "server/base/millionths.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/trait.h"
#include "server/store/view_scan.h"

struct trait_cell {
    int32_t day; /* 0 for traits without a window, and in what all days come to. */
    int64_t count;
    bool is_beyond; /* Of numbers that are too great to be added up: they are counted. */
    struct millionths sum;
    struct store_trait_datum datum; /* As TraitCell.value of the stored form. */
    int64_t occur_us;               /* Of a first or a last value. */
    struct id interaction;
};

/* A state: what all that counts comes to; or what that of one day does, for traits with a window.
 */
struct trait_state {
    size_t count;
    struct trait_cell *cells; /* In no order. */
    int32_t first_day;        /* Of all: the first day that counts; where there are cells. */
    int64_t left_out;         /* Interactions for which there was no room; of all only. */
    int32_t left_out_day;     /* The latest day of one. */
};

/* A state that is to be changed, as the overlay has it: changed in place, and packed when the view
 * is applied. */
struct trait_change {
    const struct store_trait *trait;
    struct trait_state state;
    bool is_day;  /* It is of one day; else of all, and: */
    bool was_due; /* It had a due row, of this day. */
    int32_t due_day;
    bool is_to_recount;
};

/* An interaction as a trait sees it. */
struct trait_event {
    enum store_kind kind;
    int64_t occur_us;
    struct id interaction;
    struct store_trait_datum datum;
};

/* ---- trait_match.c ---- */

/* Whether a trait takes an interaction, and the event that it makes of it then. */
MUST_USE struct status trait_takes(const struct store *store, const struct store_trait *trait,
                                   const struct store_interaction *interaction,
                                   const Stored__V1__Interaction *message, struct arena *arena,
                                   struct trait_event *out, bool *takes);

/* Whether a trait has come to what has this place. */
bool trait_has_come_to(const struct store_trait *trait, enum store_kind kind, int64_t occur_us,
                       struct id interaction);

/* Both: whether an interaction counts for it by now. */
MUST_USE struct status trait_counts(const struct store *store, const struct store_trait *trait,
                                    const struct store_interaction *interaction,
                                    const Stored__V1__Interaction *message, struct arena *arena,
                                    struct trait_event *out, bool *yes);

/* ---- trait_state.c ---- */

/* Whether cells of a day count on another day. */
bool trait_day_counts(const struct store_trait *trait, int32_t day, int32_t today);

/* The order of a trait's cells, as qsort() asks for it: by their days, and where values are counted
 * by these; beside what is added up what is too great for it. Of two that are equal in it one is
 * added to the other. */
typedef int trait_cell_order(const void *a, const void *b);
trait_cell_order *trait_cell_order_of(const struct store_trait *trait);

/* Whether they are the same in everything. */
bool trait_cell_equal(const struct trait_cell *a, const struct trait_cell *b);

/* Adds a cell to another, which may be of nothing, whatever their days. */
void trait_cell_add(struct trait_cell *into, const struct trait_cell *part,
                    const struct store_trait *trait);

/* A cell as it is in what all days come to. */
struct trait_cell trait_cell_undated(const struct trait_cell *cell);

/* The cell of one event alone. */
struct trait_cell trait_cell_of(const struct store_trait *trait, const struct trait_event *event);

/* Whether there is room for what a cell tells in the state of all days. */
bool trait_state_has_room(const struct trait_state *whole, const struct store_trait *trait,
                          const struct trait_cell *cell);

/* Notes an interaction for which there was none. */
void trait_state_leave_out(struct trait_state *whole, int32_t day);

/* Adds a cell: to the one of its day, and where values are counted of its value. */
void trait_state_add(struct trait_state *state, const struct store_trait *trait,
                     const struct trait_cell *cell, struct arena *arena);

/* Notes that a day counts, before its first cell is added. */
void trait_state_note_day(struct trait_state *whole, int32_t day);

/* Adds a cell of a day to the state of all days. */
void trait_state_add_day(struct trait_state *whole, const struct store_trait *trait,
                         const struct trait_cell *cell, struct arena *arena);

/* What came of taking a cell away. */
enum trait_taking {
    TRAIT_NOT_THERE, /* It was left out, or is forgotten. */
    TRAIT_TAKEN,
    TRAIT_VALUE_TAKEN, /* And the value may have been its: there is another one to be found. */
};
enum trait_taking trait_state_take(struct trait_state *state, const struct store_trait *trait,
                                   const struct trait_cell *cell);

/* The day on which the first day is out of the window; false when none ever is. */
bool trait_state_due(const struct trait_state *whole, const struct store_trait *trait,
                     int32_t *out);

/* The value of several states together, each of all the days that count on a day. */
struct store_trait_value trait_states_value(const struct trait_state *states, size_t count,
                                            const struct store_trait *trait, int32_t today,
                                            struct arena *arena);

/* ---- trait_tally.c ---- */

/* Cells in any number, as those of all days of a member: each costs what sorting it does. */
struct trait_tally {
    const struct store_trait *trait;
    struct arena *arena;
    bool is_undated; /* It is of what all days come to. */
    struct trait_state state;
    size_t room; /* For cells. */
};
void trait_tally_add(struct trait_tally *tally, const struct trait_cell *cell);

/* What they come to, in order. */
const struct trait_state *trait_tally_state(struct trait_tally *tally);

/* Whether two tallies have the same cells, of those that count on a day. */
bool trait_tally_equal(struct trait_tally *a, struct trait_tally *b, int32_t today);

/* ---- trait_table.c ---- */

/* Reads the traits out of what is behind a row's tag; none where it is {NULL, 0}. */
MUST_USE struct status trait_rows_read(struct arena *arena, struct bytes packed,
                                       struct store_traits *out);

/* Compiles the filters of all, into the arena. */
MUST_USE struct status trait_filters_compile(const struct store *store, struct store_traits *traits,
                                             struct arena *arena);

/* The trait of a number, a deleted one too; NULL when there is none. */
const struct store_trait *trait_of_number(const struct store_traits *traits, uint32_t number);

/* ---- trait_state_table.c ---- */

/* The states of a member that are to be changed, of all days and of one: they are wished to be as
 * they are when the view is applied. */
MUST_USE struct status trait_state_change(struct store_view *view, const struct store_trait *trait,
                                          struct id member, struct trait_change **out);
MUST_USE struct status trait_day_change(struct store_view *view, const struct store_trait *trait,
                                        struct id member, int32_t day, struct trait_change **out);

/* Wishes a state to be nothing, and those of its days. */
MUST_USE struct status trait_state_clear(struct store_view *view, struct trait_change *whole,
                                         struct id member);

/* Makes a state of all days anew, of those of its days. */
MUST_USE struct status trait_state_fold(struct store_view *view, struct trait_change *whole,
                                        struct id member);

/* Takes away the days that are out of the window on a day. */
MUST_USE struct status trait_state_forget(struct store_view *view, struct trait_change *whole,
                                          struct id member, int32_t today);

/* The states of the days of a member, from one on, one after the other, as the view sees them.
 * What they hold is in the arena. */
struct trait_days {
    struct store_view *view;
    struct arena *arena;
    struct view_scan *scan;
};
MUST_USE struct status trait_days_open(struct store_view *view, const struct store_trait *trait,
                                       struct id member, int32_t from, struct arena *arena,
                                       struct trait_days *out);
MUST_USE struct status trait_days_next(struct trait_days *days, struct trait_state *out);
void trait_days_close(struct trait_days *days); /* Always. */

/* Adds all cells of the days from one on to a tally, into its arena. */
MUST_USE struct status trait_days_add(struct store_view *view, struct id member, int32_t from,
                                      struct trait_tally *into);

/* Reads what is in the row of a state, whose cells are of a day; and back. */
MUST_USE struct status trait_state_read(struct bytes packed, int32_t day, struct arena *arena,
                                        struct trait_state *out);
struct bytes trait_state_pack(const struct trait_state *state, struct arena *arena);

/* The trait's number and the member of a key of the tables of states or of what is due. */
void trait_key_read(struct bytes key, uint32_t *number, struct id *member);

/* Whether a key of the table of states is of a day's, and which. */
bool trait_key_day(struct bytes key, int32_t *day);

/* ---- trait_count.c ---- */

/* Counts an event of a member's, unless it is out of the window on `mark_day`. */
MUST_USE struct status trait_event_add(struct store_view *view, const struct store_trait *trait,
                                       struct id member, int32_t mark_day,
                                       const struct trait_event *event);

/* ---- recount.c ---- */

/* Counts the states that are marked anew, with what is in their windows on the day of the mark. */
MUST_USE struct status trait_states_recount(struct store_view *view, int32_t mark_day);

/* ---- trait_sweep.c ---- */

/* Deletes what is out of its window on the day of the mark, and states of deleted traits: up to
 * `max` states. In a write transaction of its own. */
MUST_USE struct status trait_sweep(struct store *store, int64_t now_us, size_t max, size_t *count);
