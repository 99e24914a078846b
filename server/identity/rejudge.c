/* Identities under other rules: what each is follows from what it was, so that the rules of before
 * bring it back.
 *
 *   blocked now                 blocked, and remembers what it was
 *   was blocked                 what it was before that; active where it was told while blocked
 *   over a limit that is less   active, if there is room and nobody has it; else it is contact data
 *                               and remembers the limit
 *   claimed (below), and        active, unless somebody has it
 *   compared in another way,
 *   or nobody's any more
 *   active                      active, unless over the limit */

#include "server/identity/rejudge.h"

#include <string.h>

#include "server/identity/contact.h"
#include "server/identity/identity_rule.h"
#include "server/identity/lapse.h"
#include "server/identity/lent.h"
#include "server/identity/match_value.h"
#include "server/identity/owner.h"
#include "server/identity/profile_identities.h"
#include "server/identity/spelling.h"

void rejudge_identity(const struct identity_rules *rules, struct profile_identity *identity,
                      struct arena *arena) {
    const struct identity_type *type = identity_rules_find(rules, identity->type);
    if (type == NULL) {
        return;
    }
    const enum identity_rule was = (enum identity_rule)identity->rule;
    const enum identity_rule block = identity_rule_of(type, identity->canonical);
    const char *match = identity_match_value(type, identity->canonical, arena);
    const bool is_compared_anew = strcmp(match, identity->match) != 0;
    identity->match = match;
    if (block != IDENTITY_RULE_NONE) {
        if (!identity_rule_is_of_type(was)) {
            identity->rule_before = 1 + identity->rule;
        }
        identity->rule = block;
        return;
    }
    if (identity_rule_is_of_type(was)) {
        identity->rule = identity->rule_before == 0 ? 0 : identity->rule_before - 1;
        identity->rule_before = 0;
    }
    if (identity->rule == IDENTITY_RULE_OWNED_ELSEWHERE && identity->lent == 0 &&
        identity->over_limit > 0 && identity->over_limit >= type->limit) {
        identity->rule = IDENTITY_RULE_OVER_LIMIT;
    }
    if ((identity->rule == IDENTITY_RULE_OVER_LIMIT && identity->over_limit < type->limit) ||
        (identity->rule == IDENTITY_RULE_OWNED_ELSEWHERE && identity->claimed &&
         is_compared_anew)) {
        identity->rule = IDENTITY_RULE_NONE;
    }
}

void rejudge_state(const struct identity_rules *rules, struct profile *state, struct arena *arena) {
    spellings_part(state, arena);
    for (size_t i = 0; i < state->identity_count; i++) {
        rejudge_identity(rules, &state->identities[i], arena);
    }
    spellings_join(state, arena);
    profile_identities_limit(state, rules);
}

/* The identity as it was; NULL when it was not there. */
static const struct profile_identity *find_same(const struct profile *profile,
                                                const struct profile_identity *identity) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *there = &profile->identities[i];
        if (strcmp(there->type, identity->type) == 0 &&
            strcmp(there->canonical, identity->canonical) == 0) {
            return there;
        }
    }
    return NULL;
}

static bool is_as_before(const struct profile_identity *identity,
                         const struct profile_identity *before) {
    return before != NULL && identity->rule == before->rule &&
           strcmp(identity->match, before->match) == 0;
}

/* Makes contact data of what somebody else has. */
static void yield(struct profile_identity *identity) {
    identity->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
    identity->claimed = true;
}

