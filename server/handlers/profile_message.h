#pragma once
/* Profiles of the store in the form of the wire, and how requests name one. */

#include "profiled/v1/profile.pb-c.h"
#include "server/rpc/rpc.h"
#include "server/store/profile.h"

/* The whole profile as a message, with what its interactions add up to. */
MUST_USE struct status profile_message(struct rpc_context *ctx, const struct profile *profile,
                                       Profiled__V1__Profile **out);

/* The same, by rules that were read: for many profiles. */
struct identity_rules;
MUST_USE struct status profile_message_by(struct rpc_context *ctx,
                                          const struct identity_rules *rules,
                                          const struct profile *profile,
                                          Profiled__V1__Profile **out);

/* One identity of a profile. */
Profiled__V1__Identity *profile_identity_message(const struct profile_identity *identity,
                                                 struct arena *arena);

/* A profile's identities in the order of answers: those of the highest priority first, active ones
 * before contact data. */
const struct profile_identity **profile_identities_in_order(const struct profile *profile,
                                                            const struct identity_rules *rules,
                                                            struct arena *arena);

/* The profile of an id, through redirects; NOT_FOUND PROFILE_NOT_FOUND when there is none, or it is
 * deleted and `show_deleted` is false. */
MUST_USE struct status profile_find(struct rpc_context *ctx, struct id id, bool show_deleted,
                                    const struct profile **out);

/* The ids of a profile's members: its own, and those merged into it. */
struct id *profile_member_ids(const struct profile *profile, struct arena *arena, size_t *count);

/* ABORTED ETAG_MISMATCH when an etag was given and is not the profile's. */
MUST_USE struct status profile_etag_check(const struct profile *profile, const char *etag,
                                          struct arena *arena);

/* FAILED_PRECONDITION IDENTITY_CONFLICT, with the owner's id and the field in ErrorInfo. */
struct status profile_conflict(struct rpc_context *ctx, struct id owner, const char *field);
