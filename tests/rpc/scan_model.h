#pragma once
/* What rpc_scan() should say, written the naive way: recursive, field by field, for small input. */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "server/base/bytes.h"

bool scan_model(const ProtobufCMessageDescriptor *shape, struct bytes message);
