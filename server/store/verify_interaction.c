/* The checks of interactions, of the events that they came from, and of the summaries. Interactions
 * lie by profile: those of one are added up on the way and compared with its summary behind the
 * last. */

#include <assert.h>
#include <string.h>

#include "server/store/verify_walk.h"

/* ---- adding up ---- */

/* Times are of what is no longer kept too. */
static bool are_times_of(int64_t first_us, int64_t last_us, int64_t counted_first_us,
                         int64_t counted_last_us, bool removed) {
    return removed ? first_us <= counted_first_us && last_us >= counted_last_us
                   : first_us == counted_first_us && last_us == counted_last_us;
}

static bool has_same_times(const struct store_summary *stored,
                           const struct store_summary *counted) {
    return are_times_of(stored->first_us, stored->last_us, counted->first_us, counted->last_us,
                        stored->removed_count > 0);
}

static bool has_label(const struct store_summary *stored, const struct store_label_count *label) {
    for (size_t i = 0; i < stored->label_count; i++) {
        const struct store_label_count *there = &stored->labels[i];
        if (there->kind == label->kind && there->count == label->count &&
            strcmp(there->label, label->label) == 0 && strcmp(there->theme, label->theme) == 0) {
            return are_times_of(there->first_us, there->last_us, label->first_us, label->last_us,
                                stored->removed_count > 0);
        }
    }
    return false;
}

/* As many labels, and all that were counted; those beyond what is kept apart together. */
static bool has_labels(const struct store_summary *stored, const struct store_summary *counted) {
    for (size_t i = 0; i < counted->label_count; i++) {
        if (!has_label(stored, &counted->labels[i])) {
            return false;
        }
    }
    return stored->label_count == counted->label_count;
}

/* While windows are counted anew, only those of profiles that were come to are whole. */
static bool has_same_moods(const struct verify *verify, const struct store_summary *stored) {
    return !store_mark_has_come_to(&verify->mark, verify->recount.profile) ||
           summary_has_moods(stored, &verify->recount.summary, store_mark_day(&verify->mark));
}

struct status verify_recount_end(struct verify *verify) {
    struct verify_recount *recount = &verify->recount;
    if (!recount->started) {
        return OK;
    }
    recount->started = false;
    TRY(verify_traits_compare(verify));
    const struct store_key key = store_key_id(STORE_TABLE_SUMMARY, recount->profile);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    if (row.data == NULL) {
        verify_tell(verify, store_key_bytes(&key), "is missing: its profile has interactions");
        return OK;
    }
    struct store_summary stored;
    const struct status read = store_summary_get(&verify->view, recount->profile, &stored);
    if (verify_is_problem(read)) {
        return OK; /* Told when its own row is looked at. */
    }
    TRY(read);
    const struct store_summary *counted = &recount->summary;
    if (stored.count != counted->count) {
        verify_tell(verify, store_key_bytes(&key), "does not count the profile's interactions");
    } else if (!has_same_times(&stored, counted)) {
        verify_tell(verify, store_key_bytes(&key), "has not the times of the interactions");
    } else if (recount->labels_unknown) {
        return OK;
    } else if (!has_labels(&stored, counted)) {
        verify_tell(verify, store_key_bytes(&key), "has not the labels of the interactions");
    } else if (!has_same_moods(verify, &stored)) {
        verify_tell(verify, store_key_bytes(&key), "has not the moods of the interactions");
    }
    return OK;
}

/* Counts what the summary keeps apart, whichever labels these are. */
static struct status recount_begin(struct verify *verify, struct id profile) {
    struct verify_recount *recount = &verify->recount;
    struct store_summary stored;
    arena_reset(&recount->arena);
    recount->started = true;
    recount->profile = profile;
    recount->labels_unknown = false;
    recount->summary = (struct store_summary){0};
    recount->states = NULL;
    const struct status read = store_summary_get(&verify->view, profile, &stored);
    if (verify_is_problem(read)) {
        return OK; /* Told when its own row is looked at. */
    }
    TRY(read);
    recount->summary = summary_of_nothing(&stored, &recount->arena);
    return OK;
}

