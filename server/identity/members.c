/* Members of a person: reading, tying, splitting, unifying and writing them. */

#include "server/identity/members.h"

#include <assert.h>
#include <string.h>

#include "server/identity/identity_rule.h"
#include "server/identity/profile_identities.h"
#include "server/identity/survivorship.h"

bool profile_is_older(const struct profile *one, const struct profile *other) {
    if (one->create_us != other->create_us) {
        return one->create_us < other->create_us;
    }
    return id_compare(one->id, other->id) < 0;
}

bool profile_has_member(const struct profile *profile, struct id id) {
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        if (id_equal(profile->absorbed[i], id)) {
            return true;
        }
    }
    return id_equal(profile->id, id);
}

struct status members_context_read(struct store_view *view, int64_t now_us,
                                   struct members_context *out) {
    *out = (struct members_context){.view = view, .now_us = now_us};
    TRY(identity_rules_read(view, &out->rules));
    return attribute_rules_read(view, &out->attributes);
}

static struct members *members_of(size_t count_max, struct arena *arena) {
    struct members *members = arena_alloc(arena, sizeof *members);
    members->items = arena_array(arena, count_max, sizeof *members->items);
    members->changed = arena_array(arena, count_max, sizeof *members->changed);
    members->merges = arena_array(arena, count_max, sizeof *members->merges);
    members->before = arena_array(arena, count_max, sizeof *members->before);
    return members;
}

struct members *members_new(struct profile *profile, struct arena *arena) {
    struct members *members = members_of(1, arena);
    members->items[members->count++] = profile;
    members->changed[0] = true;
    return members;
}

/* A copy of a member's own state, which has no other members, and tells what was cleared. */
static struct profile *state_of(const struct profile *row, struct arena *arena) {
    struct profile *state = profile_copy(row, arena);
    state->absorbed_count = 0;
    state->attribute_count += state->cleared_count;
    state->cleared_count = 0;
    return state;
}

struct status member_state_read(struct store_view *view, const struct profile *profile,
                                struct id member, const struct profile **out) {
    const struct profile *state = profile;
    if (!id_equal(profile->id, member)) {
        TRY(store_profile_get(view, member, &state));
    } else if (profile->absorbed_count > 0) {
        TRY(store_own_get(view, member, &state));
    }
    if (state == NULL) {
        return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT,
                         "a member of a profile has no state of its own");
    }
    *out = state;
    return OK;
}

struct status members_read(struct store_view *view, const struct profile *profile,
                           struct members **out) {
    assert(id_is_zero(profile->merged_into));
    struct arena *arena = store_view_arena(view);
    struct members *members = members_of(profile->absorbed_count + 1, arena);
    members->before[members->before_count++] = profile;
    const struct profile *own = NULL;
    TRY(member_state_read(view, profile, profile->id, &own));
    members->items[members->count++] = state_of(own, arena);
    for (size_t i = 0; i < profile->absorbed_count; i++) {
        TRY(member_state_read(view, profile, profile->absorbed[i], &own));
        members->items[members->count++] = state_of(own, arena);
        members->merges[members->merge_count++] = profile->merges[i];
    }
    *out = members;
    return OK;
}

static size_t position_of(const struct members *members, struct id id) {
    size_t at = 0;
    while (at < members->count && !id_equal(members->items[at]->id, id)) {
        at++;
    }
    return at;
}

bool members_have(const struct members *members, struct id id) {
    return position_of(members, id) < members->count;
}

struct profile *members_change(struct members *members, struct id id) {
    const size_t at = position_of(members, id);
    if (at == members->count) {
        return NULL;
    }
    members->changed[at] = true;
    return members->items[at];
}

struct id members_identity_owner(const struct members *members, const char *match_as,
                                 const char *match) {
    for (size_t i = 0; i < members->count; i++) {
        const struct profile *item = members->items[i];
        for (size_t k = 0; k < item->identity_count; k++) {
            const struct profile_identity *identity = &item->identities[k];
            if (identity->rule == IDENTITY_RULE_NONE && strcmp(identity->match, match) == 0 &&
                strcmp(identity_match_name(identity->type), match_as) == 0) {
                return item->id;
            }
        }
    }
    return (struct id){{0}};
}

