/* Streams. Every operation is a batch with a tag of its own on the stream's queue, and the thread
 * that starts one waits for it there; so one thread may send while another receives. How long it
 * waits for one is the stream's timeout: a stream may live for hours, and is over when its server
 * is silent. The status is asked for at the start and collected at the end. */

#include "client/connection.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <grpc/support/time.h>
#include <stdatomic.h>
#include <stdlib.h>

struct profiled_stream {
    struct connection_call call;
    const ProtobufCMethodDescriptor *method;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_status_code code;
    grpc_slice message;
    atomic_bool cancelled; /* By the caller. */
    bool unreadable; /* An answer could not be unpacked. Only the receiving thread writes it. */
    /* Addresses to tell the operations apart. */
    char tag_open;
    char tag_send;
    char tag_receive;
    char tag_status;
};

static bool start_status(struct profiled_stream *stream) {
    grpc_op ops[] = {
        {.op = GRPC_OP_RECV_INITIAL_METADATA},
        {.op = GRPC_OP_RECV_STATUS_ON_CLIENT},
    };
    ops[0].data.recv_initial_metadata.recv_initial_metadata = &stream->initial;
    ops[1].data.recv_status_on_client.trailing_metadata = &stream->trailing;
    ops[1].data.recv_status_on_client.status = &stream->code;
    ops[1].data.recv_status_on_client.status_details = &stream->message;
    return grpc_call_start_batch(stream->call.call, ops, sizeof ops / sizeof ops[0],
                                 &stream->tag_status, NULL) == GRPC_CALL_OK;
}

struct profiled_stream *profiled_stream_open(struct profiled_client *client,
                                             const ProtobufCServiceDescriptor *service,
                                             const char *method,
                                             const struct profiled_call_options *options,
                                             struct profiled_error *error) {
    struct profiled_stream *stream = calloc(1, sizeof *stream);
    assert(stream != NULL);
    stream->method = protobuf_c_service_descriptor_get_method_by_name(service, method);
    assert(stream->method != NULL);
    stream->call = connection_call_open(client, service, method,
                                        options == NULL ? NULL : options->workspace, 0);
    stream->call.silence_ms = options == NULL ? 0 : options->timeout_ms;
    grpc_metadata_array_init(&stream->initial);
    grpc_metadata_array_init(&stream->trailing);
    stream->message = grpc_empty_slice();
    const bool started = start_status(stream);
    assert(started);

    grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    op.data.send_initial_metadata.count = stream->call.metadata_count;
    op.data.send_initial_metadata.metadata = &stream->call.workspace;
    if (connection_call_batch(&stream->call, &op, 1, &stream->tag_open)) {
        return stream;
    }
    grpc_call_cancel(stream->call.call, NULL);
    if (profiled_stream_finish(stream, error)) {
        error_set(error, PROFILED_INTERNAL, "the stream could not be opened");
    }
    return NULL;
}

bool profiled_stream_send(struct profiled_stream *stream, const ProtobufCMessage *message) {
    assert(stream->method->input == message->descriptor);
    grpc_byte_buffer *bytes = connection_pack(message);
    if (bytes == NULL) {
        grpc_call_cancel_with_status(stream->call.call, GRPC_STATUS_RESOURCE_EXHAUSTED,
                                     "the message is larger than 4 MiB", NULL);
        return false;
    }
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    op.data.send_message.send_message = bytes;
    const bool sent = connection_call_batch(&stream->call, &op, 1, &stream->tag_send);
    grpc_byte_buffer_destroy(bytes);
    return sent;
}

ProtobufCMessage *profiled_stream_receive(struct profiled_stream *stream) {
    grpc_byte_buffer *bytes = NULL;
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &bytes;
    const bool received = connection_call_batch(&stream->call, &op, 1, &stream->tag_receive);
    if (bytes == NULL) {
        return NULL;
    }
    ProtobufCMessage *message = received ? connection_unpack(stream->method->output, bytes) : NULL;
    grpc_byte_buffer_destroy(bytes);
    if (received && message == NULL) {
        stream->unreadable = true;
        grpc_call_cancel(stream->call.call, NULL);
    }
    return message;
}

bool profiled_stream_half_close(struct profiled_stream *stream) {
    const grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    return connection_call_batch(&stream->call, &op, 1, &stream->tag_send);
}

void profiled_stream_cancel(struct profiled_stream *stream) {
    atomic_store(&stream->cancelled, true);
    grpc_call_cancel(stream->call.call, NULL);
}

bool profiled_stream_finish(struct profiled_stream *stream, struct profiled_error *error) {
    ProtobufCMessage *message = profiled_stream_receive(stream);
    while (message != NULL) {
        profiled_message_free(message);
        message = profiled_stream_receive(stream);
    }
    const grpc_event event = grpc_completion_queue_pluck(stream->call.queue, &stream->tag_status,
                                                         gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    assert(event.type == GRPC_OP_COMPLETE);
    const bool done = stream->code == GRPC_STATUS_OK;
    if (stream->unreadable) {
        error_set(error, PROFILED_INTERNAL, "the server's answer can't be read");
    } else if (!done) {
        error_set_status(error, stream->code, stream->message, &stream->trailing,
                         atomic_load(&stream->cancelled));
    }
    grpc_slice_unref(stream->message);
    grpc_metadata_array_destroy(&stream->initial);
    grpc_metadata_array_destroy(&stream->trailing);
    connection_call_close(&stream->call);
    free(stream);
    return done;
}
