/* Looking for reviews between two persons by single rows: a view that holds wishes reads nothing
 * else. Most members never had a review; the row that counts those of a profile says so, and spares
 * the pairs with it. */

#include "server/identity/reviews_between.h"

static struct status gather(struct store_view *view, struct id member, struct id *out,
                            size_t *count) {
    struct store_review_count counted;
    TRY(store_review_count_get(view, member, &counted));
    if (counted.is_there) {
        out[(*count)++] = member;
    }
    return OK;
}

/* The members of a side that ever had a review, the one that is named first. */
static struct status gather_side(struct store_view *view, const struct review_side *side,
                                 struct id out[REVIEW_MEMBERS_MAX], size_t *count) {
    const struct profile *person = side->person;
    TRY(gather(view, side->member, out, count));
    if (!id_equal(person->id, side->member)) {
        TRY(gather(view, person->id, out, count));
    }
    for (size_t i = 0; i < person->absorbed_count && *count < REVIEW_MEMBERS_MAX; i++) {
        if (!id_equal(person->absorbed[i], side->member)) {
            TRY(gather(view, person->absorbed[i], out, count));
        }
    }
    return OK;
}

struct status reviews_between_begin(struct store_view *view, const struct review_side *one,
                                    const struct review_side *other, struct reviews_between *out) {
    out->view = view;
    out->one_count = 0;
    out->other_count = 0;
    out->position = 0;
    TRY(gather_side(view, one, out->ones, &out->one_count));
    return out->one_count == 0 ? OK : gather_side(view, other, out->others, &out->other_count);
}

struct status reviews_between_next(struct reviews_between *between, bool *found,
                                   struct store_review *out) {
    const size_t count = between->one_count * between->other_count;
    *found = false;
    while (!*found && between->position < count) {
        const struct id one = between->ones[between->position / between->other_count];
        const struct id other = between->others[between->position % between->other_count];
        between->position++;
        TRY(store_review_get(between->view, one, other, found, out));
    }
    return OK;
}

struct status reviews_between_find(struct store_view *view, const struct review_side *one,
                                   const struct review_side *other, uint64_t rules, bool *found,
                                   struct store_review *out) {
    struct reviews_between between;
    struct store_review review;
    bool more = false;
    *found = false;
    TRY(reviews_between_begin(view, one, other, &between));
    do {
        TRY(reviews_between_next(&between, &more, &review));
        const bool is_open = more && review.state == STORE_REVIEW_OPEN;
        const bool is_dismissed =
            more && review.state == STORE_REVIEW_DISMISSED && (review.rules & rules) != 0;
        if (is_open || (is_dismissed && !*found)) {
            *out = review;
            *found = true;
        }
        more = more && !is_open;
    } while (more);
    return OK;
}
