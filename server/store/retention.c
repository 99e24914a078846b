/* How long interactions are kept, and taking away what is past it: by kind, the earliest first.
 * Where that makes room for labels that a summary counts together, they are counted anew in the
 * same transaction: those of few profiles, for it takes their interactions. An event is known for
 * as long again as its kind was kept: what is sent again meanwhile is no other one. */

#include <assert.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/store/fact.h"
#include "server/store/mark.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/summary.h"
#include "server/store/trait.h"
#include "server/store/view.h"

enum { RECOUNTS_MAX = 4 }; /* Profiles in one transaction. */

/* ---- the row ---- */

struct status store_retention_get(struct store_view *view, struct store_retention *out) {
    const struct store_key key = store_key_table(STORE_TABLE_RETENTION);
    ProtobufCMessage *message = NULL;
    *out = (struct store_retention){0};
    TRY(view_get_message(view, &key, &stored__v1__retention__descriptor, &message));
    if (message == NULL) {
        return OK;
    }
    const Stored__V1__Retention *stored = (const Stored__V1__Retention *)message;
    *out = (struct store_retention){
        .days = {[STORE_KIND_ENGAGEMENT] = stored->engagement_days,
                 [STORE_KIND_SURVEY_RESPONSE] = stored->survey_response_days,
                 [STORE_KIND_ACTIVITY] = stored->activity_days},
        .removed = {[STORE_KIND_ENGAGEMENT] = (int64_t)stored->removed_engagements,
                    [STORE_KIND_SURVEY_RESPONSE] = (int64_t)stored->removed_survey_responses,
                    [STORE_KIND_ACTIVITY] = (int64_t)stored->removed_activities},
        .remove_us = (int64_t)stored->remove_us,
        .change_days = stored->change_days,
    };
    return OK;
}

struct status store_retention_put(struct store_view *view,
                                  const struct store_retention *retention) {
    const struct store_key key = store_key_table(STORE_TABLE_RETENTION);
    Stored__V1__Retention stored = STORED__V1__RETENTION__INIT;
    stored.engagement_days = retention->days[STORE_KIND_ENGAGEMENT];
    stored.survey_response_days = retention->days[STORE_KIND_SURVEY_RESPONSE];
    stored.activity_days = retention->days[STORE_KIND_ACTIVITY];
    stored.removed_engagements = (uint64_t)retention->removed[STORE_KIND_ENGAGEMENT];
    stored.removed_survey_responses = (uint64_t)retention->removed[STORE_KIND_SURVEY_RESPONSE];
    stored.removed_activities = (uint64_t)retention->removed[STORE_KIND_ACTIVITY];
    stored.remove_us = (uint64_t)retention->remove_us;
    stored.change_days = retention->change_days;
    return view_put_tagged(view, &key, store_pack(view->arena, &stored.base));
}

/* ---- what is past it ---- */

int64_t store_retention_until(const struct store_retention *retention, enum store_kind kind,
                              int64_t now_us) {
    return retention->days[kind] == 0 ? INT64_MIN
                                      : now_us - (int64_t)retention->days[kind] * US_PER_DAY;
}

/* Facts that are past it. */
struct expired {
    struct arena *arena;
    size_t max;
    size_t count;
    struct store_fact *facts; /* Without labels. */
};

static struct status note(void *state, const struct store_fact *fact) {
    struct expired *expired = state;
    if (expired->count < expired->max) {
        expired->facts[expired->count] = *fact;
        memset(expired->facts[expired->count].labels, 0, sizeof fact->labels);
        expired->count++;
    }
    /* Ends the scan, which fails then, when there are enough. */
    return expired->count < expired->max
               ? OK
               : status_of(STATUS_RESOURCE_EXHAUSTED, REASON_NONE, "there are enough");
}

static struct status find(struct store_view *view, const struct store_retention *retention,
                          int64_t now_us, struct expired *expired) {
    for (int kind = STORE_KIND_ENGAGEMENT; kind <= STORE_KIND_ACTIVITY; kind++) {
        const int64_t until_us = store_retention_until(retention, (enum store_kind)kind, now_us);
        struct store_fact_cursor cursor = {.set = false};
        bool more = false;
        if (until_us == INT64_MIN || expired->count == expired->max) {
            continue;
        }
        const struct status status = store_fact_scan(view, (enum store_kind)kind, INT64_MIN,
                                                     until_us, &cursor, note, expired, &more);
        if (!status_is_ok(status) && expired->count < expired->max) {
            return status;
        }
    }
    return OK;
}

