#pragma once
/* The identities of own states under other rules than those that they were told under. */

#include "server/identity/members.h"

/* An identity that matches by the rules, and that another profile has. */
struct rejudge_claim {
    struct id member; /* Whose own state tells it. */
    struct id owner;  /* The profile that has it. */
    const struct identity_type *type;
    const char *canonical;
    enum provenance provenance;
};

struct rejudge_claims {
    size_t count;
    struct rejudge_claim *items; /* The arena's. */
};

/* What an identity is by rules, as one spelling and by itself: for a limit of many, see below. */
void rejudge_identity(const struct identity_rules *rules, struct profile_identity *identity,
                      struct arena *arena);

/* What the identities of an own state are by rules, whoever else has them. */
void rejudge_state(const struct identity_rules *rules, struct profile *state, struct arena *arena);

/* What the members claimed, and is nobody's by now, is theirs; nothing is put. */
MUST_USE struct status rejudge_free(const struct members_context *context, struct members *members);

/* The member of the owner whose own state has what is claimed; false when none has it any more. */
bool rejudge_claim_origin(const struct rejudge_claim *claim, const struct profile *owner,
                          struct arena *arena, struct id *out);

/* The same for the only member, who was made of records of somebody else's: all that matches by the
 * rules is claimed where another profile has it. */
MUST_USE struct status rejudge_made(const struct members_context *context, struct members *members,
                                    struct rejudge_claims *out);

/* The same for one of several members: only what it claimed is looked at again, for who had it may
 * have let go. What a fellow has stays contact data. */
MUST_USE struct status rejudge_claimed(const struct members_context *context,
                                       struct members *members, struct id member,
                                       struct rejudge_claims *out);

/* Blocks, frees and limits the identities of all members as the rules say, each as compared by
 * them. What another member or another profile has is contact data; the latter is claimed: *out.
 * *changed tells whether any state did; nothing is put. */
MUST_USE struct status rejudge_members(const struct members_context *context,
                                       struct members *members, struct rejudge_claims *out,
                                       bool *changed);