/* ---- ties ---- */

static void add(struct members *members, struct profile *item, bool changed) {
    size_t at = members->count++;
    while (at > 0 && profile_is_older(item, members->items[at - 1])) {
        members->items[at] = members->items[at - 1];
        members->changed[at] = members->changed[at - 1];
        at--;
    }
    members->items[at] = item;
    members->changed[at] = changed;
}

static void add_all(struct members *into, const struct members *from) {
    for (size_t i = 0; i < from->count; i++) {
        add(into, from->items[i], from->changed[i]);
    }
    for (size_t i = 0; i < from->merge_count; i++) {
        into->merges[into->merge_count++] = from->merges[i];
    }
    for (size_t i = 0; i < from->before_count; i++) {
        into->before[into->before_count++] = from->before[i];
    }
}

void members_join(struct members *members, const struct members *other,
                  const struct profile_merge *merge, struct arena *arena) {
    struct members *both = members_of(members->count + other->count, arena);
    const bool survives = profile_is_older(members->items[0], other->items[0]);
    struct profile *survivor = survives ? members->items[0] : other->items[0];
    struct profile *absorbed = survives ? other->items[0] : members->items[0];
    absorbed->merged_into = survivor->id;
    add_all(both, members);
    add_all(both, other);
    both->changed[position_of(both, absorbed->id)] = true;
    both->changed[0] = true; /* It has a state of its own from now on. */
    both->merges[both->merge_count++] = *merge;
    *members = *both;
}

/* Marks the members that ties other than `without` lead to from the one at `start`. */
static void reach(const struct members *members, size_t start, struct id without, bool *reached) {
    reached[start] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < members->merge_count; i++) {
            const struct profile_merge *merge = &members->merges[i];
            const size_t one = position_of(members, merge->one);
            const size_t other = position_of(members, merge->other);
            assert(one < members->count && other < members->count);
            if (!id_equal(merge->id, without) && reached[one] != reached[other]) {
                reached[one] = true;
                reached[other] = true;
                more = true;
            }
        }
    }
}

const struct profile *const *members_side(const struct members *members, struct id merge,
                                          struct id from, struct arena *arena, size_t *count) {
    bool *reached = arena_array(arena, members->count, sizeof *reached);
    reach(members, position_of(members, from), merge, reached);
    const struct profile **side = arena_array(arena, members->count, sizeof *side);
    *count = 0;
    for (size_t i = 0; i < members->count; i++) {
        if (reached[i]) {
            side[(*count)++] = members->items[i];
        }
    }
    return side;
}

/* Redirects lead along members, each to an older one: what led out of the side leads to its oldest
 * now. */
static void redirect(struct members *side) {
    for (size_t i = 0; i < side->count; i++) {
        struct profile *item = side->items[i];
        const struct id to = i == 0 ? (struct id){{0}} : side->items[0]->id;
        const bool leads_out =
            id_is_zero(item->merged_into) || position_of(side, item->merged_into) == side->count;
        if (leads_out && !id_equal(item->merged_into, to)) {
            item->merged_into = to;
            side->changed[i] = true;
        }
    }
}

bool members_split(struct members *members, struct id merge, struct arena *arena,
                   struct members **out) {
    bool found = false;
    for (size_t i = 0; i < members->merge_count; i++) {
        found = found || id_equal(members->merges[i].id, merge);
    }
    if (!found) {
        return false;
    }
    bool *reached = arena_array(arena, members->count, sizeof *reached);
    reach(members, 0, merge, reached);
    struct members *sides[2] = {members_of(members->count, arena),
                                members_of(members->count, arena)};
    for (size_t i = 0; i < members->count; i++) {
        add(sides[reached[i] ? 0 : 1], members->items[i], members->changed[i]);
    }
    for (size_t i = 0; i < members->merge_count; i++) {
        const struct profile_merge *tie = &members->merges[i];
        if (!id_equal(tie->id, merge)) {
            struct members *side = sides[reached[position_of(members, tie->one)] ? 0 : 1];
            side->merges[side->merge_count++] = *tie;
        }
    }
    redirect(sides[0]);
    redirect(sides[1]);
    sides[0]->before = members->before;
    sides[0]->before_count = members->before_count;
    sides[1]->is_split_off = true;
    *members = *sides[0];
    *out = sides[1];
    return true;
}

