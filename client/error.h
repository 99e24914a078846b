#pragma once
/* Filling a profiled_error. */

#include "client/profiled_client.h"

#include <grpc/impl/codegen/grpc_types.h>

/* An error of our own making. The message is copied. Returns false, for `return`. */
bool error_set(struct profiled_error *error, enum profiled_code code, const char *message);

/* An error out of a call's status and its trailing metadata, in which the details are. A server
 * that stops cuts off the calls that come in that moment: C core tells them as CANCELLED, without
 * details. Where nobody here `cancelled` the call it is told as UNAVAILABLE, which it means. */
void error_set_status(struct profiled_error *error, grpc_status_code code, grpc_slice message,
                      const grpc_metadata_array *trailing, bool cancelled);

/* Reads google.rpc.Status into the error: reason, metadata, violations, delay. What can't be read
 * is left out. */
void error_add_details(struct profiled_error *error, const uint8_t *bytes, size_t size);
