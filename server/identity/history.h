#pragma once
/* What a profile was told, record by record, and what came in with each. */

#include "server/identity/decision.h"
#include "server/store/store.h"

enum {
    HISTORY_RECORDS_MAX = 1000,       /* That are read of one profile, mostly. */
    HISTORY_INTERACTIONS_MAX = 50000, /* Likewise. */
};

/* One that says what an earlier one does, and came to the same, shares all but its times with it:
 * such are most, where customers write again and again. */
struct history_record {
    struct id id; /* Of its decision. */
    struct decision decision;
    struct record record;
    size_t same; /* The position of the first one that it shares with; its own. */
};

/* The records that went to one profile's own state. All of it is the arena's of the view. */
struct history {
    struct id profile;
    bool is_whole; /* There are no further records, and no further interactions once they are read.
                    */
    size_t count;
    struct history_record *records; /* The oldest first. */
    size_t interaction_count;
    struct store_interaction *interactions;
    size_t *interaction_records; /* With which each came in; `count`: its profile was named. */
};

/* Reads the records; not many more than `max` of them. */
MUST_USE struct status history_read(struct store_view *view, struct id profile, size_t max,
                                    struct history *out);

/* The place of the record of a decision; `count` when it is not there. */
size_t history_find(const struct history *history, struct id decision);

/* How well the member, whose own state the records went to, knew what the record at the position
 * tells before that record did, as the rules compare it: earlier ones told it, or it was seen
 * before this one and all that follow told it. UNSPECIFIED: it did not have it. */
enum provenance history_provenance(const struct history *history, size_t position,
                                   const struct identity_rules *rules,
                                   const struct record_identity *told, const struct profile *member,
                                   struct arena *arena);

/* Whether all that the member knows of the identity is what records tell of it since the member has
 * it: it may have been unlinked before. False: somebody linked it by hand too. */
bool history_tells_all(const struct history *history, const struct profile_identity *identity);

/* The same as history_provenance() of an own state, before the record of a decision that may lie
 * under another one. */
MUST_USE struct status history_provenance_before(struct store_view *view, struct id decision,
                                                 const struct identity_rules *rules,
                                                 const struct record_identity *told,
                                                 const struct profile *state, enum provenance *out);

/* Reads the interactions too; the records were read. */
MUST_USE struct status history_read_interactions(struct store_view *view, struct history *history);

/* Wishes that those records for which `moves` is set, and the interactions that came in with them,
 * lie under another profile, which has neither yet. */
MUST_USE struct status history_move(struct store_view *view, const struct history *history,
                                    const bool *moves, struct id to);
