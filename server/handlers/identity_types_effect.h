#pragma once
/* What other rules do to profiles, on the wire. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/identity/reapply.h"

/* Adds what became of one profile. */
void identity_types_effect_add(Profiled__V1__IdentityTypesEffect *effect,
                               const struct reapply_outcome *outcome);
