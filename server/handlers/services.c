/* One row list a service, made by protoc-c out of the contract: a method without a handler does not
 * link, a handler of the wrong types does not compile. */

#include "server/handlers/services.h"

#include "profiled/v1/change_service.pb-c.h"
#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "profiled/v1/segment_service.pb-c.h"
#include "profiled/v1/transfer_service.pb-c.h"
#include "server/handlers/rows.h"
#include "server/rpc/method.h"

RPC_SERVICE(change_service, PROFILED__V1__CHANGE_SERVICE__INIT(&rpc_));
RPC_SERVICE(profile_service, PROFILED__V1__PROFILE_SERVICE__INIT(&rpc_));
RPC_SERVICE(identity_service, PROFILED__V1__IDENTITY_SERVICE__INIT(&rpc_));
RPC_SERVICE(interaction_service, PROFILED__V1__INTERACTION_SERVICE__INIT(&rpc_));
RPC_SERVICE(schema_service, PROFILED__V1__SCHEMA_SERVICE__INIT(&rpc_));
RPC_SERVICE(segment_service, PROFILED__V1__SEGMENT_SERVICE__INIT(&rpc_));
RPC_SERVICE(transfer_service, PROFILED__V1__TRANSFER_SERVICE__INIT(&rpc_));
