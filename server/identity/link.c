/* Linking identities to a profile that somebody names. No decision is kept of it: like all that is
 * set by hand it stays with the member that it was told of, whatever rules come. */

#include "server/identity/link.h"

#include <string.h>

#include "server/base/limits.h"
#include "server/identity/lapse.h"
#include "server/identity/owner.h"
#include "server/identity/profile_identities.h"
#include "server/identity/review.h"
#include "server/identity/veto.h"

/* ---- one ---- */

static struct status find_other_owner(const struct members_context *context,
                                      const struct identity_type *type,
                                      const struct record_identity *identity,
                                      const struct profile *profile, const struct profile **out) {
    struct identity_owners owners;
    *out = NULL;
    TRY(identity_owners_find(context->view, context->rules, type, identity->canonical, &owners));
    for (size_t i = 0; i < owners.count && *out == NULL; i++) {
        *out = id_equal(owners.items[i]->id, profile->id) ? NULL : owners.items[i];
    }
    return OK;
}

/* Whether another profile has got the identity since it was over the limit of all members. */
static bool is_yielded(const struct profile *before, const struct profile_identity *identity) {
    const struct profile_identity *there =
        profile_identity_find(before, identity->type, identity->canonical, identity->match);
    return there != NULL && there->rule == IDENTITY_RULE_OWNED_ELSEWHERE;
}

/* `before` is what answers as it is written, `profile` what its members are together. */
static bool has_room(const struct identity_type *type, const struct record_identity *identity,
                     const struct profile *before, const struct profile *profile) {
    const struct profile_identity *there =
        profile_identity_find(profile, identity->type, identity->canonical, identity->match);
    if (there != NULL && there->rule == 0) {
        return true;
    }
    uint32_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        count += profile->identities[i].rule == 0 &&
                 strcmp(profile->identities[i].type, identity->type) == 0 &&
                 !is_yielded(before, &profile->identities[i]);
    }
    return count < type->limit &&
           (there != NULL || profile->identity_count < PROFILE_IDENTITIES_MAX);
}

/* Whose own it becomes: that of the member that has it already, else of the one named. */
static struct id member_of(const struct members *members, const struct identity_type *type,
                           const struct record_identity *identity, struct id named) {
    const struct id owner =
        members_identity_owner(members, identity_type_match_name(type), identity->match);
    return id_is_zero(owner) ? named : owner;
}

/* So that it can be told again as it was linked (retell.h); of several times the first is known,
 * unless a later one knew it better. */
static void know_by_hand(struct profile *member, const struct record_identity *identity,
                         int64_t now_us) {
    struct profile_identity *there = (struct profile_identity *)(uintptr_t)profile_identity_find(
        member, identity->type, identity->canonical, identity->match);
    const enum profile_provenance provenance = (enum profile_provenance)identity->provenance;
    if (there->hand_provenance == 0) {
        there->hand_us = now_us;
        there->hand_provenance = provenance;
    } else if (provenance > there->hand_provenance) {
        there->hand_us = 0;
    }
}

struct status identity_link(const struct members_context *context, const struct profile *profile,
                            struct id named, const struct record_identity *identity,
                            int64_t observe_us, struct identity_link *out) {
    const struct identity_type *type = identity_rules_find(context->rules, identity->type);
    *out = (struct identity_link){.rule = identity_rule_of(type, identity->canonical),
                                  .profile = profile};
    if (out->rule != IDENTITY_RULE_NONE) {
        return OK;
    }
    TRY(find_other_owner(context, type, identity, profile, &out->owner));
    if (out->owner != NULL) {
        out->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
        return OK;
    }
    struct members *members = NULL;
    TRY(members_read(context->view, profile, &members));
    TRY(members_rematch(context, members));
    if (!has_room(type, identity, profile, members_unify(context, members))) {
        out->rule = IDENTITY_RULE_OVER_LIMIT;
        return OK;
    }
    TRY(identity_lapse(context, type, identity->canonical, members));
    struct profile *member = members_change(members, member_of(members, type, identity, named));
    profile_identity_add(member, identity, IDENTITY_RULE_NONE,
                         (struct seen){observe_us, context->now_us},
                         store_view_arena(context->view));
    know_by_hand(member, identity, observe_us == context->now_us ? observe_us : 0);
    return members_put(context, members, &out->profile);
}

