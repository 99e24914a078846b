#pragma once
/* What stands in the way of two: gathered, each thing once. Private to telling why (match.h). */

#include "server/identity/match.h"

/* An explanation under way. */
struct explanation {
    const struct resolve_context *context;
    struct arena *arena; /* The view's. */
    struct match *match;
};

struct explanation explanation_begin(const struct resolve_context *context, struct match *match);

/* Whom an obstacle stops: records, or MergeProfiles. */
enum stopped { STOPS_RECORDS, STOPS_MERGE };

/* Adds an obstacle; what is there already stops the one and the other. */
void obstacle_add(const struct explanation *explanation, struct match_obstacle obstacle);

/* An identity of the type that asks for a join, or would have to be told for one, and is not enough
 * for it: not in the way of MergeProfiles. */
void obstacle_add_weak(const struct explanation *explanation, struct id profile, const char *type,
                       enum identity_rule rule, const struct match_weak *weak);

/* Who of a profile, and of another or a record, knows an identity too little to be joined by it.
 * `other` is zero for the record. */
struct match_weak match_weak_of(const struct identity_type *type, struct id profile,
                                enum provenance known, struct id other,
                                enum provenance other_known);

/* What is in common and reaches nobody of those asked about: it is blocked, another profile's
 * (`owned`), or contact data with `profile`, to which it is to be linked. */
void obstacle_add_contact(const struct explanation *explanation, const struct profile *profile,
                          const struct match_evidence *evidence, bool owned);

/* All that keeps two persons from being merged, `other` being the one that is asked about.
 * `attributes` are the bits of those that veto (enum identity_veto). */
MUST_USE struct status obstacles_add_merge(const struct explanation *explanation,
                                           enum stopped stopped, uint32_t attributes,
                                           const struct veto_person *one,
                                           const struct veto_person *other);

/* Whether any of them stops records, or MergeProfiles. */
bool obstacles_stop(const struct match *match, enum stopped stopped);
