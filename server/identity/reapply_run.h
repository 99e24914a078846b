#pragma once
/* One profile under way to other rules, and the steps that it goes: see reapply.h. Between them it
 * holds its members, which are put once they have changed. */

#include "server/identity/reapply.h"

/* Profiles that answer, or did. */
struct profile_list {
    size_t count;
    const struct profile **items;
};

/* One profile under way. */
struct reapply {
    const struct reapply_context *context;
    const struct members_context *put;
    struct store_view *view;
    struct arena *arena;
    const struct reapply_row *row;
    bool *tie_is_done; /* Of the row's ties. */
    struct members *members;
    bool is_changed;            /* The members are to be put. */
    bool changed;               /* They were. */
    struct profile_list before; /* Who answered for those that are looked at. */
    size_t made_count;          /* Those that are made of records. */
    struct id *made;
    size_t made_tie_count;     /* Of these ties those that went: */
    struct id *made_ties;      /* by which they were one with the row's profile. */
    struct reapply_row parted; /* Then the row, with the parts that they are. */
};

/* Profiles that are made of records, and the members that these lay with. */
struct reapply_made {
    size_t count;
    const struct id *ids;
    const struct id *of;
};

void reapply_list_add(struct profile_list *list, const struct profile *profile,
                      struct arena *arena);

/* Tells what became of those who answered before, the row's profile first. */
MUST_USE struct status reapply_compare(const struct reapply_context *context,
                                       const struct profile_list *before,
                                       const struct reapply_made *made,
                                       struct reapply_outcome *out);

/* Notes who answers for somebody that is about to be joined with the members, unless it was noted,
 * or came of those that were. */
void reapply_note(struct reapply *reapply, const struct profile *profile);

/* Where all that the person is related to can be told anew by the rules (retell.h), makes it so;
 * *done is false where it can't. */
MUST_USE struct status reapply_retell(const struct reapply_context *context,
                                      const struct profile *profile, struct reapply_outcome *out,
                                      bool *done);

/* Writes what there is to write, and reads it back: *profile answers. */
MUST_USE struct status reapply_settle(struct reapply *reapply, const struct profile **profile);

/* Takes ties away until those that are left hold: each may lean on what others brought. */
MUST_USE struct status reapply_split(struct reapply *reapply, const struct profile **profile);

/* Parts the row's profile, wherever it is by now. */
MUST_USE struct status reapply_part(struct reapply *reapply, const struct profile **profile);

/* Lets ties of the row stand again; *out is set when one does. */
MUST_USE struct status reapply_rejoin(struct reapply *reapply, bool *out);

/* Judges the identities, and joins those who have what matches now, or were kept apart; likewise.
 */
MUST_USE struct status reapply_join(struct reapply *reapply, bool *out);

/* Joins a profile that was made of records (a part, from 1 on) with those who have what it claims,
 * or from whom one of its records was kept apart: *out answers for all, and they are the members
 * from now on; NULL where there was none. */
MUST_USE struct status reapply_join_made(struct reapply *reapply, size_t part,
                                         const struct profile **out);