/* ---- what is not a person's after all ---- */

static void know_unlinked(struct profile *member, const struct profile_unlinked *unlinked,
                          struct arena *arena) {
    const size_t forgotten = member->unlinked_count == PROFILE_UNLINKED_MAX ? 1 : 0;
    struct profile_unlinked *known = arena_array(arena, member->unlinked_count + 1, sizeof *known);
    size_t count = 0;
    for (size_t i = forgotten; i < member->unlinked_count; i++) {
        known[count++] = member->unlinked[i];
    }
    known[count++] = *unlinked;
    member->unlinked = known;
    member->unlinked_count = count;
}

static void unlink_from(struct profile *member, const struct profile_unlinked *unlinked,
                        struct arena *arena) {
    const struct profile_identity *there =
        profile_identity_find(member, unlinked->type, unlinked->canonical, unlinked->match);
    if (there != NULL) {
        const size_t place = (size_t)(there - member->identities);
        member->identity_count--; /* The others stay in the order in which they were seen. */
        memmove(&member->identities[place], &member->identities[place + 1],
                (member->identity_count - place) * sizeof *member->identities);
    }
    know_unlinked(member, unlinked, arena);
}

void identity_unlink(struct members *members, const struct profile_unlinked *unlinked,
                     struct arena *arena) {
    for (size_t i = 0; i < members->count; i++) {
        unlink_from(members_change(members, members->items[i]->id), unlinked, arena);
    }
}

/* ---- those of a record ---- */

/* The member of its owner that has an identity. */
static struct id member_that_has(const struct profile *owner,
                                 const struct record_identity *identity) {
    const char *match_name = identity_match_name(identity->type);
    for (size_t i = 0; i < owner->identity_count; i++) {
        const struct profile_identity *there = &owner->identities[i];
        const bool is_same = strcmp(there->match, identity->match) == 0 ||
                             strcmp(there->canonical, identity->canonical) == 0;
        if (there->rule == IDENTITY_RULE_NONE && is_same &&
            strcmp(identity_match_name(there->type), match_name) == 0) {
            return there->origin;
        }
    }
    return owner->id;
}

static struct status review(const struct resolve_context *context, struct id named,
                            const struct record_identity *identity,
                            const struct identity_link *link) {
    const struct review_meeting meeting = {
        .one = {named, link->profile},
        .other = {member_that_has(link->owner, identity), link->owner},
        .rule = link->rule,
        .rule_version = context->rules->version,
    };
    enum review_outcome outcome;
    struct store_review queued;
    return veto_never_join(link->profile, link->owner)
               ? OK
               : review_meet(context->view, context->random, context->now_us, &meeting, &outcome,
                             &queued);
}

struct status identities_link(const struct resolve_context *context, const struct profile *profile,
                              struct id named, const struct record *record,
                              struct identity_decision **decisions, const struct profile **out) {
    const struct members_context put = {context->view, context->rules, context->attributes,
                                        context->now_us};
    *decisions =
        arena_array(store_view_arena(context->view), record->identity_count, sizeof **decisions);
    for (size_t i = 0; i < record->identity_count; i++) {
        const struct record_identity *identity = &record->identities[i];
        struct identity_link link;
        TRY(identity_link(&put, profile, named, identity, record->observe_us, &link));
        profile = link.profile;
        (*decisions)[i] = (struct identity_decision){.type = identity->type,
                                                     .canonical = identity->canonical,
                                                     .match = identity->match,
                                                     .rule = link.rule};
        if (link.owner != NULL) {
            (*decisions)[i].matched = true;
            (*decisions)[i].matched_id = link.owner->id;
            TRY(review(context, named, identity, &link));
        }
    }
    *out = profile;
    return OK;
}
