/* Counting the effect of rules before they are in force: once through the profiles, whatever the
 * number of types. */

#include "server/identity/type_effect.h"

#include <string.h>

#include "server/identity/identity_rule.h"

struct count {
    size_t profile_count;
    size_t type_count;
    const struct identity_type *const *types;
    struct identity_type_effect *effects;
};

static void count_identity(const struct identity_type *type,
                           const struct profile_identity *identity, bool is_live,
                           struct identity_type_effect *effect) {
    effect->held_count++;
    const bool is_blocked = identity_rule_of(type, identity->canonical) != IDENTITY_RULE_NONE;
    if (is_live && identity->rule == IDENTITY_RULE_NONE) {
        effect->identity_count++;
        effect->blocked_count += is_blocked;
    } else if (is_live && identity_rule_is_of_type((enum identity_rule)identity->rule)) {
        effect->apart_count++;
        effect->apart_blocked_count += is_blocked;
    }
}

static void count_profile(void *state, const struct profile *profile) {
    struct count *count = state;
    count->profile_count++;
    for (size_t i = 0; i < profile->identity_count; i++) {
        for (size_t k = 0; k < count->type_count; k++) {
            if (strcmp(profile->identities[i].type, count->types[k]->name) == 0) {
                count_identity(count->types[k], &profile->identities[i], profile_is_live(profile),
                               &count->effects[k]);
            }
        }
    }
}

struct status identity_type_effects_count(struct store_view *view,
                                          const struct identity_type *const *types, size_t count,
                                          struct identity_type_effect *out) {
    memset(out, 0, count * sizeof *out);
    struct count counted = {.type_count = count, .types = types, .effects = out};
    bool more = false;
    TRY(store_profile_each(view, TYPE_EFFECT_PROFILES_MAX, count_profile, &counted, &more));
    for (size_t i = 0; i < count; i++) {
        out[i].profile_count = counted.profile_count;
        out[i].partial = more;
    }
    return OK;
}
