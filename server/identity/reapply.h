#pragma once
/* Other rules for profiles that are there already: what a change of identity types would have made
 * of them. Trying is the same code with its wishes dropped, or kept in a what-if.
 *
 * Where all is known that made a profile and those that it is related to what they are, they are
 * told anew (retell.h). Otherwise a profile is put under the rules as follows; none of its records
 * is lost, and its ids stay:
 *  0. Records that the rules would not have linked to those before them, as the rules of then did,
 *     become profiles of their own (part.h): members, each tied by what linked its first record.
 *     What is contact data where they came from may be active while they stand alone (lent.h).
 *  1. Ties whose records the rules would not have joined by are taken away (nobody said that the
 *     two are never to be one); ties that were taken away so before, and that the rules join by,
 *     stand again (tie.h).
 *  2. Each identity is blocked, active or over the limit as the rules say; one that another profile
 *     has is contact data (rejudge.h).
 *  3. Where an identity that matches now is another profile's, the two are merged if the rules
 *     allow it, and queued for review otherwise; two that a record related, and that the rules of
 *     then kept apart, are merged if these do not (reconsider.h), be it that a fact kept them
 *     apart of somebody who is no part of either by now (tie_extend.h).
 *
 * Back under the earlier rules everything is as it was before, but for what came in between, and,
 * of what was not told anew, mostly where records came apart meanwhile:
 *  - An identity that somebody unlinked and that a record told again as of an earlier time may have
 *    times and source of a record from before it was unlinked: of an identity only the times at
 *    which it was seen are known.
 *  - Of two records that tell the same as of one time that of the older member counts, not the one
 *    that came last.
 *  - Whether a record had the right to merge two is judged by what the one it was linked to knew
 *    then, and by what is known of the other now: whom only the provenance kept apart may be joined
 *    once parts were joined with that one meanwhile.
 *  - Of a value that somebody set as of an earlier time than that of a record before it, and that
 *    a later record outweighed, nothing is known any more.
 *  - What was over a limit that has room for it by now, since something was unlinked, is active
 *    once a higher limit let it be.
 * After several changes of rules, or with limits and vetoes together, single profiles may be
 * grouped otherwise than before. What becomes of a profile may lean on what becomes of a younger
 * one, as where that one joins it and has what a part of it needs to come back: so profiles are to
 * be gone through until nothing changes. Under the rules that a profile was always under nothing
 * does.
 *
 * Each row is read when its turn comes, as those before it have left it, and what is made of
 * records has its turn behind the profile that they were linked to: so how many rows a call looks
 * at makes no difference. */

#include "server/base/random.h"
#include "server/identity/part.h"

enum {
    REAPPLY_CHANGES_MAX =
        64, /* Ids of one kind that one profile's outcome tells; all are counted. */
    REAPPLY_UNDONE_MAX = 1000,  /* Merges of a profile that are looked at, the latest first. */
    REAPPLY_REVIEWS_MAX = 1000, /* Reviews of a profile, likewise. */
};

struct reapply_known;
struct retell_room;

struct reapply_context {
    struct members_context members; /* With the rules that are to hold. */
    const struct random *random;
    struct retell_room *room;
    struct reapply_known *known; /* All zero at first; as long as rows are run one after another. */
    int64_t
        begin_us; /* Profiles that were made of others' records since are not counted; 0: all. */
};

/* A row of the profile table, with all that only scans tell of it. */
struct reapply_row {
    struct id id;
    size_t tie_count; /* Merges that rules undid. */
    struct id *ties;
    size_t decided_count; /* Merges that decisions on its records asked for. */
    struct id *decided;
    size_t review_count;
    struct store_review_place *reviews;
    int64_t made_us;        /* When it was last parted from another one; 0: never. */
    bool is_unjudged;       /* It has more than is judged record by record. */
    bool has_parts;         /* These two were read: */
    struct parts parts;     /* What its records come apart into, were it alone. */
    struct history history; /* With its interactions where there is more than one part. */
};

/* Profiles that are told: all are counted. */
struct reapply_ids {
    size_t count;
    struct id items[REAPPLY_CHANGES_MAX]; /* Fewer of them, where there are more. */
};

/* What became of one profile. */
struct reapply_outcome {
    struct id profile;
    bool looked_at; /* It answered for itself when its turn came. */
    bool is_new;    /* It was made of others' records since the passes began. */
    bool unjudged;  /* Its records are too many: it was judged as a whole. */
    bool changed;
    size_t lost_count;   /* Identities that matched before, and do not now. */
    size_t gained_count; /* The other way round. */
    size_t made_count;   /* Profiles that were made of its records, and answer for themselves. */
    struct reapply_ids splits;     /* Those that answer for themselves again. */
    struct reapply_ids joins;      /* Those that became one with it. */
    struct reapply_ids moves_to;   /* Others that are told of, and have records or members of it; */
    struct reapply_ids moves_from; /* the other way round. */
    const struct reapply_outcome *next; /* Of others that changed with it; NULL: there is none. */
};

/* The row that comes behind one in order of creation; behind zero, the oldest. Zero at the end. */
MUST_USE struct status reapply_row_behind(struct store_view *view, struct id last, struct id *out);

/* Reads a row without its records, of one part; all of it the arena's of the view. */
MUST_USE struct status reapply_row_begin(struct store_view *view, struct id id,
                                         struct reapply_row *out);

/* Reads its records too, and what they come apart into; the profile answers for it. */
MUST_USE struct status reapply_row_read_parts(const struct reapply_context *context,
                                              const struct profile *profile,
                                              struct reapply_row *row);

/* Makes the parts of the row's profile, which is among the members, members of their own, each tied
 * to it by what linked its first record: made[i] is part i + 1. Reviews that their records asked
 * for are theirs, and the row tells where they lie now. */
MUST_USE struct status parts_separate(const struct reapply_context *context,
                                      struct reapply_row *row, struct members *members,
                                      struct id *made);

/* The same, where each is a person of its own: made[i] is part i + 1, the only member of it, whose
 * row is wished and not yet what it is to be. */
MUST_USE struct status parts_take_away(const struct reapply_context *context,
                                       struct reapply_row *row, struct members *members,
                                       struct members **made);

/* Puts the profile of a row under the rules, and wishes it so; one that does not answer for itself
 * with the profile that does, where it has ties that may stand again. */
MUST_USE struct status reapply_row_run(const struct reapply_context *context, struct id id,
                                       struct reapply_outcome *out);
