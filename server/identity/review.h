#pragma once
/* The review queue: pairs of profiles that may be one person, for somebody to decide on. The two
 * are members (members.h). A pair is queued once, however often it is met; once it is dismissed
 * only a rule that it was not met by before brings it back. */

#include "server/base/random.h"
#include "server/identity/identity_rule.h"
#include "server/store/store.h"

/* What brought the two together: a record that reached both (the one that it went to, and the one
 * that it also reached), other rules for profiles that are there, or that the two are alike. */
struct review_meeting {
    struct id one;
    struct id other;
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

/* Queues the pair. Where it is queued already it learns what is new: a record (which is counted), a
 * rule, how alike the two are. *review is what there is then, but for NOTHING and NO_ROOM. */
MUST_USE struct status review_meet(struct store_view *view, const struct random *random,
                                   int64_t now_us, const struct review_meeting *meeting,
                                   enum review_outcome *out, struct store_review *review);

/* Opens the review that the merge has decided, if there is one: rules took the tie away. */
MUST_USE struct status review_reopen(struct store_view *view, const struct store_merge *merge);

/* Says what came of the pair in its review, if there is one. `merge` is zero when there was none.
 */
MUST_USE struct status review_settle(struct store_view *view, struct id one, struct id other,
                                     enum store_review_state state, struct id merge,
                                     int64_t now_us);
