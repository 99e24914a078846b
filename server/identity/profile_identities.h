#pragma once
/* The identities of a profile: adding one, and keeping to the limits. */

#include "server/identity/decision.h"
#include "server/identity/rules.h"
#include "server/store/profile.h"

enum {
    PROFILE_IDENTITIES_SIZE_MAX = 60000, /* Bytes of a profile's identities, as counted here: with
                                            all else that a profile holds they fit into a row. */
};

/* Bytes that the profile's identities take in its row, at most. */
size_t profile_identities_size(const struct profile *profile);

/* Takes what another telling of an identity says into the first: the stronger provenance, the
 * latest form, the longer time, all spellings; active when one of them is. */
void profile_identity_fold(struct profile_identity *into, const struct profile_identity *from,
                           struct arena *arena);

/* When an identity was seen, and when that was told: of what was seen at once what was told later
 * counts. */
struct seen {
    int64_t observe_us;
    int64_t tell_us;
};

static inline bool seen_is_earlier(struct seen one, struct seen other) {
    return one.observe_us != other.observe_us ? one.observe_us < other.observe_us
                                              : one.tell_us < other.tell_us;
}

/* By a record. */
static inline struct seen seen_by(const struct record *record) {
    return (struct seen){record->observe_us, record->tell_us};
}

/* Adds an identity to the profile, or refreshes it when it is there: last seen, the stronger
 * provenance; a rule other than NONE makes a new one contact data. */
void profile_identity_add(struct profile *profile, const struct record_identity *identity,
                          enum identity_rule rule, struct seen seen, struct arena *arena);

/* Whether one is to go where there is no room for both, the other not coming behind it: it was seen
 * less recently, or is known for less long, or was told later. */
bool profile_identity_yields(const struct profile_identity *one,
                             const struct profile_identity *other);

/* Demotes the active identities that are over their type's limit to contact data, the least
 * recently seen first (profile_identity_yields), and takes away spellings and contact data beyond
 * PROFILE_IDENTITIES_MAX and PROFILE_IDENTITIES_SIZE_MAX. Whoever calls it compares, and tells what
 * is no longer active. */
void profile_identities_limit(struct profile *profile, const struct identity_rules *rules);

/* How many identities of the type are active. */
uint32_t profile_identities_active(const struct profile *profile, const char *type);

/* Whether the profile has an identity that matches as this one, and has it active. */
bool profile_identity_is_active(const struct profile *profile, const char *type,
                                const char *canonical, const char *match);

/* Whether the two are compared as one: they may be of two types of a family. */
bool profile_identities_are_one(const struct profile_identity *one,
                                const struct profile_identity *other);
