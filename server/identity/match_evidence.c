/* Evidence. Identities are compared as resolution compares them, by the present rules. */

#include "server/identity/match_evidence.h"

#include <assert.h>
#include <string.h>

#include "server/identity/match_value.h"

static struct side side_of(const struct explanation *explanation,
                           const struct profile_identity *identity) {
    struct side side = {
        .type = identity_rules_find(explanation->context->rules, identity->type),
        .canonical = identity->canonical,
        .match = identity->match,
        .provenance = (enum provenance)identity->provenance,
        .contact_rule = (enum identity_rule)identity->rule,
    };
    assert(side.type != NULL); /* Types are never deleted. */
    side.match = identity_match_value(side.type, side.canonical, explanation->arena);
    return side;
}

struct side *sides_of(const struct explanation *explanation, const struct profile *profile) {
    struct side *sides = arena_array(explanation->arena, profile->identity_count, sizeof *sides);
    for (size_t i = 0; i < profile->identity_count; i++) {
        sides[i] = side_of(explanation, &profile->identities[i]);
    }
    return sides;
}

static bool is_same(const struct side *one, const struct side *other) {
    return (strcmp(one->match, other->match) == 0 ||
            strcmp(one->canonical, other->canonical) == 0) &&
           strcmp(identity_type_match_name(one->type), identity_type_match_name(other->type)) == 0;
}

enum identity_rule sides_merge_rule(const struct side *one, const struct side *other) {
    if (!one->type->merge || !other->type->merge) {
        return IDENTITY_RULE_MERGE_TYPE;
    }
    const enum provenance weaker =
        one->provenance < other->provenance ? one->provenance : other->provenance;
    return weaker >= one->type->merge_provenance && weaker >= other->type->merge_provenance &&
                   weaker > PROVENANCE_INFERRED
               ? IDENTITY_RULE_NONE
               : IDENTITY_RULE_MERGE_PROVENANCE;
}

static enum identity_rule either(enum identity_rule one, enum identity_rule other) {
    return one != IDENTITY_RULE_NONE ? one : other;
}

/* Puts evidence behind what counts as much. */
static void evidence_add(const struct explanation *explanation, struct id profile,
                         const struct side *one, const struct side *other) {
    const struct match_evidence evidence = {
        .profile = profile,
        .type = one->type->name,
        .canonical = one->canonical,
        .other_type = other->type->name,
        .other_canonical = other->canonical,
        .priority = one->type->priority,
        .vetoes = one->type->vetoes & other->type->vetoes,
        .provenance = one->provenance,
        .other_provenance = other->provenance,
        .match_rule = either(identity_rule_of(one->type, one->canonical),
                             identity_rule_of(other->type, other->canonical)),
        .merge_rule = sides_merge_rule(one, other),
        .contact_rule = either(one->contact_rule, other->contact_rule),
        .active =
            one->contact_rule == IDENTITY_RULE_NONE || other->contact_rule == IDENTITY_RULE_NONE,
    };
    struct match *match = explanation->match;
    match->evidence = arena_append(explanation->arena, match->evidence, match->evidence_count,
                                   sizeof *match->evidence);
    size_t at = match->evidence_count++;
    while (at > 0 && match->evidence[at - 1].priority > evidence.priority) {
        match->evidence[at] = match->evidence[at - 1];
        at--;
    }
    match->evidence[at] = evidence;
}

void evidence_add_profiles(const struct explanation *explanation, const struct profile *one,
                           const struct profile *other) {
    const struct side *sides = sides_of(explanation, one);
    const struct side *others = sides_of(explanation, other);
    for (size_t i = 0; i < one->identity_count; i++) {
        for (size_t k = 0; k < other->identity_count; k++) {
            if (is_same(&sides[i], &others[k])) {
                evidence_add(explanation, other->id, &sides[i], &others[k]);
            }
        }
    }
}

/* The identity of the profile that is the record's: an active one before contact data, then the one
 * that is known best. */
static const struct side *best_of(const struct side *sides, size_t count, const struct side *told) {
    const struct side *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct side *side = &sides[i];
        const bool active = side->contact_rule == IDENTITY_RULE_NONE;
        if (is_same(told, side) &&
            (best == NULL || (active && best->contact_rule != IDENTITY_RULE_NONE) ||
             (active == (best->contact_rule == IDENTITY_RULE_NONE) &&
              side->provenance > best->provenance))) {
            best = side;
        }
    }
    return best;
}

void evidence_add_record(const struct explanation *explanation, const struct record *record,
                         const struct profile *profile) {
    const struct side *sides = sides_of(explanation, profile);
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *identity = &record->identities[i];
        struct side told = {
            .type = identity_rules_find(explanation->context->rules, identity->type),
            .canonical = identity->canonical,
            .match = identity->match,
            .provenance = identity->provenance,
        };
        const struct side *there = best_of(sides, profile->identity_count, &told);
        if (there != NULL) {
            /* The record's type decides alone. */
            struct side as_told = *there;
            as_told.type = told.type;
            told.contact_rule = there->contact_rule;
            evidence_add(explanation, profile->id, &told, &as_told);
        }
    }
}
