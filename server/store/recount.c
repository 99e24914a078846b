/* Counting anew, by the interactions of one member: states of traits of which the least, the
 * greatest or the last one went, or that have room for values that were left out; labels that were
 * counted together and for which there is room; and, when the clock was set back, what is in
 * windows. */

#include <string.h>

#include "server/base/day.h"
#include "server/store/mark.h"
#include "server/store/summary.h"
#include "server/store/trait_state.h"

enum { MESSAGE_ARENA_SIZE = 64 << 20 };

/* Its value alone is to be found, the earliest one, and its count is right. */
static bool is_first_of_all(const struct store_trait *trait) {
    return trait->aggregation == STORE_TRAIT_FIRST && trait->window_days == 0;
}

/* The states of one member that are counted anew, and what is counted to see whether they are to
 * be.
 */
struct recount {
    struct store_view *view;
    int32_t mark_day;
    struct id member;
    const struct store_trait *traits[STORE_TRAITS_MAX];
    size_t count;
    struct trait_change *first;  /* Of which the first value is looked for, */
    bool found;                  /* and whether it was found. */
    struct trait_tally *seen;    /* What is in the windows of `traits`, cells of days; else NULL. */
    struct store_summary *moods; /* The moods too; else NULL. */
    struct store_summary labels; /* Where these are what is counted, of some kinds. */
    uint32_t kinds;
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
            recount->traits[recount->count++] = change->trait;
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
    ProtobufCMessage *unpacked = NULL;
    TRY(store_unpack(&recount->messages, &stored__v1__interaction__descriptor, out->packed,
                     &unpacked));
    *message = (const Stored__V1__Interaction *)unpacked;
    return OK;
}

/* Takes an interaction; *more is true, and false ends the way through those of a member. */
typedef struct status row_fn(struct recount *recount, const struct store_interaction *interaction,
                             const Stored__V1__Interaction *message, bool *more);

/* Whether a day is out of all windows: as those before it are. */
static bool is_past(const struct recount *recount, int32_t day) {
    bool past = recount->moods == NULL || !summary_keeps_mood(day, recount->mark_day);
    for (size_t i = 0; i < recount->count && past; i++) {
        past = !trait_day_counts(recount->traits[i], day, recount->mark_day);
    }
    return past;
}

static struct status add_event(struct recount *recount, size_t at,
                               const struct trait_event *event) {
    const struct store_trait *trait = recount->traits[at];
    if (recount->seen == NULL) {
        return trait_event_add(recount->view, trait, recount->member, recount->mark_day, event);
    }
    const struct trait_cell cell = trait_cell_of(trait, event);
    if (trait_day_counts(trait, cell.day, recount->mark_day)) {
        trait_tally_add(&recount->seen[at], &cell);
    }
    return OK;
}

/* From the latest one on. */
static struct status add_row(struct recount *recount, const struct store_interaction *interaction,
                             const Stored__V1__Interaction *message, bool *more) {
    struct arena *arena = recount->view->arena;
    if (is_past(recount, day_of(interaction->occur_us))) {
        *more = false;
        return OK;
    }
    if (recount->moods != NULL) {
        summary_count_mood(recount->moods, interaction->occur_us, message, recount->mark_day,
                           arena);
    }
    for (size_t i = 0; i < recount->count; i++) {
        struct trait_event event;
        bool yes = false;
        TRY(trait_counts(recount->view->store, recount->traits[i], interaction, message, arena,
                         &event, &yes));
        if (yes) {
            TRY(add_event(recount, i, &event));
        }
    }
    return OK;
}

