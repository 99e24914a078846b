/* Counting what other rules do. */

#include "server/handlers/identity_types_effect.h"

void identity_types_effect_add(Profiled__V1__IdentityTypesEffect *effect,
                               const struct reapply_outcome *outcome) {
    effect->profile_count += outcome->looked_at;
    effect->changed_count += outcome->changed;
    effect->lost_identity_count += (int64_t)outcome->lost_count;
    effect->gained_identity_count += (int64_t)outcome->gained_count;
    effect->made_count += (int64_t)outcome->made_count;
    effect->unjudged_count += outcome->unjudged;
    effect->split_count += (int64_t)outcome->split_count;
    effect->joined_count += (int64_t)outcome->join_count;
}
