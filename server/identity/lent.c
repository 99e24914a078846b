/* Lending, returning, and letting go of what is lent. */

#include "server/identity/lent.h"

#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/profile_identities.h"

void lent_free(struct profile_identity *identity) {
    const bool is_others = identity->rule == IDENTITY_RULE_OWNED_ELSEWHERE && !identity->claimed;
    if (identity->lent == 0 && (is_others || identity->rule == IDENTITY_RULE_OVER_LIMIT)) {
        identity->lent = 1 + identity->rule;
    }
    if (identity->rule == IDENTITY_RULE_OWNED_ELSEWHERE ||
        identity->rule == IDENTITY_RULE_OVER_LIMIT) {
        identity->rule = IDENTITY_RULE_NONE;
    }
}

/* Gives what a part lets go of to the first of the members that claims it. */
static bool give(struct members *members, const struct profile_identity *identity) {
    for (size_t i = 0; i < members->count; i++) {
        for (size_t k = 0; k < members->items[i]->identity_count; k++) {
            struct profile_identity *there = &members->items[i]->identities[k];
            if (there->rule == IDENTITY_RULE_OWNED_ELSEWHERE && there->claimed &&
                there->lent == 0 && profile_identities_are_one(there, identity)) {
                there->rule = IDENTITY_RULE_NONE;
                there->claimed = false;
                members->changed[i] = true;
                return true;
            }
        }
    }
    return false;
}

static void give_to_any(struct members *const *fellows, size_t count,
                        const struct profile_identity *identity) {
    for (size_t i = 0; i < count; i++) {
        if (give(fellows[i], identity)) {
            return;
        }
    }
}

void lent_return(struct profile *part, struct members *const *fellows, size_t count) {
    for (size_t i = 0; i < part->identity_count; i++) {
        struct profile_identity *identity = &part->identities[i];
        if (identity->lent == 0) {
            continue;
        }
        if (identity_rule_is_of_type((enum identity_rule)identity->rule)) {
            identity->rule_before = identity->lent;
            continue;
        }
        if (identity->rule == IDENTITY_RULE_NONE) {
            give_to_any(fellows, count, identity);
        }
        identity->rule = identity->lent - 1;
    }
}

void lent_take(struct profile *part) {
    for (size_t i = 0; i < part->identity_count; i++) {
        struct profile_identity *identity = &part->identities[i];
        if (identity->lent == 0) {
            continue;
        }
        if (identity_rule_is_of_type((enum identity_rule)identity->rule)) {
            identity->rule_before = 1 + IDENTITY_RULE_NONE;
        } else {
            identity->rule = IDENTITY_RULE_NONE;
        }
    }
}

static bool is_as(const struct profile_identity *identity, const struct identity_type *type,
                  const char *match) {
    return strcmp(identity->match, match) == 0 &&
           strcmp(identity_match_name(identity->type), identity_type_match_name(type)) == 0;
}

bool lent_yield(struct members *members, const struct identity_type *type, const char *match) {
    bool yields = false;
    for (size_t i = 0; i < members->count; i++) {
        for (size_t k = 0; k < members->items[i]->identity_count; k++) {
            struct profile_identity *identity = &members->items[i]->identities[k];
            if (is_as(identity, type, match) && identity->rule == IDENTITY_RULE_NONE) {
                if (identity->lent == 0) {
                    return false;
                }
                identity->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
                members->changed[i] = true;
                yields = true;
            }
        }
    }
    return yields;
}

void lent_claim(struct profile *member, const struct identity_type *type, const char *match) {
    for (size_t i = 0; i < member->identity_count; i++) {
        struct profile_identity *identity = &member->identities[i];
        if (is_as(identity, type, match) && identity->rule == IDENTITY_RULE_OWNED_ELSEWHERE &&
            identity->claimed && identity->lent == 0) {
            identity->rule = IDENTITY_RULE_NONE;
            identity->claimed = false;
        }
    }
}
