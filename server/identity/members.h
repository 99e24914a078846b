#pragma once
/* The profiles that were found to be one person, and the one profile that they are.
 *
 * Each member keeps its own state: what it would be had nothing ever been merged. Whatever arrives
 * changes the own state of the one member by whose identity, or under whose id, it came. The
 * profile that answers for all, the oldest member, is made anew from their states at each change.
 * So a merge is a mere tie between two members: to undo it is to take the tie away, in any order,
 * whatever came in between; and neither costs more for interactions, which stay under the member
 * they came to.
 *
 *   tie one-other      what answers
 *   stands             the oldest of all: unify(states of all)
 *   is taken away      the oldest of each side: unify(states of the side)
 *
 * Rows: the answering profile's has the unified state, and beside it lies its own state; every
 * other member's row has its own state and redirects. A profile that nothing was merged into has
 * one state in one row. */

#include "server/identity/attribute_rules.h"
#include "server/identity/rules.h"
#include "server/store/store.h"

enum { MEMBERS_MAX = 256 }; /* Profiles that are one person, the answering one included. */

struct members {
    size_t count;
    struct profile **items; /* Own states, the oldest first: the first answers for all. */
    bool *changed;          /* Whose rows are to be written. */
    size_t merge_count;     /* One less than count. */
    struct profile_merge *merges;
    size_t before_count; /* What answered for them, as it was read. */
    const struct profile **before;
    bool is_split_off; /* Another one answered for them until now. */
};

/* What is needed to write members. */
struct members_context {
    struct store_view *view;
    const struct identity_rules *rules;       /* Of the limits. */
    const struct attribute_rules *attributes; /* Of what survives. */
    int64_t now_us;
};

/* With the workspace's rules as the view sees them. */
MUST_USE struct status members_context_read(struct store_view *view, int64_t now_us,
                                            struct members_context *out);

/* Whether `one` was made before `other`. */
bool profile_is_older(const struct profile *one, const struct profile *other);

/* Whether the id is of a profile that answers, or of one that was merged into it. */
bool profile_has_member(const struct profile *profile, struct id id);

/* A new profile, not yet put, as its only member. */
struct members *members_new(struct profile *profile, struct arena *arena);

/* What a member of the profile that answers would be by itself. */
MUST_USE struct status member_state_read(struct store_view *view, const struct profile *profile,
                                         struct id member, const struct profile **out);

/* The members of a profile that answers. */
MUST_USE struct status members_read(struct store_view *view, const struct profile *profile,
                                    struct members **out);

/* Whether the profile is among them. */
bool members_have(const struct members *members, struct id id);

/* The own state of the member, to be changed: its row will be written. NULL: it is none of them. */
struct profile *members_change(struct members *members, struct id id);

/* The member whose own state has active an identity that matches as this type and value; zero for
 * none. */
struct id members_identity_owner(const struct members *members, const char *match_as,
                                 const char *match);

/* Gives identities that were written under earlier rules the match value of now, and makes one of
 * those of a member that are one by it. Where another profile has that match value, the identity
 * keeps its own. */
MUST_USE struct status members_rematch(const struct members_context *context,
                                       struct members *members);

/* Ties two persons together by a merge that says which members were found to be one. The older of
 * the two that answer will answer for all. `members` becomes both. */
void members_join(struct members *members, const struct members *other,
                  const struct profile_merge *merge, struct arena *arena);

/* The own states on the side of the member `from`, were the tie not there; the arena's. */
const struct profile *const *members_side(const struct members *members, struct id merge,
                                          struct id from, struct arena *arena, size_t *count);

/* Takes a tie away: `members` keeps the side of the oldest, *out gets the other. False when there
 * is no such merge among them. */
bool members_split(struct members *members, struct id merge, struct arena *arena,
                   struct members **out);

/* What all members are together; not written. Limits are kept: what is over them is contact data.
 */
struct profile *members_unify(const struct members_context *context, const struct members *members);

/* Whether the limits of the context's rules make other identities of what answers contact data than
 * those that are it in its row. */
bool members_limits_changed(const struct members_context *context, const struct members *members);

/* Whether what answers has as another profile's, in its row, what is active by the members and is
 * nobody's by now: the other one has let it go since. */
MUST_USE struct status members_are_freed(const struct members_context *context,
                                         const struct members *members, bool *out);

/* Wishes the rows of the members that changed, and of the profile that answers: *out. An identity
 * that another profile has got meanwhile is contact data, OWNED_ELSEWHERE. */
MUST_USE struct status members_put(const struct members_context *context, struct members *members,
                                   const struct profile **out);
