#pragma once
/* Why two profiles are one person, would become one, or are kept apart; and the same of a record.
 * Made of what resolution and merging themselves go by, so that it says what they would do. */

#include "server/identity/resolve.h"
#include "server/identity/veto.h"

/* The numbers are those of profiled.v1.MatchVerdict. */
enum match_verdict {
    MATCH_SAME = 1,
    MATCH_WOULD_JOIN = 2,
    MATCH_MAY_JOIN_BY_HAND = 3,
    MATCH_KEPT_APART = 4,
    MATCH_NEW_PROFILE = 5,
};

/* An identity in common. */
struct match_evidence {
    struct id profile; /* That has it: the other one, or a candidate of the record. */
    const char *type;
    const char *canonical;
    const char *other_type;
    const char *other_canonical;
    uint32_t priority;
    uint32_t vetoes; /* The attributes that veto what it asks for: bits of enum identity_veto. */
    enum provenance provenance;
    enum provenance other_provenance;
    enum identity_rule match_rule;   /* By which it matches nobody; NONE: it may. */
    enum identity_rule merge_rule;   /* By which it joins nobody; NONE: it may. Of two profiles
                                        OWNED_ELSEWHERE: a third has it. */
    enum identity_rule contact_rule; /* By which one of the two has it as contact data alone. */
    bool active; /* A profile that is asked about has it as an active identity. */
};

/* Who knows an identity of MERGE_PROVENANCE too little: of a record and whom it reaches the weaker
 * counts. */
struct match_weak {
    enum provenance needed;
    enum provenance least; /* Of all of them. */
    bool told;             /* The record. */
    size_t profile_count;
    struct id profiles[2];
};

/* One thing in the way. */
struct match_obstacle {
    struct id profile; /* That it keeps apart. */
    struct veto veto;
    struct store_never_join pair; /* Of NEVER_JOIN. */
    bool stops_records;
    bool stops_merge; /* By MergeProfiles. */
    bool links;       /* It is contact data there: to link it again is the last thing to do. */
    bool lapsed;      /* Its rule holds no more: to link it again is all. */
    bool listed;      /* Of BLOCKED_VALUE: the value is on the list of its type. */
    struct match_weak weak; /* Of MERGE_PROVENANCE. */
};

struct match {
    enum match_verdict verdict;
    size_t evidence_count;
    struct match_evidence *evidence; /* Those of the highest priority first. */
    size_t obstacle_count;
    struct match_obstacle *obstacles;
};

/* Compares two live profiles. Nothing is wished. Would they be joined? There is a record for which
 * resolution does so: it tells an identity that both have and that may join, and an identity of
 * each, as they are known; and whoever has the first is among those joined. What stops records are
 * the obstacles of the record that comes nearest. */
MUST_USE struct status match_profiles(const struct resolve_context *context,
                                      const struct profile *one, const struct profile *other,
                                      struct match *out);

/* Resolves a record, with its wishes left in the view: *decision. Tells why it is, or is not,
 * joined with a live profile; with those that it reaches, when that is NULL. */
MUST_USE struct status match_record(const struct resolve_context *context,
                                    const struct record *record, const struct profile *profile,
                                    struct decision *decision, struct match *out);

/* The merges that tie one member of a profile to another: their ids, in order. Pure. */
const struct id *match_path(const struct profile *profile, struct id from, struct id to,
                            struct arena *arena, size_t *count);
