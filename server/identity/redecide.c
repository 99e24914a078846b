/* Whom records related to the person, by its reviews, by what others have got of it, and by whom it
 * has left (redecide_apart.c): judged with the person as it was, and with the side that is left of
 * it. */

#include "server/identity/redecide.h"

#include <stdlib.h>
#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/merge.h"
#include "server/identity/owner.h"
#include "server/identity/rejudge.h"

/* ---- reading ---- */

void redecide_add(struct redecide *redecide, const struct redecide_pair *pair) {
    if (redecide->pair_count < REDECIDE_PAIRS_MAX) {
        redecide->pairs[redecide->pair_count] = *pair;
        redecide->pairs[redecide->pair_count].number = redecide->pair_count;
        redecide->pair_count++;
    }
}

/* The record of a review, and whom it was linked to: NULL where it made a profile. */
static struct status read_record(struct store_view *view, struct redecide_pair *pair,
                                 struct record *record) {
    struct bytes packed;
    struct decision decision;
    *record = (struct record){.identity_count = 0};
    if (id_is_zero(pair->decision)) {
        return OK;
    }
    TRY(store_decision_get(view, pair->one, pair->decision, &packed));
    if (packed.data == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "the decision of a review has no row");
    }
    TRY(decision_unpack(packed, pair->one, store_view_arena(view), &decision, record));
    for (size_t i = 0; decision.outcome != OUTCOME_CREATED && i < decision.candidate_count; i++) {
        if (decision.candidates[i].accepted) {
            pair->linked = &decision.candidates[i];
            return OK;
        }
    }
    return OK;
}

/* A review names the first whom a record reached; it may have reached others of the person too. */
static void add_others(struct redecide *redecide, const struct redecide_pair *pair,
                       const struct record *record) {
    const struct members *together = redecide->together;
    for (size_t i = 0; i < together->count; i++) {
        const struct profile *member = together->items[i];
        if (!members_have(together, pair->one) && !id_equal(member->id, pair->other) &&
            redecide_tells_of(record, member)) {
            struct redecide_pair other = *pair;
            other.other = member->id;
            redecide_add(redecide, &other);
        }
    }
}

bool redecide_had_right(enum identity_rule rule) {
    return rule != IDENTITY_RULE_MERGE_TYPE && rule != IDENTITY_RULE_MERGE_PROVENANCE;
}

static struct status read_review(struct store_view *view, struct redecide *redecide,
                                 const struct store_review_place *place) {
    bool found = false;
    struct store_review review;
    TRY(store_review_get(view, place->one, place->other, &found, &review));
    if (!found || review.state == STORE_REVIEW_KEPT_APART ||
        !identity_rule_keeps_apart(review.rule) || !redecide_had_right(review.rule)) {
        return OK;
    }
    const bool is_other = id_equal(review.decision_member, review.other);
    struct redecide_pair pair = {
        .one = is_other ? review.other : review.one,
        .other = is_other ? review.one : review.other,
        .decision = review.decision,
    };
    struct record record;
    TRY(read_record(view, &pair, &record));
    redecide_add(redecide, &pair);
    add_others(redecide, &pair, &record);
    return OK;
}

/* Reviews are listed the latest first. */
static struct status read_reviews(const struct members_context *context, struct redecide *redecide,
                                  int64_t merge_us) {
    struct store_view *view = context->view;
    struct arena *arena = store_view_arena(view);
    const struct members *together = redecide->together;
    struct id *ids = arena_array(arena, together->count, sizeof *ids);
    for (size_t i = 0; i < together->count; i++) {
        ids[i] = together->items[i]->id;
    }
    struct store_review_place *places = arena_array(arena, REDECIDE_REVIEWS_MAX, sizeof *places);
    struct id *reviewed = arena_array(arena, REDECIDE_REVIEWS_MAX, sizeof *reviewed);
    size_t count = 0;
    TRY(store_review_scan(view, STORE_REVIEWS_ALL, ids, together->count, (struct id){{0}},
                          REDECIDE_REVIEWS_MAX, places, &count));
    for (size_t i = count; i > 0; i--) {
        const struct store_review_place *place = &places[i - 1];
        reviewed[count - i] = members_have(together, place->one) ? place->other : place->one;
        TRY(read_review(view, redecide, place));
    }
    return redecide_read_reviewed(context, redecide, merge_us, reviewed, count);
}

