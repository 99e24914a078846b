/* Interactions that count for traits, and no more. */

#include "server/store/trait_state.h"

static struct status unpack(struct arena *arena, const struct store_interaction *interaction,
                            const Stored__V1__Interaction **out) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__interaction__descriptor, interaction->packed, &message));
    *out = (const Stored__V1__Interaction *)message;
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
    if (whole->state.count > 0 && !trait_day_counts(trait, whole->state.first_day, mark_day)) {
        TRY(trait_state_forget(view, whole, member, mark_day)); /* The sweep has not come. */
    }
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
    int32_t mark_day = 0;
    const Stored__V1__Interaction *message = NULL;
    TRY(store_traits_get(view, &traits));
    TRY(mark_day_get(view, &mark_day));
    if (traits->count == 0) {
        return OK;
    }
    TRY(unpack(view->arena, interaction, &message));
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        struct trait_event event;
        bool yes = false;
        TRY(trait_counts(view->store, trait, interaction, message, view->arena, &event, &yes));
        if (yes) {
            TRY(trait_event_add(view, trait, interaction->profile, mark_day, &event));
        }
    }
    return OK;
}

struct status store_trait_states_remove(struct store_view *view,
                                        const struct store_interaction *interaction) {
    const struct store_traits *traits = NULL;
    int32_t mark_day = 0;
    const Stored__V1__Interaction *message = NULL;
    TRY(store_traits_get(view, &traits));
    TRY(mark_day_get(view, &mark_day));
    if (traits->count == 0) {
        return OK;
    }
    TRY(unpack(view->arena, interaction, &message));
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        struct trait_event event;
        bool yes = false;
        TRY(trait_counts(view->store, trait, interaction, message, view->arena, &event, &yes));
        if (yes) {
            TRY(event_take(view, trait, interaction->profile, mark_day, &event));
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
