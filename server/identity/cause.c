/* Causes, as decisions and own states tell them. */

#include "server/identity/cause.h"

#include <assert.h>
#include <string.h>

#include "server/identity/merge.h"
#include "server/identity/profile_identities.h"
#include "server/identity/rejudge.h"
#include "server/identity/spelling.h"
#include "server/identity/veto_person.h"

const struct profile *tie_state(const struct profile *const *side, size_t count, struct id id) {
    for (size_t i = 0; i < count; i++) {
        if (id_equal(side[i]->id, id)) {
            return side[i];
        }
    }
    return NULL;
}

/* ---- reading ---- */

/* Of the candidates that were accepted the first was linked; with each of the others came a merge,
 * in their order. */
static bool find_candidates(const struct decision *decision, const struct store_merge *merge,
                            struct cause *out) {
    size_t merged = 0;
    while (merged < decision->merged_count &&
           !id_equal(decision->merged[merged], merge->decision_absorbed)) {
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

static struct status decision_read(struct store_view *view, const struct store_merge *merge,
                                   struct decision *decision, struct record *record) {
    struct bytes packed;
    TRY(store_decision_get(view, merge->decision_member, merge->decision, &packed));
    if (packed.data == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "the decision that relates two profiles has no row");
    }
    return decision_unpack(packed, merge->decision_member, store_view_arena(view), decision,
                           record);
}

static bool cause_is_good(const struct cause *cause) {
    const size_t count = cause->record.identity_count;
    return (cause->first == NULL || positions_are_good(cause->first, count)) &&
           positions_are_good(cause->second, count);
}

/* What the record itself brought is not what it was linked by. */
static struct status read_history(const struct members_context *context,
                                  const struct store_merge *merge, struct cause *cause) {
    struct history *history = arena_alloc(store_view_arena(context->view), sizeof *history);
    TRY(history_read(context->view, merge->decision_member, HISTORY_RECORDS_MAX, history));
    cause->position = history_find(history, merge->decision);
    cause->history = cause->position < history->count ? history : NULL;
    return OK;
}

struct status cause_of_merge(const struct members_context *context, const struct tie *tie,
                             struct cause *out) {
    const struct store_merge *merge = tie->merge;
    if (merge_is_by_rules(merge)) {
        return cause_of_pair(context, tie, out);
    }
    *out = (struct cause){.by_hand = id_is_zero(merge->decision)};
    if (out->by_hand) {
        return OK;
    }
    struct decision decision;
    TRY(decision_read(context->view, merge, &decision, &out->record));
    if (!find_candidates(&decision, merge, out) || !cause_is_good(out)) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "the decision that asked for a merge does not tell of it");
    }
    return read_history(context, merge, out);
}

/* All identities of the record may reach the other. */
static const struct candidate_decision *candidate_of_all(const struct record *record,
                                                         struct arena *arena) {
    struct candidate_decision *all = arena_alloc(arena, sizeof *all);
    all->position_count = record->identity_count;
    all->positions = arena_array(arena, record->identity_count, sizeof *all->positions);
    for (size_t i = 0; i < record->identity_count; i++) {
        all->positions[i] = (int32_t)i;
    }
    return all;
}

/* The candidate that the record was linked to, if that is one of the ones. A part that is back is
 * with it, whoever answered for it then. */
static const struct candidate_decision *find_first(const struct decision *decision,
                                                   const struct tie *tie) {
    const struct candidate_decision *accepted = NULL;
    for (size_t i = 0; i < decision->candidate_count; i++) {
        const struct candidate_decision *candidate = &decision->candidates[i];
        if (candidate->accepted && tie_state(tie->ones, tie->one_count, candidate->id) != NULL) {
            return candidate;
        }
        accepted = accepted == NULL && candidate->accepted ? candidate : accepted;
    }
    return tie->one_count > 1 ? accepted : NULL;
}

