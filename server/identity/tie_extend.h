#pragma once
/* The two sides of a tie with whom rules have taken away from them: what kept two apart may have
 * been a fact of one who is no part of either by now. */

#include "server/identity/tie.h"

/* Whom to add, of those that rules took away. */
enum tie_extend {
    TIE_EXTEND_GONE, /* Those whose tie may not stand by the rules of the context. */
    TIE_EXTEND_BACK, /* Those whose tie may: they are about to be part of the side again. */
};

/* Adds to the sides those who were part of them at a time, and whom rules have taken away since.
 * *out has the sides as they are where there is none, and shares the merge. */
MUST_USE struct status tie_extend(const struct members_context *context, const struct tie *tie,
                                  enum tie_extend whom, int64_t then_us, struct tie *out);
