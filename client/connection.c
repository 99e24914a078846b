/* The connection: a channel of the gRPC C core, which connects by itself and again after a failure.
 * Each call has a completion queue of its own, on which the calling thread waits; so the library
 * needs no thread, and calls of several threads never wait for each other. */

#include "client/connection.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATH_SIZE_MAX = 256,
    RECONNECT_FIRST_MS = 100,
    RECONNECT_MAX_MS = 2000,
    SILENCE_TEXT_SIZE = 128,
};

static grpc_arg int_arg(const char *key, int value) {
    grpc_arg arg = {.type = GRPC_ARG_INTEGER, .key = (char *)(uintptr_t)key};
    arg.value.integer = value;
    return arg;
}

static grpc_channel *open_channel(const char *target) {
    grpc_arg args[] = {
        int_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, PROFILED_MESSAGE_SIZE_MAX),
        int_arg(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, PROFILED_MESSAGE_SIZE_MAX),
        int_arg(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, RECONNECT_FIRST_MS),
        int_arg(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, RECONNECT_MAX_MS),
        int_arg(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, RECONNECT_MAX_MS),
        /* Retries are ours: the core's know nothing of request ids. */
        int_arg(GRPC_ARG_ENABLE_RETRIES, 0),
        int_arg(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
    };
    const grpc_channel_args channel_args = {sizeof args / sizeof args[0], args};
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    grpc_channel *channel = grpc_channel_create(target, credentials, &channel_args);
    grpc_channel_credentials_release(credentials);
    return channel;
}

struct profiled_client *profiled_connect(const char *target, const struct profiled_options *options,
                                         struct profiled_error *error) {
    if (target == NULL || target[0] == '\0' || strcmp(target, "unix:") == 0) {
        error_set(error, PROFILED_INVALID_ARGUMENT, "the server's address is empty");
        return NULL;
    }
    grpc_init();
    grpc_channel *channel = open_channel(target);
    if (channel == NULL) {
        grpc_shutdown();
        error_set(error, PROFILED_INVALID_ARGUMENT, "the server's address can't be read");
        return NULL;
    }
    struct profiled_client *client = calloc(1, sizeof *client);
    assert(client != NULL);
    client->channel = channel;
    client->retry = retry_policy_of(options);
    client->timeout_ms = options != NULL && options->timeout_ms > 0 ? options->timeout_ms
                                                                    : PROFILED_TIMEOUT_DEFAULT_MS;
    if (options != NULL && options->workspace != NULL && options->workspace[0] != '\0') {
        client->workspace = strdup(options->workspace);
        assert(client->workspace != NULL);
    }
    return client;
}

void profiled_disconnect(struct profiled_client *client) {
    if (client == NULL) {
        return;
    }
    grpc_channel_destroy(client->channel);
    free(client->workspace);
    free(client);
    grpc_shutdown();
}

static gpr_timespec deadline_in(int64_t timeout_ms) {
    if (timeout_ms == 0) {
        return gpr_inf_future(GPR_CLOCK_MONOTONIC);
    }
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                        gpr_time_from_millis(timeout_ms, GPR_TIMESPAN));
}

void profiled_wait(struct profiled_client *client, int64_t wait_ms) {
    const gpr_timespec end = deadline_in(wait_ms > 0 ? wait_ms : 1);
    grpc_channel *channel = client->channel;
    grpc_connectivity_state state = grpc_channel_check_connectivity_state(channel, 1);
    if (state == GRPC_CHANNEL_READY) {
        gpr_sleep_until(end); /* The server is there, and wants to be left alone. */
        return;
    }
    grpc_completion_queue *queue = grpc_completion_queue_create_for_pluck(NULL);
    bool more = true;
    while (more && state != GRPC_CHANNEL_READY) {
        grpc_channel_watch_connectivity_state(channel, state, end, queue, queue);
        const grpc_event event =
            grpc_completion_queue_pluck(queue, queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        more = event.success != 0; /* The state has changed; otherwise the time is over. */
        state = grpc_channel_check_connectivity_state(channel, 1);
    }
    grpc_completion_queue_shutdown(queue);
    grpc_completion_queue_destroy(queue);
}

struct connection_call connection_call_open(const struct profiled_client *client,
                                            const ProtobufCServiceDescriptor *service,
                                            const char *method, const char *workspace,
                                            int64_t timeout_ms) {
    char path[PATH_SIZE_MAX];
    const int length = snprintf(path, sizeof path, "/%s/%s", service->name, method);
    assert(length > 0 && (size_t)length < sizeof path);
    struct connection_call call = {.queue = grpc_completion_queue_create_for_pluck(NULL)};
    const grpc_slice path_slice = grpc_slice_from_copied_string(path);
    call.call = grpc_channel_create_call(client->channel, NULL, GRPC_PROPAGATE_DEFAULTS, call.queue,
                                         path_slice, NULL, deadline_in(timeout_ms), NULL);
    grpc_slice_unref(path_slice);
    assert(call.call != NULL);
    if (workspace == NULL) {
        workspace = client->workspace;
    }
    if (workspace != NULL && workspace[0] != '\0') {
        call.workspace.key = grpc_slice_from_static_string("profiled-workspace");
        call.workspace.value = grpc_slice_from_copied_string(workspace);
        call.metadata_count = 1;
    }
    return call;
}

void connection_call_close(struct connection_call *call) {
    grpc_call_unref(call->call);
    grpc_completion_queue_shutdown(call->queue);
    grpc_completion_queue_destroy(call->queue);
    if (call->metadata_count > 0) {
        grpc_slice_unref(call->workspace.value);
    }
}

/* Ends a call whose server says nothing. Every batch of it that is under way then ends at once. */
static void end_silent(const struct connection_call *call) {
    char text[SILENCE_TEXT_SIZE];
    snprintf(text, sizeof text,
             "the server has said nothing for %g s; what it was sent may be done all the same",
             (double)call->silence_ms / 1000);
    grpc_call_cancel_with_status(call->call, GRPC_STATUS_DEADLINE_EXCEEDED, text, NULL);
}

bool connection_call_batch(const struct connection_call *call, const grpc_op *ops, size_t count,
                           void *tag) {
    if (grpc_call_start_batch(call->call, ops, count, tag, NULL) != GRPC_CALL_OK) {
        return false;
    }
    grpc_event event =
        grpc_completion_queue_pluck(call->queue, tag, deadline_in(call->silence_ms), NULL);
    if (event.type == GRPC_QUEUE_TIMEOUT) {
        end_silent(call);
        event = grpc_completion_queue_pluck(call->queue, tag, deadline_in(0), NULL);
    }
    assert(event.type == GRPC_OP_COMPLETE);
    return event.success != 0;
}

grpc_byte_buffer *connection_pack(const ProtobufCMessage *message) {
    const size_t size = protobuf_c_message_get_packed_size(message);
    if (size > PROFILED_MESSAGE_SIZE_MAX) {
        return NULL;
    }
    grpc_slice slice = grpc_slice_malloc(size);
    const size_t packed = protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(slice));
    assert(packed == size);
    grpc_byte_buffer *bytes = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return bytes;
}

ProtobufCMessage *connection_unpack(const ProtobufCMessageDescriptor *descriptor,
                                    grpc_byte_buffer *bytes) {
    grpc_byte_buffer_reader reader;
    if (!grpc_byte_buffer_reader_init(&reader, bytes)) {
        return NULL;
    }
    const grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    ProtobufCMessage *message = protobuf_c_message_unpack(
        descriptor, NULL, GRPC_SLICE_LENGTH(slice), GRPC_SLICE_START_PTR(slice));
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    return message;
}
