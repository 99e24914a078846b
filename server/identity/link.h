#pragma once
/* Linking identities to a profile that somebody names: one that another profile has stays there,
 * one that identifies nobody is nobody's, and limits hold. And unlinking them. */

#include "server/identity/decision.h"
#include "server/identity/members.h"
#include "server/identity/resolve.h"

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

/* Unlinks the identity from all members: it is not this person's, whoever of them had it. Each
 * knows so from then on; the oldest that it knows of is forgotten where they were too many. */
void identity_unlink(struct members *members, const struct profile_unlinked *unlinked,
                     struct arena *arena);

/* Links those of a record, which makes no decision that is kept. Who has one of them already is
 * queued for review with the profile. *decisions, one for each, and *out, the profile that answers,
 * live as long as the view's arena. */
MUST_USE struct status identities_link(const struct resolve_context *context,
                                       const struct profile *profile, struct id named,
                                       const struct record *record,
                                       struct identity_decision **decisions,
                                       const struct profile **out);
