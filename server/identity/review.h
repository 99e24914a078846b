#pragma once
/* The review queue: pairs of profiles that records relate and that resolution did not join, for
 * somebody to decide on. The two are members (members.h): the one that a record went to, and the
 * one that it also reached. A pair is queued once, however often it is met; once it is dismissed
 * only a rule that it was not met by before brings it back. */

#include "server/base/random.h"
#include "server/identity/identity_rule.h"
#include "server/store/store.h"

/* A record that reached both. */
struct review_meeting {
    struct id one;
    struct id other;
    enum identity_rule rule; /* That kept them apart. */
    struct id decision;
    struct id decision_member;
    uint64_t rule_version;
};

/* Queues the pair, or counts the record where it is queued. Of profiles that have
 * PROFILE_REVIEWS_MAX open reviews the pair is not queued, and that is counted. Nothing is done
 * where the rule leaves nothing to decide. */
MUST_USE struct status review_meet(struct store_view *view, const struct random *random,
                                   int64_t now_us, const struct review_meeting *meeting);

/* Says what came of the pair in its review, if there is one. `merge` is zero when there was none.
 */
MUST_USE struct status review_settle(struct store_view *view, struct id one, struct id other,
                                     enum store_review_state state, struct id merge,
                                     int64_t now_us);