/* ---- one state out of all ---- */

static void fold_identities(struct profile *into, const struct members *members,
                            struct arena *arena) {
    size_t count_max = 0;
    for (size_t i = 0; i < members->count; i++) {
        count_max += members->items[i]->identity_count;
    }
    into->identity_count = 0;
    into->identities = arena_array(arena, count_max, sizeof *into->identities);
    for (size_t i = 0; i < members->count; i++) {
        const struct profile *item = members->items[i];
        for (size_t k = 0; k < item->identity_count; k++) {
            const struct profile_identity *from = &item->identities[k];
            struct profile_identity *same =
                (struct profile_identity *)(uintptr_t)profile_identity_find(
                    into, from->type, from->canonical, from->match);
            if (same != NULL) {
                profile_identity_fold(same, from, arena);
            } else {
                into->identities[into->identity_count++] = *from;
            }
        }
    }
}

/* What is contact data of a member, since another one has it, is the person's where that other one
 * is part of it: a number that is one of a phone and of WhatsApp, say, is active as both. Records
 * that tell it go to whom it would be, were they not one. */
static void fold_claims(struct profile *into, const struct members *members) {
    for (size_t i = 0; i < into->identity_count; i++) {
        struct profile_identity *identity = &into->identities[i];
        if (identity->rule != IDENTITY_RULE_OWNED_ELSEWHERE) {
            continue;
        }
        const struct id owner =
            members_identity_owner(members, identity_match_name(identity->type), identity->match);
        if (!id_is_zero(owner)) {
            identity->rule = IDENTITY_RULE_NONE;
            identity->claimed = false;
            identity->lent = 0;
            identity->origin = owner;
        }
    }
}

static void fold_apart(struct profile *into, const struct members *members, struct arena *arena) {
    size_t count = 0;
    for (size_t i = 0; i < members->count; i++) {
        count += members->items[i]->apart_count;
    }
    struct id *apart = arena_array(arena, count, sizeof *apart);
    into->apart_count = 0;
    for (size_t i = 0; i < members->count; i++) {
        const struct profile *item = members->items[i];
        for (size_t k = 0; k < item->apart_count; k++) {
            apart[into->apart_count++] = item->apart[k];
        }
    }
    into->apart = apart;
}

static void list_absorbed(struct profile *into, const struct members *members,
                          struct arena *arena) {
    struct id *absorbed = arena_array(arena, members->count, sizeof *absorbed);
    for (size_t i = 1; i < members->count; i++) {
        absorbed[i - 1] = members->items[i]->id;
    }
    into->absorbed = absorbed;
    into->absorbed_count = members->count - 1;
    into->merges = members->merges;
    assert(members->merge_count == into->absorbed_count);
}

struct profile *members_unify(const struct members_context *context,
                              const struct members *members) {
    struct arena *arena = store_view_arena(context->view);
    struct profile *unified = profile_copy(members->items[0], arena);
    if (members->count > 1) {
        unified->unlinked_count = 0; /* Each member keeps its own. */
        fold_identities(unified, members, arena);
        fold_claims(unified, members);
        fold_apart(unified, members, arena);
        unified->decision_count = 0; /* Its own state counts. */
    }
    survivorship_unify(unified, (const struct profile *const *)members->items, members->count,
                       context->attributes, arena);
    profile_identities_limit(unified, context->rules);
    survivorship_derive_name(unified, arena);
    list_absorbed(unified, members, arena);
    return unified;
}

static bool is_over_limit(const struct profile_identity *identity) {
    return identity != NULL && identity->rule == IDENTITY_RULE_OVER_LIMIT;
}

