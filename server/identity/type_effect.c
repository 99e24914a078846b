/* Counting the effect of rules before they are in force. */

#include "server/identity/type_effect.h"

#include <string.h>

#include "server/identity/block.h"

struct count {
    const struct identity_type *type;
    struct identity_type_effect *effect;
};

static void count_profile(void *state, const struct profile *profile) {
    struct count *count = state;
    for (size_t i = 0; i < profile->identity_count; i++) {
        const struct profile_identity *identity = &profile->identities[i];
        enum block_rule rule;
        if (identity->rule == 0 && strcmp(identity->type, count->type->name) == 0) {
            count->effect->identity_count++;
            count->effect->blocked_count +=
                identity_block_rule(count->type, identity->canonical, &rule);
        }
    }
}

struct status identity_type_effect_count(struct store_view *view, const struct identity_type *type,
                                         struct identity_type_effect *out) {
    *out = (struct identity_type_effect){0};
    struct count count = {type, out};
    bool more = false;
    return store_profile_each(view, TYPE_EFFECT_PROFILES_MAX, count_profile, &count, &more);
}
