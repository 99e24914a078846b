#pragma once
/* The identities by which records reach a profile, and which of two profiles are best told
 * together. Private to telling why (match.h). */

#include "server/identity/match_evidence.h"

enum {
    VETO_ATTRIBUTES = IDENTITY_VETO_BIRTH_DATE | IDENTITY_VETO_GENDER | IDENTITY_VETO_GIVEN_NAME,
    VETO_SETS = VETO_ATTRIBUTES + 1, /* Of attributes that a type vetoes on. */
};

/* The active identities that match by the rules, one for each set of attributes that types veto on:
 * of more there is no more to know. NULL: none. */
struct reach {
    const struct side *any[VETO_SETS];
    const struct side *strong[VETO_SETS]; /* Those that join two profiles. */
};

/* `count` identities of a profile. */
struct reach reach_of(const struct side *sides, size_t count);

/* Whether there is any, of `any` or of `strong`. */
bool reach_has(const struct side *const sides[VETO_SETS]);

/* The attributes on which two persons do not agree. */
uint32_t vetoes_differing(const struct explanation *explanation, const struct veto_person *one,
                          const struct veto_person *other);

/* How many attributes these are. */
int vetoes_count(uint32_t vetoes);

/* An identity of each, and the attributes that veto when both are told. */
struct pair {
    const struct side *one;
    const struct side *other;
    uint32_t vetoes;
};

/* Chooses those with which the fewest of the differing attributes veto, beside `vetoes`, which are
 * those of what else is told. False where one of the two has none. */
bool pair_choose(const struct side *const ones[VETO_SETS],
                 const struct side *const others[VETO_SETS], uint32_t vetoes, uint32_t differing,
                 struct pair *out);
