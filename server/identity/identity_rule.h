#pragma once
/* The rules that decide on identities and candidates, by the names and numbers of
 * profiled.v1.IdentityRule. Stored as numbers: never renumber. */

#include <stdbool.h>

#include "server/identity/block.h"

enum identity_rule {
    IDENTITY_RULE_NONE = 0,
    IDENTITY_RULE_BLOCKED_VALUE = 1,
    IDENTITY_RULE_BLOCKED_REPEATED = 2,
    IDENTITY_RULE_BLOCKED_SHORT = 3,
    IDENTITY_RULE_BLOCKED_ROLE_MAILBOX = 4,
    IDENTITY_RULE_TYPE_NOT_MATCHING = 5,
    IDENTITY_RULE_OVER_LIMIT = 6,
    IDENTITY_RULE_VETO_BIRTH_DATE = 7,
    IDENTITY_RULE_VETO_GENDER = 8,
    IDENTITY_RULE_VETO_GIVEN_NAME = 9,
    IDENTITY_RULE_VETO_SINGLE_VALUE = 10,
    IDENTITY_RULE_MERGE_TYPE = 11,
    IDENTITY_RULE_MERGE_PROVENANCE = 12,
    IDENTITY_RULE_MERGE_LIMIT = 13,
    IDENTITY_RULE_OWNED_ELSEWHERE = 14,
    IDENTITY_RULE_NEVER_JOIN = 15,
    IDENTITY_RULE_TYPE_DISABLED = 16,
    IDENTITY_RULE_BLOCKED_PATTERN = 17,
    IDENTITY_RULE_SIMILAR = 18, /* Of reviews alone. */
};

/* The rule by which an identity is contact data whoever tells it, in the order disabled, blocked,
 * not matching; NONE when it may match. */
enum identity_rule identity_rule_of(const struct identity_type *type, const char *canonical);

/* Whether the rule is one of those that identity_rule_of() tells: it comes and goes with the rules
 * of the type alone. */
bool identity_rule_is_of_type(enum identity_rule rule);

/* Whether a review of the rule is of two that rules kept apart, and others may join: not of two
 * whom nothing but their likeness, or an identity told under the other one's id, has brought
 * together.
 */
bool identity_rule_keeps_apart(enum identity_rule rule);

/* The rule as the contract names it, without its prefix: "VETO_BIRTH_DATE". A literal. */
const char *identity_rule_name(enum identity_rule rule);
