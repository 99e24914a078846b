/* What was kept apart: whether it still is to be. */

#include "server/identity/reconsider.h"

#include "server/identity/merge.h"
#include "server/identity/tie_extend.h"

/* Sets one and other. False when the pair is not for these members to ask for. */
static bool find_sides(const struct members *members, const struct store_review *review,
                       struct store_merge *merge) {
    const bool has_one = members_have(members, review->one);
    if (has_one == members_have(members, review->other)) {
        return false;
    }
    merge->one = has_one ? review->one : review->other;
    merge->other = has_one ? review->other : review->one;
    return id_is_zero(review->decision) || id_equal(merge->one, review->decision_member);
}

/* Whether rules have kept the two apart, and others may not. */
static bool is_open_to_rules(const struct members_context *context,
                             const struct store_review *review) {
    return review->state != STORE_REVIEW_KEPT_APART && identity_rule_keeps_apart(review->rule) &&
           review->rule_version != context->rules->version;
}

/* ---- judging ---- */

/* The rules that are not kept any more kept them apart. */
static struct status were_apart(const struct members_context *context,
                                const struct store_review *review, const struct cause *cause,
                                const struct tie *tie, bool *out) {
    const struct identity_rules *before = NULL;
    TRY(identity_rules_read_version(context->view, review->rule_version, &before));
    *out = before == NULL || cause_apart_rule(context, before, cause, tie) != IDENTITY_RULE_NONE;
    return *out ? cause_is_open(context, cause, tie, out) : OK;
}

/* The same of the two as they were then: a fact of whom rules have taken away may have done it. */
static struct status were_apart_then(const struct members_context *context,
                                     const struct store_review *review, const struct cause *cause,
                                     const struct tie *tie, bool *out) {
    struct tie then;
    TRY(tie_extend(context, tie, TIE_EXTEND_GONE, review->last_us, &then));
    return then.one_count == tie->one_count && then.other_count == tie->other_count
               ? OK
               : were_apart(context, review, cause, &then, out);
}

/* Whether they are to be one: nothing keeps them apart now that did. */
static struct status judge(const struct members_context *context, const struct store_review *review,
                           const struct members *members, struct reconsidered *out) {
    const struct members *others = out->others;
    const struct tie tie = {&out->merge, members->count,
                            (const struct profile *const *)members->items, others->count,
                            (const struct profile *const *)others->items};
    struct cause cause;
    TRY(cause_of_pair(context, &tie, &cause));
    out->merge.linked = !cause.by_claims && cause.first == NULL;
    if (cause_apart_rule(context, context->rules, &cause, &tie) != IDENTITY_RULE_NONE) {
        return OK;
    }
    TRY(were_apart(context, review, &cause, &tie, &out->joins));
    return out->joins ? OK : were_apart_then(context, review, &cause, &tie, &out->joins);
}

struct status reconsider_pair(const struct members_context *context, const struct members *members,
                              const struct store_review_place *place, struct reconsidered *out) {
    bool found = false;
    struct store_review review;
    *out = (struct reconsidered){.joins = false};
    TRY(store_review_get(context->view, place->one, place->other, &found, &review));
    if (!found || !is_open_to_rules(context, &review) ||
        !find_sides(members, &review, &out->merge)) {
        return OK;
    }
    TRY(store_profile_follow(context->view, out->merge.other, &out->owner));
    if (out->owner == NULL || !profile_is_live(out->owner)) {
        return OK;
    }
    out->merge.method = merge_method_rules;
    out->merge.decision = review.decision;
    out->merge.decision_member = review.decision_member;
    out->merge.rule_version = context->rules->version;
    out->merge.apart_version = review.rule_version;
    TRY(members_read(context->view, out->owner, &out->others));
    TRY(merge_check(&out->merge, members, out->others));
    return judge(context, &review, members, out);
}
