#pragma once
/* The reviews between two persons: those of a member of the one and a member of the other
 * (members.h). Persons who were merged may have several, of which one is to be decided on.
 *
 *   struct reviews_between between;
 *   TRY(reviews_between_begin(view, &one, &other, &between));
 *   do { TRY(reviews_between_next(&between, &found, &review)); … } while (found);
 *
 * Of a person the first REVIEW_MEMBERS_MAX members that ever had a review are looked at. So at most
 * 2 * MEMBERS_MAX (512) single rows are read at the beginning, and at most REVIEW_PAIRS_MAX (1,024)
 * on the way; of two profiles that were never merged and had no review, two at most. */

#include "server/identity/members.h"

enum {
    REVIEW_MEMBERS_MAX = 32,
    REVIEW_PAIRS_MAX = REVIEW_MEMBERS_MAX * REVIEW_MEMBERS_MAX,
};

/* One of two persons. */
struct review_side {
    struct id member;             /* Whose reviews are looked for first, and */
    const struct profile *person; /* who answers for it. Its id and `absorbed` are read. */
};

/* A search under way. What is wished meanwhile is seen. */
struct reviews_between {
    struct store_view *view;
    size_t one_count;
    struct id ones[REVIEW_MEMBERS_MAX];
    size_t other_count;
    struct id others[REVIEW_MEMBERS_MAX];
    size_t position; /* Of the next pair. */
};

MUST_USE struct status reviews_between_begin(struct store_view *view, const struct review_side *one,
                                             const struct review_side *other,
                                             struct reviews_between *out);

/* The next review, in whatever state: that of the two members first. *found is false at the end. */
MUST_USE struct status reviews_between_next(struct reviews_between *between, bool *found,
                                            struct store_review *out);

/* The review that stands for the two persons: one that is open, else one that was dismissed and is
 * by one of the rules, a bit each. */
MUST_USE struct status reviews_between_find(struct store_view *view, const struct review_side *one,
                                            const struct review_side *other, uint64_t rules,
                                            bool *found, struct store_review *out);
