/* Step 5 of resolution: the identities of a profile, within their limits. Nothing is dropped
 * without being told. */

#include "server/identity/profile_identities.h"

#include <assert.h>
#include <string.h>

#include "server/base/limits.h"
#include "server/identity/spelling.h"

static struct seen last_seen(const struct profile_identity *identity) {
    return (struct seen){identity->last_seen_us, identity->tell_us};
}

static void fold_spellings(struct profile_identity *into, const struct profile_identity *from,
                           struct arena *arena) {
    const struct profile_identity *spellings = from->spelling_count == 0 ? from : from->spellings;
    for (size_t i = 0; i == 0 || i < from->spelling_count; i++) {
        bool made = false;
        struct profile_identity *as = spelling_open(into, spellings[i].canonical, arena, &made);
        if (made) {
            *as = spellings[i];
        } else if (as != NULL) {
            profile_identity_fold(as, &spellings[i], arena); /* It has no spellings. */
        }
    }
}

void profile_identity_fold(struct profile_identity *into, const struct profile_identity *from,
                           struct arena *arena) {
    fold_spellings(into, from, arena);
    if (into->rule != IDENTITY_RULE_NONE && from->rule == IDENTITY_RULE_NONE) {
        into->rule = IDENTITY_RULE_NONE;
        into->over_limit = 0;
        into->rule_before = 0;
        into->lent = 0;
        into->origin = from->origin;
    } else if (into->rule == from->rule && from->claimed && from->lent == 0) {
        into->claimed = true;
        into->lent = 0;
    }
    if (from->provenance > into->provenance) {
        into->provenance = from->provenance;
    }
    if (seen_is_earlier(last_seen(into), last_seen(from))) {
        into->last_seen_us = from->last_seen_us;
        into->tell_us = from->tell_us;
        into->value = from->value;
        into->canonical = from->canonical;
        into->source = from->source;
    }
    if (from->first_seen_us < into->first_seen_us) {
        into->first_seen_us = from->first_seen_us;
    }
}

/* What the rules of its type alone block is remembered as it was: they may change back. */
static void set_rule(struct profile_identity *identity, enum identity_rule rule) {
    if (!identity_rule_is_of_type(rule)) {
        identity->rule_before = 0;
        identity->over_limit = 0;
        identity->claimed = identity->claimed && rule == IDENTITY_RULE_OWNED_ELSEWHERE;
        identity->lent = rule == IDENTITY_RULE_OWNED_ELSEWHERE ? identity->lent : 0;
    } else if (!identity_rule_is_of_type((enum identity_rule)identity->rule)) {
        identity->rule_before = 1 + identity->rule;
    }
    identity->rule = rule;
}

static void refresh(struct profile_identity *there, const struct record_identity *identity,
                    enum identity_rule rule, struct seen seen) {
    if ((enum profile_provenance)identity->provenance > there->provenance) {
        there->provenance = (enum profile_provenance)identity->provenance;
    }
    if (!seen_is_earlier(seen, last_seen(there))) {
        there->last_seen_us = seen.observe_us;
        there->tell_us = seen.tell_us;
        there->value = identity->value;
        there->canonical = identity->canonical;
        there->source = identity->source;
    }
    if (seen.observe_us < there->first_seen_us) {
        there->first_seen_us = seen.observe_us;
    }
    /* Rules may have changed since, or the other owner gone: the present decision holds. */
    set_rule(there, rule);
}

static struct profile_identity told_as(const struct record_identity *identity,
                                       enum identity_rule rule, struct seen seen,
                                       struct id origin) {
    return (struct profile_identity){
        .type = identity->type,
        .value = identity->value,
        .canonical = identity->canonical,
        .match = identity->match,
        .source = identity->source,
        .provenance = (enum profile_provenance)identity->provenance,
        .rule = rule,
        .first_seen_us = seen.observe_us,
        .last_seen_us = seen.observe_us,
        .tell_us = seen.tell_us,
        .origin = origin,
    };
}

