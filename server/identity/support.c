/* Identities in common, by whatever rules. */

#include "server/identity/support.h"

#include <string.h>

#include "server/identity/match_value.h"
#include "server/identity/spelling.h"

/* An identity that matches by the rules: what is looked for. */
struct sought {
    const struct identity_type *type;
    const char *canonical;
    const char *match;
};

/* False when it matches nobody. */
static bool sought_make(const struct identity_rules *rules, const char *type, const char *canonical,
                        struct arena *arena, struct sought *out) {
    out->type = identity_rules_find(rules, type);
    if (out->type == NULL || identity_rule_of(out->type, canonical) != IDENTITY_RULE_NONE) {
        return false;
    }
    out->canonical = canonical;
    out->match = identity_match_value(out->type, canonical, arena);
    return true;
}

/* What its own type blocks is nobody's, though another type of the family may match by it. */
static bool is_same(const struct identity_rules *rules, const struct sought *sought,
                    const char *type_name, const char *canonical, struct arena *arena) {
    if (strcmp(identity_match_name(type_name), identity_type_match_name(sought->type)) != 0) {
        return false;
    }
    const struct identity_type *type = identity_rules_find(rules, type_name);
    return type != NULL &&
           (strcmp(canonical, sought->canonical) == 0 ||
            strcmp(identity_match_value(type, canonical, arena), sought->match) == 0) &&
           identity_rule_of(type, canonical) == IDENTITY_RULE_NONE;
}

/* How well what is sought is known by the identity; UNSPECIFIED: it is another one. */
static enum provenance provenance_of(const struct identity_rules *rules,
                                     const struct sought *sought,
                                     const struct profile_identity *identity, struct arena *arena) {
    enum provenance best = PROVENANCE_UNSPECIFIED;
    size_t count = 0;
    const struct profile_identity *spellings = spellings_of(identity, &count);
    for (size_t i = 0; i < count; i++) {
        const struct profile_identity *there = &spellings[i];
        if ((enum provenance)there->provenance > best &&
            is_same(rules, sought, there->type, there->canonical, arena)) {
            best = (enum provenance)there->provenance;
        }
    }
    return best;
}

struct support support_none(void) {
    return (struct support){.rule = IDENTITY_RULE_TYPE_NOT_MATCHING, .vetoes = UINT32_MAX};
}

/* The rule by which an identity in common joins nobody; NONE when it may. */
static enum identity_rule join_rule(const struct identity_type *type, enum provenance one,
                                    enum provenance other) {
    const enum provenance weaker = one < other ? one : other;
    if (!type->merge) {
        return IDENTITY_RULE_MERGE_TYPE;
    }
    return weaker >= type->merge_provenance && weaker > PROVENANCE_INFERRED
               ? IDENTITY_RULE_NONE
               : IDENTITY_RULE_MERGE_PROVENANCE;
}

void support_add_known(const struct identity_rules *rules, const char *type, const char *canonical,
                       enum provenance provenance, enum provenance known, struct support *out) {
    const struct identity_type *found = identity_rules_find(rules, type);
    if (known == PROVENANCE_UNSPECIFIED || found == NULL ||
        identity_rule_of(found, canonical) != IDENTITY_RULE_NONE) {
        return;
    }
    const enum identity_rule rule = join_rule(found, known, provenance);
    if (!out->reaches || rule == IDENTITY_RULE_NONE) {
        out->rule = rule;
    }
    out->reaches = true;
    out->vetoes &= found->vetoes;
}

void support_add(const struct identity_rules *rules, const char *type, const char *canonical,
                 enum provenance provenance, const struct profile *const *side, size_t count,
                 struct arena *arena, struct support *out) {
    struct sought sought;
    if (!sought_make(rules, type, canonical, arena, &sought)) {
        return;
    }
    enum provenance best = PROVENANCE_UNSPECIFIED;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < side[i]->identity_count; k++) {
            const enum provenance there =
                provenance_of(rules, &sought, &side[i]->identities[k], arena);
            best = there > best ? there : best;
        }
    }
    support_add_known(rules, type, canonical, provenance, best, out);
}
