/* Remembering spellings, taking them apart and joining them. Lists of spellings are shared by
 * copies of a profile: none is changed in place. */

#include "server/identity/spelling.h"

#include <string.h>

#include "server/identity/match_value.h"
#include "server/identity/profile_identities.h"

/* ---- the list of one identity ---- */

/* The least recently seen that is not the latest, as which all are told. */
static size_t least_recent(const struct profile_identity *spellings, size_t count,
                           const char *latest) {
    size_t found = count;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(spellings[i].canonical, latest) != 0 &&
            (found == count || profile_identity_yields(&spellings[i], &spellings[found]))) {
            found = i;
        }
    }
    return found;
}

/* A copy with room for one more, of the identity itself where there is no list. */
static struct profile_identity *list_of(struct profile_identity *identity, struct arena *arena) {
    struct profile_identity *list = arena_array(arena, identity->spelling_count + 2, sizeof *list);
    for (size_t i = 0; i < identity->spelling_count; i++) {
        list[i] = identity->spellings[i];
    }
    if (identity->spelling_count == 0) {
        list[identity->spelling_count++] = *identity;
        list[0].spelling_count = 0;
    }
    identity->spellings = list;
    return list;
}

struct profile_identity *spelling_open(struct profile_identity *identity, const char *canonical,
                                       struct arena *arena, bool *made) {
    *made = false;
    if (identity->spelling_count == 0 && strcmp(identity->canonical, canonical) == 0) {
        return NULL;
    }
    struct profile_identity *list = list_of(identity, arena);
    for (size_t i = 0; i < identity->spelling_count; i++) {
        if (strcmp(list[i].canonical, canonical) == 0) {
            return &list[i];
        }
    }
    *made = true;
    return identity->spelling_count < SPELLINGS_MAX
               ? &list[identity->spelling_count++]
               : &list[least_recent(list, identity->spelling_count, identity->canonical)];
}

const struct profile_identity *spellings_of(const struct profile_identity *identity,
                                            size_t *count) {
    *count = identity->spelling_count == 0 ? 1 : identity->spelling_count;
    return identity->spelling_count == 0 ? identity : identity->spellings;
}

bool spellings_are_one(const struct identity_rules *rules, const char *type, const char *canonical,
                       const char *other_type, const char *other, struct arena *arena) {
    if (strcmp(identity_match_name(type), identity_match_name(other_type)) != 0) {
        return false;
    }
    const struct identity_type *one = identity_rules_find(rules, type);
    const struct identity_type *two = identity_rules_find(rules, other_type);
    return strcmp(canonical, other) == 0 || (one != NULL && two != NULL &&
                                             strcmp(identity_match_value(one, canonical, arena),
                                                    identity_match_value(two, other, arena)) == 0);
}

/* ---- all identities ---- */

enum provenance spellings_known(const struct identity_rules *rules, const struct profile *profile,
                                const char *type, const char *canonical, struct arena *arena,
                                int64_t *first_us) {
    enum provenance best = PROVENANCE_UNSPECIFIED;
    *first_us = INT64_MAX;
    for (size_t i = 0; i < profile->identity_count; i++) {
        size_t count = 0;
        const struct profile_identity *spellings = spellings_of(&profile->identities[i], &count);
        for (size_t k = 0; k < count; k++) {
            const struct profile_identity *as = &spellings[k];
            if (!spellings_are_one(rules, as->type, as->canonical, type, canonical, arena)) {
                continue;
            }
            const enum provenance known = (enum provenance)as->provenance;
            best = known > best ? known : best;
            *first_us = as->first_seen_us < *first_us ? as->first_seen_us : *first_us;
        }
    }
    return best;
}

struct profile_identity *spelling_find(const struct profile *profile, const char *type,
                                       const char *canonical) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        if (strcmp(profile->identities[i].type, type) == 0 &&
            strcmp(profile->identities[i].canonical, canonical) == 0) {
            return &profile->identities[i];
        }
    }
    return NULL;
}

static bool is_spelled(const struct profile *profile) {
    for (size_t i = 0; i < profile->identity_count; i++) {
        if (profile->identities[i].spelling_count > 0) {
            return true;
        }
    }
    return false;
}

void spellings_part(struct profile *profile, struct arena *arena) {
    if (!is_spelled(profile)) {
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        count += 1 + profile->identities[i].spelling_count;
    }
    struct profile_identity *parted = arena_array(arena, count, sizeof *parted);
    count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        const size_t latest = count++;
        parted[latest] = *identity;
        for (size_t k = 0; k < identity->spelling_count; k++) {
            const struct profile_identity *as = &identity->spellings[k];
            const bool is_latest = strcmp(as->canonical, identity->canonical) == 0;
            parted[is_latest ? latest : count++] = *as;
        }
    }
    profile->identities = parted;
    profile->identity_count = count;
}

void spellings_join(struct profile *profile, struct arena *arena) {
    size_t kept = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity identity = profile->identities[i];
        size_t same = 0;
        while (same < kept && (strcmp(profile->identities[same].type, identity.type) != 0 ||
                               strcmp(profile->identities[same].match, identity.match) != 0)) {
            same++;
        }
        if (same < kept) {
            profile_identity_fold(&profile->identities[same], &identity, arena);
        } else {
            profile->identities[kept++] = identity;
        }
    }
    profile->identity_count = kept;
}

bool spellings_forget(struct profile *profile) {
    struct profile_identity *victim = NULL;
    for (size_t i = 0; i < profile->identity_count; i++) {
        struct profile_identity *identity = &profile->identities[i];
        if (identity->spelling_count > 0 &&
            (victim == NULL || profile_identity_yields(identity, victim))) {
            victim = identity;
        }
    }
    if (victim != NULL) {
        victim->spelling_count = 0;
        victim->spellings = NULL;
    }
    return victim != NULL;
}
