/* DecideReview: somebody has looked at two profiles, and says what they are. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/joining.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/review_message.h"
#include "server/handlers/wire.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

/* What the check has read. */
struct decided {
    struct id review;
    int64_t last_us; /* WIRE_TIME_UNSET: whatever has changed. */
};

static void decide_review_check(struct rpc_context *ctx,
                                const Profiled__V1__DecideReviewRequest *request) {
    struct decided *decided = arena_alloc(ctx->arena, sizeof *decided);
    ctx->prepared = decided;
    (void)wire_id_read(ctx, request->review_id, "review_id", &decided->review);
    if ((int)request->decision < PROFILED__V1__REVIEW_DECISION__REVIEW_DECISION_JOIN ||
        (int)request->decision > PROFILED__V1__REVIEW_DECISION__REVIEW_DECISION_DISMISS) {
        rpc_violation(ctx, "is required, and must be one that this server knows", "decision");
    }
    struct field_errors errors = {.arena = ctx->arena};
    decided->last_us = wire_time_read(request->last_time, ctx->now_us, &errors, "last_time");
    field_errors_violate(&errors, ctx, "");
}

static struct status find_open(struct rpc_context *ctx, const struct decided *decided,
                               const struct identity_rules *rules, struct store_review *review) {
    struct review_told told;
    TRY(review_find(ctx, decided->review, review));
    TRY(review_tell(ctx->store, rules, review, &told));
    if (told.is_unrelated) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_REVIEW_DECIDED,
                         "nothing relates the two any more by the present identity types: there is "
                         "nothing to decide; MergeProfiles joins the two, CreateNeverJoin keeps "
                         "them apart");
    }
    if (review->state != STORE_REVIEW_OPEN) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_REVIEW_DECIDED,
                         "the review was decided before");
    }
    if (decided->last_us != WIRE_TIME_UNSET && decided->last_us != review->last_us) {
        return status_of(STATUS_ABORTED, REASON_ETAG_MISMATCH,
                         "a record has met the two since: read the review and decide anew");
    }
    return OK;
}

/* Attributes that differ are overridden. A merge settles the review of its two itself. */
static struct status join(struct rpc_context *ctx, const struct store_review *review,
                          const struct profile *one, const struct profile *other,
                          Profiled__V1__DecideReviewResponse *response) {
    const struct profile *survivor = one;
    if (id_equal(one->id, other->id)) {
        TRY(review_settle(ctx->store, review->one, review->other, STORE_REVIEW_JOINED,
                          (struct id){{0}}, ctx->now_us));
    } else {
        struct store_merge merge = {
            .one = review->one, .other = review->other, .method = "DecideReview"};
        TRY(joining_merge(ctx, 0, one, other, &merge, &survivor));
    }
    return profile_message(ctx, survivor, &response->profile);
}

/* It may stand already, as somebody's word on the same two. */
static struct status keep_apart(struct rpc_context *ctx, const struct store_review *review,
                                const struct profile *one, const struct profile *other) {
    struct store_never_join never = {
        .one = review->one, .other = review->other, .review = review->id};
    TRY(joining_forbid(ctx, one, other, &never));
    return review_settle(ctx->store, review->one, review->other, STORE_REVIEW_KEPT_APART,
                         (struct id){{0}}, ctx->now_us);
}

/* Since there is nothing to do, there is nothing to do for other reviews of the same two persons.
 * To join and to keep apart is of the persons themselves: what they are is told of all their
 * reviews. */
static struct status dismiss(struct rpc_context *ctx, const struct store_review *review,
                             const struct profile *one, const struct profile *other) {
    TRY(review_settle(ctx->store, review->one, review->other, STORE_REVIEW_DISMISSED,
                      (struct id){{0}}, ctx->now_us));
    return review_dismiss(ctx->store, &(struct review_side){review->one, one},
                          &(struct review_side){review->other, other}, ctx->now_us);
}

static struct status decide_review(struct rpc_context *ctx,
                                   const Profiled__V1__DecideReviewRequest *request,
                                   Profiled__V1__DecideReviewResponse *response) {
    struct store_review review;
    struct review_telling telling = {.has_profiles = false};
    TRY(identity_rules_read(ctx->store, &telling.rules));
    TRY(find_open(ctx, ctx->prepared, telling.rules, &review));
    const struct profile *one = NULL;
    const struct profile *other = NULL;
    TRY(profile_find(ctx, review.one, false, &one));
    TRY(profile_find(ctx, review.other, false, &other));
    if (request->decision == PROFILED__V1__REVIEW_DECISION__REVIEW_DECISION_JOIN) {
        TRY(join(ctx, &review, one, other, response));
    } else if (request->decision == PROFILED__V1__REVIEW_DECISION__REVIEW_DECISION_KEEP_APART) {
        TRY(keep_apart(ctx, &review, one, other));
    } else if (review_state(&review, one, other) != STORE_REVIEW_OPEN) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_REVIEW_DECIDED,
                         "the two have become one profile, or are never to be one, since: there is "
                         "nothing to dismiss");
    } else {
        TRY(dismiss(ctx, &review, one, other));
    }
    TRY(review_find(ctx, review.id, &review));
    return review_message(ctx, &telling, &review, &response->review);
}

RPC_METHOD(IdentityService, DecideReview, decide_review, RPC_WRITE);
