#pragma once
/* What asks for two sides of a person, or two persons, to be one: a record, or identities that the
 * one claims of the other. */

#include "server/identity/history.h"
#include "server/identity/members.h"
#include "server/identity/support.h"

/* A merge, made or not, and the own states on its two sides. */
struct tie {
    const struct store_merge *merge;
    size_t one_count;
    const struct profile *const *ones; /* On the side of merge->one, it among them. */
    size_t other_count;
    const struct profile *const *others;
};

struct cause {
    bool by_hand;                            /* Somebody joined the two: nothing below is known. */
    bool by_claims;                          /* Identities that rules gave to the other. */
    struct record record;                    /* Otherwise a record, which */
    const struct candidate_decision *first;  /* was linked to the one, or, NULL, made it, */
    const struct candidate_decision *second; /* and reached the other. */
    uint64_t rule_version;                   /* By which it was decided on. */
    const struct history *history; /* Of whom the record lies under; NULL where it is not there. */
    size_t position;               /* Of the record in it. */
};

/* Of a merge that was made. */
MUST_USE struct status cause_of_merge(const struct members_context *context, const struct tie *tie,
                                      struct cause *out);

/* Of a pair that is not one: of the merge one, other, decision and decision_member are read. Zeroes
 * for the decision: claims. */
MUST_USE struct status cause_of_pair(const struct members_context *context, const struct tie *tie,
                                     struct cause *out);

/* What the two have in common by the rules. */
struct support cause_support(const struct identity_rules *rules, const struct cause *cause,
                             const struct tie *tie, struct arena *arena);

/* The rule that keeps the two apart, limits and all: NONE when the rules join them,
 * TYPE_NOT_MATCHING when nothing asks for it by them. */
enum identity_rule cause_apart_rule(const struct members_context *context,
                                    const struct identity_rules *rules, const struct cause *cause,
                                    const struct tie *tie);

/* Whether a record asks for it that told both what the one has active of the type, all of it, and
 * something that the other has: where there may be one only, that contradicts nothing. */
bool cause_tells_both(const struct cause *cause, const char *type, const struct profile *one,
                      const struct profile *other);

/* Whether it may be by rules that the two are apart: not where the record was linked to the one,
 * and the rules that it was decided by join the two as they are. What it told of the one counts by
 * now, and did not then. */
MUST_USE struct status cause_is_open(const struct members_context *context,
                                     const struct cause *cause, const struct tie *tie, bool *out);

/* The own state of a profile on a side; NULL when it is not there. */
const struct profile *tie_state(const struct profile *const *side, size_t count, struct id id);
