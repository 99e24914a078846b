#pragma once
/* Linking an identity to a profile that somebody names: one that another profile has stays there,
 * one that identifies nobody is nobody's, and limits hold. */

#include "server/identity/identity_rule.h"
#include "server/identity/members.h"
#include "server/identity/record.h"

/* What comes of one. */
struct identity_link {
    enum identity_rule rule;       /* NONE: it was wished. Else why it was not, and nothing was. */
    const struct profile *owner;   /* Who has it, of OWNED_ELSEWHERE. */
    const struct profile *profile; /* The one that answers, as it is by now. */
};

/* Links an identity that was completed by the rules to the member `named` of a profile that
 * answers; where another member has it, it is told of that one. */
MUST_USE struct status identity_link(const struct members_context *context,
                                     const struct profile *profile, struct id named,
                                     const struct record_identity *identity, int64_t observe_us,
                                     struct identity_link *out);