bool members_limits_changed(const struct members_context *context, const struct members *members) {
    const struct profile *unified = members_unify(context, members);
    for (size_t i = 0; i < unified->identity_count; i++) {
        const struct profile_identity *identity = &unified->identities[i];
        const struct profile_identity *there = profile_identity_find(
            members->before[0], identity->type, identity->canonical, identity->match);
        if (is_over_limit(identity) != is_over_limit(there)) {
            return true;
        }
    }
    return false;
}

/* ---- writing ---- */

static bool had_active(const struct members *members, const struct profile_identity *identity) {
    for (size_t i = 0; i < members->before_count; i++) {
        if (profile_identity_is_active(members->before[i], identity->type, identity->canonical,
                                       identity->match)) {
            return true;
        }
    }
    return false;
}

/* Whether another profile has what is active by the members. */
static struct status is_owned_elsewhere(struct store_view *view, const struct members *members,
                                        const struct profile_identity *identity, bool *out) {
    const struct profile *owner = NULL;
    TRY(store_identity_owner(view, identity_match_name(identity->type), identity->match, &owner));
    *out = owner != NULL && !members_have(members, owner->id);
    return OK;
}

struct status members_are_freed(const struct members_context *context,
                                const struct members *members, bool *out) {
    const struct profile *unified = members_unify(context, members);
    *out = false;
    for (size_t i = 0; i < unified->identity_count && !*out; i++) {
        const struct profile_identity *identity = &unified->identities[i];
        const struct profile_identity *there = profile_identity_find(
            members->before[0], identity->type, identity->canonical, identity->match);
        if (identity->rule == IDENTITY_RULE_NONE && there != NULL &&
            there->rule == IDENTITY_RULE_OWNED_ELSEWHERE) {
            bool owned = false;
            TRY(is_owned_elsewhere(context->view, members, identity, &owned));
            *out = !owned;
        }
    }
    return OK;
}

/* What was contact data for a limit of all together may belong to somebody else by now. */
static struct status yield_identities(struct store_view *view, const struct members *members,
                                      struct profile *unified) {
    for (size_t i = 0; i < unified->identity_count; i++) {
        struct profile_identity *identity = &unified->identities[i];
        if (identity->rule != IDENTITY_RULE_NONE || had_active(members, identity)) {
            continue;
        }
        bool owned = false;
        TRY(is_owned_elsewhere(view, members, identity, &owned));
        if (owned) {
            identity->rule = IDENTITY_RULE_OWNED_ELSEWHERE;
        }
    }
    return OK;
}

/* A state that lay beside the profile's row, since it answered for others. */
static void drop_own_states(struct store_view *view, const struct members *members) {
    for (size_t i = 0; i < members->before_count; i++) {
        const struct profile *before = members->before[i];
        if (before->absorbed_count > 0 &&
            (members->count == 1 || !id_equal(before->id, members->items[0]->id))) {
            store_own_delete(view, before->id);
        }
    }
}

static struct status put_others(struct store_view *view, struct members *members, int64_t now_us) {
    for (size_t i = 1; i < members->count; i++) {
        if (members->changed[i]) {
            struct profile *item = members->items[i];
            item->update_us = now_us > item->create_us ? now_us : item->create_us;
            TRY(store_profile_put(view, item));
        }
    }
    return OK;
}

struct status members_put(const struct members_context *context, struct members *members,
                          const struct profile **out) {
    struct store_view *view = context->view;
    struct profile *unified = members_unify(context, members);
    /* The ticks of a batch run ahead of its time. */
    unified->update_us =
        context->now_us > unified->create_us ? context->now_us : unified->create_us;
    if (members->count > 1 || members->is_split_off ||
        (members->before_count > 0 && members->before[0]->absorbed_count > 0)) {
        TRY(yield_identities(view, members, unified));
    }
    TRY(put_others(view, members, context->now_us));
    TRY(store_profile_put(view, unified));
    drop_own_states(view, members);
    if (members->count > 1 && members->changed[0]) {
        TRY(store_own_put(view, members->items[0]));
    }
    *out = unified;
    return OK;
}
