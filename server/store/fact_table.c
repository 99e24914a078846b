/* Facts of interactions, and how many of each sort there are a day: what they look like, and how
 * they follow from an interaction. */

#include "server/store/fact.h"

#include <string.h>

#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/store/records/record.pb-c.h"
#include "server/store/view.h"

enum {
    TIME_SIZE = 8,
    FACT_HEAD_SIZE = 1 + ID_SIZE + 1,
    KINDS = 3,
    COUNT_SIZE = 8,
    DAY_SIZE = 4,
    COUNT_HEAD_SIZE = 1 + 1 + DAY_SIZE,
    LOOK_EVERY = 256, /* Rows between looks at the clock. */
};

/* ---- what follows from an interaction ---- */

static struct bytes label_of(const char *text) {
    const struct bytes bytes = bytes_of_string(text);
    return bytes_of(bytes.data, bytes.size > STORE_FACT_LABEL_SIZE_MAX ? STORE_FACT_LABEL_SIZE_MAX
                                                                       : bytes.size);
}

struct status view_fact_of(const struct store_interaction *interaction,
                           const Stored__V1__Interaction *message, struct store_fact *out) {
    *out = (struct store_fact){
        .count = 1,
        .occur_us = interaction->occur_us,
        .interaction = interaction->id,
        .profile = interaction->profile,
    };
    switch (message->payload_case) {
    case STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT: {
        const Stored__V1__Engagement *engagement = message->engagement;
        out->kind = STORE_KIND_ENGAGEMENT;
        out->sentiment = engagement->sentiment;
        out->labels[STORE_FACT_CHANNEL] = label_of(engagement->channel);
        out->labels[STORE_FACT_THEME] = label_of(engagement->theme);
        out->labels[STORE_FACT_SUB_THEME] = label_of(engagement->sub_theme);
        out->labels[STORE_FACT_LANGUAGE] = label_of(engagement->language);
        out->labels[STORE_FACT_DIALECT] = label_of(engagement->dialect);
        out->labels[STORE_FACT_AGENT] = label_of(engagement->agent);
        return OK;
    }
    case STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        out->kind = STORE_KIND_SURVEY_RESPONSE;
        out->labels[STORE_FACT_CHANNEL] = label_of("survey");
        out->labels[STORE_FACT_NAME] = label_of(message->survey_response->survey_id);
        return OK;
    case STORED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        out->kind = STORE_KIND_ACTIVITY;
        out->labels[STORE_FACT_NAME] = label_of(message->activity->name);
        return OK;
    case STORED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _STORED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    return store_corrupt("an interaction says nothing of what happened");
}

/* ---- rows of facts ---- */

struct bytes view_fact_row(const struct store_fact *fact, struct arena *arena) {
    size_t size = FACT_HEAD_SIZE;
    for (size_t i = 0; i < STORE_FACT_LABELS; i++) {
        size += 1 + fact->labels[i].size;
    }
    uint8_t *row = arena_alloc(arena, size);
    row[0] = STORE_ROW_VERSION;
    memcpy(row + 1, fact->profile.bytes, ID_SIZE);
    row[1 + ID_SIZE] = (uint8_t)fact->sentiment;
    uint8_t *at = row + FACT_HEAD_SIZE;
    for (size_t i = 0; i < STORE_FACT_LABELS; i++) {
        const struct bytes label = fact->labels[i];
        *at++ = (uint8_t)label.size;
        if (label.size > 0) {
            memcpy(at, label.data, label.size);
        }
        at += label.size;
    }
    return bytes_of(row, size);
}

/* Reads labels, each behind its size; what is behind the last. */
static struct status read_labels(struct bytes from, size_t count, struct bytes *labels,
                                 struct bytes *rest) {
    *rest = from;
    for (size_t i = 0; i < count; i++) {
        if (from.size == 0 || from.size < 1 + (size_t)from.data[0]) {
            return store_corrupt("a label is cut off");
        }
        labels[i] = bytes_of(from.data + 1, from.data[0]);
        from = bytes_of(from.data + 1 + labels[i].size, from.size - 1 - labels[i].size);
    }
    *rest = from;
    return OK;
}

struct status view_fact_read(struct bytes key, struct bytes value, struct store_fact *out) {
    if (key.size != 2 + TIME_SIZE + ID_SIZE || value.size < FACT_HEAD_SIZE ||
        value.data[0] != STORE_ROW_VERSION) {
        return store_corrupt("a fact has not the form of one");
    }
    *out = (struct store_fact){
        .count = 1,
        .occur_us = store_time_of_ascending(store_get_u64(key.data + 2)),
        .kind = (enum store_kind)key.data[1],
        .sentiment = value.data[1 + ID_SIZE],
    };
    memcpy(out->interaction.bytes, key.data + 2 + TIME_SIZE, ID_SIZE);
    memcpy(out->profile.bytes, value.data + 1, ID_SIZE);
    struct bytes rest;
    TRY(read_labels(bytes_of(value.data + FACT_HEAD_SIZE, value.size - FACT_HEAD_SIZE),
                    STORE_FACT_LABELS, out->labels, &rest));
    return rest.size == 0 ? OK : store_corrupt("a fact has more than its labels");
}

void view_fact_put(struct store_view *view, const struct store_fact *fact) {
    const struct store_key key =
        store_key_fact((uint8_t)fact->kind, fact->occur_us, fact->interaction);
    view_put(view, &key, view_fact_row(fact, view->arena));
}

/* ---- rows of counts ---- */

struct status view_count_read(struct bytes key, struct bytes value, struct store_fact *out) {
    if (key.size < COUNT_HEAD_SIZE) {
        return store_corrupt("a count has no day");
    }
    struct bytes rest = bytes_of(key.data + COUNT_HEAD_SIZE, key.size - COUNT_HEAD_SIZE);
    *out = (struct store_fact){.occur_us = (int64_t)store_day_of_key(store_get_u32(
                                               key.data + COUNT_HEAD_SIZE - DAY_SIZE)) *
                                           US_PER_DAY};
    TRY(read_labels(rest, 2, out->labels, &rest));
    if (rest.size == 0) {
        return store_corrupt("a count has no mood");
    }
    out->sentiment = rest.data[0];
    TRY(read_labels(bytes_of(rest.data + 1, rest.size - 1), 1, out->labels + STORE_FACT_SUB_THEME,
                    &rest));
    if (rest.size != 1 || value.size != COUNT_SIZE) {
        return store_corrupt("a count has not the form of one");
    }
    out->kind = (enum store_kind)rest.data[0];
    out->count = (int64_t)store_get_u64(value.data);
    return OK;
}

static struct status add_to(struct store_view *view, const struct store_key *key, int64_t change) {
    struct bytes row;
    TRY(view_get(view, key, &row));
    if (row.data != NULL && row.size != COUNT_SIZE) {
        return store_corrupt("a count has not 8 bytes");
    }
    const int64_t count = (row.data == NULL ? 0 : (int64_t)store_get_u64(row.data)) + change;
    if (count < 0) {
        return store_corrupt("a count is less than nothing");
    }
    if (count == 0) {
        view_delete(view, key);
        return OK;
    }
    uint8_t *value = arena_alloc(view->arena, COUNT_SIZE);
    store_put_u64(value, (uint64_t)count);
    view_put(view, key, bytes_of(value, COUNT_SIZE));
    return OK;
}

struct status view_count_add(struct store_view *view, const struct store_fact *fact,
                             int64_t change) {
    const int32_t day = day_of(fact->occur_us);
    const struct store_key coarse = store_key_count(false, day, fact);
    const struct store_key fine = store_key_count(true, day, fact);
    TRY(add_to(view, &coarse, change));
    return add_to(view, &fine, change);
}

/* ---- scans ---- */

/* The facts of one kind. */
static struct status scan_kind(struct store_view *view, enum store_kind kind, int64_t min_us,
                               int64_t max_us, struct store_fact_cursor *cursor,
                               store_fact_fn *each, void *state, bool *more) {
    const struct store_key table = store_key_facts((uint8_t)kind);
    const bool goes_on = cursor->set && cursor->kind == kind;
    const struct store_key from =
        goes_on ? store_key_fact((uint8_t)kind, cursor->occur_us, cursor->interaction)
                : store_key_fact((uint8_t)kind, min_us, (struct id){{0}});
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    struct status status;
    for (size_t count = 0;; count++) { /* To the end of what is asked for. */
        struct bytes key;
        struct bytes value;
        struct store_fact fact = {0};
        status = engine_scan_next(scan, &key, &value);
        if (!status_is_ok(status) || key.data == NULL) {
            break;
        }
        if (goes_on && bytes_equal(key, store_key_bytes(&from))) {
            continue;
        }
        status = view_fact_read(key, value, &fact);
        if (!status_is_ok(status) || fact.occur_us >= max_us) {
            break;
        }
        if (count > 0 && count % LOOK_EVERY == 0 &&
            (store_view_is_over(view) || view->arena->used > (size_t)STORE_FACT_ARENA_MAX)) {
            *more = true;
            break;
        }
        status = each(state, &fact);
        if (!status_is_ok(status)) {
            break;
        }
        *cursor = (struct store_fact_cursor){true, kind, fact.occur_us, fact.interaction};
    }
    engine_scan_close(scan);
    return status;
}

struct status store_fact_scan(struct store_view *view, enum store_kind kind, int64_t min_us,
                              int64_t max_us, struct store_fact_cursor *cursor, store_fact_fn *each,
                              void *state, bool *more) {
    *more = false;
    if (kind != STORE_KIND_ANY) {
        return scan_kind(view, kind, min_us, max_us, cursor, each, state, more);
    }
    for (int i = cursor->set ? (int)cursor->kind : 1; i <= KINDS && !*more; i++) {
        TRY(scan_kind(view, (enum store_kind)i, min_us, max_us, cursor, each, state, more));
    }
    return OK;
}

static struct status latest_of(struct store_view *view, enum store_kind kind, int64_t *out_us) {
    const struct store_key table = store_key_facts((uint8_t)kind);
    struct engine_scan *scan = NULL;
    struct bytes key;
    struct bytes value;
    struct store_fact fact = {.occur_us = 0};
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), bytes_of(NULL, 0), ENGINE_DESCENDING,
                         &scan));
    struct status status = engine_scan_next(scan, &key, &value);
    if (status_is_ok(status) && key.data != NULL) {
        status = view_fact_read(key, value, &fact);
        if (status_is_ok(status) && fact.occur_us > *out_us) {
            *out_us = fact.occur_us;
        }
    }
    engine_scan_close(scan);
    return status;
}

