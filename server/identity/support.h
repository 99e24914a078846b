#pragma once
/* What joins two by the rules: identities in common. Nothing here looks at what identities are now,
 * active or contact data: that comes and goes with rules, what was told stays. */

#include "server/identity/identity_rule.h"
#include "server/identity/record.h"
#include "server/identity/rules.h"
#include "server/store/profile.h"

struct support {
    bool reaches;            /* An identity in common matches. */
    enum identity_rule rule; /* Why none of them may join: NONE when one may. */
    uint32_t vetoes;         /* The attributes on which all of their types agree that they veto. */
};

/* Nothing in common, so far. */
struct support support_none(void);

/* Adds what one identity says of somebody who knew it so well; UNSPECIFIED: nothing. */
void support_add_known(const struct identity_rules *rules, const char *type, const char *canonical,
                       enum provenance provenance, enum provenance known, struct support *out);

/* Adds what one identity says of a side, the own states of which may have it too: of those that are
 * the same the one that is known best counts. */
void support_add(const struct identity_rules *rules, const char *type, const char *canonical,
                 enum provenance provenance, const struct profile *const *side, size_t count,
                 struct arena *arena, struct support *out);