static bool tells(const struct record *record, const struct profile_identity *identity) {
    for (size_t i = 0; i < record->identity_count; i++) {
        if (strcmp(identity_match_name(record->identities[i].type),
                   identity_match_name(identity->type)) == 0 &&
            profile_identity_is_told_as(identity, record->identities[i].canonical)) {
            return true;
        }
    }
    return false;
}

/* The first record that brought the identity to whoever has it: what somebody linked by hand is his
 * whose it was said to be. */
static struct status read_taken(const struct members_context *context, struct redecide *redecide,
                                const struct profile *member,
                                const struct profile_identity *identity,
                                const struct profile *owner) {
    struct arena *arena = store_view_arena(context->view);
    struct id origin;
    struct history history;
    struct members *owners = NULL;
    const struct rejudge_claim claim = {
        .type = identity_rules_find(context->rules, identity->type),
        .canonical = identity->canonical,
    };
    if (!rejudge_claim_origin(&claim, owner, arena, &origin)) {
        return OK;
    }
    TRY(members_read(context->view, owner, &owners));
    TRY(history_read(context->view, origin, HISTORY_RECORDS_MAX, &history));
    const struct profile *one =
        tie_state((const struct profile *const *)owners->items, owners->count, origin);
    for (size_t i = 0; one != NULL && i < history.count; i++) {
        if (tells(&history.records[i].record, identity)) {
            const struct redecide_pair pair = {
                .one = origin,
                .other = member->id,
                .decision = history.records[i].id,
                .first = redecide_first(context->rules, &history, i, one, arena),
                .was_lost = true,
            };
            redecide_add(redecide, &pair);
            return OK;
        }
    }
    return OK;
}

/* What a member's own state has active, and somebody else has: it was over a limit of all together.
 */
static struct status read_lost(const struct members_context *context, struct redecide *redecide) {
    const struct members *together = redecide->together;
    for (size_t i = 0; i < together->count; i++) {
        const struct profile *member = together->items[i];
        for (size_t k = 0; k < member->identity_count; k++) {
            const struct profile_identity *identity = &member->identities[k];
            const struct identity_type *type = identity_rules_find(context->rules, identity->type);
            const struct profile *owner = NULL;
            if (type == NULL || identity->rule != IDENTITY_RULE_NONE) {
                continue;
            }
            TRY(identity_owner_find(context->view, context->rules, type, identity->canonical,
                                    &owner));
            if (owner != NULL && !members_have(together, owner->id)) {
                TRY(read_taken(context, redecide, member, identity, owner));
            }
        }
    }
    return OK;
}

