/* Names of the rules, and which rule a block is. */

#include "server/identity/identity_rule.h"

#include <assert.h>
#include <stddef.h>

static enum identity_rule rule_of_block(enum block_rule block) {
    switch (block) {
    case BLOCK_VALUE:
        return IDENTITY_RULE_BLOCKED_VALUE;
    case BLOCK_REPEATED:
        return IDENTITY_RULE_BLOCKED_REPEATED;
    case BLOCK_SHORT:
        return IDENTITY_RULE_BLOCKED_SHORT;
    case BLOCK_ROLE_MAILBOX:
        return IDENTITY_RULE_BLOCKED_ROLE_MAILBOX;
    case BLOCK_PATTERN:
        return IDENTITY_RULE_BLOCKED_PATTERN;
    }
    return IDENTITY_RULE_NONE;
}

enum identity_rule identity_rule_of(const struct identity_type *type, const char *canonical) {
    enum block_rule block;
    if (type->disabled) {
        return IDENTITY_RULE_TYPE_DISABLED;
    }
    if (identity_block_rule(type, canonical, &block)) {
        return rule_of_block(block);
    }
    return type->match ? IDENTITY_RULE_NONE : IDENTITY_RULE_TYPE_NOT_MATCHING;
}

bool identity_rule_is_of_type(enum identity_rule rule) {
    switch (rule) {
    case IDENTITY_RULE_BLOCKED_VALUE:
    case IDENTITY_RULE_BLOCKED_REPEATED:
    case IDENTITY_RULE_BLOCKED_SHORT:
    case IDENTITY_RULE_BLOCKED_ROLE_MAILBOX:
    case IDENTITY_RULE_BLOCKED_PATTERN:
    case IDENTITY_RULE_TYPE_NOT_MATCHING:
    case IDENTITY_RULE_TYPE_DISABLED:
        return true;
    case IDENTITY_RULE_NONE:
    case IDENTITY_RULE_OVER_LIMIT:
    case IDENTITY_RULE_VETO_BIRTH_DATE:
    case IDENTITY_RULE_VETO_GENDER:
    case IDENTITY_RULE_VETO_GIVEN_NAME:
    case IDENTITY_RULE_VETO_SINGLE_VALUE:
    case IDENTITY_RULE_MERGE_TYPE:
    case IDENTITY_RULE_MERGE_PROVENANCE:
    case IDENTITY_RULE_MERGE_LIMIT:
    case IDENTITY_RULE_OWNED_ELSEWHERE:
    case IDENTITY_RULE_NEVER_JOIN:
    case IDENTITY_RULE_SIMILAR:
        return false;
    }
    return false;
}

bool identity_rule_keeps_apart(enum identity_rule rule) {
    return rule != IDENTITY_RULE_SIMILAR && rule != IDENTITY_RULE_OWNED_ELSEWHERE;
}

const char *identity_rule_name(enum identity_rule rule) {
    static const char *const names[] = {
        "NONE",
        "BLOCKED_VALUE",
        "BLOCKED_REPEATED",
        "BLOCKED_SHORT",
        "BLOCKED_ROLE_MAILBOX",
        "TYPE_NOT_MATCHING",
        "OVER_LIMIT",
        "VETO_BIRTH_DATE",
        "VETO_GENDER",
        "VETO_GIVEN_NAME",
        "VETO_SINGLE_VALUE",
        "MERGE_TYPE",
        "MERGE_PROVENANCE",
        "MERGE_LIMIT",
        "OWNED_ELSEWHERE",
        "NEVER_JOIN",
        [IDENTITY_RULE_TYPE_DISABLED] = "TYPE_DISABLED",
        [IDENTITY_RULE_BLOCKED_PATTERN] = "BLOCKED_PATTERN",
        [IDENTITY_RULE_SIMILAR] = "SIMILAR",
    };
    static_assert(sizeof names / sizeof *names == IDENTITY_RULE_SIMILAR + 1, "one each");
    assert((size_t)rule < sizeof names / sizeof *names && names[rule] != NULL);
    return names[rule];
}
