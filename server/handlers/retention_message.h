#pragma once
/* How long interactions are kept, in the form of the wire. */

#include "profiled/v1/retention.pb-c.h"
#include "server/base/arena.h"
#include "server/store/fact.h"

Profiled__V1__Retention *retention_message(const struct store_retention *retention,
                                           struct arena *arena);