/* ---- interactions and events ---- */

static struct status read_interaction(struct verify *verify, struct bytes key, struct bytes value,
                                      const Stored__V1__Interaction **out) {
    struct bytes plain;
    TRY(verify_sealed(verify, key, value, &plain));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(&verify->arena, &stored__v1__interaction__descriptor, plain, &message));
    *out = (const Stored__V1__Interaction *)message;
    return OK;
}

/* The value of an event's row: the profile's id and the interaction's, out of the key. */
static bool leads_to(struct bytes row, struct bytes key) {
    return row.size == EVENT_ROW_SIZE && memcmp(row.data, key.data + 1, ID_SIZE) == 0 &&
           memcmp(row.data + ID_SIZE, key.data + key.size - ID_SIZE, ID_SIZE) == 0;
}

static struct status check_event(struct verify *verify, struct bytes key,
                                 const Stored__V1__Interaction *interaction) {
    if (interaction->event_id[0] == '\0') {
        return OK;
    }
    const struct store_key event =
        view_event_key(verify->store, interaction->source, interaction->event_id);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&event), &row));
    if (row.data == NULL) {
        verify_tell(verify, store_key_bytes(&event), "is missing: an interaction came from it");
    } else if (!leads_to(row, key)) {
        verify_tell(verify, store_key_bytes(&event),
                    "leads past the interaction that came from it");
    } else {
        verify_count_found(verify, STORE_TABLE_EVENT);
    }
    return OK;
}

struct status verify_interaction(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_interaction row = {
        .occur_us = store_time_of_descending(store_get_u64(key.data + 1 + ID_SIZE))};
    memcpy(row.profile.bytes, key.data + 1, ID_SIZE);
    memcpy(row.id.bytes, key.data + key.size - ID_SIZE, ID_SIZE);
    const struct id profile = row.profile;
    if (verify->recount.started && !id_equal(profile, verify->recount.profile)) {
        TRY(verify_recount_end(verify));
    }
    struct verify_recount *recount = &verify->recount;
    if (!recount->started) {
        TRY(recount_begin(verify, profile));
    }
    /* Counted whether it opens or not: its summary is not wrong for that. */
    static const Stored__V1__Interaction unknown = STORED__V1__INTERACTION__INIT;
    const Stored__V1__Interaction *interaction = &unknown;
    const struct status read = read_interaction(verify, key, value, &interaction);
    const struct status counted = summary_count(&recount->summary, row.occur_us, interaction,
                                                store_mark_day(&verify->mark), &recount->arena);
    recount->labels_unknown = recount->labels_unknown || !status_is_ok(counted);
    TRY(read);
    TRY(counted);
    TRY(verify_traits_count(verify, &row, interaction));
    TRY(verify_fact_of(verify, &row, interaction));
    return check_event(verify, key, interaction);
}

/* Of an event that is known still, and of its day: each has the other one. */
static struct status check_removed(struct verify *verify, struct fingerprint hash, int32_t day,
                                   bool of_day) {
    const struct store_key event_key = store_key_hash(STORE_TABLE_EVENT, hash);
    const struct store_key day_key = store_key_event_day(day, hash);
    const struct bytes other = store_key_bytes(of_day ? &event_key : &day_key);
    struct bytes row;
    TRY(engine_get(verify->view.txn, other, &row));
    const bool is_it = of_day ? row.size == EVENT_REMOVED_ROW_SIZE &&
                                    (int32_t)store_get_u32(row.data + EVENT_ROW_SIZE) == day
                              : row.data != NULL;
    if (!is_it) {
        return verify_wrong(of_day ? "leads to no event that is known until its day"
                                   : "is of an event that was removed, and has no day");
    }
    verify_count_found(verify, STORE_TABLE_EVENT);
    return OK;
}

static bool is_event_day(struct bytes key) { return key.size > 1 + VAULT_FINGERPRINT_SIZE; }

