/* Interactions, and the events that they came from, which are known for some time after retention
 * removed what came of them. An interaction stays under the profile that it came in under; the
 * timeline of a merged profile is woven together here. */

#include <string.h>

#include "server/store/fact.h"
#include "server/store/mark.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/summary.h"
#include "server/store/trait_state.h"
#include "server/store/weave.h"

enum {
    TIME_SIZE = 8, /* In the key of an interaction. */
};

/* ---- writing ---- */

static struct status unpack(struct store_view *view, const struct store_interaction *interaction,
                            const Stored__V1__Interaction **out) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__interaction__descriptor, interaction->packed,
                     &message));
    *out = (const Stored__V1__Interaction *)message;
    return OK;
}

/* The interaction itself, its fact, and where its event leads. */
static struct status put_rows(struct store_view *view, const struct store_interaction *interaction,
                              const Stored__V1__Interaction *message,
                              const struct store_fact *fact) {
    const struct store_key key =
        store_key_interaction(interaction->profile, interaction->occur_us, interaction->id);
    view_fact_put(view, fact);
    if (message->event_id[0] != '\0') {
        view_event_put(view, message->source, message->event_id, interaction);
    }
    return view_put_sealed(view, &key, interaction->profile, interaction->packed);
}

struct status store_interaction_put(struct store_view *view,
                                    const struct store_interaction *interaction) {
    const Stored__V1__Interaction *message = NULL;
    struct store_fact fact;
    struct store_summary summary;
    const struct store_mark *mark = NULL;
    TRY(unpack(view, interaction, &message));
    TRY(view_fact_of(interaction, message, &fact));
    TRY(put_rows(view, interaction, message, &fact));
    TRY(view_count_add(view, &fact, 1));
    TRY(store_mark_get(view, &mark));
    TRY(store_summary_get(view, interaction->profile, &summary));
    TRY(summary_count(&summary, interaction->occur_us, message, store_mark_day(mark), view->arena));
    TRY(store_summary_put(view, interaction->profile, &summary));
    return store_trait_states_add(view, interaction);
}

struct status store_interaction_get(struct store_view *view,
                                    struct store_interaction *interaction) {
    const struct store_key key =
        store_key_interaction(interaction->profile, interaction->occur_us, interaction->id);
    TRY(view_get_sealed(view, &key, &interaction->packed));
    return interaction->packed.data != NULL ? OK
                                            : store_corrupt("an interaction is not where it lies");
}

struct status store_interaction_move(struct store_view *view, struct store_interaction *interaction,
                                     struct id to) {
    const Stored__V1__Interaction *message = NULL;
    struct store_fact fact;
    const struct store_key key =
        store_key_interaction(interaction->profile, interaction->occur_us, interaction->id);
    view_delete(view, &key);
    interaction->profile = to;
    TRY(unpack(view, interaction, &message));
    TRY(view_fact_of(interaction, message, &fact));
    return put_rows(view, interaction, message, &fact);
}

/* ---- events ---- */

struct store_key view_event_key(const struct store *store, const char *source,
                                const char *event_id) {
    return store_key_hash(STORE_TABLE_EVENT, view_hash(store, "event", source, event_id));
}

struct status store_event_get(struct store_view *view, const char *source, const char *event_id,
                              bool *found, struct id *profile, struct id *interaction) {
    const struct store_key key = view_event_key(view->store, source, event_id);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *found = row.data != NULL;
    if (!*found) {
        return OK;
    }
    if (row.size != EVENT_ROW_SIZE && row.size != EVENT_REMOVED_ROW_SIZE) {
        return store_corrupt("a row of the event table has neither 32 bytes nor 36");
    }
    memcpy(profile->bytes, row.data, ID_SIZE);
    memcpy(interaction->bytes, row.data + ID_SIZE, ID_SIZE);
    return OK;
}

void view_event_put(struct store_view *view, const char *source, const char *event_id,
                    const struct store_interaction *interaction) {
    const struct store_key key = view_event_key(view->store, source, event_id);
    uint8_t *row = arena_alloc(view->arena, EVENT_ROW_SIZE);
    memcpy(row, interaction->profile.bytes, ID_SIZE);
    memcpy(row + ID_SIZE, interaction->id.bytes, ID_SIZE);
    view_put(view, &key, bytes_of(row, EVENT_ROW_SIZE));
}

void view_event_removed(struct store_view *view, const char *source, const char *event_id,
                        const struct store_interaction *interaction, int32_t until_day) {
    const struct store_key key = view_event_key(view->store, source, event_id);
    const struct store_key day =
        store_key_event_day(until_day, view_hash(view->store, "event", source, event_id));
    uint8_t *row = arena_alloc(view->arena, EVENT_REMOVED_ROW_SIZE);
    memcpy(row, interaction->profile.bytes, ID_SIZE);
    memcpy(row + ID_SIZE, interaction->id.bytes, ID_SIZE);
    store_put_u32(row + EVENT_ROW_SIZE, (uint32_t)until_day);
    view_put(view, &key, bytes_of(row, EVENT_REMOVED_ROW_SIZE));
    view_put(view, &day, bytes_of(NULL, 0));
}

/* ---- the timeline ---- */

static struct status take(struct weave *weave, const struct id *profiles, size_t max,
                          struct store_interaction *out, size_t *count, bool *more) {
    *count = 0;
    for (;;) {
        struct strand *first = weave_first(weave);
        *more = first != NULL;
        if (first == NULL || *count == max || (*count > 0 && store_view_is_over(weave->view))) {
            return OK;
        }
        struct store_interaction *interaction = &out[*count];
        interaction->profile = profiles[first->index];
        interaction->occur_us = store_time_of_descending(store_get_u64(first->place.data));
        memcpy(interaction->id.bytes, first->place.data + TIME_SIZE, ID_SIZE);
        TRY(view_row_open_sealed(weave->view, &first->row, &interaction->packed));
        (*count)++;
        TRY(weave_next(weave, first));
    }
}

struct status store_interaction_scan(struct store_view *view, const struct id *profiles,
                                     size_t profile_count, bool before_set, int64_t before_us,
                                     struct id before_id, size_t max, struct store_interaction *out,
                                     size_t *count, bool *more) {
    struct weave weave = weave_begin(view, profile_count, TIME_SIZE + ID_SIZE, ENGINE_ASCENDING);
    struct status status = OK;
    for (size_t i = 0; i < profile_count && status_is_ok(status); i++) {
        struct store_key prefix = store_key_interaction(profiles[i], before_us, before_id);
        prefix.size -= TIME_SIZE + ID_SIZE;
        const struct bytes before = bytes_of(prefix.bytes + prefix.size, TIME_SIZE + ID_SIZE);
        status = store_view_is_over(view)
                     ? status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                                 "the timeline could not be opened in the time that a call has")
                     : weave_add(&weave, &prefix, before_set ? before : (struct bytes){.size = 0});
    }
    if (status_is_ok(status)) {
        status = take(&weave, profiles, max, out, count, more);
    }
    weave_end(&weave);
    return status;
}
