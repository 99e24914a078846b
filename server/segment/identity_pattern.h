#pragma once
/* Texts with wildcards that identities are compared with. Private to filters. */

#include "server/identity/rules.h"
#include "server/segment/filter_tree.h"

/* The pieces of a text with wildcards, piece_count of them, as canonical values of the type have
 * them: digits of any script and the signs between them in the form of the values. */
const char *const *identity_pattern_pieces(const struct identity_type *type,
                                           const struct filter_text *text, struct arena *arena);

/* What would match, where no canonical value of the type matches the pieces; else NULL. */
const char *identity_pattern_refusal(const struct identity_type *type, const char *const *pieces,
                                     size_t piece_count);
