/* Interactions that count for traits, and no more; and counting anew. */

#include <string.h>

#include "server/store/trait_state.h"

enum { MESSAGE_ARENA_SIZE = 64 << 20 };

static struct status unpack(struct arena *arena, const struct store_interaction *interaction,
                            const Stored__V1__Interaction **out) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__interaction__descriptor, interaction->packed, &message));
    *out = (const Stored__V1__Interaction *)message;
    return OK;
}

static struct status counts(const struct store_view *view, const struct store_trait *trait,
                            const struct store_interaction *interaction,
                            const Stored__V1__Interaction *message, struct arena *arena,
                            struct trait_event *out, bool *yes) {
    TRY(trait_takes(view->store, trait, interaction, message, arena, out, yes));
    *yes = *yes && trait_has_come_to(trait, out->kind, out->occur_us, out->interaction);
    return OK;
}

struct status trait_event_add(struct store_view *view, const struct store_trait *trait,
                              struct id member, int32_t mark_day, const struct trait_event *event) {
    const struct trait_cell cell = trait_cell_of(trait, event);
    struct trait_change *whole = NULL;
    struct trait_change *day = NULL;
    if (!trait_day_counts(trait, cell.day, mark_day)) {
        return OK;
    }
    TRY(trait_state_change(view, trait, member, &whole));
    if (!trait_state_has_room(&whole->state, trait, &cell)) {
        trait_state_leave_out(&whole->state, cell.day);
        return OK;
    }
    trait_state_add_day(&whole->state, trait, &cell, view->arena);
    if (trait->window_days > 0) {
        TRY(trait_day_change(view, trait, member, cell.day, &day));
        trait_state_add(&day->state, trait, &cell, view->arena);
    }
    return OK;
}

/* Takes a cell off its day, and off what all days come to. */
static struct status take_dated(struct store_view *view, struct trait_change *whole,
                                struct id member, const struct trait_cell *cell,
                                enum trait_taking *out) {
    struct trait_cell of_all = *cell;
    struct trait_change *day = NULL;
    of_all.day = 0;
    TRY(trait_day_change(view, whole->trait, member, cell->day, &day));
    *out = trait_state_take(&day->state, whole->trait, cell);
    if (*out != TRAIT_TAKEN) {
        return OK;
    }
    const bool is_as_it_was =
        trait_state_take(&whole->state, whole->trait, &of_all) == TRAIT_TAKEN &&
        day->state.count > 0;
    return is_as_it_was ? OK : trait_state_fold(view, whole, member);
}

/* The other way; where the value is to be found among the member's interactions the state is
 * marked. */
static struct status event_take(struct store_view *view, const struct store_trait *trait,
                                struct id member, int32_t mark_day,
                                const struct trait_event *event) {
    const struct trait_cell cell = trait_cell_of(trait, event);
    struct trait_change *whole = NULL;
    enum trait_taking taking = TRAIT_NOT_THERE;
    TRY(trait_state_change(view, trait, member, &whole));
    if (trait->window_days > 0) {
        TRY(take_dated(view, whole, member, &cell, &taking));
    } else {
        taking = trait_state_take(&whole->state, trait, &cell);
    }
    whole->is_to_recount = whole->is_to_recount || taking == TRAIT_VALUE_TAKEN;
    whole->state.left_out -= taking == TRAIT_NOT_THERE && whole->state.left_out > 0 &&
                             trait_day_counts(trait, cell.day, mark_day);
    return OK;
}

struct status store_trait_states_add(struct store_view *view,
                                     const struct store_interaction *interaction) {
    const struct store_traits *traits = NULL;
    const Stored__V1__Interaction *message = NULL;
    TRY(store_traits_get(view, &traits));
    if (traits->count == 0) {
        return OK;
    }
    TRY(unpack(view->arena, interaction, &message));
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        struct trait_event event;
        bool yes = false;
        TRY(counts(view, trait, interaction, message, view->arena, &event, &yes));
        if (yes) {
            TRY(trait_event_add(view, trait, interaction->profile, traits->mark_day, &event));
        }
    }
    return OK;
}

struct status store_trait_states_remove(struct store_view *view,
                                        const struct store_interaction *interaction) {
    const struct store_traits *traits = NULL;
    const Stored__V1__Interaction *message = NULL;
    TRY(store_traits_get(view, &traits));
    if (traits->count == 0) {
        return OK;
    }
    TRY(unpack(view->arena, interaction, &message));
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        struct trait_event event;
        bool yes = false;
        TRY(counts(view, trait, interaction, message, view->arena, &event, &yes));
        if (yes) {
            TRY(event_take(view, trait, interaction->profile, traits->mark_day, &event));
        }
    }
    return OK;
}

struct status store_trait_states_clear(struct store_view *view, struct id member) {
    const struct store_traits *traits = NULL;
    TRY(store_traits_get(view, &traits));
    for (size_t i = 0; i < traits->count; i++) {
        struct trait_change *whole = NULL;
        TRY(trait_state_change(view, &traits->items[i], member, &whole));
        TRY(trait_state_clear(view, whole, member));
    }
    return OK;
}

/* ---- counting anew ---- */

/* Its value alone is to be found, the earliest one, and its count is right. */
static bool is_first_of_all(const struct store_trait *trait) {
    return trait->aggregation == STORE_TRAIT_FIRST && trait->window_days == 0;
}

