/* Ties under other rules. Nothing here looks at what identities are now, active or contact data:
 * that comes and goes with rules, what was told stays. */

#include "server/identity/tie.h"

#include <assert.h>
#include <string.h>

#include "server/identity/decision.h"
#include "server/identity/identity_rule.h"
#include "server/identity/match_value.h"
#include "server/identity/reapply.h"
#include "server/identity/veto.h"

/* What joined the two. */
struct cause {
    bool by_rules;                           /* By ApplyIdentityTypes: what they have in common. */
    struct record record;                    /* Otherwise a record, which */
    const struct candidate_decision *first;  /* was linked to the one, */
    const struct candidate_decision *second; /* and reached the other. */
};

/* By what rules join two. */
struct tie_support {
    bool found;      /* An identity in common may join them. */
    uint32_t vetoes; /* The attributes on which all types agree that they veto. */
};

static const struct tie_support NO_SUPPORT = {.found = false, .vetoes = UINT32_MAX};

static const struct profile *state_of(const struct profile *const *side, size_t count,
                                      struct id id) {
    for (size_t i = 0; i < count; i++) {
        if (id_equal(side[i]->id, id)) {
            return side[i];
        }
    }
    return NULL;
}

/* ---- an identity on a side ---- */

/* An identity that matches by the rules: what is looked for. */
struct sought {
    const struct identity_type *type;
    const char *canonical;
    const char *match;
    enum provenance provenance;
};

/* False when it matches nobody. */
static bool sought_make(const struct identity_rules *rules, const char *type, const char *canonical,
                        enum provenance provenance, struct arena *arena, struct sought *out) {
    out->type = identity_rules_find(rules, type);
    if (out->type == NULL || identity_rule_of(out->type, canonical) != IDENTITY_RULE_NONE) {
        return false;
    }
    out->canonical = canonical;
    out->match = identity_match_value(out->type, canonical, arena);
    out->provenance = provenance;
    return true;
}

static bool is_same(const struct identity_rules *rules, const struct sought *sought,
                    const struct profile_identity *there, struct arena *arena) {
    if (strcmp(identity_match_name(there->type), identity_type_match_name(sought->type)) != 0) {
        return false;
    }
    const struct identity_type *type = identity_rules_find(rules, there->type);
    return strcmp(there->canonical, sought->canonical) == 0 ||
           (type != NULL &&
            strcmp(identity_match_value(type, there->canonical, arena), sought->match) == 0);
}

static enum provenance weaker(enum provenance one, enum provenance other) {
    return one < other ? one : other;
}

static bool joins(const struct identity_type *type, enum provenance provenance) {
    return type->merge && provenance >= type->merge_provenance && provenance > PROVENANCE_INFERRED;
}

/* Adds what one identity of the record says of a side: of those that are the same, the one that is
 * known best counts. */
static void add_reached(const struct identity_rules *rules, const struct sought *sought,
                        const struct profile *const *side, size_t count, struct arena *arena,
                        struct tie_support *out) {
    enum provenance best = PROVENANCE_UNSPECIFIED;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < side[i]->identity_count; k++) {
            const struct profile_identity *there = &side[i]->identities[k];
            if ((enum provenance)there->provenance > best && is_same(rules, sought, there, arena)) {
                best = (enum provenance)there->provenance;
            }
        }
    }
    if (best != PROVENANCE_UNSPECIFIED) {
        out->vetoes &= sought->type->vetoes;
        out->found = out->found || joins(sought->type, weaker(best, sought->provenance));
    }
}

/* ---- what joins by the rules ---- */

/* Whether the record still reaches a side by what it reached it by. */
static struct tie_support support_of_side(const struct identity_rules *rules,
                                          const struct record *record,
                                          const struct candidate_decision *candidate,
                                          const struct profile *const *side, size_t count,
                                          struct arena *arena) {
    struct tie_support support = NO_SUPPORT;
    for (size_t i = 0; i < candidate->position_count; i++) {
        const struct record_identity *told = &record->identities[candidate->positions[i]];
        struct sought sought;
        if (sought_make(rules, told->type, told->canonical, told->provenance, arena, &sought)) {
            add_reached(rules, &sought, side, count, arena, &support);
        }
    }
    return support;
}

