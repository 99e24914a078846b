/* Reviews: a row a pair of profiles, the lists that lead to it, and how many each profile has. The
 * lists and the counts of open ones follow from what a review was and is to be, and from nothing
 * else. */

#include <assert.h>
#include <string.h>

#include "server/store/records/record.pb-c.h"
#include "server/store/weave.h"

enum { PLACE_SIZE = 2 * ID_SIZE }; /* In lists: both ids. */

static const struct id workspace = {{0}}; /* Under which the list of all lies. */

static struct store_key review_key(struct id one, struct id other) {
    return id_compare(one, other) < 0 ? store_key_ids(STORE_TABLE_REVIEW, one, other)
                                      : store_key_ids(STORE_TABLE_REVIEW, other, one);
}

/* ---- rows ---- */

static void scores_unpack(struct store_view *view, const Stored__V1__Review *row,
                          struct store_review *out) {
    struct store_review_score *scores = arena_array(view->arena, row->n_scores, sizeof *scores);
    for (size_t i = 0; i < row->n_scores; i++) {
        const Stored__V1__ReviewScore *score = row->scores[i];
        scores[i] = (struct store_review_score){score->field, score->level, score->bits};
    }
    out->probability = row->probability;
    out->score_count = row->n_scores;
    out->scores = scores;
}

static void scores_pack(struct store_view *view, const struct store_review *review,
                        Stored__V1__Review *row) {
    row->probability = review->probability;
    row->n_scores = review->score_count;
    row->scores = arena_array(view->arena, review->score_count, sizeof *row->scores);
    for (size_t i = 0; i < review->score_count; i++) {
        Stored__V1__ReviewScore *score = arena_alloc(view->arena, sizeof *score);
        stored__v1__review_score__init(score);
        score->field = review->scores[i].field;
        score->level = review->scores[i].level;
        score->bits = review->scores[i].bits;
        row->scores[i] = score;
    }
}

struct status review_row_unpack(struct store_view *view, struct bytes key, struct bytes value,
                                struct store_review *out) {
    TRY(view_untagged(view->store, key, value, view->arena, &value));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__review__descriptor, value, &message));
    const Stored__V1__Review *row = (const Stored__V1__Review *)message;
    if (row->state < STORE_REVIEW_OPEN || row->state > STORE_REVIEW_DISMISSED) {
        return store_corrupt("a review is in no state that this version knows");
    }
    *out = (struct store_review){
        .state = (enum store_review_state)row->state,
        .rule = row->rule,
        .rules = row->rules,
        .record_count = row->record_count,
        .first_us = (int64_t)row->first_us,
        .last_us = (int64_t)row->last_us,
        .rule_version = row->rule_version,
        .decide_us = (int64_t)row->decide_us,
        .state_before = row->state_before,
    };
    scores_unpack(view, row, out);
    memcpy(out->one.bytes, key.data + 1, ID_SIZE);
    memcpy(out->other.bytes, key.data + 1 + ID_SIZE, ID_SIZE);
    TRY(store_id_read(row->id, &out->id));
    TRY(store_id_read(row->decision, &out->decision));
    TRY(store_id_read(row->decision_profile, &out->decision_member));
    return store_id_read(row->merge, &out->merge);
}

static struct bytes review_pack(struct store_view *view, const struct store_review *review) {
    Stored__V1__Review row = STORED__V1__REVIEW__INIT;
    row.id = store_id_data(&review->id);
    row.state = review->state;
    row.rule = review->rule;
    row.rules = review->rules;
    row.record_count = review->record_count;
    row.first_us = (uint64_t)review->first_us;
    row.last_us = (uint64_t)review->last_us;
    row.decision = store_id_data(&review->decision);
    row.decision_profile = store_id_data(&review->decision_member);
    row.rule_version = review->rule_version;
    row.decide_us = (uint64_t)review->decide_us;
    row.state_before = review->state_before;
    row.merge = store_id_data(&review->merge);
    scores_pack(view, review, &row);
    return store_pack(view->arena, &row.base);
}

