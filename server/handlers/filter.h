#pragma once
/* The filter of ListProfiles, in its first form: terms joined by AND, each an equality on a
 * classification attribute or words of the name. */

#include "server/rpc/rpc.h"
#include "server/store/profile.h"

struct filter {
    size_t term_count;
    struct profile_term *terms; /* What a profile must have, all of it. */
};

/* Reads a filter. INVALID_ARGUMENT FILTER_INVALID with `offset` (bytes) and `expected` in
 * ErrorInfo. "" gives no terms. */
MUST_USE struct status filter_parse(struct rpc_context *ctx, const char *text, struct filter *out);
