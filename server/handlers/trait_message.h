#pragma once
/* Traits between the wire, their checks, and the workspace's; and their values. */

#include "profiled/v1/profile.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "server/rpc/rpc.h"
#include "server/store/profile.h"
#include "server/store/trait.h"

/* Reads a trait that is to be made; notes what is wrong. */
void trait_read(struct rpc_context *ctx, const Profiled__V1__TraitDefinition *message,
                struct store_trait *out);

/* Reads what is said of a trait, "" for nothing; notes what is wrong. */
void trait_description_read(struct rpc_context *ctx, const char *given, struct store_trait *out);

/* The place of a trait among all; NOT_FOUND TRAIT_NOT_FOUND. */
MUST_USE struct status trait_find(const struct store_traits *traits, const char *name, size_t *out);

Profiled__V1__TraitDefinition *trait_message(const struct store_trait *trait, struct arena *arena);

/* The values of all traits for a profile, at the time of the call, into its message. */
MUST_USE struct status trait_values_message(struct rpc_context *ctx, const struct profile *profile,
                                            Profiled__V1__Profile *out);
