#pragma once
/* The review queue, a line each; as people.h. */

#include "profiled/v1/review.pb-c.h"
#include "tests/handlers/people.h"

#define REVIEW(NAME) PROFILED__V1__REVIEW_STATE__REVIEW_STATE_##NAME
#define FILTER(NAME) PROFILED__V1__REVIEW_FILTER__REVIEW_FILTER_##NAME
#define DECISION(NAME) PROFILED__V1__REVIEW_DECISION__REVIEW_DECISION_##NAME

/* Those that FILTER(…) says, of a profile or, with "", of the workspace; a page of 1,000. */
const Profiled__V1__ListReviewsResponse *reviews(int filter, const char *profile_id);

/* The one open review of the workspace; ends the test when there is not exactly one. */
const Profiled__V1__Review *the_review(void);

const Profiled__V1__Review *review_get(const char *id);

Profiled__V1__DecideReviewRequest decide_request(const char *review_id, int decision);
const Profiled__V1__DecideReviewResponse *decide(const char *review_id, int decision);

/* One of a family, with a birth date, who has a telephone of her own and the family's mailbox, a
 * second after the last. Of a mailbox the first has it, and the others are reviewed with her. The
 * id. */
const char *relative(const char *phone, const char *mailbox, const char *birth_date);
