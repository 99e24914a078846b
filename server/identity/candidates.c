/* Steps 1 to 3 of resolution: block, look up, veto. */

#include "server/identity/candidates.h"

#include <assert.h>
#include <string.h>

#include "server/identity/owner.h"
#include "server/identity/shared_mailbox.h"
#include "server/identity/veto_person.h"

static const struct identity_type *type_of(const struct identity_rules *rules,
                                           const struct record *record, int32_t position) {
    const struct identity_type *type =
        identity_rules_find(rules, record->identities[position].type);
    assert(type != NULL); /* A record has only types that its reader found. */
    return type;
}

/* The positions of the record's identities in the order of the rules' types: those of the highest
 * priority first, of two types with one priority the first by name. */
static int32_t *by_priority(const struct identity_rules *rules, const struct record *record,
                            struct arena *arena) {
    int32_t *order = arena_array(arena, record->identity_count, sizeof *order);
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct identity_type *type = type_of(rules, record, (int32_t)i);
        size_t at = i;
        while (at > 0 && type_of(rules, record, order[at - 1]) > type) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = (int32_t)i;
    }
    return order;
}

static struct candidate *candidate_of(struct candidates *candidates, const struct profile *profile,
                                      size_t position_max, struct arena *arena) {
    for (size_t i = 0; i < candidates->count; i++) {
        if (id_equal(candidates->items[i].profile->id, profile->id)) {
            return &candidates->items[i];
        }
    }
    struct candidate *made = &candidates->items[candidates->count++];
    made->profile = profile;
    made->positions = arena_array(arena, position_max, sizeof *made->positions);
    return made;
}

uint32_t candidate_vetoes(const struct identity_rules *rules, const struct record *record,
                          const struct candidate *candidate) {
    uint32_t vetoes = UINT32_MAX;
    for (size_t i = 0; i < candidate->position_count; i++) {
        vetoes &= type_of(rules, record, candidate->positions[i])->vetoes;
    }
    return vetoes;
}

/* Decides on one identity of the record, and adds the profiles that it reaches. */
static struct status find_of_identity(const struct resolve_context *context,
                                      const struct record *record, int32_t position,
                                      struct identity_decision *decision, struct candidates *out) {
    const struct record_identity *identity = &record->identities[position];
    const struct identity_type *type = type_of(context->rules, record, position);
    decision->type = identity->type;
    decision->canonical = identity->canonical;
    decision->match = identity->match;
    decision->rule = identity_rule_of(type, identity->canonical);
    if (decision->rule != IDENTITY_RULE_NONE) {
        return OK;
    }
    struct identity_owners owners;
    TRY(identity_owners_find(context->view, context->rules, type, identity->canonical, &owners));
    for (size_t i = 0; i < owners.count; i++) {
        struct candidate *candidate = candidate_of(out, owners.items[i], record->identity_count,
                                                   store_view_arena(context->view));
        candidate->positions[candidate->position_count++] = position;
    }
    decision->lapsed = owners.lapsed_count > 0;
    decision->matched = owners.count > 0;
    if (decision->matched) {
        decision->matched_id = owners.items[0]->id;
    }
    return OK;
}

/* Other members are asked only where what answers contradicts the record. */
struct status candidate_facts(const struct resolve_context *context, const struct record *record,
                              const struct candidate *candidate, struct vetoes *out) {
    struct arena *arena = store_view_arena(context->view);
    const uint32_t vetoes = candidate_vetoes(context->rules, record, candidate);
    struct veto_person person = veto_person_alone(candidate->profile);
    if (candidate->profile->absorbed_count > 0 &&
        veto_compare(vetoes, record, candidate->profile, arena).differing != 0) {
        TRY(veto_person_read(context->view, candidate->profile, &person));
    }
    veto_record_all(context->rules, vetoes, record, &person, arena, out);
    return OK;
}

static bool is_stranger(const struct resolve_context *context, const struct profile *profile) {
    for (size_t i = 0; i < context->stranger_count; i++) {
        if (profile_has_member(profile, context->strangers[i])) {
            return true;
        }
    }
    return false;
}

static struct status veto(const struct resolve_context *context, const struct record *record,
                          struct candidate *candidate) {
    struct vetoes facts = {0};
    if (is_stranger(context, candidate->profile)) {
        candidate->rule = IDENTITY_RULE_NEVER_JOIN;
        return OK;
    }
    TRY(candidate_facts(context, record, candidate, &facts));
    candidate->rule = facts.count == 0 ? IDENTITY_RULE_NONE : facts.items[0].rule;
    return OK;
}

