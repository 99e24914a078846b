#pragma once
/* The review queue: pairs of profiles that may be one person, for somebody to decide on. A review
 * is of two members (members.h), and stands for the two persons that they are part of: these are
 * queued once, however often and by whichever members they are met; once they are dismissed only a
 * rule that they were not met by before brings them back. */

#include "server/base/random.h"
#include "server/identity/identity_rule.h"
#include "server/identity/reviews_between.h"

/* What brought the two together: a record that reached both (the one that it went to, and the one
 * that it also reached), other rules for profiles that are there, or that the two are alike. */
struct review_meeting {
    struct review_side one;
    struct review_side other;
    enum identity_rule rule; /* That kept them apart; SIMILAR: none. */
    struct id decision;      /* On the record; zero: it was none. */
    struct id decision_member;
    uint64_t rule_version;
    double probability; /* Of SIMILAR, with the scores. */
    size_t score_count;
    const struct store_review_score *scores;
};

/* What came of a meeting. */
enum review_outcome {
    REVIEW_NOTHING,   /* The rule leaves nothing to decide. */
    REVIEW_QUEUED,    /* It is queued now. */
    REVIEW_OPEN,      /* It was queued before. */
    REVIEW_DISMISSED, /* It stays dismissed. */
    REVIEW_NO_ROOM,   /* One of the two has PROFILE_REVIEWS_MAX open reviews; that is counted. */
};

/* What a review is told as, by the profiles that answer for its two. What somebody dismissed stays
 * so; otherwise two that are one by now are joined, and two persons that are never to be one are
 * kept apart, whoever of them that was said of. */
enum store_review_state review_state(const struct store_review *review, const struct profile *one,
                                     const struct profile *other);

/* How a review is told. */
struct review_told {
    struct id one; /* The two that it is told of, and who answers for them. */
    struct id other;
    const struct profile *one_person;
    const struct profile *other_person;
    enum store_review_state state; /* As review_state(). */
    bool is_unrelated;             /* It is open, but there is nothing to decide. */
};

/* Two whom records have brought together, and whom by the rules nothing relates that they have, nor
 * the record that met them, are unrelated.
 *
 * Rules that were applied may have made a profile of that record, and joined it with the other one:
 * then the review is of these, and is told of the other and the one that the record was linked to,
 * as unrelated.
 *
 * Beside the two it reads three single rows at most, and sorts the identities of each,
 * PROFILE_IDENTITIES_MAX. */
MUST_USE struct status review_tell(struct store_view *view, const struct identity_rules *rules,
                                   const struct store_review *review, struct review_told *out);

/* Queues the pair. Where its two persons are queued already that review learns what is new: a
 * record (which is counted), a rule, how alike the two are. *review is what there is then, but for
 * NOTHING and NO_ROOM. How many rows that reads at most, reviews_between.h says. */
MUST_USE struct status review_meet(struct store_view *view, const struct random *random,
                                   int64_t now_us, const struct review_meeting *meeting,
                                   enum review_outcome *out, struct store_review *review);

/* Makes the review that the merge has decided what it was before, if there is one: rules took the
 * tie away. */
MUST_USE struct status review_reopen(struct store_view *view, const struct store_merge *merge);

/* Says what came of the pair in its review, if there is one. `merge` is zero when there was none.
 */
MUST_USE struct status review_settle(struct store_view *view, struct id one, struct id other,
                                     enum store_review_state state, struct id merge,
                                     int64_t now_us);

/* Dismisses the open reviews between two different persons (reviews_between.h). */
MUST_USE struct status review_dismiss(struct store_view *view, const struct review_side *one,
                                      const struct review_side *other, int64_t now_us);