struct status store_review_get(struct store_view *view, struct id one, struct id other, bool *found,
                               struct store_review *out) {
    const struct store_key key = review_key(one, other);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *found = row.data != NULL;
    return *found ? review_row_unpack(view, store_key_bytes(&key), row, out) : OK;
}

/* ---- counts ---- */

struct status review_count_row_unpack(struct store_view *view, struct bytes key, struct bytes value,
                                      struct store_review_count *out) {
    TRY(view_untagged(view->store, key, value, view->arena, &value));
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(view->arena, &stored__v1__review_count__descriptor, value, &message));
    const Stored__V1__ReviewCount *row = (const Stored__V1__ReviewCount *)message;
    *out =
        (struct store_review_count){.open = row->open, .dropped = row->dropped, .is_there = true};
    return OK;
}

struct status store_review_count_get(struct store_view *view, struct id profile,
                                     struct store_review_count *out) {
    const struct store_key key = store_key_id(STORE_TABLE_REVIEW_COUNT, profile);
    struct bytes row;
    TRY(view_get(view, &key, &row));
    *out = (struct store_review_count){0};
    return row.data != NULL ? review_count_row_unpack(view, store_key_bytes(&key), row, out) : OK;
}

struct status store_review_count_put(struct store_view *view, struct id profile,
                                     const struct store_review_count *count) {
    Stored__V1__ReviewCount row = STORED__V1__REVIEW_COUNT__INIT;
    row.open = count->open;
    row.dropped = count->dropped;
    const struct store_key key = store_key_id(STORE_TABLE_REVIEW_COUNT, profile);
    return view_put_tagged(view, &key, store_pack(view->arena, &row.base));
}

static struct status count_open(struct store_view *view, struct id profile, bool was, bool is) {
    if (was == is) {
        return OK;
    }
    struct store_review_count count;
    TRY(store_review_count_get(view, profile, &count));
    if (!is && count.open == 0) { /* In a what-if the count may be older than the review. */
        return store_corrupt("a profile has an open review and counts none");
    }
    count.open = is ? count.open + 1 : count.open - 1;
    return store_review_count_put(view, profile, &count);
}

/* ---- lists ---- */

struct store_key review_list_key(const struct store_review *review, struct id profile) {
    const struct store_key prefix = store_key_review_list(
        profile, review->state == STORE_REVIEW_OPEN ? STORE_REVIEWS_OPEN : STORE_REVIEWS_DECIDED);
    return store_key_with_id(&prefix, review->id);
}

/* Both ids, the lesser first, for all of its lists. */
static struct bytes place_pack(struct store_view *view, const struct store_review *review) {
    uint8_t *both = arena_alloc(view->arena, PLACE_SIZE);
    memcpy(both, review->one.bytes, ID_SIZE);
    memcpy(both + ID_SIZE, review->other.bytes, ID_SIZE);
    return bytes_of(both, PLACE_SIZE);
}

struct status review_place_read(struct bytes key, struct bytes value,
                                struct store_review_place *out) {
    if (key.size < ID_SIZE || value.size != PLACE_SIZE) {
        return store_corrupt("its value has not 32 bytes");
    }
    memcpy(out->id.bytes, key.data + key.size - ID_SIZE, ID_SIZE);
    memcpy(out->one.bytes, value.data, ID_SIZE);
    memcpy(out->other.bytes, value.data + ID_SIZE, ID_SIZE);
    return OK;
}

