#pragma once
/* From bytes to a request: scan, unpack into the arena, settle the maps. Private to rpc. */

#include <protobuf-c/protobuf-c.h>

#include "server/base/bytes.h"
#include "server/base/status.h"
#include "server/rpc/rpc.h"

/* Unpacks the message into ctx->arena. Errors: INVALID_ARGUMENT MESSAGE_INVALID, with the offset of
 * the bad field in the metadata of ctx; RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE. */
MUST_USE struct status decode_request(struct rpc_context *ctx,
                                      const ProtobufCMessageDescriptor *shape, struct bytes bytes,
                                      ProtobufCMessage **out);
