/* Reviews of the person, and identities that it had to leave to others: judged with the person as
 * it was, and with the side that is left of it. */

#include "server/identity/redecide.h"

#include "server/identity/identity_rule.h"
#include "server/identity/merge.h"
#include "server/identity/owner.h"
#include "server/identity/rejudge.h"

struct status redecide_read(struct store_view *view, const struct random *random,
                            const struct profile *profile, struct redecide *out) {
    struct arena *arena = store_view_arena(view);
    struct members *together = NULL;
    *out = (struct redecide){.random = random};
    TRY(members_read(view, profile, &together));
    struct id *ids = arena_array(arena, together->count, sizeof *ids);
    for (size_t i = 0; i < together->count; i++) {
        ids[i] = together->items[i]->id;
    }
    out->together = together;
    out->merges = arena_array(arena, REDECIDE_MERGES_MAX, sizeof *out->merges);
    out->reviews = arena_array(arena, REDECIDE_MERGES_MAX, sizeof *out->reviews);
    return store_review_scan(view, STORE_REVIEWS_ALL, ids, together->count, (struct id){{0}},
                             REDECIDE_MERGES_MAX, out->reviews, &out->review_count);
}

/* Two sides as one tie; the person's is the one or the other. */
static struct tie tie_of(const struct store_merge *merge, const struct members *person,
                         const struct members *others) {
    const bool is_one = members_have(person, merge->one);
    const struct members *ones = is_one ? person : others;
    const struct members *rest = is_one ? others : person;
    return (struct tie){merge, ones->count, (const struct profile *const *)ones->items, rest->count,
                        (const struct profile *const *)rest->items};
}

/* Joins the side with the others, if only what is no longer part of it kept them apart. */
static struct status join(const struct members_context *context, struct redecide *redecide,
                          struct members *side, const struct members *others,
                          struct store_merge *merge, bool *out) {
    const struct tie tie = tie_of(merge, side, others);
    const struct tie before = tie_of(merge, redecide->together, others);
    struct cause cause;
    *out = false;
    TRY(cause_of_pair(context->view, &tie, &cause));
    if (cause_apart_rule(context, context->rules, &cause, &tie) != IDENTITY_RULE_NONE ||
        cause_apart_rule(context, context->rules, &cause, &before) == IDENTITY_RULE_NONE) {
        return OK;
    }
    merge->method = merge_method_undone;
    merge->rule_version = context->rules->version;
    merge->linked = !cause.by_claims && cause.first == NULL;
    TRY(merge_make(context, redecide->random, side, others, merge));
    redecide->merges[redecide->merge_count++] = *merge;
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

static struct status join_reviewed(const struct members_context *context, struct redecide *redecide,
                                   struct members *side, const struct store_review_place *place,
                                   bool *out) {
    bool found = false;
    struct store_review review;
    *out = false;
    TRY(store_review_get(context->view, place->one, place->other, &found, &review));
    if (!found || review.state == STORE_REVIEW_KEPT_APART || review.rule == IDENTITY_RULE_SIMILAR) {
        return OK;
    }
    const bool has_one = members_have(side, review.one);
    const struct id mine = has_one ? review.one : review.other;
    const struct id theirs = has_one ? review.other : review.one;
    struct members *others = NULL;
    if (members_have(side, mine)) {
        TRY(outsiders(context, redecide, side, theirs, &others));
    }
    if (others == NULL) {
        return OK;
    }
    const bool is_theirs = id_equal(review.decision_member, theirs);
    struct store_merge merge = {
        .one = is_theirs ? theirs : mine,
        .other = is_theirs ? mine : theirs,
        .decision = review.decision,
        .decision_member = review.decision_member,
    };
    if (!id_is_zero(review.decision) && !id_equal(merge.one, review.decision_member)) {
        return OK;
    }
    return join(context, redecide, side, others, &merge, out);
}

/* Whether the member's own state had the identity active while it was part of the person. */
static bool was_active(const struct redecide *redecide, struct id id,
                       const struct profile_identity *identity) {
    const struct members *together = redecide->together;
    for (size_t i = 0; i < together->count; i++) {
        if (id_equal(together->items[i]->id, id)) {
            const struct profile_identity *there = profile_identity_find(
                together->items[i], identity->type, identity->canonical, identity->match);
            return there != NULL && there->rule == IDENTITY_RULE_NONE;
        }
    }
    return false;
}

/* What was active by its own state, and is somebody else's: it was over a limit of all together. */
static struct status join_owner(const struct members_context *context, struct redecide *redecide,
                                struct members *side, struct profile *member, size_t position,
                                bool *out) {
    struct profile_identity *identity = &member->identities[position];
    const struct identity_type *type = identity_rules_find(context->rules, identity->type);
    struct identity_owners owners;
    *out = false;
    if (type == NULL || !was_active(redecide, member->id, identity)) {
        return OK;
    }
    TRY(identity_owners_find(context->view, context->rules, type, identity->canonical, &owners));
    for (size_t i = 0; i < owners.count && !*out; i++) {
        const struct rejudge_claim claim = {.type = type, .canonical = identity->canonical};
        struct store_merge merge = {.one = member->id};
        struct members *others = NULL;
        TRY(outsiders(context, redecide, side, owners.items[i]->id, &others));
        if (others == NULL ||
            !rejudge_claim_origin(&claim, owners.items[i], store_view_arena(context->view),
                                  &merge.other)) {
            continue;
        }
        const struct profile_identity was = *identity;
        identity->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
        identity->claimed = true;
        TRY(join(context, redecide, side, others, &merge, out));
        if (*out) {
            (void)members_change(side, member->id);
        } else {
            *identity = was;
        }
    }
    return OK;
}

static struct status join_owners(const struct members_context *context, struct redecide *redecide,
                                 struct members *side, bool *out) {
    *out = false;
    for (size_t i = 0; i < side->count; i++) {
        struct profile *member = side->items[i];
        for (size_t k = 0; k < member->identity_count && !*out; k++) {
            TRY(join_owner(context, redecide, side, member, k, out));
        }
        if (*out) {
            return OK; /* The members are others now. */
        }
    }
    return OK;
}

struct status redecide_side(const struct members_context *context, struct redecide *redecide,
                            const struct profile **profile) {
    for (bool more = true; more && redecide->merge_count < REDECIDE_MERGES_MAX;) {
        more = false;
        struct members *side = NULL;
        TRY(members_read(context->view, *profile, &side));
        for (size_t i = 0; i < redecide->review_count && !more; i++) {
            TRY(join_reviewed(context, redecide, side, &redecide->reviews[i], &more));
        }
        if (!more) {
            TRY(join_owners(context, redecide, side, &more));
        }
        if (more) {
            TRY(members_put(context, side, profile));
        }
    }
    return OK;
}
