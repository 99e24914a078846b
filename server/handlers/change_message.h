#pragma once
/* Changes in the form of the wire. */

#include "profiled/v1/change.pb-c.h"
#include "server/rpc/rpc.h"
#include "server/store/change.h"

/* A change as a message, without its profile. */
Profiled__V1__Change *change_message(const struct store_change *change, struct arena *arena);
