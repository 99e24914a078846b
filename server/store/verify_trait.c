/* The checks of traits. Interactions prove states: those of a profile are counted again on the way
 * and compared behind the last, day by day; and days prove what all of them come to. What is out of
 * the window on the day of the mark may be there or not, and while windows are counted anew, what
 * is of profiles that were not come to. States prove what is due. */

#include <string.h>

#include "server/store/verify_walk.h"

enum { STATE_KEY_SIZE = 1 + 4 + ID_SIZE, DAY_KEY_SIZE = STATE_KEY_SIZE + 4 };

static struct status traits_of(struct verify *verify, struct arena *arena, struct bytes row,
                               struct store_traits *out) {
    const struct store_key key = store_key_table(STORE_TABLE_TRAITS);
    TRY(view_untagged(verify->store, store_key_bytes(&key), row, &verify->arena, &row));
    TRY(trait_rows_read(arena, row, out));
    return trait_filters_compile(verify->store, out, arena);
}

struct status verify_traits_read(struct verify *verify) {
    const struct store_key key = store_key_table(STORE_TABLE_TRAITS);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    const struct status status = traits_of(verify, &verify->lasting, row, &verify->traits);
    if (verify_is_problem(status)) { /* Told when its own row is looked at. */
        verify->traits = (struct store_traits){.count = 0};
        verify->traits_unknown = true;
        return OK;
    }
    return status;
}

/* ---- counting again ---- */

static struct trait_tally tally_of(struct verify *verify, const struct store_trait *trait) {
    return (struct trait_tally){.trait = trait, .arena = &verify->recount.arena};
}

struct status verify_traits_count(struct verify *verify,
                                  const struct store_interaction *interaction,
                                  const Stored__V1__Interaction *message) {
    struct verify_recount *recount = &verify->recount;
    const struct store_traits *traits = &verify->traits;
    if (recount->states == NULL) {
        recount->states = arena_array(&recount->arena, traits->count, sizeof *recount->states);
        for (size_t i = 0; i < traits->count; i++) {
            recount->states[i] = tally_of(verify, &traits->items[i]);
        }
    }
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        struct trait_event event;
        bool takes = false;
        TRY(trait_counts(verify->store, trait, interaction, message, &recount->arena, &event,
                         &takes));
        if (takes) {
            const struct trait_cell cell = trait_cell_of(trait, &event);
            trait_tally_add(&recount->states[i], &cell);
        }
    }
    return OK;
}

static struct status state_open(struct verify *verify, const struct store_key *key,
                                struct id member, struct trait_state *out) {
    struct bytes row;
    *out = (struct trait_state){.count = 0};
    TRY(engine_get(verify->view.txn, store_key_bytes(key), &row));
    if (row.data == NULL) {
        return OK;
    }
    TRY(verify_sealed_for(verify, member, store_key_bytes(key), row, &row));
    return trait_state_read(row, 0, &verify->recount.arena, out);
}

static void add_cells(struct trait_tally *into, const struct trait_state *state) {
    for (size_t i = 0; i < state->count; i++) {
        trait_tally_add(into, &state->cells[i]);
    }
}

/* Whether the state of all days is what the days come to. */
static bool is_folded(struct verify *verify, const struct store_trait *trait,
                      const struct trait_state *whole, struct trait_tally *days) {
    struct trait_tally cells = tally_of(verify, trait);
    struct trait_tally folded = tally_of(verify, trait);
    folded.is_undated = true;
    add_cells(&cells, whole);
    add_cells(&folded, trait_tally_state(days));
    return (whole->count == 0 || whole->first_day == folded.state.first_day) &&
           trait_tally_equal(&cells, &folded, 0);
}

/* What counts on a day, but for that for which there was no room. */
static bool is_counted(const struct verify *verify, const struct trait_state *whole,
                       struct trait_tally *cells, struct trait_tally *counted) {
    const int32_t mark_day = store_mark_day(&verify->mark);
    return (whole->left_out > 0 && trait_day_counts(cells->trait, whole->left_out_day, mark_day)) ||
           trait_tally_equal(cells, counted, mark_day);
}

static struct status compare(struct verify *verify, const struct store_trait *trait,
                             struct trait_tally *counted) {
    const struct id member = verify->recount.profile;
    const struct store_key key = store_key_trait_state(trait->number, member);
    struct trait_state whole;
    struct trait_tally cells = tally_of(verify, trait);
    TRY(state_open(verify, &key, member, &whole));
    if (trait->window_days == 0) {
        add_cells(&cells, &whole);
    } else {
        TRY(trait_days_add(&verify->view, member, INT32_MIN, &cells));
        if (!is_folded(verify, trait, &whole, &cells)) {
            verify_tell(verify, store_key_bytes(&key), "is not what its days come to");
        }
        if (!store_mark_has_come_to(&verify->mark, member)) {
            return OK;
        }
    }
    if (!is_counted(verify, &whole, &cells, counted)) {
        verify_tell(verify, store_key_bytes(&key), "does not count the profile's interactions");
    }
    return OK;
}

