/* Whether a region that was told again is what it is: only then is it known what came of what. */

#include "server/base/limits.h"
#include "server/identity/block.h"
#include "server/identity/profile_identities.h"
#include "server/identity/retell.h"

/* ---- persons ---- */

/* Whether records of one person are those of one retold person, and the other way round; and those
 * of one profile those of one retold profile, which may have been several. */
static bool has_same_persons(const struct retell_region *region, const struct retelling *retelling,
                             struct arena *arena) {
    size_t *retold_of = arena_array(arena, region->member_count, sizeof *retold_of);
    bool *is_told = arena_array(arena, region->member_count, sizeof *is_told);
    for (size_t i = 0; i < region->record_count; i++) {
        const size_t member = region->records[i].member;
        if (is_told[member] && retold_of[member] != retelling->of_record[i]) {
            return false;
        }
        is_told[member] = true;
        retold_of[member] = retelling->of_record[i];
    }
    for (size_t i = 0; i < region->member_count; i++) {
        for (size_t k = 0; k < i; k++) {
            const bool are_one = region->members[i].person == region->members[k].person;
            const bool are_retold_one = is_told[i] && is_told[k] &&
                                        id_equal(retelling->profiles[retold_of[i]].person,
                                                 retelling->profiles[retold_of[k]].person);
            if (is_told[i] && is_told[k] && are_one != are_retold_one) {
                return false;
            }
        }
    }
    return true;
}

/* ---- ties ---- */

static bool has_tie(const struct retell_region *region, struct id decision) {
    for (size_t i = 0; i < region->tie_count; i++) {
        if (id_equal(region->ties[i].decision, decision)) {
            return true;
        }
    }
    return false;
}

static bool is_retold(const struct retell_region *region, const struct retelling *retelling,
                      const struct store_merge *tie) {
    const size_t one = retell_member_find(region, tie->one);
    const size_t other = retell_member_find(region, tie->other);
    if (id_is_zero(tie->decision) || retelling->of_member[one] == retelling->of_member[other]) {
        return true;
    }
    for (size_t i = 0; i < retelling->tie_count; i++) {
        const size_t record = retelling->ties[i].record;
        if (record < region->record_count && id_equal(region->records[record].id, tie->decision)) {
            return true;
        }
    }
    return false;
}

/* Whether the records that tie two are those that did. */
static bool has_same_ties(const struct retell_region *region, const struct retelling *retelling) {
    for (size_t i = 0; i < retelling->tie_count; i++) {
        const size_t record = retelling->ties[i].record;
        if (record < region->record_count && !has_tie(region, region->records[record].id)) {
            return false;
        }
    }
    for (size_t i = 0; i < region->tie_count; i++) {
        if (!is_retold(region, retelling, &region->ties[i])) {
            return false;
        }
    }
    return true;
}

/* ---- what they are found by ---- */

/* Whether one of the states is found by what the identity is found by. */
static bool are_found(const struct profile *const *states, size_t count,
                      const struct profile_identity *identity) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < states[i]->identity_count; k++) {
            const struct profile_identity *there = &states[i]->identities[k];
            if (there->rule == IDENTITY_RULE_NONE && profile_identities_are_one(there, identity)) {
                return true;
            }
        }
    }
    return false;
}

/* Whether the rules of then and of now find somebody by it alike: where they do not it may be found
 * already as by those of now, whose turn came before that of all the region. */
static bool is_found_alike(const struct retell_rules *rules,
                           const struct profile_identity *identity) {
    const struct identity_type *then = identity_rules_find(rules->then, identity->type);
    const struct identity_type *now = identity_rules_find(rules->now, identity->type);
    return then == NULL || now == NULL ||
           (identity_rule_of(then, identity->canonical) == IDENTITY_RULE_NONE) ==
               (identity_rule_of(now, identity->canonical) == IDENTITY_RULE_NONE);
}

/* Of whom one has all that may be some of what was told is dropped: the members of a person have it
 * nevertheless, as each has room of its own. */
static bool is_full(const struct profile *const *states, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (states[i]->identity_count == PROFILE_IDENTITIES_MAX) {
            return true;
        }
    }
    return false;
}

