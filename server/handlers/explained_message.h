#pragma once
/* What is kept of a profile besides decisions and merges, on the wire: whose its identities are,
 * what somebody did by hand, and what somebody is to decide on. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/identity/members.h"
#include "server/identity/record.h"
#include "server/rpc/rpc.h"

/* Fills in the identities of the profile that answers for the members, and which of `count`
 * decisions told each, by their records, which get the match values of now. */
void explained_identities(struct rpc_context *ctx, const struct identity_rules *rules,
                          const struct profile *profile, const struct members *members,
                          Profiled__V1__ExplainedDecision *const *decisions, struct record *records,
                          size_t count, Profiled__V1__ExplainProfileResponse *response);

/* Fills in what was set and taken away by hand. */
void explained_hand_set_values(struct rpc_context *ctx, const struct profile *profile,
                               const struct members *members,
                               Profiled__V1__ExplainProfileResponse *response);

/* Fills in the pairs that are never to be one. */
MUST_USE struct status explained_never_joins(struct rpc_context *ctx, const struct members *members,
                                             Profiled__V1__ExplainProfileResponse *response);

/* Fills in the open reviews of the members. */
MUST_USE struct status explained_open_reviews(struct rpc_context *ctx, const struct id *members,
                                              size_t member_count,
                                              Profiled__V1__ExplainProfileResponse *response);
