#pragma once
/* What two have in common, and what keeps them apart, on the wire. */

#include "profiled/v1/identity.pb-c.h"
#include "server/identity/match.h"

Profiled__V1__MatchEvidence *match_evidence_message(const struct match_evidence *evidence,
                                                    struct arena *arena);
Profiled__V1__MatchObstacle *match_obstacle_message(const struct match_obstacle *obstacle,
                                                    struct arena *arena);
