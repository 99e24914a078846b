#pragma once
/* A decision: what one resolution found, ruled out and did. Plain data in the request's arena. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"
#include "server/base/bytes.h"
#include "server/base/id.h"
#include "server/base/status.h"
#include "server/identity/identity_rule.h"
#include "server/identity/record.h"

/* The numbers are those of profiled.v1.Outcome. */
enum outcome {
    OUTCOME_CREATED = 1,
    OUTCOME_LINKED = 2,
    OUTCOME_MERGED = 3,
};

struct identity_decision {
    const char *type;
    const char *canonical;
    const char *match;
    enum identity_rule rule; /* NONE: active. */
    bool matched;
    struct id matched_id; /* The profile that had it, when matched; of several, the first. */
    bool lapsed; /* Somebody has it by what is contact data by now: see owner.h. Not stored. */
};

struct candidate_decision {
    struct id id;
    size_t position_count;
    int32_t *positions; /* Of the record's identities that reached it. */
    bool accepted;
    enum identity_rule rule; /* Why not, when it is not accepted. */
};

struct decision {
    struct id id; /* Zero: it was not kept. */
    enum outcome outcome;
    struct id profile;
    struct id member; /* The one whose own state it went to: the profile, or one merged into it. */
    size_t merged_count;
    struct id *merged;
    struct id *merges;     /* The records of the merges, in the same order. */
    size_t identity_count; /* Those of the record, in its order. */
    struct identity_decision *identities;
    size_t candidate_count;
    struct candidate_decision *candidates;
    size_t demoted_count; /* Identities that the profile had before. */
    struct identity_decision *demoted;
    uint32_t left; /* Strong facts that the member is not, left to other members of the person that
                      tell them: bits of enum identity_veto. Not stored. */
    uint64_t rule_version;
    int64_t decide_us;
    bool repeats; /* The record told nothing that was not known of the member, but when. Not stored.
                   */
};

/* The stored form of a decision with the record that it was made on: stored.v1.Decision, packed. */
struct bytes decision_pack(const struct decision *decision, const struct record *record,
                           struct arena *arena);

/* And back: the decision that lies under the member, and its record. All of it but what is not
 * kept: the regions of identities, and the ids of merges (zeroes here; a merge's own record names
 * its decision). Both live as long as the arena. DATA_LOSS STORE_CORRUPT when it is none. */
MUST_USE struct status decision_unpack(struct bytes packed, struct id member, struct arena *arena,
                                       struct decision *decision, struct record *record);
