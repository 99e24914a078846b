#pragma once
/* The profiles that a record's identities reach, and which of them it may be joined with. Private
 * to resolution, and to telling why it decides so (match.h). */

#include "server/identity/resolve.h"

struct candidate {
    const struct profile *profile;
    size_t position_count;
    int32_t *positions; /* Of the identities that reached it, those of high priority first. */
    bool shares;        /* It has the identities as contact data only: they are somebody else's. */
    enum identity_rule rule; /* NONE: it may be the record's. */
};

struct candidates {
    size_t count;
    struct candidate *items; /* Those reached by the identity of the highest priority first. */
};

/* Decides on each identity of the record by itself (block, owner) in `identities`, an array of the
 * record's identity_count, and gathers the candidates with their vetoes. */
MUST_USE struct status candidates_find(const struct resolve_context *context,
                                       const struct record *record,
                                       struct identity_decision *identities,
                                       struct candidates *out);

/* Whether an identity that reached the candidate is strong enough to join two profiles: NONE, or
 * the rule that says no. */
enum identity_rule candidate_merge_rule(const struct identity_rules *rules,
                                        const struct record *record,
                                        const struct candidate *candidate);

/* The same of one identity of the record, and a profile that has it. */
enum identity_rule candidate_identity_merge_rule(const struct identity_rules *rules,
                                                 const struct record *record,
                                                 const struct profile *profile, int32_t position);

/* The facts that veto a candidate reached by these identities: those on which all their types
 * agree. */
uint32_t candidate_vetoes(const struct identity_rules *rules, const struct record *record,
                          const struct candidate *candidate);
