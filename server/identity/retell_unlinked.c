/* Identities that records told and somebody unlinked: of whoever lies elsewhere than those of whom
 * it was said they are again. */

#include <string.h>

#include "server/identity/profile_identities.h"
#include "server/identity/retell.h"

bool retell_is_unlinked(const struct retell_region *region, const char *type, const char *canonical,
                        const char *match, const struct id *since) {
    for (size_t i = 0; i < region->hand_count; i++) {
        const struct profile_unlinked *unlinked = region->hands[i].unlinked;
        if (unlinked != NULL && profile_unlinked_is(unlinked, type, canonical, match) &&
            (since == NULL || id_compare(unlinked->id, *since) > 0)) {
            return true;
        }
    }
    return false;
}

/* What some of a member's records went to. */
struct settling {
    const struct retell *retell;
    size_t retold;
    size_t member;
    struct profile *state;
    struct arena *arena;
};

/* Whether it was unlinked, since a record told it, from the profile that the record went to. */
static bool is_void(const struct settling *settling, size_t record,
                    const struct record_identity *told) {
    const struct retelling *anew = &settling->retell->anew;
    const struct retell_region *region = &settling->retell->region;
    for (size_t i = 0; i < anew->unlinked_count; i++) {
        const struct retold_unlinked *unlinked = &anew->unlinked[i];
        if (unlinked->profile == settling->retold &&
            id_compare(unlinked->what->id, region->records[record].id) > 0 &&
            profile_unlinked_is(unlinked->what, told->type, told->canonical, told->match)) {
            return true;
        }
    }
    return false;
}

/* Adds what a record told, of what was ever unlinked: to *all, and to *told where it is not void.
 */
static void add_told(const struct settling *settling, size_t record, struct profile *all,
                     struct profile *told) {
    const struct retell_region *region = &settling->retell->region;
    const struct record *from = &retell_told(region, record)->record;
    for (size_t i = 0; i < from->identity_count; i++) {
        const struct record_identity *identity = &from->identities[i];
        if (!retell_is_unlinked(region, identity->type, identity->canonical, identity->match,
                                NULL)) {
            continue;
        }
        profile_identity_add(all, identity, IDENTITY_RULE_NONE, seen_by(from), settling->arena);
        if (!is_void(settling, record, identity)) {
            profile_identity_add(told, identity, IDENTITY_RULE_NONE, seen_by(from),
                                 settling->arena);
        }
    }
}

static struct profile_identity *find_in(const struct profile *state,
                                        const struct profile_identity *identity) {
    return (struct profile_identity *)(uintptr_t)profile_identity_find(
        state, identity->type, identity->canonical, identity->match);
}

static bool is_by_hand(const struct settling *settling, const struct profile_identity *identity) {
    return !history_tells_all(&settling->retell->region.members[settling->member].history,
                              identity);
}

static void remove_void(const struct settling *settling, const struct profile *all,
                        const struct profile *told) {
    struct profile *state = settling->state;
    size_t kept = 0;
    for (size_t i = 0; i < state->identity_count; i++) {
        const struct profile_identity *identity = &state->identities[i];
        if (find_in(all, identity) == NULL || find_in(told, identity) != NULL ||
            is_by_hand(settling, identity)) {
            state->identities[kept++] = *identity;
        }
    }
    state->identity_count = kept;
}

/* Behind those that come before it as it was retold. */
static size_t place_of(const struct settling *settling, const struct profile_identity *retold) {
    const struct profile *state = settling->state;
    const struct profile *from = settling->retell->anew.profiles[settling->retold].state;
    size_t place = 0;
    for (const struct profile_identity *before = from->identities; before < retold; before++) {
        const struct profile_identity *there = find_in(state, before);
        if (there != NULL && (size_t)(there - state->identities) >= place) {
            place = (size_t)(there - state->identities) + 1;
        }
    }
    return place;
}

static void insert(struct profile *state, size_t place, const struct profile_identity *identity,
                   struct arena *arena) {
    state->identities =
        arena_append(arena, state->identities, state->identity_count, sizeof *state->identities);
    memmove(&state->identities[place + 1], &state->identities[place],
            (state->identity_count - place) * sizeof *state->identities);
    state->identities[place] = *identity;
    state->identity_count++;
}

/* All but why it is contact data, if it is. */
static void refresh(struct profile_identity *there, const struct profile_identity *told) {
    there->value = told->value;
    there->canonical = told->canonical;
    there->source = told->source;
    there->provenance = told->provenance;
    there->first_seen_us = told->first_seen_us;
    there->last_seen_us = told->last_seen_us;
    there->tell_us = told->tell_us;
    there->spelling_count = told->spelling_count;
    there->spellings = told->spellings;
}

void retell_settle_unlinked(const struct retell *retell, size_t retold, size_t member,
                            struct profile *state, struct arena *arena) {
    const struct retell_region *region = &retell->region;
    const struct settling settling = {retell, retold, member, state, arena};
    struct profile all = {.id = state->id};
    struct profile told = {.id = state->id};
    for (size_t i = 0; i < region->record_count; i++) {
        if (region->records[i].member == member && retell->anew.of_record[i] == retold) {
            add_told(&settling, i, &all, &told);
        }
    }
    remove_void(&settling, &all, &told);
    for (size_t i = 0; i < told.identity_count; i++) {
        const struct profile_identity *identity = &told.identities[i];
        const struct profile_identity *as = find_in(retell->anew.profiles[retold].state, identity);
        struct profile_identity *there = find_in(state, identity);
        if (there == NULL && as != NULL) {
            insert(state, place_of(&settling, as), identity, arena);
        } else if (there != NULL && !is_by_hand(&settling, there)) {
            refresh(there, identity);
        }
    }
}
