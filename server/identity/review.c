/* What becomes of a pair in the review queue. */

#include "server/identity/review.h"

#include "server/base/limits.h"
#include "server/identity/decision.h"
#include "server/identity/merge.h"
#include "server/identity/relation.h"
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
    case IDENTITY_RULE_OWNED_ELSEWHERE:
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

/* What is joined or kept apart is not met again unless that was taken back. */
static bool stays_decided(const struct store_review *review, enum identity_rule rule) {
    return review->state == STORE_REVIEW_DISMISSED && (review->rules >> rule & 1) != 0;
}

static struct status queue(struct store_view *view, const struct random *random, int64_t now_us,
                           const struct review_meeting *meeting, struct store_review *review) {
    bool one = false;
    bool other = false;
    TRY(has_room(view, meeting->one.member, &one));
    TRY(has_room(view, meeting->other.member, &other));
    if (!one || !other) {
        return OK;
    }
    const bool is_less = id_compare(meeting->one.member, meeting->other.member) < 0;
    *review = (struct store_review){
        .id = id_make(now_us + store_view_tick(view), random),
        .one = is_less ? meeting->one.member : meeting->other.member,
        .other = is_less ? meeting->other.member : meeting->one.member,
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

static bool has_member(const struct store_review *review, struct id id) {
    return id_equal(review->one, id) || id_equal(review->other, id);
}

/* Whether the review is of the members that met, not of others of their persons. */
static bool is_of_those(const struct store_review *review, const struct review_meeting *meeting) {
    return has_member(review, meeting->one.member) && has_member(review, meeting->other.member);
}

/* Whether an open review has all that the meeting tells. A record always tells that it was there.
 */
static bool is_known(const struct store_review *review, const struct review_meeting *meeting) {
    if ((review->rules >> meeting->rule & 1) == 0 || !id_is_zero(meeting->decision)) {
        return false;
    }
    if (meeting->rule == IDENTITY_RULE_OWNED_ELSEWHERE) {
        return true;
    }
    return meeting->rule == IDENTITY_RULE_SIMILAR
               ? is_as_alike(review, meeting)
               : review->rule == meeting->rule || !is_of_those(review, meeting);
}

/* A review keeps the decision on a record that met its own two, where there was one: other rules
 * may join these two by it (reconsider.h). */
static void learn_decision(struct store_review *review, const struct review_meeting *meeting) {
    const bool is_of_both = is_of_those(review, meeting);
    if (id_is_zero(meeting->decision)) {
        review->rule_version = is_of_both ? meeting->rule_version : review->rule_version;
        return;
    }
    if (is_of_both ||
        (id_is_zero(review->decision) && has_member(review, meeting->decision_member))) {
        review->rule_version = meeting->rule_version;
        review->decision = meeting->decision;
        review->decision_member = meeting->decision_member;
    }
    review->record_count += !id_is_zero(review->decision);
}

static void learn(struct store_review *review, const struct review_meeting *meeting,
                  int64_t now_us) {
    review->rules |= UINT64_C(1) << meeting->rule;
    review->last_us = now_us > review->last_us ? now_us : review->last_us;
    if (meeting->rule == IDENTITY_RULE_SIMILAR) {
        review->probability = meeting->probability;
        review->score_count = meeting->score_count;
        review->scores = meeting->scores;
    }
    if (!identity_rule_keeps_apart(meeting->rule)) {
        return; /* What keeps the two apart stays so. */
    }
    review->rule = meeting->rule;
    learn_decision(review, meeting);
}

/* The review that answers the meeting: an open one, else one that stays dismissed. Mostly it is
 * that of the two members. Where there is neither, *review is that of the two, or is dismissed and
 * knows no rule. */
static struct status find(struct store_view *view, const struct review_meeting *meeting,
                          bool *found, struct store_review *review) {
    *review = (struct store_review){.state = STORE_REVIEW_DISMISSED};
    TRY(store_review_get(view, meeting->one.member, meeting->other.member, found, review));
    *found = *found && (review->state == STORE_REVIEW_OPEN || stays_decided(review, meeting->rule));
    if (*found) {
        return OK;
    }
    return reviews_between_find(view, &meeting->one, &meeting->other, UINT64_C(1) << meeting->rule,
                                found, review);
}

struct status review_meet(struct store_view *view, const struct random *random, int64_t now_us,
                          const struct review_meeting *meeting, enum review_outcome *out,
                          struct store_review *review) {
    *out = REVIEW_NOTHING;
    if (!is_to_decide(meeting->rule)) {
        return OK;
    }
    bool found = false;
    TRY(find(view, meeting, &found, review));
    if (found && review->state == STORE_REVIEW_DISMISSED) {
        *out = REVIEW_DISMISSED;
        return OK;
    }
    *out = REVIEW_OPEN;
    if (!found) {
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

static struct status find_moved(struct store_view *view, const struct store_review *review,
                                struct review_told *told) {
    const bool is_one = id_equal(review->decision_member, review->one);
    struct merged_part part;
    const struct profile *person = NULL;
    TRY(merge_find_part(view, review->decision_member, &part));
    if (!part.is_part || part.is_joined_by_hand) {
        return OK;
    }
    TRY(store_profile_follow(view, part.whole, &person));
    if (person == NULL || id_equal(person->id, told->one_person->id)) {
        return OK; /* All three are one. */
    }
    *(is_one ? &told->one : &told->other) = part.whole;
    *(is_one ? &told->one_person : &told->other_person) = person;
    told->state = veto_never_join(told->one_person, told->other_person) ? STORE_REVIEW_KEPT_APART
                                                                        : STORE_REVIEW_OPEN;
    told->is_unrelated = told->state == STORE_REVIEW_OPEN;
    return OK;
}

/* Whether the two are one, and nobody has decided so. */
static bool may_have_moved(const struct store_review *review, const struct review_told *told) {
    return told->state == STORE_REVIEW_JOINED && has_member(review, review->decision_member) &&
           (review->state == STORE_REVIEW_OPEN || !id_is_zero(review->merge));
}

/* Whether the record that met the two reaches the one under whom it does not lie. */
static struct status find_reach(struct store_view *view, const struct identity_rules *rules,
                                const struct store_review *review, const struct review_told *told,
                                bool *out) {
    struct arena *arena = store_view_arena(view);
    const bool is_ones = profile_has_member(told->one_person, review->decision_member);
    struct bytes packed;
    struct decision decision;
    struct record record;
    *out = false;
    if (!is_ones && !profile_has_member(told->other_person, review->decision_member)) {
        return OK; /* There was none, or it lies with a third one by now. */
    }
    TRY(store_decision_get(view, review->decision_member, review->decision, &packed));
    if (packed.data == NULL) {
        return OK;
    }
    TRY(decision_unpack(packed, review->decision_member, arena, &decision, &record));
    *out = relation_reaches(rules, &record, is_ones ? told->other_person : told->one_person, arena);
    return OK;
}

static struct status find_relation(struct store_view *view, const struct identity_rules *rules,
                                   const struct store_review *review, struct review_told *told) {
    bool is_related =
        relation_holds(rules, told->one_person, told->other_person, store_view_arena(view));
    if (!is_related) {
        TRY(find_reach(view, rules, review, told, &is_related));
    }
    told->is_unrelated = !is_related;
    return OK;
}

/* Whether all that brought the two together is what they, or a record, tell: neither is of two who
 * are alike, nor of an identity that was told under the other one's id and not kept. */
static bool is_of_records(const struct store_review *review) {
    const uint64_t others =
        UINT64_C(1) << IDENTITY_RULE_SIMILAR | UINT64_C(1) << IDENTITY_RULE_OWNED_ELSEWHERE;
    return (review->rules & others) == 0;
}

/* Whether it is to be asked of the two: they answer, and nobody has decided on them. */
static bool may_be_unrelated(const struct store_review *review, const struct review_told *told) {
    return told->state == STORE_REVIEW_OPEN && is_of_records(review) &&
           profile_is_live(told->one_person) && profile_is_live(told->other_person);
}

struct status review_tell(struct store_view *view, const struct identity_rules *rules,
                          const struct store_review *review, struct review_told *out) {
    *out = (struct review_told){.one = review->one, .other = review->other};
    TRY(store_profile_follow(view, review->one, &out->one_person));
    TRY(store_profile_follow(view, review->other, &out->other_person));
    if (out->one_person == NULL || out->other_person == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a review is of a profile that is not there");
    }
    out->state = review_state(review, out->one_person, out->other_person);
    if (may_have_moved(review, out)) {
        return find_moved(view, review, out);
    }
    return may_be_unrelated(review, out) ? find_relation(view, rules, review, out) : OK;
}

struct status review_settle(struct store_view *view, struct id one, struct id other,
                            enum store_review_state state, struct id merge, int64_t now_us) {
    bool found = false;
    struct store_review review;
    TRY(store_review_get(view, one, other, &found, &review));
    if (!found) {
        return OK;
    }
    review.state_before = id_is_zero(merge) ? 0 : (uint32_t)review.state;
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
    review.state =
        review.state_before == STORE_REVIEW_DISMISSED ? STORE_REVIEW_DISMISSED : STORE_REVIEW_OPEN;
    review.merge = (struct id){{0}};
    review.decide_us = review.state == STORE_REVIEW_OPEN ? 0 : review.decide_us;
    return store_review_put(view, &review);
}

struct status review_dismiss(struct store_view *view, const struct review_side *one,
                             const struct review_side *other, int64_t now_us) {
    struct reviews_between between;
    struct store_review review;
    bool found = false;
    TRY(reviews_between_begin(view, one, other, &between));
    do {
        TRY(reviews_between_next(&between, &found, &review));
        if (found && review.state == STORE_REVIEW_OPEN) {
            review.state = STORE_REVIEW_DISMISSED;
            review.decide_us = now_us;
            TRY(store_review_put(view, &review));
        }
    } while (found);
    return OK;
}
