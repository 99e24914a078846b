/* Telling why of two profiles. Whether the rules join them is a question about records that are not
 * there: so records are thought of, each of an identity that both have and one of each, and looked
 * at as resolution would. */

#include <string.h>

#include "server/identity/match_reach.h"
#include "server/identity/match_scene.h"
#include "server/identity/match_value.h"
#include "server/identity/owner.h"
#include "server/identity/veto_person.h"

/* The two, and the best that records can do for them. */
struct couple {
    const struct profile *one;
    const struct profile *other;
    struct veto_person persons[2]; /* The same, with their members. */
    struct reach ones;
    struct reach others;
    uint32_t differing; /* The attributes on which they do not agree. */
    bool asked;         /* An identity in common reaches one of them or both, and nobody else. */
    bool joined;
    bool tried;
    uint32_t vetoes; /* Of the record that comes nearest: with the fewest attributes that differ. */
};

/* ---- a record thought of ---- */

static struct record_identity told_as(const struct side *side) {
    return (struct record_identity){
        .type = side->type->name,
        .value = side->canonical,
        .canonical = side->canonical,
        .match = side->match,
        .region = "",
        .source = "",
        .provenance = side->provenance,
    };
}

static void record_tell(struct record *record, const struct side *side) {
    for (size_t i = 0; i < record->identity_count; i++) {
        if (strcmp(record->identities[i].type, side->type->name) == 0 &&
            strcmp(record->identities[i].match, side->match) == 0) {
            return;
        }
    }
    record->identities[record->identity_count++] = told_as(side);
}

/* Whether the first identity of the record reached the candidate. */
static bool is_reached(const struct candidate *candidate) {
    for (size_t i = 0; i < candidate->position_count; i++) {
        if (candidate->positions[i] == 0) {
            return true;
        }
    }
    return false;
}

/* Whether both are joined, and so is one who has the identity in common: else it is not that one
 * that joins them. */
static bool is_couple_joined(const struct couple *couple, const struct scene *scene,
                             const bool *joined) {
    bool one = false;
    bool other = false;
    bool owner = false;
    for (size_t i = 0; i < scene->candidates.count; i++) {
        const struct candidate *candidate = &scene->candidates.items[i];
        if (joined[i]) {
            one = one || id_equal(candidate->profile->id, couple->one->id);
            other = other || id_equal(candidate->profile->id, couple->other->id);
            owner = owner || is_reached(candidate);
        }
    }
    return one && other && owner;
}

static struct status record_try(const struct explanation *explanation, const struct side *common,
                                const struct pair *pair, const struct couple *couple, bool *out) {
    struct record_identity identities[3];
    struct record record = {.name = "", .source = "", .identities = identities};
    record_tell(&record, common);
    record_tell(&record, pair->one);
    record_tell(&record, pair->other);
    struct scene scene;
    TRY(scene_read(explanation->context, &record, &scene));
    bool *joined = NULL;
    TRY(scene_join(&scene, &joined));
    *out = is_couple_joined(couple, &scene, joined);
    return OK;
}

/* ---- an identity in common ---- */

/* Whom it belongs to. */
struct belongs {
    bool one;
    bool other;
    bool third;
};

static struct status belongs_find(const struct explanation *explanation,
                                  const struct couple *couple, const struct side *common,
                                  struct belongs *out) {
    struct identity_owners owners;
    TRY(identity_owners_find(explanation->context->view, explanation->context->rules, common->type,
                             common->canonical, &owners));
    *out = (struct belongs){0};
    for (size_t i = 0; i < owners.count; i++) {
        const bool one = id_equal(owners.items[i]->id, couple->one->id);
        const bool other = id_equal(owners.items[i]->id, couple->other->id);
        out->one = out->one || one;
        out->other = out->other || other;
        out->third = out->third || (!one && !other);
    }
    return OK;
}

/* Tells the identity with one of each. Whom it reaches itself may be told with a weak one as well,
 * whose type vetoes on less. */
