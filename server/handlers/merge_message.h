#pragma once
/* Merges, and pairs that are never to be one, on the wire. */

#include "profiled/v1/identity.pb-c.h"
#include "server/store/store.h"

Profiled__V1__Merge *merge_message(const struct store_merge *merge, struct arena *arena);
Profiled__V1__NeverJoin *never_join_message(const struct store_never_join *never,
                                            struct arena *arena);
