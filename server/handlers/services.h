#pragma once
/* The services that handlers make up. main hands them to transport. */

#include "server/rpc/rpc.h"

extern const struct rpc_service rpc_change_service;
extern const struct rpc_service rpc_profile_service;
extern const struct rpc_service rpc_identity_service;
extern const struct rpc_service rpc_interaction_service;
extern const struct rpc_service rpc_schema_service;
extern const struct rpc_service rpc_segment_service;
extern const struct rpc_service rpc_transfer_service;