/* Of several at one time the lesser id comes later. */
static struct status find_first(struct recount *recount,
                                const struct store_interaction *interaction,
                                const Stored__V1__Interaction *message, bool *more) {
    struct trait_change *change = recount->first;
    struct trait_cell *cell = &change->state.cells[0];
    struct trait_event event;
    bool yes = false;
    if (recount->found && interaction->occur_us != cell->occur_us) {
        *more = false;
        return OK;
    }
    TRY(trait_counts(recount->view->store, change->trait, interaction, message,
                     recount->view->arena, &event, &yes));
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

/* ---- states that are marked ---- */

static struct status recount_change(struct recount *recount, struct trait_change *change) {
    if (!is_first_of_all(change->trait)) {
        TRY(take_changes(recount));
        return recount_member(recount, ENGINE_ASCENDING, add_row);
    }
    recount->first = change;
    recount->found = false;
    change->is_to_recount = false;
    return recount_member(recount, ENGINE_DESCENDING, find_first); /* The earliest first. */
}

static struct status recount_all(struct recount *recount) {
    struct store_view *view = recount->view;
    for (size_t i = 0; i < view->overlay->count; i++) {
        const struct overlay_entry *entry = &view->overlay->entries[i];
        if (entry->trait != NULL && entry->trait->is_to_recount) {
            uint32_t number = 0;
            trait_key_read(entry->key, &number, &recount->member);
            TRY(recount_change(recount, entry->trait));
        }
    }
    return OK;
}

struct status store_trait_states_recount(struct store_view *view) {
    const struct store_mark *mark = NULL;
    TRY(store_mark_get(view, &mark));
    return trait_states_recount(view, store_mark_day(mark));
}

struct status trait_states_recount(struct store_view *view, int32_t mark_day) {
    struct recount recount = {.view = view, .mark_day = mark_day};
    arena_init(&recount.messages, MESSAGE_ARENA_SIZE);
    const struct status status = recount_all(&recount);
    arena_free(&recount.messages);
    return status;
}

/* ---- windows ---- */

/* Has the states counted anew whose days are others than those that were seen. */
static struct status mark_states(const struct recount *recount) {
    for (size_t i = 0; i < recount->count; i++) {
        const struct store_trait *trait = recount->traits[i];
        struct trait_tally days = {.trait = trait, .arena = recount->view->arena};
        TRY(trait_days_add(recount->view, recount->member,
                           recount->mark_day - trait->window_days + 1, &days));
        if (!trait_tally_equal(&days, &recount->seen[i], recount->mark_day)) {
            struct trait_change *whole = NULL;
            TRY(trait_state_change(recount->view, trait, recount->member, &whole));
            whole->is_to_recount = true;
        }
    }
    return OK;
}

static struct status put_moods(const struct recount *recount, struct store_summary *summary) {
    if (summary_has_moods(summary, recount->moods, recount->mark_day)) {
        return OK;
    }
    summary->mood_count = recount->moods->mood_count;
    summary->moods = recount->moods->moods;
    return store_summary_put(recount->view, recount->member, summary);
}

struct status windows_recount(struct store_view *view, struct id profile) {
    const struct store_mark *mark = NULL;
    const struct store_traits *traits = NULL;
    struct store_summary summary;
    struct store_summary moods = {0};
    TRY(store_mark_get(view, &mark));
    TRY(store_traits_get(view, &traits));
    TRY(store_summary_get(view, profile, &summary));
    if (summary.count == 0 && summary.mood_count == 0) {
        return OK;
    }
    struct recount recount = {
        .view = view, .mark_day = store_mark_day(mark), .member = profile, .moods = &moods};
    recount.seen = arena_array(view->arena, traits->count, sizeof *recount.seen);
    for (size_t i = 0; i < traits->count; i++) {
        if (traits->items[i].window_days > 0) {
            recount.seen[recount.count] =
                (struct trait_tally){.trait = &traits->items[i], .arena = view->arena};
            recount.traits[recount.count++] = &traits->items[i];
        }
    }
    arena_init(&recount.messages, MESSAGE_ARENA_SIZE);
    struct status status = recount_member(&recount, ENGINE_ASCENDING, add_row);
    arena_free(&recount.messages);
    TRY(status);
    TRY(put_moods(&recount, &summary));
    TRY(mark_states(&recount));
    return store_trait_states_recount(view);
}

/* ---- labels ---- */

static struct status add_labels(struct recount *recount,
                                const struct store_interaction *interaction,
                                const Stored__V1__Interaction *message, bool *more) {
    (void)more;
    return summary_count_labels(&recount->labels, interaction->occur_us, message, recount->kinds,
                                recount->view->arena);
}

struct status labels_recount(struct store_view *view, struct id profile) {
    struct store_summary summary;
    struct recount recount = {.view = view, .member = profile};
    TRY(store_summary_get(view, profile, &summary));
    recount.kinds = summary_kinds_with_room(&summary);
    arena_init(&recount.messages, MESSAGE_ARENA_SIZE);
    const struct status status = recount_member(&recount, ENGINE_ASCENDING, add_labels);
    arena_free(&recount.messages);
    TRY(status);
    summary_take_labels(&summary, &recount.labels, view->arena);
    return store_summary_put(view, profile, &summary);
}