/* The same of what ApplyIdentityTypes joined: the one claimed identities that the other has. */
static struct tie_support support_of_claims(const struct identity_rules *rules,
                                            const struct tie *tie, struct arena *arena) {
    struct tie_support support = NO_SUPPORT;
    const struct profile *one = state_of(tie->ones, tie->one_count, tie->merge->one);
    assert(one != NULL);
    for (size_t k = 0; k < one->identity_count; k++) {
        const struct profile_identity *identity = &one->identities[k];
        struct sought sought;
        if (identity->claimed &&
            sought_make(rules, identity->type, identity->canonical,
                        (enum provenance)identity->provenance, arena, &sought)) {
            add_reached(rules, &sought, tie->others, tie->other_count, arena, &support);
        }
    }
    return support;
}

static struct tie_support support_of(const struct identity_rules *rules, const struct cause *cause,
                                     const struct tie *tie, struct arena *arena) {
    if (cause->by_rules) {
        return support_of_claims(rules, tie, arena);
    }
    const struct tie_support one =
        support_of_side(rules, &cause->record, cause->first, tie->ones, tie->one_count, arena);
    const struct tie_support other =
        support_of_side(rules, &cause->record, cause->second, tie->others, tie->other_count, arena);
    return (struct tie_support){one.found && other.found, one.vetoes & other.vetoes};
}

/* ---- what joined them ---- */

/* Of the candidates that were accepted the first was linked; with each of the others came a merge,
 * in their order. */
static bool find_candidates(const struct decision *decision, const struct store_merge *merge,
                            struct cause *out) {
    size_t merged = 0;
    while (merged < decision->merged_count &&
           !id_equal(decision->merged[merged], merge->absorbed)) {
        merged++;
    }
    size_t accepted = 0;
    for (size_t i = 0; i < decision->candidate_count; i++) {
        const struct candidate_decision *candidate = &decision->candidates[i];
        if (!candidate->accepted) {
            continue;
        }
        if (accepted == 0) {
            out->first = candidate;
        } else if (accepted == merged + 1) {
            out->second = candidate;
        }
        accepted++;
    }
    return merged < decision->merged_count && out->second != NULL;
}

static bool positions_are_good(const struct candidate_decision *candidate, size_t count) {
    for (size_t i = 0; i < candidate->position_count; i++) {
        if (candidate->positions[i] < 0 || (size_t)candidate->positions[i] >= count) {
            return false;
        }
    }
    return true;
}

/* *known is false where somebody joined the two by hand. */
static struct status cause_read(struct store_view *view, const struct store_merge *merge,
                                struct cause *out, bool *known) {
    *out = (struct cause){.by_rules = strcmp(merge->method, reapply_method) == 0};
    *known = out->by_rules || !id_is_zero(merge->decision);
    if (out->by_rules || !*known) {
        return OK;
    }
    struct bytes packed;
    TRY(store_decision_get(view, merge->decision_member, merge->decision, &packed));
    if (packed.data == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "the decision that asked for a merge has no row");
    }
    struct decision decision;
    TRY(decision_unpack(packed, merge->decision_member, store_view_arena(view), &decision,
                        &out->record));
    if (!find_candidates(&decision, merge, out) ||
        !positions_are_good(out->first, out->record.identity_count) ||
        !positions_are_good(out->second, out->record.identity_count)) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "the decision that asked for a merge does not tell of it");
    }
    return OK;
}

/* The rules that the merge was made by; NULL when they are not kept. */
static struct status rules_of(const struct members_context *context,
                              const struct store_merge *merge, const struct identity_rules **out) {
    if (merge->rule_version == context->rules->version) {
        *out = context->rules;
        return OK;
    }
    return identity_rules_read_version(context->view, merge->rule_version, out);
}

/* ---- rules that say the same of it ---- */

/* Whether two rules say the same of an identity. */
static bool say_the_same(const struct identity_rules *rules, const struct identity_rules *others,
                         const char *type_name, const char *canonical) {
    const struct identity_type *type = identity_rules_find(rules, type_name);
    const struct identity_type *other = identity_rules_find(others, type_name);
    return type != NULL && other != NULL && type->merge == other->merge &&
           type->merge_provenance == other->merge_provenance && type->vetoes == other->vetoes &&
           type->email_form == other->email_form &&
           (identity_rule_of(type, canonical) == IDENTITY_RULE_NONE) ==
               (identity_rule_of(other, canonical) == IDENTITY_RULE_NONE);
}

