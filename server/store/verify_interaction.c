/* The checks of interactions, of the events that they came from, and of the summaries. Interactions
 * lie by profile: those of one are added up on the way and compared with its summary behind the
 * last. */

#include <assert.h>
#include <string.h>

#include "server/store/verify_walk.h"

enum { EVENT_ROW_SIZE = 2 * ID_SIZE };

/* ---- adding up ---- */

static void count_label(struct verify_recount *recount, uint32_t kind, const char *label) {
    struct store_summary *summary = &recount->summary;
    if (label[0] == '\0') {
        return;
    }
    for (size_t i = 0; i < summary->label_count; i++) {
        if (summary->labels[i].kind == kind && strcmp(summary->labels[i].label, label) == 0) {
            summary->labels[i].count++;
            return;
        }
    }
    if (summary->label_count == recount->label_capacity) {
        recount->label_capacity = recount->label_capacity == 0 ? 16 : recount->label_capacity * 2;
        struct store_label_count *labels =
            arena_array(&recount->arena, recount->label_capacity, sizeof *labels);
        if (summary->label_count > 0) {
            memcpy(labels, summary->labels, summary->label_count * sizeof *labels);
        }
        summary->labels = labels;
    }
    const char *copy = arena_string(&recount->arena, bytes_of_string(label));
    summary->labels[summary->label_count++] = (struct store_label_count){kind, copy, 1};
}

static struct status count_labels(struct verify_recount *recount,
                                  const Stored__V1__Interaction *interaction) {
    static const char *const sentiments[] = {"", "negative", "neutral", "positive"};
    switch (interaction->payload_case) {
    case STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT: {
        const Stored__V1__Engagement *engagement = interaction->engagement;
        if (engagement->sentiment >= sizeof sentiments / sizeof *sentiments) {
            return verify_wrong("its sentiment is none");
        }
        count_label(recount, STORE_LABEL_CHANNEL, engagement->channel);
        count_label(recount, STORE_LABEL_THEME, engagement->theme);
        count_label(recount, STORE_LABEL_SENTIMENT, sentiments[engagement->sentiment]);
        return OK;
    }
    case STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        count_label(recount, STORE_LABEL_CHANNEL, "survey");
        return OK;
    case STORED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        return OK;
    case STORED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _STORED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    return verify_wrong("it says nothing of what happened");
}

static bool has_same_labels(const struct store_summary *a, const struct store_summary *b) {
    if (a->label_count != b->label_count) {
        return false;
    }
    for (size_t i = 0; i < a->label_count; i++) {
        const struct store_label_count *label = &a->labels[i];
        bool same = false;
        for (size_t j = 0; j < b->label_count && !same; j++) {
            same = label->kind == b->labels[j].kind && label->count == b->labels[j].count &&
                   strcmp(label->label, b->labels[j].label) == 0;
        }
        if (!same) {
            return false;
        }
    }
    return true;
}

struct status verify_recount_end(struct verify *verify) {
    struct verify_recount *recount = &verify->recount;
    if (!recount->started) {
        return OK;
    }
    recount->started = false;
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
    } else if (stored.first_us != counted->first_us || stored.last_us != counted->last_us) {
        verify_tell(verify, store_key_bytes(&key), "has not the times of the interactions");
    } else if (!recount->labels_unknown && !has_same_labels(&stored, counted)) {
        verify_tell(verify, store_key_bytes(&key), "has not the labels of the interactions");
    }
    return OK;
}

static void count_interaction(struct verify_recount *recount, struct id profile, int64_t occur_us) {
    struct store_summary *summary = &recount->summary;
    if (!recount->started) {
        arena_reset(&recount->arena);
        recount->started = true;
        recount->profile = profile;
        recount->label_capacity = 0;
        recount->labels_unknown = false;
        /* The latest comes first. */
        *summary = (struct store_summary){.last_us = occur_us};
    }
    summary->count++;
    summary->first_us = occur_us;
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
    struct id profile;
    memcpy(profile.bytes, key.data + 1, ID_SIZE);
    if (verify->recount.started && !id_equal(profile, verify->recount.profile)) {
        TRY(verify_recount_end(verify));
    }
    /* Counted whether it opens or not: its summary is not wrong for that. */
    count_interaction(&verify->recount, profile,
                      store_time_of_descending(store_get_u64(key.data + 1 + ID_SIZE)));
    const Stored__V1__Interaction *interaction = NULL;
    struct status status = read_interaction(verify, key, value, &interaction);
    if (status_is_ok(status)) {
        status = count_labels(&verify->recount, interaction);
    }
    if (!status_is_ok(status)) {
        verify->recount.labels_unknown = true;
        return status;
    }
    return check_event(verify, key, interaction);
}

struct status verify_event(struct verify *verify, struct bytes key, struct bytes value) {
    (void)verify;
    (void)key;
    return value.size == EVENT_ROW_SIZE ? OK : verify_wrong("its value has not 32 bytes");
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
    engine_scan_close(scan);
    return status;
}

struct status verify_event_row(struct verify *verify, struct bytes key, struct bytes value) {
    if (value.size != EVENT_ROW_SIZE) {
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
    return first.data != NULL ? OK : verify_wrong("belongs to a profile without interactions");
}
