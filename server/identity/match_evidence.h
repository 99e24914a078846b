#pragma once
/* What two have in common. Private to telling why (match.h). */

#include "server/identity/match_obstacles.h"

/* An identity as it stands on one side. */
struct side {
    const struct identity_type *type;
    const char *canonical;
    const char *match; /* By the present rules. */
    enum provenance provenance;
    enum identity_rule contact_rule; /* NONE: it is active. */
};

/* The identities of a profile, as many as it has, in its order. */
struct side *sides_of(const struct explanation *explanation, const struct profile *profile);

/* The rule by which an identity that the two sides have joins nobody; NONE: it may. */
enum identity_rule sides_merge_rule(const struct side *one, const struct side *other);

/* Adds what two profiles have in common to the match; it is the other's. */
void evidence_add_profiles(const struct explanation *explanation, const struct profile *one,
                           const struct profile *other);

/* The same of a record and a profile. */
void evidence_add_record(const struct explanation *explanation, const struct record *record,
                         const struct profile *profile);
