/* The checks of reviews: that each is of two profiles that are there and in all three of its lists,
 * and that a profile has as many open ones as its count says. */

#include <string.h>

#include "server/store/verify_walk.h"

static struct id id_at(struct bytes key, size_t position) {
    struct id id;
    memcpy(id.bytes, key.data + 1 + position * ID_SIZE, ID_SIZE);
    return id;
}

static struct status has_row(struct verify *verify, const struct store_key *key, bool *out) {
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(key), &row));
    *out = row.data != NULL;
    return OK;
}

/* ---- reviews ---- */

static struct status count_in_list(struct verify *verify, const struct store_review *review,
                                   struct id profile) {
    const struct store_key key = review_list_key(review, profile);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    if (row.data == NULL) {
        verify_tell(verify, store_key_bytes(&key), "is missing: a review is to be in it");
        return OK;
    }
    struct store_review_place place;
    const struct status read = review_place_read(store_key_bytes(&key), row, &place);
    if (status_is_ok(read) && id_equal(place.one, review->one) &&
        id_equal(place.other, review->other)) {
        verify_count_found(verify, STORE_TABLE_REVIEW_LIST);
    }
    return OK;
}

/* That the profile is there, lists the review, and counts it where it is open. */
static struct status check_side(struct verify *verify, const struct store_review *review,
                                struct id profile) {
    bool there = false;
    const struct store_key key = store_key_id(STORE_TABLE_PROFILE, profile);
    TRY(has_row(verify, &key, &there));
    if (!there) {
        return verify_wrong("it is of a profile that is not there");
    }
    TRY(count_in_list(verify, review, profile));
    const struct store_key count = store_key_id(STORE_TABLE_REVIEW_COUNT, profile);
    TRY(has_row(verify, &count, &there));
    if (!there && review->state == STORE_REVIEW_OPEN) {
        verify_tell(verify, store_key_bytes(&count), "is missing: the profile has open reviews");
    }
    return OK;
}

struct status verify_review(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_review review;
    TRY(review_row_unpack(&verify->view, key, value, &review));
    if (id_compare(review.one, review.other) >= 0) {
        return verify_wrong("its two ids are not in order");
    }
    if (id_is_zero(review.id) || (review.record_count == 0) != id_is_zero(review.decision) ||
        review.last_us < review.first_us ||
        (review.decide_us != 0) != (review.state != STORE_REVIEW_OPEN)) {
        return verify_wrong("it tells what can't be");
    }
    TRY(count_in_list(verify, &review, (struct id){{0}}));
    TRY(check_side(verify, &review, review.one));
    return check_side(verify, &review, review.other);
}

/* ---- lists ---- */

struct status verify_review_list(struct verify *verify, struct bytes key, struct bytes value) {
    (void)verify;
    struct store_review_place place;
    return review_place_read(key, value, &place);
}

struct status verify_review_list_row(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_review_place place;
    TRY(review_place_read(key, value, &place));
    bool found = false;
    struct store_review review;
    TRY(store_review_get(&verify->view, place.one, place.other, &found, &review));
    if (!found || !id_equal(review.id, place.id)) {
        return verify_wrong("leads to no review");
    }
    const struct id lists[] = {{{0}}, review.one, review.other};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct store_key mine = review_list_key(&review, lists[i]);
        if (bytes_equal(store_key_bytes(&mine), key)) {
            return OK;
        }
    }
    return verify_wrong("leads to a review that is in other lists");
}

/* ---- counts ---- */

static struct status count_open(struct verify *verify, struct id profile, uint64_t *out) {
    const struct store_key prefix = store_key_review_list(profile, STORE_REVIEWS_OPEN);
    struct engine_scan *scan = NULL;
    TRY(engine_scan_open(verify->view.txn, store_key_bytes(&prefix), bytes_of(NULL, 0),
                         ENGINE_ASCENDING, &scan));
    *out = 0;
    struct status status;
    for (;;) { /* To the end of the list. */
        struct bytes key;
        struct bytes value;
        status = engine_scan_next(scan, &key, &value);
        if (!status_is_ok(status) || key.data == NULL) {
            break;
        }
        (*out)++;
    }
    engine_scan_close(scan);
    return status;
}

struct status verify_review_count(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_review_count count;
    TRY(review_count_row_unpack(&verify->view, key, value, &count));
    bool there = false;
    const struct store_key profile = store_key_id(STORE_TABLE_PROFILE, id_at(key, 0));
    TRY(has_row(verify, &profile, &there));
    if (!there) {
        return verify_wrong("counts the reviews of a profile that is not there");
    }
    uint64_t open = 0;
    TRY(count_open(verify, id_at(key, 0), &open));
    return open == count.open ? OK : verify_wrong("its profile has not as many open reviews");
}
