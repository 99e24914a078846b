#pragma once
/* States of traits, as the files of the store share them. Private to the store. */

#include "server/store/records/record.pb-c.h"
#include "server/store/trait.h"
#include "server/store/view.h"

struct trait_cell {
    int32_t day; /* 0 for traits without a window. */
    int64_t count;
    int64_t sum;
    uint32_t sum_millionths;        /* Less than a million. */
    struct store_trait_datum datum; /* As TraitCell.value of the stored form. */
    int64_t occur_us;               /* Of a first or a last value. */
    struct id interaction;
};

/* A state; one of the overlay is changed in place, and packed when the view is applied. */
struct trait_state {
    size_t count;
    struct trait_cell *cells; /* In no order. */
    int64_t left_out;         /* Interactions for which there was no room. */
    int32_t left_out_day;     /* The latest day of one. */
};

/* A state that is to be changed, as the overlay has it. */
struct trait_change {
    const struct store_trait *trait;
    struct trait_state state;
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

/* ---- trait_state.c ---- */

/* Whether cells of a day count on another day. */
bool trait_day_counts(const struct store_trait *trait, int32_t day, int32_t today);

/* Counts an event, unless it is out of the window on `mark_day`. */
void trait_state_add(struct trait_state *state, const struct store_trait *trait, int32_t mark_day,
                     const struct trait_event *event, struct arena *arena);

/* Counts an event no more. True when the state is to be counted anew. */
bool trait_state_take(struct trait_state *state, const struct store_trait *trait, int32_t mark_day,
                      const struct trait_event *event);

/* Takes away the cells that are out of the window on a day. */
void trait_state_prune(struct trait_state *state, const struct store_trait *trait, int32_t today);

/* The day on which the first cell is out of its window; false when none ever is. */
bool trait_state_due(const struct trait_state *state, const struct store_trait *trait,
                     int32_t *out);

/* Whether two states have the same cells, of those that count on a day. */
bool trait_state_equal(const struct trait_state *a, const struct trait_state *b,
                       const struct store_trait *trait, int32_t today);

/* The value of several states together on a day. */
struct store_trait_value trait_states_value(const struct trait_state *states, size_t count,
                                            const struct store_trait *trait, int32_t today,
                                            struct arena *arena);

/* ---- trait_table.c ---- */

/* Reads the traits out of what is behind a row's tag; none where it is {NULL, 0}. */
MUST_USE struct status trait_rows_read(struct arena *arena, struct bytes packed,
                                       struct store_traits *out);

/* Compiles the filters of all, into the arena. */
MUST_USE struct status trait_filters_compile(const struct store *store, struct store_traits *traits,
                                             struct arena *arena);

/* The trait of a number, a deleted one too; NULL when there is none. */
const struct store_trait *trait_of_number(const struct store_traits *traits, uint32_t number);

/* The state of a member as the view sees it; without cells when there is none. */
MUST_USE struct status trait_state_get(struct store_view *view, const struct store_trait *trait,
                                       struct id member, struct trait_state *out);

/* The same, to be changed in place: it is wished to be as it is when the view is applied. */
MUST_USE struct status trait_state_change(struct store_view *view, const struct store_trait *trait,
                                          struct id member, struct trait_state **out);

/* Reads what is in the row of a state. */
MUST_USE struct status trait_state_read(struct bytes packed, struct arena *arena,
                                        struct trait_state *out);
struct bytes trait_state_pack(const struct trait_state *state, struct arena *arena);

/* The trait's number and the member of a key of the tables of states or of what is due, whose last
 * parts they are. */
void trait_key_read(struct bytes key, uint32_t *number, struct id *member);

/* ---- trait_sweep.c ---- */

/* Marks the day, deletes what is out of its window since, and states of deleted traits: up to `max`
 * states. In a write transaction of its own. */
MUST_USE struct status trait_sweep(struct store *store, int64_t now_us, size_t max, size_t *count);
