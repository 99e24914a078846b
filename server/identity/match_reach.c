/* Whom records reach by what. Of identities whose types veto on the same attributes one is as good
 * as the other: so few need be looked at. */

#include "server/identity/match_reach.h"

struct reach reach_of(const struct side *sides, size_t count) {
    struct reach reach = {0};
    for (size_t i = 0; i < count; i++) {
        const struct side *side = &sides[i];
        if (side->contact_rule != IDENTITY_RULE_NONE ||
            identity_rule_of(side->type, side->canonical) != IDENTITY_RULE_NONE) {
            continue;
        }
        const uint32_t vetoes = side->type->vetoes & VETO_ATTRIBUTES;
        if (reach.any[vetoes] == NULL) {
            reach.any[vetoes] = side;
        }
        if (reach.strong[vetoes] == NULL && sides_merge_rule(side, side) == IDENTITY_RULE_NONE) {
            reach.strong[vetoes] = side;
        }
    }
    return reach;
}

bool reach_has(const struct side *const sides[VETO_SETS]) {
    for (size_t i = 0; i < VETO_SETS; i++) {
        if (sides[i] != NULL) {
            return true;
        }
    }
    return false;
}

uint32_t vetoes_differing(const struct explanation *explanation, const struct veto_person *one,
                          const struct veto_person *other) {
    uint32_t differing = 0;
    for (uint32_t attribute = 1; attribute < VETO_SETS; attribute <<= 1) {
        if (veto_merge_attributes(attribute, one, other, explanation->arena) !=
            IDENTITY_RULE_NONE) {
            differing |= attribute;
        }
    }
    return differing;
}

int vetoes_count(uint32_t vetoes) { return __builtin_popcount(vetoes); }

bool pair_choose(const struct side *const ones[VETO_SETS],
                 const struct side *const others[VETO_SETS], uint32_t vetoes, uint32_t differing,
                 struct pair *out) {
    bool found = false;
    for (uint32_t i = 0; i < VETO_SETS; i++) {
        for (uint32_t k = 0; k < VETO_SETS; k++) {
            const uint32_t both = vetoes & i & k;
            if (ones[i] != NULL && others[k] != NULL &&
                (!found ||
                 vetoes_count(both & differing) < vetoes_count(out->vetoes & differing))) {
                *out = (struct pair){ones[i], others[k], both};
                found = true;
            }
        }
    }
    return found;
}
