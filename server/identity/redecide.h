#pragma once
/* What a person kept apart who is none any more: once a merge is undone, who would be one with one
 * of the two had the other never been part of it. */

#include "server/base/random.h"
#include "server/identity/cause.h"
#include "server/identity/history.h"

enum {
    REDECIDE_REVIEWS_MAX = 500, /* Of the person, that are looked at: the latest. */
    REDECIDE_PAIRS_MAX = 1000,  /* That are judged; also merges. */
};

/* Two whom a record related: the one to which it went, and the other. */
struct redecide_pair {
    struct id one;
    struct id other;
    struct id decision;                     /* Zero: identities that the one claims. */
    const struct candidate_decision *first; /* See redecide_first(). NULL too where it is not known:
                                               then the decision tells, */
    const struct candidate_decision *linked; /* or, where it names another one, this: whom the
                                                record was linked to then. */
    size_t number;                           /* In the order in which they were found. */
    bool was_lost; /* The person had what relates the two as contact data, for a limit of all. */
};

/* A person, before a merge is undone. */
struct redecide {
    const struct random *random;
    const struct members *together;
    size_t pair_count;
    struct redecide_pair *pairs; /* Those met first before the others. */
    size_t history_count;        /* That were read. */
    size_t merge_count;          /* Those that were made. */
    struct store_merge *merges;
};

/* Reads the person, whose merge is to be undone: the reviews of its members and what has come since
 * of those reviewed, the records that brought others what it had to leave, and those that told of
 * it and of whom it left. Before the view wishes any of it. */
MUST_USE struct status redecide_read(const struct members_context *context,
                                     const struct random *random, const struct profile *profile,
                                     const struct store_merge *merge, struct redecide *out);

/* Adds a pair, while there are not too many. */
void redecide_add(struct redecide *redecide, const struct redecide_pair *pair);

/* Whether what a record reached somebody by gave it the right to join the two, by the rule that
 * kept them apart: if not, with less of a person it would have had no more, whatever is known by
 * now. */
bool redecide_had_right(enum identity_rule rule);

/* The member as the candidate that a record of its history was linked to: by what it had before.
 * NULL where the record made a profile. */
const struct candidate_decision *redecide_first(const struct identity_rules *rules,
                                                const struct history *history, size_t position,
                                                const struct profile *member, struct arena *arena);

/* Whether the record tells something that the state has active. */
bool redecide_tells_of(const struct record *record, const struct profile *state);

/* Adds those whom a record related while a merge stood that was undone before. */
MUST_USE struct status redecide_read_apart(const struct members_context *context,
                                           struct redecide *redecide);

/* Adds those whom records related since the merge, of the person and of profiles that it was
 * reviewed with. */
MUST_USE struct status redecide_read_reviewed(const struct members_context *context,
                                              struct redecide *redecide, int64_t merge_us,
                                              const struct id *reviewed, size_t count);

/* Joins the two sides, once each answers for itself, with those whom records relate to them and
 * whom only the other side kept apart: the two answer for all then. */
MUST_USE struct status redecide_join(const struct members_context *context,
                                     struct redecide *redecide, const struct profile **survivor,
                                     const struct profile **restored);
