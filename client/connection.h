#pragma once
/* What a client is inside, for call.c and stream.c. */

#include "client/error.h"
#include "client/profiled_client.h"
#include "client/retry.h"

#include <grpc/grpc.h>

struct profiled_client {
    grpc_channel *channel;
    char *workspace; /* NULL for the server's default. Ours. */
    int64_t timeout_ms;
    struct retry_policy retry;
};

/* One call on the wire and its own completion queue. */
struct connection_call {
    grpc_call *call;
    grpc_completion_queue *queue;
    grpc_metadata workspace;
    size_t metadata_count; /* 1 with a workspace, otherwise 0. */
    int64_t silence_ms;    /* How long a batch may take; 0 is without end. */
};

/* Opens a call. `timeout_ms` of 0 is without end, as is the silence of its batches until the caller
 * sets one. connection_call_close() frees it. */
struct connection_call connection_call_open(const struct profiled_client *client,
                                            const ProtobufCServiceDescriptor *service,
                                            const char *method, const char *workspace,
                                            int64_t timeout_ms);
void connection_call_close(struct connection_call *call);

/* Runs a batch of operations and waits for it. `tag` must be unique among those under way. One that
 * takes longer than `silence_ms` ends the call with DEADLINE_EXCEEDED. */
bool connection_call_batch(const struct connection_call *call, const grpc_op *ops, size_t count,
                           void *tag);

/* The message's bytes; NULL when it is larger than PROFILED_MESSAGE_SIZE_MAX. The caller's. */
grpc_byte_buffer *connection_pack(const ProtobufCMessage *message);

/* The message in the bytes, which is the caller's; NULL when they are not one. */
ProtobufCMessage *connection_unpack(const ProtobufCMessageDescriptor *descriptor,
                                    grpc_byte_buffer *bytes);