/* One who has an identity of the record as contact data, was told before, and is nobody else. */
static struct status find_sharing(const struct resolve_context *context,
                                  const struct record *record, int32_t *position,
                                  struct candidates *out) {
    const struct record_identity *identity = &record->identities[*position];
    const char *match_name = identity_match_name(identity->type);
    const char *value = shared_mailbox_of_record(record, identity, store_view_arena(context->view));
    const struct profile *found = NULL;
    if (value != NULL) {
        TRY(store_shared_owner(context->view, match_name, value, &found));
    }
    if (found == NULL ||
        !identity_is_kept(context->rules, found, IDENTITY_RULE_OWNED_ELSEWHERE, match_name,
                          identity->match, store_view_arena(context->view))) {
        return OK;
    }
    struct candidate sharing = {
        .profile = found, .position_count = 1, .positions = position, .shares = true};
    TRY(veto(context, record, &sharing));
    if (sharing.rule == IDENTITY_RULE_NONE) {
        out->items[out->count++] = sharing;
    }
    return OK;
}

static bool has_unvetoed(const struct candidates *candidates) {
    for (size_t i = 0; i < candidates->count; i++) {
        if (candidates->items[i].rule == IDENTITY_RULE_NONE) {
            return true;
        }
    }
    return false;
}

struct status candidates_find(const struct resolve_context *context, const struct record *record,
                              struct identity_decision *identities, struct candidates *out) {
    struct arena *arena = store_view_arena(context->view);
    const struct identity_rules *rules = context->rules;
    out->count = 0;
    out->items =
        arena_array(arena, record->identity_count * EMAIL_FORM_COUNT + 1, sizeof *out->items);
    int32_t *order = by_priority(rules, record, arena);
    out->order = order;
    for (size_t i = 0; i < record->identity_count; i++) {
        TRY(find_of_identity(context, record, order[i], &identities[order[i]], out));
    }
    for (size_t i = 0; i < out->count; i++) {
        TRY(veto(context, record, &out->items[i]));
    }
    for (size_t i = 0; i < record->identity_count && !has_unvetoed(out); i++) {
        if (identities[order[i]].rule == IDENTITY_RULE_NONE) {
            TRY(find_sharing(context, record, &order[i], out));
        }
    }
    return OK;
}

enum provenance candidate_provenance(const struct identity_rules *rules,
                                     const struct record *record, const struct profile *profile,
                                     int32_t position) {
    const struct record_identity *told = &record->identities[position];
    const char *match_name = identity_type_match_name(type_of(rules, record, position));
    enum provenance best = PROVENANCE_INFERRED;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        const bool is_same = strcmp(identity->match, told->match) == 0 ||
                             profile_identity_is_told_as(identity, told->canonical);
        if (identity->rule == 0 && is_same &&
            strcmp(identity_match_name(identity->type), match_name) == 0 &&
            (enum provenance)identity->provenance > best &&
            identity_rule_of(identity_rules_find(rules, identity->type), identity->canonical) ==
                IDENTITY_RULE_NONE) {
            best = (enum provenance)identity->provenance;
        }
    }
    return best;
}

enum identity_rule candidate_identity_merge_rule(const struct identity_rules *rules,
                                                 const struct record *record,
                                                 const struct profile *profile, int32_t position) {
    const struct record_identity *identity = &record->identities[position];
    const struct identity_type *type = type_of(rules, record, position);
    if (!type->merge) {
        return IDENTITY_RULE_MERGE_TYPE;
    }
    const enum provenance there = candidate_provenance(rules, record, profile, position);
    const enum provenance weaker = there < identity->provenance ? there : identity->provenance;
    return weaker >= type->merge_provenance && weaker > PROVENANCE_INFERRED
               ? IDENTITY_RULE_NONE
               : IDENTITY_RULE_MERGE_PROVENANCE;
}

enum identity_rule candidate_merge_rule(const struct identity_rules *rules,
                                        const struct record *record,
                                        const struct candidate *candidate) {
    enum identity_rule why = IDENTITY_RULE_MERGE_TYPE;
    for (size_t i = 0; i < candidate->position_count; i++) {
        const enum identity_rule rule = candidate_identity_merge_rule(
            rules, record, candidate->profile, candidate->positions[i]);
        if (rule == IDENTITY_RULE_NONE) {
            return IDENTITY_RULE_NONE;
        }
        why = rule == IDENTITY_RULE_MERGE_PROVENANCE ? rule : why;
    }
    return why;
}

struct status candidate_join_rule(const struct resolve_context *context,
                                  const struct record *record, const struct candidate *first,
                                  const struct veto_person *joined,
                                  const struct candidate *candidate, enum identity_rule *out) {
    const struct identity_rules *rules = context->rules;
    enum identity_rule rule = candidate_merge_rule(rules, record, first);
    if (rule == IDENTITY_RULE_NONE) {
        rule = candidate_merge_rule(rules, record, candidate);
    }
    if (rule == IDENTITY_RULE_NONE) {
        const uint32_t vetoes =
            candidate_vetoes(rules, record, candidate) & candidate_vetoes(rules, record, first);
        struct veto_person person;
        TRY(veto_person_read(context->view, candidate->profile, &person));
        rule = veto_merge(rules, vetoes, joined, &person, store_view_arena(context->view));
    }
    *out = rule;
    return OK;
}
