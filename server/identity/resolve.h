#pragma once
/* Resolution: whose is this record? The product's heart. A deterministic function of the view, the
 * rules, the record, the time and the random source: with the wishes dropped, it is a what-if. */

#include "server/base/random.h"
#include "server/identity/decision.h"
#include "server/identity/rules.h"
#include "server/identity/survivorship.h"
#include "server/store/store.h"

/* What to do with a record that belongs to a profile that is there already. */
enum resolve_policy {
    RESOLVE_LINK,    /* Link it; values survive by the attribute rules. */
    RESOLVE_REPLACE, /* Link it; its values take the place of those there. */
    RESOLVE_LOOK,    /* Decide, and wish nothing, unless a new profile is made. */
};

struct resolve_context {
    struct store_view *view;
    const struct identity_rules *rules;
    const struct attribute_rules *attributes;
    const struct random *random;
    int64_t now_us;
    enum resolve_policy policy;
    const char *method; /* The call, as "ResolveProfile": a literal, for the records of merges. */
    size_t stranger_count;
    const struct id *strangers; /* Profiles with whom the record's is never to be one. */
};

/* Resolves a record (design, section 4):
 *  1. blocks the identities that identify nobody,
 *  2. looks up the profiles that have the others: the candidates, by priority,
 *  3. vetoes those whose strong facts contradict the record's,
 *  4. creates, links, or merges what may be merged, the oldest surviving,
 *  5. adds the identities, demoting what is over a limit, and lets the right values survive,
 *  6. records the decision, and queues candidates that were kept apart for review.
 * Leaves its wishes in the view. *out lives as long as the view's arena. */
MUST_USE struct status record_resolve(const struct resolve_context *context,
                                      const struct record *record, struct decision *out);
