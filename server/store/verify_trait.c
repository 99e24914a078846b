/* The checks of traits. Interactions prove states: those of a profile are counted again on the way
 * and compared behind the last. What is out of the window on the day that the traits are marked
 * with may be there or not. States prove what is due. */

#include <string.h>

#include "server/store/verify_walk.h"

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

struct status verify_traits_count(struct verify *verify,
                                  const struct store_interaction *interaction,
                                  const Stored__V1__Interaction *message) {
    struct verify_recount *recount = &verify->recount;
    const struct store_traits *traits = &verify->traits;
    if (recount->states == NULL) {
        recount->states = arena_array(&recount->arena, traits->count, sizeof *recount->states);
    }
    for (size_t i = 0; i < traits->count; i++) {
        const struct store_trait *trait = &traits->items[i];
        struct trait_event event;
        bool takes = false;
        TRY(trait_takes(verify->store, trait, interaction, message, &recount->arena, &event,
                        &takes));
        if (takes && trait_has_come_to(trait, event.kind, event.occur_us, event.interaction)) {
            trait_state_add(&recount->states[i], trait, traits->mark_day, &event, &recount->arena);
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
    return trait_state_read(row, &verify->recount.arena, out);
}

static struct status compare(struct verify *verify, const struct store_trait *trait,
                             const struct trait_state *counted) {
    const struct id member = verify->recount.profile;
    const int32_t mark_day = verify->traits.mark_day;
    const struct store_key key = store_key_trait_state(trait->number, member);
    struct trait_state stored;
    const struct status read = state_open(verify, &key, member, &stored);
    if (verify_is_problem(read)) {
        return OK; /* Told when its own row is looked at. */
    }
    TRY(read);
    const bool is_limited =
        stored.left_out > 0 && trait_day_counts(trait, stored.left_out_day, mark_day);
    if (!is_limited && !trait_state_equal(&stored, counted, trait, mark_day)) {
        verify_tell(verify, store_key_bytes(&key), "does not count the profile's interactions");
    }
    return OK;
}

struct status verify_traits_compare(struct verify *verify) {
    const struct verify_recount *recount = &verify->recount;
    if (recount->labels_unknown || recount->states == NULL) {
        return OK; /* An interaction could not be read. */
    }
    for (size_t i = 0; i < verify->traits.count; i++) {
        TRY(compare(verify, &verify->traits.items[i], &recount->states[i]));
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
    bool is_of_some = false;
    trait_key_read(key, &number, &member);
    TRY(verify_sealed_for(verify, member, key, value, &plain));
    TRY(trait_state_read(plain, &verify->arena, &state));
    if (verify->traits_unknown) {
        return OK;
    }
    const struct store_trait *trait = trait_of_number(&verify->traits, number);
    if (trait == NULL) {
        return verify_wrong("is of no trait");
    }
    if (state.count == 0 && state.left_out == 0) {
        return verify_wrong("counts nothing");
    }
    TRY(has_interactions(verify, member, &is_of_some));
    if (!is_of_some && trait->name[0] != '\0') {
        return verify_wrong("belongs to a profile without interactions");
    }
    return check_due(verify, trait, member, &state);
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
