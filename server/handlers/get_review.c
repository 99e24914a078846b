/* GetReview: a pair to decide on, and both profiles. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/review_message.h"
#include "server/handlers/wire.h"
#include "server/identity/rules.h"
#include "server/rpc/method.h"

static void get_review_check(struct rpc_context *ctx,
                             const Profiled__V1__GetReviewRequest *request) {
    struct id id;
    (void)wire_id_read(ctx, request->review_id, "review_id", &id);
}

static struct status get_review(struct rpc_context *ctx,
                                const Profiled__V1__GetReviewRequest *request,
                                Profiled__V1__GetReviewResponse *response) {
    struct store_review review;
    TRY(review_find(ctx, wire_id_checked(request->review_id), &review));
    struct review_telling telling = {.has_profiles = true};
    TRY(identity_rules_read(ctx->store, &telling.rules));
    return review_message(ctx, &telling, &review, &response->review);
}

RPC_METHOD(IdentityService, GetReview, get_review, RPC_READ);
