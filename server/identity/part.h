#pragma once
/* A profile under other rules than those by which its records were linked to it: which of them
 * would be whose, and what each part makes by itself.
 *
 *   records of a profile    r1   r2   r3   r4
 *   linked by               -    e    e    p of r2
 *   where e is blocked      0    1    2    1     parts: r1 | r2 r4 | r3
 *
 * Part 0 is that of the first record: it keeps the id, what somebody told by hand, and every record
 * of which the rules do not say more than those that it was linked by. */

#include "server/identity/history.h"
#include "server/identity/members.h"

enum { PARTS_MAX = 100 }; /* Of one profile. */

struct parts {
    size_t count;            /* 1: it stays as it is. */
    size_t *record;          /* The part of each record of the history. */
    struct profile **states; /* What each makes by itself, each spelling an identity; only where
                                there are several. */
};

/* Finds the parts of a member's own state. `person` are all members: a record that reaches another
 * one of them stays. NULL: as if it were alone. `out->count` is PARTS_MAX + 1 where there would be
 * more. */
MUST_USE struct status parts_find(const struct members_context *context,
                                  const struct members *person, const struct profile *member,
                                  const struct history *history, struct parts *out);

/* The parts that the caller has found: `record` has the part of each record, `count` how many there
 * are. */
void parts_make(const struct members_context *context, const struct history *history,
                const size_t *record, size_t count, struct parts *out);

/* Takes the records of a part out of the member's own state, each spelling of which is an identity
 * (spelling.h), and makes a profile of them: *out, not yet put. The parts before it were taken. */
void part_take(const struct members_context *context, struct profile *member,
               const struct history *history, const struct parts *parts, size_t part, struct id id,
               struct profile **out);

/* What was over a limit of the member is judged anew once the parts were taken, where there is more
 * room than before. */
void part_free_limits(struct profile *member, const struct profile *before);