static struct status common_try(const struct explanation *explanation, const struct side *common,
                                const struct belongs *belongs, struct couple *couple, bool *out) {
    struct pair pair = {0};
    *out = false;
    if (!pair_choose(belongs->one ? couple->ones.any : couple->ones.strong,
                     belongs->other ? couple->others.any : couple->others.strong,
                     common->type->vetoes, couple->differing, &pair)) {
        return OK;
    }
    if (!couple->tried || vetoes_count(pair.vetoes & couple->differing) <
                              vetoes_count(couple->vetoes & couple->differing)) {
        couple->tried = true;
        couple->vetoes = pair.vetoes;
    }
    return record_try(explanation, common, &pair, couple, out);
}

/* The identity as the one has it, or the other: not known better than with either. */
static struct side common_of(const struct explanation *explanation, const char *type,
                             const char *canonical, const struct match_evidence *evidence) {
    struct side side = {
        .type = identity_rules_find(explanation->context->rules, type),
        .canonical = canonical,
        .provenance = evidence->provenance < evidence->other_provenance
                          ? evidence->provenance
                          : evidence->other_provenance,
    };
    side.match = identity_match_value(side.type, canonical, explanation->arena);
    return side;
}

/* Where nobody but the two has it, it asks for them to be one; where a third has it, it may be
 * that all three are one, and else it joins nobody. */
static struct status evidence_try(const struct explanation *explanation,
                                  struct match_evidence *evidence, struct couple *couple) {
    const struct side commons[] = {
        common_of(explanation, evidence->type, evidence->canonical, evidence),
        common_of(explanation, evidence->other_type, evidence->other_canonical, evidence),
    };
    bool third = false;
    bool joined = false;
    for (size_t i = 0; i < 2 && !joined; i++) {
        struct belongs belongs;
        TRY(belongs_find(explanation, couple, &commons[i], &belongs));
        third = third || belongs.third;
        couple->asked = couple->asked || ((belongs.one || belongs.other) && !belongs.third);
        if (belongs.third || (!couple->joined && (belongs.one || belongs.other))) {
            TRY(common_try(explanation, &commons[i], &belongs, couple, &joined));
        }
    }
    couple->joined = couple->joined || joined;
    if (third && !joined) {
        evidence->merge_rule = IDENTITY_RULE_OWNED_ELSEWHERE;
    }
    return OK;
}

static struct status couple_try(const struct explanation *explanation, struct couple *couple) {
    const struct match *match = explanation->match;
    for (size_t i = 0; i < match->evidence_count; i++) {
        struct match_evidence *evidence = &match->evidence[i];
        if (evidence->match_rule == IDENTITY_RULE_NONE &&
            evidence->merge_rule == IDENTITY_RULE_NONE) {
            TRY(evidence_try(explanation, evidence, couple));
        }
    }
    return OK;
}

/* ---- the two ---- */

/* The attributes on which all types of what they have in common veto; where they have nothing, all
 * types that may join. */
static uint32_t vetoes_in_common(const struct explanation *explanation) {
    const struct match *match = explanation->match;
    const struct identity_rules *rules = explanation->context->rules;
    uint32_t of_evidence = UINT32_MAX;
    bool any = false;
    for (size_t i = 0; i < match->evidence_count; i++) {
        if (match->evidence[i].match_rule == IDENTITY_RULE_NONE) {
            of_evidence &= match->evidence[i].vetoes;
            any = true;
        }
    }
    uint32_t of_types = UINT32_MAX;
    for (size_t i = 0; i < rules->type_count; i++) {
        const struct identity_type *type = &rules->types[i];
        of_types &= type->match && type->merge && !type->disabled ? type->vetoes : UINT32_MAX;
    }
    return any ? of_evidence : of_types;
}

static struct couple couple_of(const struct explanation *explanation,
                               const struct veto_person *one_person,
                               const struct veto_person *other_person) {
    const struct profile *one = one_person->profile;
    const struct profile *other = other_person->profile;
    struct couple couple = {
        .one = one,
        .other = other,
        .persons = {*one_person, *other_person},
        .ones = reach_of(sides_of(explanation, one), one->identity_count),
        .others = reach_of(sides_of(explanation, other), other->identity_count),
        .differing = vetoes_differing(explanation, one_person, other_person),
        .vetoes = vetoes_in_common(explanation),
    };
    const uint32_t vetoes = explanation->match->evidence_count == 0 ? UINT32_MAX : couple.vetoes;
    struct pair pair;
    if (pair_choose(couple.ones.any, couple.others.any, vetoes, couple.differing, &pair)) {
        couple.vetoes = pair.vetoes;
    }
    return couple;
}