/* The states of one member that are counted anew. */
struct recount {
    struct store_view *view;
    const struct store_traits *traits;
    struct id member;
    struct trait_change *changes[STORE_TRAITS_MAX];
    size_t count;
    bool found;            /* Of a first one. */
    struct arena messages; /* Of an interaction at a time. */
};

/* Those of the member, which are begun anew. */
static struct status take_changes(struct recount *recount) {
    const struct overlay *overlay = recount->view->overlay;
    uint32_t number = 0;
    struct id member;
    recount->count = 0;
    for (size_t i = 0; i < overlay->count; i++) {
        struct trait_change *change = overlay->entries[i].trait;
        if (change == NULL || !change->is_to_recount || is_first_of_all(change->trait)) {
            continue;
        }
        trait_key_read(overlay->entries[i].key, &number, &member);
        if (id_equal(member, recount->member)) {
            change->is_to_recount = false;
            recount->changes[recount->count++] = change;
            TRY(trait_state_clear(recount->view, change, member));
        }
    }
    return OK;
}

/* Opens an interaction of the member, which lives until the next one. */
static struct status open_row(struct recount *recount, struct bytes key, struct bytes value,
                              struct store_interaction *out,
                              const Stored__V1__Interaction **message) {
    struct store_view *view = recount->view;
    struct arena *const arena = view->arena;
    *out = (struct store_interaction){
        .profile = recount->member,
        .occur_us = store_time_of_descending(store_get_u64(key.data + 1 + ID_SIZE))};
    memcpy(out->id.bytes, key.data + key.size - ID_SIZE, ID_SIZE);
    arena_reset(&recount->messages);
    view->arena = &recount->messages;
    const struct status opened = view_open_sealed(view, key, value, &out->packed);
    view->arena = arena;
    TRY(opened);
    return unpack(&recount->messages, out, message);
}

/* Takes an interaction; *more is true, and false ends the way through those of a member. */
typedef struct status row_fn(struct recount *recount, const struct store_interaction *interaction,
                             const Stored__V1__Interaction *message, bool *more);

static struct status add_row(struct recount *recount, const struct store_interaction *interaction,
                             const Stored__V1__Interaction *message, bool *more) {
    (void)more; /* All of them count. */
    struct store_view *view = recount->view;
    for (size_t i = 0; i < recount->count; i++) {
        const struct store_trait *trait = recount->changes[i]->trait;
        struct trait_event event;
        bool yes = false;
        TRY(counts(view, trait, interaction, message, view->arena, &event, &yes));
        if (yes) {
            TRY(trait_event_add(view, trait, recount->member, recount->traits->mark_day, &event));
        }
    }
    return OK;
}

/* Of several at one time the lesser id comes later. */
static struct status find_first(struct recount *recount,
                                const struct store_interaction *interaction,
                                const Stored__V1__Interaction *message, bool *more) {
    struct trait_change *change = recount->changes[0];
    struct trait_cell *cell = &change->state.cells[0];
    struct trait_event event;
    bool yes = false;
    if (recount->found && interaction->occur_us != cell->occur_us) {
        *more = false;
        return OK;
    }
    TRY(counts(recount->view, change->trait, interaction, message, recount->view->arena, &event,
               &yes));
    if (yes) {
        recount->found = true;
        cell->occur_us = event.occur_us;
        cell->interaction = event.interaction;
        cell->datum = event.datum;
    }
    return OK;
}

/* What the view wishes deleted counts no more. */
static struct status each_row(struct recount *recount, struct engine_scan *scan, row_fn *take) {
    for (bool more = true; more;) { /* To the end of the member's interactions. */
        struct bytes key;
        struct bytes value;
        TRY(engine_scan_next(scan, &key, &value));
        if (key.data == NULL) {
            return OK;
        }
        const struct overlay_entry *entry = overlay_find(recount->view->overlay, key);
        if (entry == NULL || entry->value.data != NULL) {
            struct store_interaction interaction;
            const Stored__V1__Interaction *message = NULL;
            TRY(open_row(recount, key, value, &interaction, &message));
            TRY(take(recount, &interaction, message, &more));
        }
    }
    return OK;
}

static struct status recount_member(struct recount *recount, enum engine_order order,
                                    row_fn *take) {
    const struct store_key like = store_key_interaction(recount->member, 0, (struct id){{0}});
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(recount->view->txn, bytes_of(like.bytes, 1 + ID_SIZE), bytes_of(NULL, 0),
                         order, &scan));
    const struct status status = each_row(recount, scan, take);
    engine_scan_close(scan);
    return status;
}

static struct status recount_change(struct recount *recount, struct trait_change *change) {
    if (!is_first_of_all(change->trait)) {
        TRY(take_changes(recount));
        return recount_member(recount, ENGINE_ASCENDING, add_row);
    }
    recount->changes[0] = change;
    recount->found = false;
    change->is_to_recount = false;
    return recount_member(recount, ENGINE_DESCENDING, find_first); /* The earliest first. */
}

struct status store_trait_states_recount(struct store_view *view) {
    struct recount recount = {.view = view};
    TRY(store_traits_get(view, &recount.traits));
    arena_init(&recount.messages, MESSAGE_ARENA_SIZE);
    struct status status = OK;
    for (size_t i = 0; i < view->overlay->count && status_is_ok(status); i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        if (entry->trait != NULL && entry->trait->is_to_recount) {
            uint32_t number = 0;
            trait_key_read(entry->key, &number, &recount.member);
            status = recount_change(&recount, entry->trait);
        }
    }
    arena_free(&recount.messages);
    return status;
}
