#pragma once
/* The methods of profiled's own services: each message becomes a rpc_call. */

#include "server/transport/method.h"

/* The method's state is the host, its row the rpc_method. */
extern const struct method_behaviour service_behaviour;
