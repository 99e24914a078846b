/* Ties under other rules, by what asked for them. */

#include "server/identity/tie.h"

#include <assert.h>
#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/merge.h"
#include "server/identity/tie_extend.h"
#include "server/identity/veto.h"

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

/* The same of the types of its family: what it reached may be another one's. */
static bool say_the_same_of_family(const struct identity_rules *rules,
                                   const struct identity_rules *others, const char *type_name,
                                   const char *canonical) {
    for (size_t i = 0; i < rules->type_count; i++) {
        const struct identity_type *type = &rules->types[i];
        if (strcmp(identity_type_match_name(type), identity_match_name(type_name)) == 0 &&
            !say_the_same(rules, others, type->name, canonical)) {
            return false;
        }
    }
    return true;
}

static bool say_the_same_of(const struct identity_rules *rules, const struct identity_rules *others,
                            const struct record *record,
                            const struct candidate_decision *candidate) {
    for (size_t i = 0; i < candidate->position_count; i++) {
        const struct record_identity *told = &record->identities[candidate->positions[i]];
        if (!say_the_same_of_family(rules, others, told->type, told->canonical)) {
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
    const struct veto_person one =
        veto_person_alone(tie_state(tie->ones, tie->one_count, tie->merge->one));
    const struct veto_person other =
        veto_person_alone(tie_state(tie->others, tie->other_count, tie->merge->other));
    assert(one.profile != NULL && other.profile != NULL);
    *out = false;
    if (veto_merge_attributes(vetoes, &one, &other, arena) == IDENTITY_RULE_NONE) {
        return OK;
    }
    const struct identity_rules *before = NULL;
    TRY(rules_of(context, tie->merge, &before));
    if (before != NULL) {
        vetoes &= ~cause_support(before, cause, tie, arena).vetoes;
        *out = veto_merge_attributes(vetoes, &one, &other, arena) != IDENTITY_RULE_NONE;
    }
    return OK;
}

/* Whether the rules are those again by which a review kept the two apart before others joined them.
 * Then they are two, though no rule may keep them apart any more: what once did may have gone since
 * (an unmerge), and the rules of then did not join them for that. */
static struct status is_back(const struct members_context *context, const struct store_merge *merge,
                             bool *out) {
    const struct identity_rules *then = NULL;
    *out = false;
    if (merge->apart_version != 0) {
        TRY(identity_rules_read_version(context->view, merge->apart_version, &then));
        *out = then != NULL && identity_rules_are_alike(context->rules, then);
    }
    return OK;
}

/* Whether somebody comes back to one of the two by whom a review had kept them apart. */
static struct status is_apart_again(const struct members_context *context, const struct tie *tie,
                                    const struct cause *cause, bool *out) {
    struct tie then;
    *out = false;
    if (tie->merge->apart_version == 0 || id_is_zero(tie->merge->decision)) {
        return OK;
    }
    TRY(tie_extend(context, tie, TIE_EXTEND_BACK, id_time_us(tie->merge->decision), &then));
    *out = (then.one_count > tie->one_count || then.other_count > tie->other_count) &&
           cause_apart_rule(context, context->rules, cause, &then) != IDENTITY_RULE_NONE;
    return OK;
}

/* Whether the others had something by which the record reaches them before it came: what they were
 * told since it was not linked by. */
static struct status was_reached(const struct members_context *context,
                                 const struct identity_rules *rules, const struct tie *tie,
                                 const struct record *record, bool *out) {
    struct support support = support_none();
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *told = &record->identities[i];
        enum provenance known = PROVENANCE_UNSPECIFIED;
        for (size_t k = 0; k < tie->other_count && known == PROVENANCE_UNSPECIFIED; k++) {
            TRY(history_provenance_before(context->view, tie->merge->decision, rules, told,
                                          tie->others[k], &known));
        }
        if (known != PROVENANCE_UNSPECIFIED) {
            support_add(rules, told->type, told->canonical, told->provenance, tie->others,
                        tie->other_count, store_view_arena(context->view), &support);
        }
    }
    *out = support.reaches;
    return OK;
}

/* Whether rules join what ApplyIdentityTypes joined: limits count there. */
static struct status are_joined(const struct members_context *context,
                                const struct identity_rules *rules, const struct cause *cause,
                                const struct tie *tie, bool *out) {
    *out = cause_apart_rule(context, rules, cause, tie) == IDENTITY_RULE_NONE;
    return *out && tie->merge->linked ? was_reached(context, rules, tie, &cause->record, out) : OK;
}

/* The same of what ApplyIdentityTypes joined. */
static struct status applied_is_to_go(const struct members_context *context, const struct tie *tie,
                                      const struct cause *cause, bool *out) {
    TRY(is_back(context, tie->merge, out));
    if (*out) {
        return OK;
    }
    struct cause then = *cause;
    then.first = tie->merge->linked ? NULL : cause->first;
    bool joined = false;
    TRY(are_joined(context, context->rules, &then, tie, &joined));
    if (joined) {
        return is_apart_again(context, tie, &then, out);
    }
    /* What was unlinked since, say, is no work of the rules. */
    const struct identity_rules *before = NULL;
    TRY(rules_of(context, tie->merge, &before));
    *out = before == NULL;
    return *out ? OK : are_joined(context, before, &then, tie, out);
}

struct status tie_is_to_go(const struct members_context *context, const struct tie *tie,
                           bool *out) {
    *out = false;
    if (tie->merge->rule_version == context->rules->version) {
        return OK;
    }
    struct arena *arena = store_view_arena(context->view);
    struct cause cause;
    TRY(cause_of_merge(context, tie, &cause));
    if (cause.by_hand) {
        return OK;
    }
    if (merge_is_by_rules(tie->merge)) {
        return applied_is_to_go(context, tie, &cause, out);
    }
    bool as_it_was = false;
    TRY(is_as_it_was(context, tie, &cause, &as_it_was));
    if (as_it_was) {
        return OK;
    }
    const struct support support = cause_support(context->rules, &cause, tie, arena);
    if (support.rule == IDENTITY_RULE_NONE) {
        return is_vetoed(context, tie, &cause, support.vetoes, out);
    }
    const struct identity_rules *before = NULL;
    TRY(rules_of(context, tie->merge, &before));
    *out = before == NULL || cause_support(before, &cause, tie, arena).rule == IDENTITY_RULE_NONE;
    return OK;
}

/* The same of what ApplyIdentityTypes joined and took apart. A part that is back where it came from
 * joins nobody whom its record did not join there, by rules that say the same. */
static struct status applied_may_stand(const struct members_context *context, const struct tie *tie,
                                       const struct cause *cause, bool *out) {
    TRY(is_back(context, tie->merge, out));
    if (*out) {
        *out = false;
        return OK;
    }
    TRY(are_joined(context, context->rules, cause, tie, out));
    return *out && tie->merge->linked ? cause_is_open(context, cause, tie, out) : OK;
}

struct status tie_may_stand(const struct members_context *context, const struct tie *tie,
                            bool *out) {
    struct cause cause;
    TRY(cause_of_merge(context, tie, &cause));
    *out = false;
    if (cause.by_hand) {
        return OK;
    }
    if (merge_is_by_rules(tie->merge)) {
        return applied_may_stand(context, tie, &cause, out);
    }
    TRY(is_as_it_was(context, tie, &cause, out));
    if (*out) {
        return OK;
    }
    const struct support support =
        cause_support(context->rules, &cause, tie, store_view_arena(context->view));
    if (support.rule == IDENTITY_RULE_NONE) {
        TRY(is_vetoed(context, tie, &cause, support.vetoes, out));
        *out = !*out;
    }
    return OK;
}
