#pragma once
/* A host over a store in memory for fuzz targets: bytes in, bytes out, as often as they like. */

#include "server/rpc/rpc.h"
#include "tests/rpc/answer.h"

/* Opens the store and the host once, and anew whenever many calls were made: the store stays small.
 * True when it is new. */
bool fuzz_host_ready(void);

/* Calls a method with the bytes and waits. The answer is valid until the next call. Aborts when it
 * blames the server: INTERNAL, DATA_LOSS, UNKNOWN or UNAVAILABLE is nothing that foreign bytes may
 * bring about. `stream` is NULL for unary methods. */
const struct answer *fuzz_host_call(const struct rpc_method *method, struct rpc_stream *stream,
                                    struct bytes request);

/* The workspace of the store, for who submits calls otherwise. After fuzz_host_ready(). */
struct rpc_workspace *fuzz_host_workspace(void);

/* The packed response of the last call, when it succeeded. Valid until the next call. */
struct bytes fuzz_host_response(void);
