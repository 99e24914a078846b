#pragma once
/* Pairs that rules kept apart, under other rules: those of which there is a review that resolution
 * or ApplyIdentityTypes queued. */

#include "server/identity/cause.h"

/* Two persons that are to be one. */
struct reconsidered {
    bool joins;                  /* Otherwise nothing below is set. */
    struct store_merge merge;    /* One, other and what asks for it: not yet made. */
    const struct profile *owner; /* Who answers for the other one, and */
    struct members *others;      /* its members. */
};

/* Whether the two are to be one by the rules of the context: those by which they were kept apart
 * keep them apart still, and these do not. Where they stay apart for what else has become of them
 * they are left so, and under the same rules nothing changes. `members` are those of one of them:
 * the one to which the record went, if one did. */
MUST_USE struct status reconsider_pair(const struct members_context *context,
                                       const struct members *members,
                                       const struct store_review_place *place,
                                       struct reconsidered *out);