struct status store_review_put(struct store_view *view, const struct store_review *review) {
    assert(id_compare(review->one, review->other) < 0 && !id_is_zero(review->id));
    assert((review->record_count == 0) == id_is_zero(review->decision) && review->rule < 64);
    bool found = false;
    struct store_review before = {.state = STORE_REVIEW_OPEN};
    TRY(store_review_get(view, review->one, review->other, &found, &before));
    const struct id lists[] = {workspace, review->one, review->other};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (found) {
            const struct store_key old = review_list_key(&before, lists[i]);
            view_delete(view, &old);
        }
        const struct store_key new = review_list_key(review, lists[i]);
        view_put(view, &new, place_pack(view, review));
    }
    const bool was_open = found && before.state == STORE_REVIEW_OPEN;
    const bool is_open = review->state == STORE_REVIEW_OPEN;
    TRY(count_open(view, review->one, was_open, is_open));
    TRY(count_open(view, review->other, was_open, is_open));
    const struct store_key key = review_key(review->one, review->other);
    return view_put_tagged(view, &key, review_pack(view, review));
}

struct status store_review_delete(struct store_view *view, struct id one, struct id other) {
    bool found = false;
    struct store_review review = {.state = STORE_REVIEW_OPEN};
    TRY(store_review_get(view, one, other, &found, &review));
    if (!found) {
        return OK;
    }
    const struct id lists[] = {workspace, review.one, review.other};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct store_key listed = review_list_key(&review, lists[i]);
        view_delete(view, &listed);
    }
    TRY(count_open(view, review.one, review.state == STORE_REVIEW_OPEN, false));
    TRY(count_open(view, review.other, review.state == STORE_REVIEW_OPEN, false));
    const struct store_key key = review_key(one, other);
    view_delete(view, &key);
    return OK;
}

struct status store_review_find(struct store_view *view, struct id id, bool *found,
                                struct store_review *out) {
    *found = false;
    for (int list = STORE_REVIEWS_OPEN; list <= STORE_REVIEWS_DECIDED && !*found; list++) {
        const struct store_key prefix = store_key_review_list(workspace, (uint8_t)list);
        const struct store_key key = store_key_with_id(&prefix, id);
        struct bytes row;
        TRY(view_get(view, &key, &row));
        if (row.data != NULL) {
            struct store_review_place place;
            TRY(review_place_read(store_key_bytes(&key), row, &place));
            TRY(store_review_get(view, place.one, place.other, found, out));
            if (!*found) {
                return store_corrupt("a list leads to no review");
            }
        }
    }
    return OK;
}

/* ---- scans ---- */

/* Takes places, each once: a review is in the lists of both its profiles. */
static struct status take(struct weave *weave, size_t max, struct store_review_place *out,
                          size_t *count) {
    for (struct strand *first = weave_first(weave); first != NULL; first = weave_first(weave)) {
        struct store_review_place place;
        TRY(review_place_read(first->place, first->row.value, &place));
        if (*count == 0 || !id_equal(out[*count - 1].id, place.id)) {
            if (*count == max) {
                break;
            }
            out[(*count)++] = place;
        }
        TRY(weave_next(weave, first));
    }
    return OK;
}

struct status store_review_scan(struct store_view *view, enum store_review_lists lists,
                                const struct id *profiles, size_t profile_count, struct id before,
                                size_t max, struct store_review_place *out, size_t *count) {
    const size_t named_count = profile_count == 0 ? 1 : profile_count;
    struct weave weave = weave_begin(view, 2 * named_count, ID_SIZE, ENGINE_DESCENDING);
    struct status status = OK;
    *count = 0;
    for (int list = STORE_REVIEWS_OPEN; list <= STORE_REVIEWS_DECIDED; list++) {
        for (size_t i = 0; i < named_count && ((int)lists & list) != 0 && status_is_ok(status);
             i++) {
            const struct store_key prefix =
                store_key_review_list(profile_count == 0 ? workspace : profiles[i], (uint8_t)list);
            status = weave_add(&weave, &prefix, weave_behind(&before));
        }
    }
    if (status_is_ok(status)) {
        status = take(&weave, max, out, count);
    }
    weave_end(&weave);
    return status;
}