/* Profiles whose labels are to be counted anew. */
struct recounts {
    size_t count;
    struct id profiles[RECOUNTS_MAX];
};

static void recounts_note(struct recounts *recounts, struct id profile) {
    for (size_t i = 0; i < recounts->count; i++) {
        if (id_equal(recounts->profiles[i], profile)) {
            return;
        }
    }
    assert(recounts->count < RECOUNTS_MAX);
    recounts->profiles[recounts->count++] = profile;
}

static struct status take_away(struct store_view *view, const struct store_fact *found,
                               int32_t known_until_day, struct recounts *recounts) {
    struct store_interaction interaction = {
        .profile = found->profile, .id = found->interaction, .occur_us = found->occur_us};
    const struct store_key key =
        store_key_interaction(interaction.profile, interaction.occur_us, interaction.id);
    const struct store_key fact_key =
        store_key_fact((uint8_t)found->kind, found->occur_us, found->interaction);
    ProtobufCMessage *message = NULL;
    struct store_fact fact;
    struct store_summary summary;
    const struct store_mark *mark = NULL;
    TRY(store_mark_get(view, &mark));
    TRY(store_interaction_get(view, &interaction));
    TRY(store_unpack(view->arena, &stored__v1__interaction__descriptor, interaction.packed,
                     &message));
    const Stored__V1__Interaction *row = (const Stored__V1__Interaction *)message;
    TRY(view_fact_of(&interaction, row, &fact));
    TRY(view_count_add(view, &fact, -1));
    TRY(store_summary_get(view, interaction.profile, &summary));
    TRY(summary_remove(&summary, interaction.occur_us, row, store_mark_day(mark), view->arena));
    TRY(store_summary_put(view, interaction.profile, &summary));
    if (summary_kinds_with_room(&summary) != 0) {
        recounts_note(recounts, interaction.profile);
    }
    TRY(store_trait_states_remove(view, &interaction));
    if (row->event_id[0] != '\0') {
        view_event_removed(view, row->source, row->event_id, &interaction, known_until_day);
    }
    view_delete(view, &fact_key);
    view_delete(view, &key);
    return OK;
}

/* Up to where enough profiles are to be counted anew: what is left has its turn in the next one. */
static struct status take_away_all(struct store_view *view, int64_t now_us, struct expired *expired,
                                   struct store_retention *retention) {
    struct recounts recounts = {.count = 0};
    for (size_t i = 0; i < expired->count && recounts.count < RECOUNTS_MAX; i++) {
        const struct store_fact *fact = &expired->facts[i];
        TRY(take_away(view, fact, day_of(now_us) + (int32_t)retention->days[fact->kind],
                      &recounts));
        retention->removed[fact->kind]++;
    }
    for (size_t i = 0; i < recounts.count; i++) {
        TRY(labels_recount(view, recounts.profiles[i]));
    }
    return store_trait_states_recount(view);
}

/* Tells in *removed how many it looked at. */
static struct status remove_expired(struct store_view *view, int64_t now_us, size_t max,
                                    size_t *removed) {
    struct store_retention retention;
    TRY(store_retention_get(view, &retention));
    struct expired expired = {.arena = view->arena,
                              .max = max,
                              .facts = arena_array(view->arena, max, sizeof *expired.facts)};
    TRY(find(view, &retention, now_us, &expired));
    *removed = expired.count;
    if (expired.count > 0) {
        TRY(take_away_all(view, now_us, &expired, &retention));
        retention.remove_us = now_us;
        TRY(store_retention_put(view, &retention));
    }
    return OK;
}

struct status retention_sweep(struct store *store, int64_t now_us, size_t max, size_t *removed) {
    struct store_write *write = NULL;
    struct store_view *view = NULL;
    struct arena arena;
    *removed = 0;
    TRY(store_write_begin(store, STORE_WRITE_ERASE, &write));
    arena_init(&arena, SIZE_MAX);
    struct status status = store_view_begin_write(write, &arena, &view);
    if (status_is_ok(status)) {
        status = remove_expired(view, now_us, max, removed);
        status = status_is_ok(status) && *removed > 0 ? store_view_apply(view, now_us) : status;
        store_view_end(view);
    }
    if (status_is_ok(status) && *removed > 0) {
        status = store_write_commit(write);
    } else {
        store_write_abort(write);
    }
    arena_free(&arena);
    return status;
}
