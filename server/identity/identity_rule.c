/* Names of the rules, and which rule a block is. */

#include "server/identity/identity_rule.h"

#include <assert.h>
#include <stddef.h>

enum identity_rule identity_rule_of_block(enum block_rule block) {
    switch (block) {
    case BLOCK_VALUE:
        return IDENTITY_RULE_BLOCKED_VALUE;
    case BLOCK_REPEATED:
        return IDENTITY_RULE_BLOCKED_REPEATED;
    case BLOCK_SHORT:
        return IDENTITY_RULE_BLOCKED_SHORT;
    case BLOCK_ROLE_MAILBOX:
        return IDENTITY_RULE_BLOCKED_ROLE_MAILBOX;
    }
    return IDENTITY_RULE_NONE;
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
    };
    static_assert(sizeof names / sizeof *names == IDENTITY_RULE_NEVER_JOIN + 1, "one each");
    assert((size_t)rule < sizeof names / sizeof *names);
    return names[rule];
}