static bool say_the_same_of(const struct identity_rules *rules, const struct identity_rules *others,
                            const struct record *record,
                            const struct candidate_decision *candidate) {
    for (size_t i = 0; i < candidate->position_count; i++) {
        const struct record_identity *told = &record->identities[candidate->positions[i]];
        if (!say_the_same(rules, others, told->type, told->canonical)) {
            return false;
        }
    }
    return true;
}

static bool say_the_same_of_claims(const struct identity_rules *rules,
                                   const struct identity_rules *others, const struct tie *tie) {
    const struct profile *one = state_of(tie->ones, tie->one_count, tie->merge->one);
    assert(one != NULL);
    for (size_t i = 0; i < one->identity_count; i++) {
        const struct profile_identity *identity = &one->identities[i];
        if (identity->claimed &&
            !say_the_same(rules, others, identity->type, identity->canonical)) {
            return false;
        }
    }
    return true;
}

/* Whether the rules and those of the merge say the same of all that joined the two: then it is as
 * it was, whatever else has become of them. */
static struct status is_as_it_was(const struct members_context *context, const struct tie *tie,
                                  const struct cause *cause, bool *out) {
    const struct identity_rules *before = NULL;
    TRY(rules_of(context, tie->merge, &before));
    if (before == NULL) {
        *out = false;
    } else if (cause->by_rules) {
        *out = say_the_same_of_claims(context->rules, before, tie);
    } else {
        *out = say_the_same_of(context->rules, before, &cause->record, cause->first) &&
               say_the_same_of(context->rules, before, &cause->record, cause->second);
    }
    return OK;
}

/* ---- judging ---- */

/* Whether an attribute of the two differs that vetoes by the rules, and did not by those of the
 * merge. */
static struct status is_vetoed(const struct members_context *context, const struct tie *tie,
                               const struct cause *cause, uint32_t vetoes, bool *out) {
    struct arena *arena = store_view_arena(context->view);
    const struct profile *one = state_of(tie->ones, tie->one_count, tie->merge->one);
    const struct profile *other = state_of(tie->others, tie->other_count, tie->merge->other);
    assert(one != NULL && other != NULL);
    *out = false;
    if (veto_merge_attributes(vetoes, one, other, arena) == IDENTITY_RULE_NONE) {
        return OK;
    }
    const struct identity_rules *before = NULL;
    TRY(rules_of(context, tie->merge, &before));
    if (before != NULL) {
        vetoes &= ~support_of(before, cause, tie, arena).vetoes;
        *out = veto_merge_attributes(vetoes, one, other, arena) != IDENTITY_RULE_NONE;
    }
    return OK;
}

struct status tie_is_to_go(const struct members_context *context, const struct tie *tie,
                           bool *out) {
    *out = false;
    if (tie->merge->rule_version == context->rules->version) {
        return OK;
    }
    struct arena *arena = store_view_arena(context->view);
    struct cause cause;
    bool known = false;
    TRY(cause_read(context->view, tie->merge, &cause, &known));
    if (!known) {
        return OK;
    }
    bool as_it_was = false;
    TRY(is_as_it_was(context, tie, &cause, &as_it_was));
    if (as_it_was) {
        return OK;
    }
    const struct tie_support support = support_of(context->rules, &cause, tie, arena);
    if (support.found) {
        return is_vetoed(context, tie, &cause, support.vetoes, out);
    }
    /* What was unlinked since, say, is no work of the rules. */
    const struct identity_rules *before = NULL;
    TRY(rules_of(context, tie->merge, &before));
    *out = before == NULL || support_of(before, &cause, tie, arena).found;
    return OK;
}

struct status tie_may_stand(const struct members_context *context, const struct tie *tie,
                            bool *out) {
    struct cause cause;
    bool known = false;
    TRY(cause_read(context->view, tie->merge, &cause, &known));
    *out = false;
    if (known) {
        TRY(is_as_it_was(context, tie, &cause, out));
    }
    if (!known || *out) {
        return OK;
    }
    const struct tie_support support =
        support_of(context->rules, &cause, tie, store_view_arena(context->view));
    if (support.found) {
        TRY(is_vetoed(context, tie, &cause, support.vetoes, out));
        *out = !*out;
    }
    return OK;
}