/* The type whose rules say that it is too weak: `type`, but where that of the other one asks for
 * more. */
static const struct identity_type *weak_type(const struct identity_rules *rules,
                                             const struct match_evidence *evidence) {
    const struct identity_type *type = identity_rules_find(rules, evidence->type);
    const struct identity_type *other = identity_rules_find(rules, evidence->other_type);
    if (evidence->merge_rule == IDENTITY_RULE_MERGE_TYPE) {
        return type->merge ? other : type;
    }
    return other->merge_provenance > type->merge_provenance ? other : type;
}

/* An identity in common that does not ask for a join: it is too weak, or nobody has it but a third,
 * or reaches nobody. */
static void add_weak_evidence(const struct explanation *explanation, const struct couple *couple,
                              const struct match_evidence *evidence) {
    const bool owned = evidence->merge_rule == IDENTITY_RULE_OWNED_ELSEWHERE;
    if (evidence->match_rule != IDENTITY_RULE_NONE || !evidence->active) {
        obstacle_add_contact(explanation, couple->other, evidence, owned);
    }
    if (evidence->merge_rule == IDENTITY_RULE_NONE || owned) {
        return;
    }
    const struct identity_type *type = weak_type(explanation->context->rules, evidence);
    const struct match_weak weak = match_weak_of(type, couple->one->id, evidence->provenance,
                                                 couple->other->id, evidence->other_provenance);
    obstacle_add_weak(explanation, couple->other->id, type->name, evidence->merge_rule, &weak);
}

/* Records reach this one of the two by weak identities alone, and so merge it with nobody. */
static void add_weak_reach(const struct explanation *explanation, const struct couple *couple,
                           const struct profile *profile, const struct reach *reach) {
    for (size_t i = 0; i < VETO_SETS && !reach_has(reach->strong); i++) {
        const struct side *side = reach->any[i];
        if (side != NULL) {
            const struct match_weak weak = match_weak_of(side->type, profile->id, side->provenance,
                                                         profile->id, side->provenance);
            obstacle_add_weak(explanation, couple->other->id, side->type->name,
                              sides_merge_rule(side, side), &weak);
        }
    }
}

static struct status add_obstacles(const struct explanation *explanation,
                                   const struct couple *couple) {
    if (!couple->joined) {
        TRY(obstacles_add_merge(explanation, STOPS_RECORDS, couple->vetoes, &couple->persons[0],
                                &couple->persons[1]));
    }
    TRY(obstacles_add_merge(explanation, STOPS_MERGE, VETO_BY_HAND, &couple->persons[0],
                            &couple->persons[1]));
    const struct match *match = explanation->match;
    for (size_t i = 0; i < match->evidence_count && !couple->joined && !couple->asked; i++) {
        add_weak_evidence(explanation, couple, &match->evidence[i]);
    }
    if (!couple->joined && couple->asked) {
        add_weak_reach(explanation, couple, couple->one, &couple->ones);
        add_weak_reach(explanation, couple, couple->other, &couple->others);
    }
    return OK;
}

struct status match_profiles(const struct resolve_context *context, const struct profile *one,
                             const struct profile *other, struct match *out) {
    const struct explanation explanation = explanation_begin(context, out);
    evidence_add_profiles(&explanation, one, other);
    struct veto_person one_person;
    struct veto_person other_person;
    TRY(veto_person_read(context->view, one, &one_person));
    TRY(veto_person_read(context->view, other, &other_person));
    struct couple couple = couple_of(&explanation, &one_person, &other_person);
    TRY(couple_try(&explanation, &couple));
    TRY(add_obstacles(&explanation, &couple));
    if (couple.joined) {
        out->verdict = MATCH_WOULD_JOIN;
    } else {
        out->verdict = obstacles_stop(out, STOPS_MERGE) ? MATCH_KEPT_APART : MATCH_MAY_JOIN_BY_HAND;
    }
    return OK;
}
