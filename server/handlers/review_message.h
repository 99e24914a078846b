#pragma once
/* Reviews on the wire, and how requests name one. */

#include "profiled/v1/review.pb-c.h"
#include "server/identity/review.h"
#include "server/rpc/rpc.h"

/* How the reviews of a request are told. */
struct review_telling {
    const struct identity_rules *rules; /* The present ones. */
    bool has_profiles;                  /* Both of each review, whole. */
};

/* The review as a message. What the two have become otherwise is told as its state (review_tell()),
 * and two that are one profile by now each as it would be by itself. */
MUST_USE struct status review_message(struct rpc_context *ctx, const struct review_telling *telling,
                                      const struct store_review *review,
                                      Profiled__V1__Review **out);

/* The same of a place in a list. */
MUST_USE struct status review_message_at(struct rpc_context *ctx,
                                         const struct review_telling *telling,
                                         const struct store_review_place *place,
                                         Profiled__V1__Review **out);

/* Whether somebody can decide on it. */
bool review_message_is_open(const Profiled__V1__Review *review);

/* Whether one that is not open was decided: nobody did of two whom nothing relates any more. */
bool review_message_is_decided(const Profiled__V1__Review *review);

/* The review of an id; NOT_FOUND REVIEW_NOT_FOUND when there is none. */
MUST_USE struct status review_find(struct rpc_context *ctx, struct id id, struct store_review *out);