struct status cause_of_pair(const struct members_context *context, const struct tie *tie,
                            struct cause *out) {
    *out = (struct cause){.by_claims = id_is_zero(tie->merge->decision)};
    if (out->by_claims) {
        return OK;
    }
    struct decision decision;
    TRY(decision_read(context->view, tie->merge, &decision, &out->record));
    out->rule_version = decision.rule_version;
    out->first = tie->merge->parted ? NULL : find_first(&decision, tie);
    out->second = candidate_of_all(&out->record, store_view_arena(context->view));
    if (!cause_is_good(out)) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a decision tells of identities that it has not");
    }
    return read_history(context, tie->merge, out);
}

/* ---- judging ---- */

/* Whether the record still reaches a side by what it reached it by. */
static struct support support_of_side(const struct identity_rules *rules,
                                      const struct record *record,
                                      const struct candidate_decision *candidate,
                                      const struct profile *const *side, size_t count,
                                      struct arena *arena) {
    struct support support = support_none();
    for (size_t i = 0; i < candidate->position_count; i++) {
        const struct record_identity *told = &record->identities[candidate->positions[i]];
        support_add(rules, told->type, told->canonical, told->provenance, side, count, arena,
                    &support);
    }
    return support;
}

static struct support support_of_claims(const struct identity_rules *rules, const struct tie *tie,
                                        struct arena *arena) {
    struct support support = support_none();
    const struct profile *one = tie_state(tie->ones, tie->one_count, tie->merge->one);
    assert(one != NULL);
    for (size_t i = 0; i < one->identity_count; i++) {
        const struct profile_identity *identity = &one->identities[i];
        if (identity->claimed) {
            support_add(rules, identity->type, identity->canonical,
                        (enum provenance)identity->provenance, tie->others, tie->other_count, arena,
                        &support);
        }
    }
    return support;
}

/* How well the one knew the identity when the record was linked to it. */
static enum provenance known_then(const struct identity_rules *rules, const struct cause *cause,
                                  const struct tie *tie, const struct record_identity *told,
                                  struct arena *arena) {
    enum provenance best = PROVENANCE_UNSPECIFIED;
    for (size_t i = 0; i < tie->one_count; i++) {
        const struct profile *one = tie->ones[i];
        int64_t first_us = 0;
        const enum provenance known =
            id_equal(one->id, cause->history->profile)
                ? history_provenance(cause->history, cause->position, rules, told, one, arena)
                : spellings_known(rules, one, told->type, told->canonical, arena, &first_us);
        best = known > best ? known : best;
    }
    return best;
}

/* By what the record was linked to the one: by what that knew then. A part (part.h) that is alone
 * by now knows what the record tells that made it. */
static struct support support_of_first(const struct identity_rules *rules,
                                       const struct cause *cause, const struct tie *tie,
                                       struct arena *arena) {
    const struct candidate_decision *first = cause->first;
    if (cause->history == NULL || (cause->position == 0 && tie->one_count == 1)) {
        return support_of_side(rules, &cause->record, first, tie->ones, tie->one_count, arena);
    }
    struct support support = support_none();
    for (size_t i = 0; i < first->position_count; i++) {
        const struct record_identity *told = &cause->record.identities[first->positions[i]];
        support_add_known(rules, told->type, told->canonical, told->provenance,
                          known_then(rules, cause, tie, told, arena), &support);
    }
    return support;
}

struct support cause_support(const struct identity_rules *rules, const struct cause *cause,
                             const struct tie *tie, struct arena *arena) {
    assert(!cause->by_hand);
    if (cause->by_claims) {
        return support_of_claims(rules, tie, arena);
    }
    struct support other =
        support_of_side(rules, &cause->record, cause->second, tie->others, tie->other_count, arena);
    if (cause->first == NULL) {
        /* It would have been linked to the other: that needs no right to merge. */
        other.rule = other.reaches ? IDENTITY_RULE_NONE : other.rule;
        return other;
    }
    struct support one = support_of_first(rules, cause, tie, arena);
    one.reaches = one.reaches && other.reaches;
    one.rule = one.rule != IDENTITY_RULE_NONE ? one.rule : other.rule;
    one.vetoes &= other.vetoes;
    return one;
}