static bool fellow_has(const struct members *members, size_t position,
                       const struct profile_identity *identity) {
    for (size_t i = 0; i < members->count; i++) {
        const struct profile *item = members->items[i];
        for (size_t k = 0; i != position && k < item->identity_count; k++) {
            const struct profile_identity *there = &item->identities[k];
            if (there->rule == IDENTITY_RULE_NONE && profile_identities_are_one(there, identity)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether no member and no other profile has it by the rules. */
static struct status is_nobodys(const struct members_context *context,
                                const struct members *members, size_t position,
                                const struct profile_identity *identity, bool *out) {
    const struct identity_type *type = identity_rules_find(context->rules, identity->type);
    struct identity_owners owners;
    *out = false;
    if (type == NULL || fellow_has(members, position, identity)) {
        return OK;
    }
    TRY(identity_owners_find(context->view, context->rules, type, identity->canonical, &owners));
    *out = true;
    for (size_t i = 0; i < owners.count; i++) {
        *out = *out && members_have(members, owners.items[i]->id);
    }
    return OK;
}

/* What was told while somebody had another address, which was compared as this one and is no more,
 * is claimed. */
static struct status claim_address(const struct members_context *context,
                                   const struct profile *member,
                                   struct profile_identity *identity) {
    const struct identity_type *type = identity_rules_find(context->rules, identity->type);
    if (type == NULL || type->normalizer != NORMALIZER_EMAIL || type->email_forms_before == 0) {
        return OK;
    }
    return contact_was_another(context, member, identity, &identity->claimed);
}

/* Who had what a member claimed may have let go of it since. */
static struct status free_claims(const struct members_context *context,
                                 const struct members *members, size_t position) {
    struct profile *member = members->items[position];
    spellings_part(member, store_view_arena(context->view));
    for (size_t i = 0; i < member->identity_count; i++) {
        struct profile_identity *identity = &member->identities[i];
        bool freed = false;
        if (identity->rule != IDENTITY_RULE_OWNED_ELSEWHERE || identity->lent != 0) {
            continue;
        }
        if (!identity->claimed) {
            TRY(claim_address(context, member, identity));
        }
        if (identity->claimed) {
            TRY(is_nobodys(context, members, position, identity, &freed));
        }
        identity->rule = freed ? IDENTITY_RULE_NONE : identity->rule;
    }
    spellings_join(member, store_view_arena(context->view));
    return OK;
}

struct status rejudge_free(const struct members_context *context, struct members *members) {
    for (size_t i = 0; i < members->count; i++) {
        TRY(free_claims(context, members, i));
    }
    return OK;
}

bool rejudge_claim_origin(const struct rejudge_claim *claim, const struct profile *owner,
                          struct arena *arena, struct id *out) {
    const char *match = identity_match_value(claim->type, claim->canonical, arena);
    for (size_t i = 0; i < owner->identity_count; i++) {
        const struct profile_identity *there = &owner->identities[i];
        if (there->rule == IDENTITY_RULE_NONE &&
            strcmp(identity_match_name(there->type), identity_type_match_name(claim->type)) == 0 &&
            (strcmp(there->match, match) == 0 ||
             profile_identity_is_told_as(there, claim->canonical))) {
            *out = there->origin;
            return true;
        }
    }
    return false;
}

/* Finds who else has an identity that matches from now on. */
static struct status claim(const struct members_context *context, const struct members *members,
                           const struct profile *member, struct profile_identity *identity,
                           struct rejudge_claims *out) {
    const struct identity_type *type = identity_rules_find(context->rules, identity->type);
    struct identity_owners owners;
    TRY(identity_owners_find(context->view, context->rules, type, identity->canonical, &owners));
    if (owners.lapsed_count > 0) { /* They are judged in their turn, if not by now. */
        TRY(identity_lapse(context, type, identity->canonical, members));
    }
    for (size_t i = 0; i < owners.count; i++) {
        if (members_have(members, owners.items[i]->id)) {
            continue;
        }
        yield(identity);
        out->items = arena_append(store_view_arena(context->view), out->items, out->count,
                                  sizeof *out->items);
        out->items[out->count++] = (struct rejudge_claim){
            .member = member->id,
            .owner = owners.items[i]->id,
            .type = type,
            .canonical = identity->canonical,
            .provenance = (enum provenance)identity->provenance,
        };
        return OK;
    }
    return OK;
}

static void forget_limits(struct profile *member) {
    for (size_t i = 0; i < member->identity_count; i++) {
        if (member->identities[i].rule == IDENTITY_RULE_NONE && member->identities[i].lent == 0) {
            member->identities[i].over_limit = 0;
        }
    }
}

static struct status settle_owners(const struct members_context *context, struct members *members,
                                   size_t position, const struct profile *before,
                                   struct rejudge_claims *out) {
    struct profile *member = members->items[position];
    for (size_t i = 0; i < member->identity_count; i++) {
        struct profile_identity *identity = &member->identities[i];
        if (identity->rule != IDENTITY_RULE_NONE ||
            is_as_before(identity, find_same(before, identity))) {
            continue;
        }
        if (fellow_has(members, position, identity)) {
            yield(identity);
        } else {
            TRY(claim(context, members, member, identity, out));
        }
    }
    return OK;
}

static bool is_changed(const struct profile *member, const struct profile *before) {
    for (size_t i = 0; i < member->identity_count; i++) {
        if (!is_as_before(&member->identities[i], find_same(before, &member->identities[i]))) {
            return true;
        }
    }
    return member->identity_count != before->identity_count;
}

struct status rejudge_members(const struct members_context *context, struct members *members,
                              struct rejudge_claims *out, bool *changed) {
    struct arena *arena = store_view_arena(context->view);
    const struct profile **before = arena_array(arena, members->count, sizeof *before);
    *out = (struct rejudge_claims){0};
    *changed = false;
    for (size_t i = 0; i < members->count; i++) {
        struct profile *member = members->items[i];
        before[i] = profile_copy(member, arena);
    }
    TRY(rejudge_free(context, members));
    for (size_t i = 0; i < members->count; i++) {
        rejudge_state(context->rules, members->items[i], arena);
    }
    for (size_t i = 0; i < members->count; i++) {
        TRY(settle_owners(context, members, i, before[i], out));
        forget_limits(members->items[i]);
    }
    for (size_t i = 0; i < members->count; i++) {
        if (is_changed(members->items[i], before[i])) {
            *changed = true;
            (void)members_change(members, members->items[i]->id);
        } else {
            members->items[i]->identities = before[i]->identities;
            members->items[i]->identity_count = before[i]->identity_count;
        }
    }
    return OK;
}

struct status rejudge_made(const struct members_context *context, struct members *members,
                           struct rejudge_claims *out) {
    *out = (struct rejudge_claims){0};
    struct arena *arena = store_view_arena(context->view);
    struct profile *member = members_change(members, members->items[0]->id);
    spellings_part(member, arena);
    for (size_t i = 0; i < member->identity_count; i++) {
        struct profile_identity *identity = &member->identities[i];
        lent_free(identity);
        rejudge_identity(context->rules, identity, arena);
    }
    spellings_join(member, arena);
    for (size_t i = 0; i < member->identity_count; i++) {
        if (member->identities[i].rule == IDENTITY_RULE_NONE) {
            TRY(claim(context, members, member, &member->identities[i], out));
        }
    }
    profile_identities_limit(member, context->rules);
    forget_limits(member);
    return OK;
}

struct status rejudge_claimed(const struct members_context *context, struct members *members,
                              struct id id, struct rejudge_claims *out) {
    *out = (struct rejudge_claims){0};
    struct profile *member = members_change(members, id);
    size_t position = 0;
    while (members->items[position] != member) {
        position++;
    }
    for (size_t i = 0; i < member->identity_count; i++) {
        struct profile_identity *identity = &member->identities[i];
        if (identity->rule != IDENTITY_RULE_OWNED_ELSEWHERE || !identity->claimed) {
            continue;
        }
        identity->rule = IDENTITY_RULE_NONE;
        if (fellow_has(members, position, identity)) {
            yield(identity);
        } else {
            TRY(claim(context, members, member, identity, out));
        }
    }
    return OK;
}