/* Whether all that the ones are found by finds one of the others. */
static bool find_the_same(const struct retell_rules *rules, const struct profile *const *ones,
                          size_t one_count, const struct profile *const *others,
                          size_t other_count) {
    const bool all = !is_full(others, other_count);
    for (size_t i = 0; i < one_count && all; i++) {
        for (size_t k = 0; k < ones[i]->identity_count; k++) {
            const struct profile_identity *identity = &ones[i]->identities[k];
            if (identity->rule == IDENTITY_RULE_NONE && is_found_alike(rules, identity) &&
                !are_found(others, other_count, identity)) {
                return false;
            }
        }
    }
    return true;
}

/* What some states together know of an identity. */
struct knowledge {
    int64_t first_us; /* INT64_MAX: nothing. */
    int64_t last_us;
    uint32_t provenance;
};

static struct knowledge known_of(const struct profile *const *states, size_t count,
                                 const struct profile_identity *identity) {
    struct knowledge known = {.first_us = INT64_MAX};
    for (size_t i = 0; i < count; i++) {
        const struct profile_identity *there =
            profile_identity_find(states[i], identity->type, identity->canonical, identity->match);
        if (there != NULL) {
            const uint32_t provenance = there->provenance;
            known.first_us =
                there->first_seen_us < known.first_us ? there->first_seen_us : known.first_us;
            known.last_us =
                there->last_seen_us > known.last_us ? there->last_seen_us : known.last_us;
            known.provenance = provenance > known.provenance ? provenance : known.provenance;
        }
    }
    return known;
}

/* Whether the others know the same of all that the ones know and that was once unlinked. */
static bool know_the_same(const struct retell_region *region, const struct profile *const *ones,
                          size_t one_count, const struct profile *const *others,
                          size_t other_count) {
    for (size_t i = 0; i < one_count; i++) {
        for (size_t k = 0; k < ones[i]->identity_count; k++) {
            const struct profile_identity *identity = &ones[i]->identities[k];
            const struct knowledge one = known_of(ones, one_count, identity);
            const struct knowledge other = known_of(others, other_count, identity);
            if (retell_is_unlinked(region, identity->type, identity->canonical, identity->match,
                                   NULL) &&
                (one.first_us != other.first_us || one.last_us != other.last_us ||
                 one.provenance != other.provenance)) {
                return false;
            }
        }
    }
    return true;
}

/* Whether the persons are found by what they are retold by, and the other way round. */
static bool has_same_identities(const struct retell_region *region,
                                const struct retelling *retelling, const struct retell_rules *rules,
                                struct arena *arena) {
    const struct profile **ones = arena_array(arena, region->member_count, sizeof *ones);
    const struct profile **others = arena_array(arena, retelling->profile_count, sizeof *others);
    for (size_t person = 0; person < region->person_count; person++) {
        size_t one_count = 0;
        size_t other_count = 0;
        struct id retold = {{0}};
        for (size_t i = 0; i < region->member_count; i++) {
            if (region->members[i].person == person && retelling->of_member[i] != RETELL_NOTHING) {
                ones[one_count++] = region->members[i].state;
                retold = retelling->profiles[retelling->of_member[i]].person;
            }
        }
        for (size_t i = 0; i < retelling->profile_count; i++) {
            if (id_equal(retelling->profiles[i].person, retold)) {
                others[other_count++] = retelling->profiles[i].state;
            }
        }
        if (!find_the_same(rules, ones, one_count, others, other_count) ||
            !find_the_same(rules, others, other_count, ones, one_count) ||
            !know_the_same(region, ones, one_count, others, other_count) ||
            !know_the_same(region, others, other_count, ones, one_count)) {
            return false;
        }
    }
    return true;
}

/* ---- words ---- */

bool retell_are_two(const struct retell_region *region, const struct retelling *retelling,
                    struct id one, struct id other) {
    const size_t a = retell_member_find(region, one);
    const size_t b = retell_member_find(region, other);
    if (a == region->member_count || b == region->member_count ||
        retelling->of_member[a] == RETELL_NOTHING || retelling->of_member[b] == RETELL_NOTHING) {
        return true;
    }
    return !id_equal(retelling->profiles[retelling->of_member[a]].person,
                     retelling->profiles[retelling->of_member[b]].person);
}

/* ---- all of it ---- */

bool retell_is_as_it_is(const struct retell_region *region, const struct retelling *retelling,
                        const struct retell_rules *rules, struct arena *arena) {
    return has_same_persons(region, retelling, arena) && has_same_ties(region, retelling) &&
           has_same_identities(region, retelling, rules, arena);
}
