#pragma once
/* The spellings of an address: those that are compared as one are one identity, which remembers
 * what each is by itself. Under rules by which they differ they are identities of their own again.
 *
 *   dots ignored       nora@example.com  [n.ora@, nora@]      one identity, told as the latest
 *   dots count again   nora@example.com, n.ora@example.com    two, each with what was told of it
 */

#include "server/identity/rules.h"
#include "server/store/profile.h"

enum { SPELLINGS_MAX = 32 }; /* Of one identity: beyond, the least recently seen is forgotten. */

/* The spelling of the identity under a canonical value, to be changed: a new one, to be filled,
 * where *made. NULL where the identity is spelled like that alone. */
struct profile_identity *spelling_open(struct profile_identity *identity, const char *canonical,
                                       struct arena *arena, bool *made);

/* Its spellings, each as it is by itself; itself where there is one. */
const struct profile_identity *spellings_of(const struct profile_identity *identity, size_t *count);

/* Whether two values are compared as one by the rules: they may be of two types of a family. */
bool spellings_are_one(const struct identity_rules *rules, const char *type, const char *canonical,
                       const char *other_type, const char *other, struct arena *arena);

/* How well the profile knows what the rules compare as one with the value, active or as contact
 * data, and when it was first seen with that: UNSPECIFIED and INT64_MAX for never. */
enum provenance spellings_known(const struct identity_rules *rules, const struct profile *profile,
                                const char *type, const char *canonical, struct arena *arena,
                                int64_t *first_us);

/* The identity of the type that stands under the very canonical value; NULL for none. */
struct profile_identity *spelling_find(const struct profile *profile, const char *type,
                                       const char *canonical);

/* Makes each spelling an identity of its own, the latest first. */
void spellings_part(struct profile *profile, struct arena *arena);

/* Makes one of those identities of a type that have one match value. */
void spellings_join(struct profile *profile, struct arena *arena);

/* Forgets the spellings of the identity that was least recently seen, but for the latest; false
 * when there are none. */
bool spellings_forget(struct profile *profile);