/* A side by the rules of the context: it may not have been judged by them before. */
static struct veto_person unify(const struct members_context *context,
                                const struct profile *const *side, size_t count) {
    struct arena *arena = store_view_arena(context->view);
    const struct members members = {
        .count = count,
        .items = arena_array(arena, count, sizeof *members.items),
        .merge_count = count - 1,
        .merges = arena_array(arena, count, sizeof *members.merges),
    };
    for (size_t i = 0; i < count; i++) {
        members.items[i] = profile_copy(side[i], arena);
        rejudge_state(context->rules, members.items[i], arena);
    }
    return veto_person_of(members_unify(context, &members), &members);
}

/* A record is linked whatever limits its types have: what is over them is contact data. */
static enum identity_rule link_rule(const struct identity_rules *rules, uint32_t vetoes,
                                    const struct veto_person *one, const struct veto_person *other,
                                    struct arena *arena) {
    struct vetoes all = {0};
    veto_merge_all(rules, vetoes, one, other, arena, &all);
    for (size_t i = 0; i < all.count; i++) {
        if (all.items[i].rule != IDENTITY_RULE_MERGE_LIMIT || all.items[i].type == NULL) {
            return all.items[i].rule;
        }
    }
    return IDENTITY_RULE_NONE;
}

enum identity_rule cause_apart_rule(const struct members_context *context,
                                    const struct identity_rules *rules, const struct cause *cause,
                                    const struct tie *tie) {
    struct arena *arena = store_view_arena(context->view);
    const struct support support = cause_support(rules, cause, tie, arena);
    if (support.rule != IDENTITY_RULE_NONE) {
        return support.rule;
    }
    struct members_context by_rules = *context;
    by_rules.rules = rules;
    const struct veto_person one = unify(&by_rules, tie->ones, tie->one_count);
    const struct veto_person other = unify(&by_rules, tie->others, tie->other_count);
    if (cause->by_claims || (cause->first != NULL && !tie->merge->parted)) {
        return veto_merge(rules, support.vetoes, &one, &other, arena);
    }
    /* It is linked: what it told counts, active by now or not. */
    const enum identity_rule rule =
        veto_record(rules, support.vetoes, &cause->record, &other, arena);
    if (rule != IDENTITY_RULE_NONE) {
        return rule;
    }
    return tie->merge->parted ? veto_merge_attributes(support.vetoes, &one, &other, arena)
                              : link_rule(rules, support.vetoes, &one, &other, arena);
}

/* Of the active identities of the type those that the record tells. */
static size_t count_told(const struct record *record, const char *type,
                         const struct profile *profile) {
    size_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *there = &profile->identities[i];
        bool told = false;
        for (size_t k = 0; k < record->identity_count && !told; k++) {
            const struct record_identity *identity = &record->identities[k];
            told = strcmp(identity->type, type) == 0 &&
                   (profile_identity_is_told_as(there, identity->canonical) ||
                    strcmp(identity->match, there->match) == 0);
        }
        count += told && there->rule == IDENTITY_RULE_NONE && strcmp(there->type, type) == 0;
    }
    return count;
}

bool cause_tells_both(const struct cause *cause, const char *type, const struct profile *one,
                      const struct profile *other) {
    return !cause->by_hand && !cause->by_claims &&
           count_told(&cause->record, type, one) == profile_identities_active(one, type) &&
           count_told(&cause->record, type, other) > 0;
}

struct status cause_is_open(const struct members_context *context, const struct cause *cause,
                            const struct tie *tie, bool *out) {
    *out = true;
    if (cause->by_hand || cause->by_claims || cause->first == NULL) {
        return OK;
    }
    const struct identity_rules *before = NULL;
    TRY(identity_rules_read_version(context->view, cause->rule_version, &before));
    *out = before == NULL || cause_apart_rule(context, before, cause, tie) != IDENTITY_RULE_NONE;
    return OK;
}