void profile_identity_add(struct profile *profile, const struct record_identity *identity,
                          enum identity_rule rule, struct seen seen, struct arena *arena) {
    const struct profile_identity told = told_as(identity, rule, seen, profile->id);
    struct profile_identity *there = (struct profile_identity *)(uintptr_t)profile_identity_find(
        profile, identity->type, identity->canonical, identity->match);
    if (there == NULL) {
        profile->identities = arena_append(arena, profile->identities, profile->identity_count,
                                           sizeof *profile->identities);
        profile->identities[profile->identity_count++] = told;
        return;
    }
    bool made = false;
    struct profile_identity *as = spelling_open(there, identity->canonical, arena, &made);
    if (made) {
        *as = told;
    } else if (as != NULL) {
        refresh(as, identity, rule, seen);
    }
    refresh(there, identity, rule, seen);
}

bool profile_identity_yields(const struct profile_identity *one,
                             const struct profile_identity *other) {
    if (one->last_seen_us != other->last_seen_us) {
        return one->last_seen_us < other->last_seen_us;
    }
    return one->first_seen_us != other->first_seen_us ? one->first_seen_us > other->first_seen_us
                                                      : one->tell_us >= other->tell_us;
}

/* The first to go of the identities of a type (NULL: of all) that are active, or of the others.
 * SIZE_MAX when there is none. */
static size_t first_to_go(const struct profile *profile, const char *type, bool active) {
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        if ((identity->rule == 0) != active ||
            (type != NULL && strcmp(identity->type, type) != 0)) {
            continue;
        }
        if (found == SIZE_MAX || profile_identity_yields(identity, &profile->identities[found])) {
            found = i;
        }
    }
    return found;
}

uint32_t profile_identities_active(const struct profile *profile, const char *type) {
    uint32_t count = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        count += profile->identities[i].rule == 0 && strcmp(profile->identities[i].type, type) == 0;
    }
    return count;
}

bool profile_identity_is_active(const struct profile *profile, const char *type,
                                const char *canonical, const char *match) {
    const struct profile_identity *there = profile_identity_find(profile, type, canonical, match);
    return there != NULL && there->rule == IDENTITY_RULE_NONE;
}

bool profile_identities_are_one(const struct profile_identity *one,
                                const struct profile_identity *other) {
    return strcmp(one->match, other->match) == 0 &&
           strcmp(identity_match_name(one->type), identity_match_name(other->type)) == 0;
}

enum { IDENTITY_SIZE_REST = 80 }; /* Of an identity's row: times, origin, tags. */

size_t profile_identities_size(const struct profile *profile) {
    size_t size = 0;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        size += strlen(identity->type) + strlen(identity->value) + strlen(identity->canonical) +
                strlen(identity->source) + IDENTITY_SIZE_REST;
        size += strcmp(identity->match, identity->canonical) == 0 ? 0 : strlen(identity->match);
        for (size_t k = 0; k < identity->spelling_count; k++) {
            const struct profile_identity *spelling = &identity->spellings[k];
            size += strlen(spelling->value) + strlen(spelling->canonical) +
                    strlen(spelling->match) + strlen(spelling->source) + IDENTITY_SIZE_REST;
        }
    }
    return size;
}

static bool holds_too_much(const struct profile *profile) {
    return profile->identity_count > PROFILE_IDENTITIES_MAX ||
           profile_identities_size(profile) > PROFILE_IDENTITIES_SIZE_MAX;
}

void profile_identities_limit(struct profile *profile, const struct identity_rules *rules) {
    for (size_t i = 0; i < rules->type_count; i++) {
        const struct identity_type *type = &rules->types[i];
        for (uint32_t count = profile_identities_active(profile, type->name); count > type->limit;
             count--) {
            const size_t victim = first_to_go(profile, type->name, true);
            assert(victim != SIZE_MAX);
            profile->identities[victim].rule = IDENTITY_RULE_OVER_LIMIT;
            profile->identities[victim].over_limit = type->limit;
        }
    }
    while (holds_too_much(profile)) {
        if (spellings_forget(profile)) {
            continue;
        }
        size_t victim = first_to_go(profile, NULL, false);
        if (victim == SIZE_MAX) {
            victim = first_to_go(profile, NULL, true);
        }
        assert(victim != SIZE_MAX);
        profile->identities[victim] = profile->identities[--profile->identity_count];
    }
}
