/* Folding one profile into another. What is folded keeps the id of the profile that it came to
 * first (origin), and the absorbed row keeps what it was, so that a merge can be told and undone.
 */

#include "server/identity/merge.h"

#include <assert.h>
#include <string.h>

#include "server/identity/survivorship.h"

bool profile_is_older(const struct profile *one, const struct profile *other) {
    if (one->create_us != other->create_us) {
        return one->create_us < other->create_us;
    }
    return id_compare(one->id, other->id) < 0;
}

/* Two tellings of one identity become one: the stronger provenance, the longer time. */
static void fold_identity(struct profile_identity *into, const struct profile_identity *from) {
    if (from->rule == 0) {
        into->rule = 0;
    }
    if (from->provenance > into->provenance) {
        into->provenance = from->provenance;
    }
    if (from->last_seen_us > into->last_seen_us) {
        into->last_seen_us = from->last_seen_us;
        into->value = from->value;
        into->source = from->source;
    }
    if (from->first_seen_us < into->first_seen_us) {
        into->first_seen_us = from->first_seen_us;
    }
}

static void fold_identities(struct profile *survivor, const struct profile *other,
                            struct arena *arena) {
    struct profile_identity *identities =
        arena_array(arena, survivor->identity_count + other->identity_count, sizeof *identities);
    if (survivor->identity_count > 0) {
        memcpy(identities, survivor->identities, survivor->identity_count * sizeof *identities);
    }
    survivor->identities = identities;
    for (size_t i = 0; i < other->identity_count; i++) {
        const struct profile_identity *from = &other->identities[i];
        struct profile_identity *same = (struct profile_identity *)(uintptr_t)profile_identity_find(
            survivor, from->type, from->canonical);
        if (same != NULL) {
            fold_identity(same, from);
        } else {
            identities[survivor->identity_count++] = *from;
        }
    }
}

static void fold_absorbed(struct profile *survivor, const struct profile *other,
                          struct arena *arena) {
    const size_t count = survivor->absorbed_count + 1 + other->absorbed_count;
    struct id *ids = arena_array(arena, count, sizeof *ids);
    size_t at = 0;
    for (size_t i = 0; i < survivor->absorbed_count; i++) {
        ids[at++] = survivor->absorbed[i];
    }
    ids[at++] = other->id;
    for (size_t i = 0; i < other->absorbed_count; i++) {
        ids[at++] = other->absorbed[i];
    }
    assert(at == count);
    survivor->absorbed = ids;
    survivor->absorbed_count = count;
}

struct status profile_merge(struct store_view *view, const struct profile *one,
                            const struct profile *other, int64_t now_us,
                            struct profile **survivor) {
    assert(profile_is_live(one) && profile_is_live(other) && !id_equal(one->id, other->id));
    struct arena *arena = store_view_arena(view);
    const bool one_survives = profile_is_older(one, other);
    struct profile *older = profile_copy(one_survives ? one : other, arena);
    struct profile *younger = profile_copy(one_survives ? other : one, arena);
    fold_identities(older, younger, arena);
    survivorship_fold(older, younger, arena);
    fold_absorbed(older, younger, arena);
    older->update_us = now_us;
    younger->merged_into = older->id;
    younger->update_us = now_us;
    TRY(store_profile_put(view, younger));
    *survivor = older;
    return OK;
}