/* Ids of decisions come in their order; of one decision those that were found first. */
static int by_decision(const void *one, const void *other) {
    const struct redecide_pair *a = one;
    const struct redecide_pair *b = other;
    const int order = id_compare(a->decision, b->decision);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

struct status redecide_read(const struct members_context *context, const struct random *random,
                            const struct profile *profile, const struct store_merge *merge,
                            struct redecide *out) {
    struct arena *arena = store_view_arena(context->view);
    struct members *together = NULL;
    *out = (struct redecide){.random = random};
    TRY(members_read(context->view, profile, &together));
    out->together = together;
    out->pairs = arena_array(arena, REDECIDE_PAIRS_MAX, sizeof *out->pairs);
    out->merges = arena_array(arena, REDECIDE_PAIRS_MAX, sizeof *out->merges);
    TRY(read_reviews(context, out, merge->merge_us));
    TRY(read_lost(context, out));
    TRY(redecide_read_apart(context, out));
    if (out->pair_count > 0) {
        qsort(out->pairs, out->pair_count, sizeof *out->pairs, by_decision);
    }
    return OK;
}

/* ---- joining ---- */

/* Two sides as one tie; the person's is the one or the other. */
static struct tie tie_of(const struct store_merge *merge, const struct members *person,
                         const struct members *others) {
    const bool is_one = members_have(person, merge->one);
    const struct members *ones = is_one ? person : others;
    const struct members *rest = is_one ? others : person;
    return (struct tie){merge, ones->count, (const struct profile *const *)ones->items, rest->count,
                        (const struct profile *const *)rest->items};
}

/* What asks for the two to be one: of a record that was linked, whom it was linked to. */
static struct status cause_read(const struct members_context *context,
                                const struct redecide_pair *pair, const struct tie *tie,
                                struct cause *out) {
    TRY(cause_of_pair(context, tie, out));
    if (pair->first != NULL) {
        out->first = pair->first;
    } else if (out->first == NULL) {
        out->first = pair->linked;
    }
    return OK;
}

/* Joins the side with the others, if only what is no longer part of it kept them apart. */
static struct status join(const struct members_context *context, struct redecide *redecide,
                          struct members *side, const struct members *others,
                          const struct redecide_pair *pair, bool *out) {
    struct store_merge merge = {.one = pair->one, .other = pair->other};
    if (!id_is_zero(pair->decision)) {
        merge.decision = pair->decision;
        merge.decision_member = pair->one;
    }
    const struct tie tie = tie_of(&merge, side, others);
    const struct tie before = tie_of(&merge, redecide->together, others);
    struct cause cause;
    *out = false;
    TRY(cause_read(context, pair, &tie, &cause));
    if (cause_apart_rule(context, context->rules, &cause, &tie) != IDENTITY_RULE_NONE ||
        (!pair->was_lost &&
         cause_apart_rule(context, context->rules, &cause, &before) == IDENTITY_RULE_NONE)) {
        return OK;
    }
    merge.method = merge_method_undone;
    merge.rule_version = context->rules->version;
    merge.linked = !cause.by_claims && cause.first == NULL;
    TRY(merge_make(context, redecide->random, side, others, &merge));
    redecide->merges[redecide->merge_count++] = merge;
    *out = true;
    return OK;
}

/* The members of whoever answers for the profile; NULL where it is part of the person, or gone. */
static struct status outsiders(const struct members_context *context,
                               const struct redecide *redecide, const struct members *side,
                               struct id id, struct members **out) {
    const struct profile *profile = NULL;
    *out = NULL;
    TRY(store_profile_follow(context->view, id, &profile));
    if (profile == NULL || !profile_is_live(profile) || members_have(side, profile->id) ||
        members_have(redecide->together, id)) {
        return OK;
    }
    return members_read(context->view, profile, out);
}

static struct status join_pair(const struct members_context *context, struct redecide *redecide,
                               struct members *side, const struct redecide_pair *pair, bool *out) {
    const bool has_one = members_have(side, pair->one);
    struct members *others = NULL;
    *out = false;
    if ((has_one || members_have(side, pair->other)) &&
        redecide->merge_count < REDECIDE_PAIRS_MAX) {
        TRY(outsiders(context, redecide, side, has_one ? pair->other : pair->one, &others));
    }
    return others == NULL ? OK : join(context, redecide, side, others, pair, out);
}

/* Joins the pair where it concerns one of the sides: *side answers for all of it then. */
static struct status join_side(const struct members_context *context, struct redecide *redecide,
                               const struct redecide_pair *pair, const struct profile **side,
                               bool *joins) {
    bool joined = false;
    struct members *members = NULL;
    TRY(members_read(context->view, *side, &members));
    TRY(join_pair(context, redecide, members, pair, &joined));
    *joins = *joins || joined;
    return joined ? members_put(context, members, side) : OK;
}

/* In the order of records, be they of the one side or of the other: who was joined first may be in
 * the way of others. Each that is joined may bring what joins another: until nobody is. */
struct status redecide_join(const struct members_context *context, struct redecide *redecide,
                            const struct profile **survivor, const struct profile **restored) {
    for (bool joins = true; joins;) {
        joins = false;
        for (size_t i = 0; i < redecide->pair_count; i++) {
            TRY(join_side(context, redecide, &redecide->pairs[i], survivor, &joins));
            TRY(join_side(context, redecide, &redecide->pairs[i], restored, &joins));
        }
    }
    return OK;
}
