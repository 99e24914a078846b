/* What becomes of a pair in the review queue. */

#include "server/identity/review.h"

#include "server/base/limits.h"
#include "server/identity/veto.h"

/* NEVER_JOIN is somebody's word already; the other rules are of identities, not of pairs. */
static bool is_to_decide(enum identity_rule rule) {
    switch (rule) {
    case IDENTITY_RULE_VETO_BIRTH_DATE:
    case IDENTITY_RULE_VETO_GENDER:
    case IDENTITY_RULE_VETO_GIVEN_NAME:
    case IDENTITY_RULE_VETO_SINGLE_VALUE:
    case IDENTITY_RULE_MERGE_TYPE:
    case IDENTITY_RULE_MERGE_PROVENANCE:
    case IDENTITY_RULE_MERGE_LIMIT:
    case IDENTITY_RULE_SIMILAR:
        return true;
    case IDENTITY_RULE_NONE:
    case IDENTITY_RULE_BLOCKED_VALUE:
    case IDENTITY_RULE_BLOCKED_REPEATED:
    case IDENTITY_RULE_BLOCKED_SHORT:
    case IDENTITY_RULE_BLOCKED_ROLE_MAILBOX:
    case IDENTITY_RULE_BLOCKED_PATTERN:
    case IDENTITY_RULE_TYPE_NOT_MATCHING:
    case IDENTITY_RULE_TYPE_DISABLED:
    case IDENTITY_RULE_OVER_LIMIT:
    case IDENTITY_RULE_OWNED_ELSEWHERE:
    case IDENTITY_RULE_NEVER_JOIN:
        return false;
    }
    return false;
}

/* Whether there is room for one more open review of the profile; counts it as dropped if not. */
static struct status has_room(struct store_view *view, struct id profile, bool *out) {
    struct store_review_count count;
    TRY(store_review_count_get(view, profile, &count));
    *out = count.open < PROFILE_REVIEWS_MAX;
    if (*out) {
        return OK;
    }
    count.dropped++;
    return store_review_count_put(view, profile, &count);
}

/* A pair that is joined or kept apart is not met again unless that was taken back. */
static bool stays_decided(const struct store_review *review, enum identity_rule rule) {
    return review->state == STORE_REVIEW_DISMISSED && (review->rules >> rule & 1) != 0;
}

static struct status queue(struct store_view *view, const struct random *random, int64_t now_us,
                           const struct review_meeting *meeting, struct store_review *review) {
    bool one = false;
    bool other = false;
    TRY(has_room(view, meeting->one, &one));
    TRY(has_room(view, meeting->other, &other));
    if (!one || !other) {
        return OK;
    }
    const bool is_less = id_compare(meeting->one, meeting->other) < 0;
    *review = (struct store_review){
        .id = id_make(now_us + store_view_tick(view), random),
        .one = is_less ? meeting->one : meeting->other,
        .other = is_less ? meeting->other : meeting->one,
        .state = STORE_REVIEW_OPEN,
        .rule = meeting->rule,
        .rules = review->rules, /* Of the one that it replaces. */
        .first_us = now_us,
        .rule_version = meeting->rule_version,
    };
    return OK;
}

static bool is_as_alike(const struct store_review *review, const struct review_meeting *meeting) {
    bool same =
        review->probability == meeting->probability && review->score_count == meeting->score_count;
    for (size_t i = 0; same && i < review->score_count; i++) {
        same = review->scores[i].field == meeting->scores[i].field &&
               review->scores[i].level == meeting->scores[i].level &&
               review->scores[i].bits == meeting->scores[i].bits;
    }
    return same;
}

/* Whether an open review has all that the meeting tells. A record always tells that it was there.
 */
static bool is_known(const struct store_review *review, const struct review_meeting *meeting) {
    return (review->rules >> meeting->rule & 1) != 0 && id_is_zero(meeting->decision) &&
           (meeting->rule == IDENTITY_RULE_SIMILAR ? is_as_alike(review, meeting)
                                                   : review->rule == meeting->rule);
}

static void learn(struct store_review *review, const struct review_meeting *meeting,
                  int64_t now_us) {
    review->rules |= UINT64_C(1) << meeting->rule;
    review->last_us = now_us;
    if (meeting->rule == IDENTITY_RULE_SIMILAR) {
        review->probability = meeting->probability;
        review->score_count = meeting->score_count;
        review->scores = meeting->scores;
        return; /* What keeps the two apart stays so. */
    }
    review->rule = meeting->rule;
    review->rule_version = meeting->rule_version;
    if (!id_is_zero(meeting->decision)) {
        review->record_count++;
        review->decision = meeting->decision;
        review->decision_member = meeting->decision_member;
    }
}

struct status review_meet(struct store_view *view, const struct random *random, int64_t now_us,
                          const struct review_meeting *meeting, enum review_outcome *out,
                          struct store_review *review) {
    *out = REVIEW_NOTHING;
    if (!is_to_decide(meeting->rule)) {
        return OK;
    }
    bool found = false;
    *review = (struct store_review){.state = STORE_REVIEW_DISMISSED};
    TRY(store_review_get(view, meeting->one, meeting->other, &found, review));
    if (found && stays_decided(review, meeting->rule)) {
        *out = REVIEW_DISMISSED;
        return OK;
    }
    *out = REVIEW_OPEN;
    if (review->state != STORE_REVIEW_OPEN) {
        TRY(queue(view, random, now_us, meeting, review));
        *out = review->state == STORE_REVIEW_OPEN ? REVIEW_QUEUED : REVIEW_NO_ROOM;
    }
    if (*out == REVIEW_NO_ROOM || (*out == REVIEW_OPEN && is_known(review, meeting))) {
        return OK;
    }
    learn(review, meeting, now_us);
    return store_review_put(view, review);
}

enum store_review_state review_state(const struct store_review *review, const struct profile *one,
                                     const struct profile *other) {
    if (review->state == STORE_REVIEW_DISMISSED) {
        return STORE_REVIEW_DISMISSED;
    }
    if (id_equal(one->id, other->id)) {
        return STORE_REVIEW_JOINED;
    }
    return veto_never_join(one, other) ? STORE_REVIEW_KEPT_APART : review->state;
}

struct status review_settle(struct store_view *view, struct id one, struct id other,
                            enum store_review_state state, struct id merge, int64_t now_us) {
    bool found = false;
    struct store_review review;
    TRY(store_review_get(view, one, other, &found, &review));
    if (!found) {
        return OK;
    }
    review.state = state;
    review.merge = merge;
    review.decide_us = now_us;
    return store_review_put(view, &review);
}

struct status review_reopen(struct store_view *view, const struct store_merge *merge) {
    bool found = false;
    struct store_review review;
    TRY(store_review_get(view, merge->one, merge->other, &found, &review));
    if (!found || review.state != STORE_REVIEW_JOINED || !id_equal(review.merge, merge->id)) {
        return OK;
    }
    review.state = STORE_REVIEW_OPEN;
    review.merge = (struct id){{0}};
    review.decide_us = 0;
    return store_review_put(view, &review);
}