struct status verify_traits_compare(struct verify *verify) {
    struct verify_recount *recount = &verify->recount;
    if (recount->labels_unknown || recount->states == NULL) {
        return OK; /* An interaction could not be read. */
    }
    for (size_t i = 0; i < verify->traits.count; i++) {
        const struct status status = compare(verify, &verify->traits.items[i], &recount->states[i]);
        if (!status_is_ok(status) && !verify_is_problem(status)) { /* Told with its own row. */
            return status;
        }
    }
    return OK;
}

/* ---- rows ---- */

static bool is_number_twice(const struct store_traits *traits, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (traits->items[i].number == traits->items[index].number ||
            strcmp(traits->items[i].name, traits->items[index].name) == 0) {
            return true;
        }
    }
    return false;
}

struct status verify_traits(struct verify *verify, struct bytes key, struct bytes value) {
    (void)key;
    struct store_traits traits;
    TRY(traits_of(verify, &verify->arena, value, &traits));
    for (size_t i = 0; i < traits.count; i++) {
        if (traits.items[i].number == 0 || traits.items[i].number > traits.last_number) {
            return verify_wrong("it has a trait of a number that was never given");
        }
        if (is_number_twice(&traits, i)) {
            return verify_wrong("it has two traits of one name or number");
        }
    }
    return OK;
}

static struct status has_interactions(struct verify *verify, struct id profile, bool *out) {
    uint8_t prefix[1 + ID_SIZE] = {STORE_TABLE_INTERACTION};
    memcpy(prefix + 1, profile.bytes, ID_SIZE);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(verify->view.txn, bytes_of(prefix, sizeof prefix), bytes_of(NULL, 0),
                         ENGINE_ASCENDING, &scan));
    struct bytes first;
    struct bytes value;
    const struct status status = engine_scan_next(scan, &first, &value);
    engine_scan_close(scan);
    TRY(status);
    *out = first.data != NULL;
    return OK;
}

static struct status check_due(struct verify *verify, const struct store_trait *trait,
                               struct id member, const struct trait_state *state) {
    int32_t day = 0;
    if (!trait_state_due(state, trait, &day)) {
        return OK;
    }
    const struct store_key due = store_key_trait_due(day, trait->number, member);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&due), &row));
    if (row.data == NULL) {
        verify_tell(verify, store_key_bytes(&due), "is missing: a state is due then");
    } else {
        verify_count_found(verify, STORE_TABLE_TRAIT_DUE);
    }
    return OK;
}

struct status verify_trait_state(struct verify *verify, struct bytes key, struct bytes value) {
    uint32_t number = 0;
    struct id member;
    struct bytes plain;
    struct trait_state state;
    int32_t day = 0;
    bool is_of_some = false;
    if (key.size != STATE_KEY_SIZE && key.size != DAY_KEY_SIZE) {
        return verify_wrong("has a key of the wrong size");
    }
    trait_key_read(key, &number, &member);
    TRY(verify_sealed_for(verify, member, key, value, &plain));
    const bool is_day = trait_key_day(key, &day);
    TRY(trait_state_read(plain, day, &verify->arena, &state));
    if (verify->traits_unknown) {
        return OK;
    }
    const struct store_trait *trait = trait_of_number(&verify->traits, number);
    if (trait == NULL) {
        return verify_wrong("is of no trait");
    }
    if (is_day && trait->window_days == 0) {
        return verify_wrong("is of a day, and its trait of all time");
    }
    if (state.count == 0 && state.left_out == 0) {
        return verify_wrong("counts nothing");
    }
    TRY(has_interactions(verify, member, &is_of_some));
    if (!is_of_some && trait->name[0] != '\0') {
        return verify_wrong("belongs to a profile without interactions");
    }
    return is_day ? OK : check_due(verify, trait, member, &state);
}

struct status verify_trait_due_row(struct verify *verify, struct bytes key, struct bytes value) {
    (void)value;
    uint32_t number = 0;
    struct id member;
    struct trait_state state;
    int32_t day = 0;
    trait_key_read(key, &number, &member);
    const struct store_trait *trait = trait_of_number(&verify->traits, number);
    if (trait == NULL) {
        return verify->traits_unknown ? OK : verify_wrong("is of no trait");
    }
    const struct store_key state_key = store_key_trait_state(number, member);
    const struct status read = state_open(verify, &state_key, member, &state);
    if (verify_is_problem(read)) {
        return OK; /* Told already. */
    }
    TRY(read);
    const bool is_due = trait_state_due(&state, trait, &day);
    const struct store_key right = store_key_trait_due(day, number, member);
    return is_due && bytes_equal(store_key_bytes(&right), key)
               ? OK
               : verify_wrong("leads to no state that is due on its day");
}
