#pragma once
/* The profiles that a record's identities reach, and which of them it may be joined with. Private
 * to resolution, and to telling why it decides so (match.h). */

#include "server/identity/resolve.h"
#include "server/identity/veto.h"

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
    int32_t *order; /* Positions of all identities of the record, those of high priority first. */
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

/* How well the profile knows an identity of the record: of those that match it, the best. */
enum provenance candidate_provenance(const struct identity_rules *rules,
                                     const struct record *record, const struct profile *profile,
                                     int32_t position);

/* The facts that veto a candidate reached by these identities: those on which all their types
 * agree. */
uint32_t candidate_vetoes(const struct identity_rules *rules, const struct record *record,
                          const struct candidate *candidate);

/* All facts of the record that keep it from the candidate, added to *out: the first gives the
 * candidate its rule. Of a person who is several members a fact counts that all of them contradict
 * who know it. */
MUST_USE struct status candidate_facts(const struct resolve_context *context,
                                       const struct record *record,
                                       const struct candidate *candidate, struct vetoes *out);

/* The rule by which a candidate can't be merged with `joined`, which is whom the record was joined
 * with before: `first`, and perhaps others. NONE: it can. */
MUST_USE struct status
candidate_join_rule(const struct resolve_context *context, const struct record *record,
                    const struct candidate *first, const struct veto_person *joined,
                    const struct candidate *candidate, enum identity_rule *out);
