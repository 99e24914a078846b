/* BatchCreateReviews: pairs that are alike, put into the review queue. */

#include <math.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/similarity_message.h"
#include "server/handlers/wire.h"
#include "server/identity/review.h"
#include "server/identity/rules.h"
#include "server/identity/veto.h"
#include "server/rpc/method.h"

#define QUEUE(NAME) PROFILED__V1__QUEUE_OUTCOME__QUEUE_OUTCOME_##NAME

static void pair_check(struct rpc_context *ctx, const Profiled__V1__SimilarPair *pair,
                       size_t position, struct review_meeting *out) {
    const char *path = arena_format(ctx->arena, "pairs[%zu]", position);
    *out = (struct review_meeting){.rule = IDENTITY_RULE_SIMILAR};
    const bool first = wire_id_read(
        ctx, pair->profile_id, arena_format(ctx->arena, "%s.profile_id", path), &out->one.member);
    const bool second =
        wire_id_read(ctx, pair->other_profile_id,
                     arena_format(ctx->arena, "%s.other_profile_id", path), &out->other.member);
    if (first && second && id_equal(out->one.member, out->other.member)) {
        rpc_violation(ctx, "is the same profile", "%s.other_profile_id", path);
    }
    if (!(pair->probability >= 0 && pair->probability <= 1)) {
        rpc_violation(ctx, "must be 0 to 1", "%s.probability", path);
    }
    out->probability = pair->probability;
    out->score_count =
        similarity_fields_read(ctx, pair->fields, pair->n_fields,
                               arena_format(ctx->arena, "%s.fields", path), &out->scores);
}

static void batch_create_reviews_check(struct rpc_context *ctx,
                                       const Profiled__V1__BatchCreateReviewsRequest *request) {
    if (request->n_pairs == 0 || request->n_pairs > BATCH_RECORDS_MAX) {
        rpc_violation(ctx, "must be 1 to 1,000", "pairs");
        return;
    }
    struct review_meeting *meetings = arena_array(ctx->arena, request->n_pairs, sizeof *meetings);
    ctx->prepared = meetings;
    for (size_t i = 0; i < request->n_pairs; i++) {
        pair_check(ctx, request->pairs[i], i, &meetings[i]);
    }
}

static Profiled__V1__QueueOutcome outcome_message(enum review_outcome outcome) {
    switch (outcome) {
    case REVIEW_QUEUED:
        return QUEUE(QUEUED);
    case REVIEW_OPEN:
        return QUEUE(OPEN);
    case REVIEW_DISMISSED:
        return QUEUE(DISMISSED);
    case REVIEW_NO_ROOM:
        return QUEUE(NO_ROOM);
    case REVIEW_NOTHING:
        break;
    }
    return QUEUE(UNSPECIFIED);
}

/* Reads who answers for the two. Why they can't be queued, whatever the queue has; UNSPECIFIED when
 * they can. */
static struct status refuse(struct rpc_context *ctx, struct review_meeting *meeting,
                            Profiled__V1__QueueOutcome *out) {
    TRY(store_profile_follow(ctx->store, meeting->one.member, &meeting->one.person));
    TRY(store_profile_follow(ctx->store, meeting->other.member, &meeting->other.person));
    const struct profile *one = meeting->one.person;
    const struct profile *other = meeting->other.person;
    if (one == NULL || other == NULL || one->delete_us != 0 || other->delete_us != 0) {
        *out = QUEUE(PROFILE_NOT_FOUND);
    } else if (id_equal(one->id, other->id)) {
        *out = QUEUE(SAME_PROFILE);
    } else if (veto_never_join(one, other)) {
        *out = QUEUE(NEVER_JOIN);
    } else {
        *out = QUEUE(UNSPECIFIED);
    }
    return OK;
}

static struct status queue(struct rpc_context *ctx, struct review_meeting *meeting,
                           Profiled__V1__QueueVerdict *verdict) {
    TRY(refuse(ctx, meeting, &verdict->outcome));
    if (verdict->outcome != QUEUE(UNSPECIFIED)) {
        return OK;
    }
    enum review_outcome outcome;
    struct store_review review;
    TRY(review_meet(ctx->store, ctx->random, ctx->now_us, meeting, &outcome, &review));
    verdict->outcome = outcome_message(outcome);
    if (outcome != REVIEW_NO_ROOM) {
        verdict->review_id = wire_id(review.id, ctx->arena);
    }
    return OK;
}

static struct status batch_create_reviews(struct rpc_context *ctx,
                                          const Profiled__V1__BatchCreateReviewsRequest *request,
                                          Profiled__V1__BatchCreateReviewsResponse *response) {
    struct review_meeting *meetings = ctx->prepared;
    const struct identity_rules *rules = NULL;
    TRY(identity_rules_read(ctx->store, &rules));
    response->verdicts = arena_array(ctx->arena, request->n_pairs, sizeof *response->verdicts);
    for (size_t i = 0; i < request->n_pairs; i++) {
        Profiled__V1__QueueVerdict *verdict = arena_alloc(ctx->arena, sizeof *verdict);
        profiled__v1__queue_verdict__init(verdict);
        meetings[i].rule_version = rules->version;
        TRY(queue(ctx, &meetings[i], verdict));
        response->verdicts[response->n_verdicts++] = verdict;
    }
    return OK;
}

RPC_METHOD(IdentityService, BatchCreateReviews, batch_create_reviews, RPC_WRITE);
