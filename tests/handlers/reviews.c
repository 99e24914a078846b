/* The calls of the review queue as tests make them most. */

#include "tests/handlers/reviews.h"

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/limits.h"

static char *text(const char *string) { return (char *)(uintptr_t)string; }

const Profiled__V1__ListReviewsResponse *reviews(int filter, const char *profile_id) {
    Profiled__V1__ListReviewsRequest request = PROFILED__V1__LIST_REVIEWS_REQUEST__INIT;
    request.state = (Profiled__V1__ReviewFilter)filter;
    request.profile_id = text(profile_id);
    request.page_size = PAGE_SIZE_MAX;
    return ask(&rpc_identity_service, "ListReviews", &request.base);
}

const Profiled__V1__Review *the_review(void) {
    const Profiled__V1__ListReviewsResponse *response = reviews(FILTER(OPEN), "");
    cr_assert_eq(response->n_reviews, 1, "%zu reviews", response->n_reviews);
    return response->reviews[0];
}

const Profiled__V1__Review *review_get(const char *id) {
    Profiled__V1__GetReviewRequest request = PROFILED__V1__GET_REVIEW_REQUEST__INIT;
    request.review_id = text(id);
    const Profiled__V1__GetReviewResponse *response =
        ask(&rpc_identity_service, "GetReview", &request.base);
    return response->review;
}

Profiled__V1__DecideReviewRequest decide_request(const char *review_id, int decision) {
    Profiled__V1__DecideReviewRequest request = PROFILED__V1__DECIDE_REVIEW_REQUEST__INIT;
    request.review_id = text(review_id);
    request.decision = (Profiled__V1__ReviewDecision)decision;
    return request;
}

const Profiled__V1__DecideReviewResponse *decide(const char *review_id, int decision) {
    const Profiled__V1__DecideReviewRequest request = decide_request(review_id, decision);
    return ask(&rpc_identity_service, "DecideReview", &request.base);
}

const char *relative(const char *phone, const char *mailbox, const char *birth_date) {
    ask_wait_us(US_PER_SECOND);
    return resolve(TOLD(.name = "A relative",
                        .identities = {ID("phone", phone), ID("email", mailbox)},
                        .attributes = {ATTRIBUTE("birth_date", birth_date)}))
        ->profile_id;
}
