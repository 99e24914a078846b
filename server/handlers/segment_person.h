#pragma once
/* Persons in requests about segments: by the id of a profile, or by an identity. */

#include "profiled/v1/identity.pb-c.h"
#include "server/identity/rules.h"
#include "server/rpc/rpc.h"
#include "server/store/profile.h"

/* Finds the live profile that answers for a person: by `profile_id`, else by `identity`. *out is
 * NULL when there is none, and *error says why: it completes "the person ...". */
MUST_USE struct status segment_person_find(struct rpc_context *ctx,
                                           const struct identity_rules *rules,
                                           const char *profile_id,
                                           const Profiled__V1__Identity *identity,
                                           const struct profile **out, const char **error);
