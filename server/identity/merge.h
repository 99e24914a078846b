#pragma once
/* Merging two persons and undoing it, with the record that says so. */

#include "server/base/random.h"
#include "server/identity/members.h"

/* The methods of merges that other rules asked for, and that only another merge had kept apart. */
extern const char merge_method_rules[];
extern const char merge_method_undone[];

/* Whether one of these asked for the merge, be it for a record that is seen otherwise by now. */
bool merge_is_by_rules(const struct store_merge *merge);

/* Reads a merge that is named somewhere: DATA_LOSS STORE_CORRUPT when it is not there. */
MUST_USE struct status merge_read(struct store_view *view, struct id id, struct store_merge *out);

/* A profile that rules may have made of records. */
struct merged_part {
    bool is_part;
    struct id whole;        /* The one that they had been linked to. */
    bool is_joined_by_hand; /* A merge of it stands that somebody made. */
};
MUST_USE struct status merge_find_part(struct store_view *view, struct id id,
                                       struct merged_part *out);

/* DATA_LOSS STORE_CORRUPT where one of the two that it ties is not on its side: in a what-if, which
 * outlasts snapshots, profiles may be older than what else is read. */
MUST_USE struct status merge_check(const struct store_merge *merge, const struct members *ones,
                                   const struct members *others);

/* Joins the members of two persons, whose merge veto_merge() does not forbid. The caller sets of
 * `merge` what asked for it: one, other, method, decision, rule_version; the rest is filled here
 * and its row wished. A review of the two is decided by it. The members are not yet put. */
MUST_USE struct status merge_make(const struct members_context *context,
                                  const struct random *random, struct members *members,
                                  const struct members *other, struct store_merge *merge);

/* A merge that stood goes: its row and its review. The caller has split the members, and says in it
 * whether the context's rules undid it. */
MUST_USE struct status merge_let_go(const struct members_context *context,
                                    struct store_merge *merge);

/* A merge that rules undid stands again, and joins the two persons. Who answered when it was made
 * stays as it is: its decision tells them. The members are not yet put. */
MUST_USE struct status merge_stand_again(const struct members_context *context,
                                         struct members *members, const struct members *others,
                                         struct store_merge *merge);

/* Tells of each merge between the members which profiles answered before it, as if those that were
 * undone since had never been: after ties went, or stand again. */
MUST_USE struct status merges_revise(struct store_view *view, const struct members *members);

/* Undoes a merge that stands: puts both sides, says that the two are never to be one, and sets the
 * merge's undo_us. `profile` answers for both. */
MUST_USE struct status merge_undo(const struct members_context *context,
                                  const struct profile *profile, struct store_merge *merge,
                                  const struct profile **survivor, const struct profile **restored);

/* Says that two profiles, members of different persons, are never to be one: their states, the
 * list, and their review if there is one. The members are not yet put. */
MUST_USE struct status never_join_make(struct store_view *view, struct members *members,
                                       struct members *others,
                                       const struct store_never_join *never);

/* Takes it back in the state of one of the two. */
void never_join_forget(struct profile *member, struct id other);