struct status store_fact_latest(struct store_view *view, enum store_kind kind, int64_t *out_us) {
    *out_us = INT64_MIN;
    if (kind != STORE_KIND_ANY) {
        return latest_of(view, kind, out_us);
    }
    for (int i = 1; i <= KINDS; i++) {
        TRY(latest_of(view, (enum store_kind)i, out_us));
    }
    return OK;
}

struct status store_count_scan(struct store_view *view, bool fine, int32_t min_day, int32_t max_day,
                               store_fact_fn *each, void *state) {
    const struct store_key table = store_key_counts(fine);
    const struct store_key from = store_key_count_day(fine, min_day);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(view->txn, store_key_bytes(&table), store_key_bytes(&from),
                         ENGINE_ASCENDING, &scan));
    struct status status;
    for (size_t count = 0;; count++) { /* To the end of what is asked for. */
        struct bytes key;
        struct bytes value;
        struct store_fact fact = {0};
        status = engine_scan_next(scan, &key, &value);
        if (!status_is_ok(status) || key.data == NULL) {
            break;
        }
        status = view_count_read(key, value, &fact);
        if (!status_is_ok(status) || fact.occur_us / US_PER_DAY >= max_day) {
            break;
        }
        if (count > 0 && count % LOOK_EVERY == 0 && store_view_is_over(view)) {
            status = status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                               "there are more counts than a call has time for");
            break;
        }
        status = each(state, &fact);
        if (!status_is_ok(status)) {
            break;
        }
    }
    engine_scan_close(scan);
    return status;
}

struct looked_for {
    enum store_fact_label label;
    struct bytes text;
    bool found;
};

static struct status look_for(void *state, const struct store_fact *fact) {
    struct looked_for *looked_for = state;
    looked_for->found =
        looked_for->found || bytes_equal(fact->labels[looked_for->label], looked_for->text);
    return OK;
}

struct status store_count_has(struct store_view *view, enum store_fact_label label,
                              const char *text, bool *out) {
    struct looked_for looked_for = {.label = label, .text = bytes_of_string(text)};
    TRY(store_count_scan(view, label == STORE_FACT_SUB_THEME, INT32_MIN, INT32_MAX, look_for,
                         &looked_for));
    *out = looked_for.found;
    return OK;
}