struct status verify_event(struct verify *verify, struct bytes key, struct bytes value) {
    struct fingerprint hash;
    memcpy(hash.bytes, key.data + key.size - sizeof hash.bytes, sizeof hash.bytes);
    if (is_event_day(key)) {
        return check_removed(verify, hash, store_day_of_key(store_get_u32(key.data + 1 + 8)), true);
    }
    if (value.size == EVENT_REMOVED_ROW_SIZE) {
        return check_removed(verify, hash, (int32_t)store_get_u32(value.data + EVENT_ROW_SIZE),
                             false);
    }
    return value.size == EVENT_ROW_SIZE ? OK
                                        : verify_wrong("its value has neither 32 bytes nor 36");
}

/* Finds the interaction of a profile by id: its time is not known. */
static struct status find_interaction(struct verify *verify, struct bytes profile,
                                      struct bytes interaction, struct bytes *key,
                                      struct bytes *value) {
    uint8_t prefix[1 + ID_SIZE] = {STORE_TABLE_INTERACTION};
    memcpy(prefix + 1, profile.data, ID_SIZE);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(verify->view.txn, bytes_of(prefix, sizeof prefix), bytes_of(NULL, 0),
                         ENGINE_ASCENDING, &scan));
    struct status status = OK;
    bool found = false;
    while (!found) { /* To the end of the profile's interactions. */
        status = engine_scan_next(scan, key, value);
        if (!status_is_ok(status) || key->data == NULL) {
            break;
        }
        found = key->size == sizeof prefix + 8 + ID_SIZE &&
                bytes_equal(bytes_of(key->data + sizeof prefix + 8, ID_SIZE), interaction);
    }
    if (found) {
        *key = arena_copy(&verify->arena, *key);
    }
    engine_scan_close(scan);
    return status;
}

struct status verify_event_row(struct verify *verify, struct bytes key, struct bytes value) {
    if (is_event_day(key) || value.size != EVENT_ROW_SIZE) {
        return OK; /* Told already. */
    }
    struct bytes interaction_key;
    struct bytes row;
    TRY(find_interaction(verify, bytes_of(value.data, ID_SIZE),
                         bytes_of(value.data + ID_SIZE, ID_SIZE), &interaction_key, &row));
    if (interaction_key.data == NULL) {
        return verify_wrong("leads to no interaction");
    }
    const Stored__V1__Interaction *interaction = NULL;
    const struct status read = read_interaction(verify, interaction_key, row, &interaction);
    if (verify_is_problem(read)) {
        return verify_wrong("leads to an interaction that does not open");
    }
    TRY(read);
    const struct store_key right =
        view_event_key(verify->store, interaction->source, interaction->event_id);
    return bytes_equal(store_key_bytes(&right), key)
               ? OK
               : verify_wrong("leads to an interaction that came from another event");
}

/* ---- summaries ---- */

struct status verify_summary(struct verify *verify, struct bytes key, struct bytes value) {
    (void)value;
    struct id profile;
    memcpy(profile.bytes, key.data + 1, ID_SIZE);
    struct store_summary summary;
    TRY(store_summary_get(&verify->view, profile, &summary));
    uint8_t prefix[1 + ID_SIZE] = {STORE_TABLE_INTERACTION};
    memcpy(prefix + 1, profile.bytes, ID_SIZE);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(verify->view.txn, bytes_of(prefix, sizeof prefix), bytes_of(NULL, 0),
                         ENGINE_ASCENDING, &scan));
    struct bytes first;
    struct bytes first_value;
    const struct status status = engine_scan_next(scan, &first, &first_value);
    engine_scan_close(scan);
    TRY(status);
    if (first.data != NULL) {
        return OK;
    }
    const struct store_summary nothing = {0};
    const bool is_empty = summary.count == 0 && summary.label_count == 0 &&
                          summary.removed_count > 0 &&
                          (!store_mark_has_come_to(&verify->mark, profile) ||
                           summary_has_moods(&summary, &nothing, store_mark_day(&verify->mark)));
    return is_empty ? OK : verify_wrong("belongs to a profile without interactions");
}
