#pragma once
/* Decisions in the form of the wire. */

#include "profiled/v1/identity.pb-c.h"
#include "server/base/arena.h"
#include "server/identity/decision.h"

Profiled__V1__IdentityDecision **identity_decision_messages(const struct identity_decision *list,
                                                            size_t count, struct arena *arena);

Profiled__V1__Decision *decision_message(const struct decision *decision, struct arena *arena);
