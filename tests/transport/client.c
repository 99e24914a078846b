/* Each call has a pluck queue of its own, so that its batches are waited for one by one. */

#include "tests/transport/client.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client_call {
    grpc_call *core;
    grpc_completion_queue *queue;
    grpc_metadata_array initial;
    bool initial_taken;
};

static grpc_channel *channel_new(const char *target, grpc_compression_algorithm algorithm,
                                 bool probes) {
    /* Each channel has a connection of its own. */
    grpc_arg arguments[] = {
        {GRPC_ARG_INTEGER, GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, {.integer = 1}},
        {GRPC_ARG_INTEGER, GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, {.integer = -1}},
        {GRPC_ARG_INTEGER, GRPC_COMPRESSION_CHANNEL_DEFAULT_ALGORITHM, {.integer = (int)algorithm}},
        {GRPC_ARG_INTEGER, GRPC_ARG_HTTP2_BDP_PROBE, {.integer = probes ? 1 : 0}},
    };
    const grpc_channel_args all = {sizeof arguments / sizeof arguments[0], arguments};
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    grpc_channel *channel = grpc_channel_create(target, credentials, &all);
    grpc_channel_credentials_release(credentials);
    return channel;
}

grpc_channel *client_channel(const char *target) {
    return channel_new(target, GRPC_COMPRESS_NONE, true);
}

grpc_channel *client_channel_narrow(const char *target) {
    return channel_new(target, GRPC_COMPRESS_NONE, false);
}

grpc_channel *client_channel_gzip(const char *target) {
    return channel_new(target, GRPC_COMPRESS_GZIP, true);
}

static bool wait_for(struct client_call *call, void *tag) {
    const grpc_event event =
        grpc_completion_queue_pluck(call->queue, tag, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    assert(event.type == GRPC_OP_COMPLETE);
    return event.success != 0;
}

static bool run(struct client_call *call, const grpc_op *operation) {
    const grpc_call_error error =
        grpc_call_start_batch(call->core, operation, 1, (void *)(uintptr_t)operation, NULL);
    assert(error == GRPC_CALL_OK);
    (void)error;
    return wait_for(call, (void *)(uintptr_t)operation);
}

struct client_call *client_open(grpc_channel *channel, const struct client_options *options) {
    struct client_call *call = calloc(1, sizeof *call);
    assert(call != NULL);
    call->queue = grpc_completion_queue_create_for_pluck(NULL);
    const uint32_t timeout_ms = options->timeout_ms == 0 ? CLIENT_TIMEOUT_MS : options->timeout_ms;
    const gpr_timespec deadline =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN));
    call->core = grpc_channel_create_call(channel, NULL, GRPC_PROPAGATE_DEFAULTS, call->queue,
                                          grpc_slice_from_static_string(options->path), NULL,
                                          deadline, NULL);
    grpc_metadata_array_init(&call->initial);
    grpc_op operations[2] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},
        {.op = GRPC_OP_RECV_INITIAL_METADATA},
    };
    const char *const values[] = {options->metadata_value, options->metadata_value_2};
    grpc_metadata metadata[2] = {0};
    size_t count = 0;
    while (options->metadata_key != NULL && count < 2 && values[count] != NULL) {
        metadata[count].key = grpc_slice_from_copied_string(options->metadata_key);
        metadata[count].value = grpc_slice_from_copied_string(values[count]);
        count++;
    }
    operations[0].data.send_initial_metadata.count = count;
    operations[0].data.send_initial_metadata.metadata = metadata;
    operations[1].data.recv_initial_metadata.recv_initial_metadata = &call->initial;
    const grpc_call_error error =
        grpc_call_start_batch(call->core, operations, 2, &call->initial, NULL);
    assert(error == GRPC_CALL_OK);
    (void)error;
    for (size_t i = 0; i < count; i++) {
        grpc_slice_unref(metadata[i].key);
        grpc_slice_unref(metadata[i].value);
    }
    return call;
}

bool client_send(struct client_call *call, struct bytes message) {
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)message.data, message.size);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    grpc_op operation = {.op = GRPC_OP_SEND_MESSAGE};
    operation.data.send_message.send_message = buffer;
    const bool sent = run(call, &operation);
    grpc_byte_buffer_destroy(buffer);
    return sent;
}

void client_half_close(struct client_call *call) {
    const grpc_op operation = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    run(call, &operation);
}

static void take_initial(struct client_call *call) {
    if (!call->initial_taken) {
        call->initial_taken = true;
        wait_for(call, &call->initial);
    }
}

struct bytes client_receive(struct client_call *call) {
    take_initial(call);
    grpc_byte_buffer *buffer = NULL;
    grpc_op operation = {.op = GRPC_OP_RECV_MESSAGE};
    operation.data.recv_message.recv_message = &buffer;
    if (!run(call, &operation) || buffer == NULL) {
        return bytes_of(NULL, 0);
    }
    grpc_byte_buffer_reader reader;
    grpc_byte_buffer_reader_init(&reader, buffer);
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    const size_t size = GRPC_SLICE_LENGTH(slice);
    uint8_t *data = malloc(size + 1);
    assert(data != NULL);
    memcpy(data, GRPC_SLICE_START_PTR(slice), size);
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(buffer);
    return bytes_of(data, size);
}

void client_cancel(struct client_call *call) { grpc_call_cancel(call->core, NULL); }

static void details_take(const grpc_metadata_array *trailers, struct client_status *status) {
    for (size_t i = 0; i < trailers->count; i++) {
        const grpc_slice value = trailers->metadata[i].value;
        if (grpc_slice_str_cmp(trailers->metadata[i].key, "grpc-status-details-bin") == 0) {
            assert(GRPC_SLICE_LENGTH(value) < sizeof status->details);
            status->details_size = GRPC_SLICE_LENGTH(value);
            memcpy(status->details, GRPC_SLICE_START_PTR(value), status->details_size);
        }
    }
}

void client_close(struct client_call *call, struct client_status *status) {
    *status = (struct client_status){0};
    take_initial(call);
    grpc_metadata_array trailers;
    grpc_metadata_array_init(&trailers);
    grpc_status_code code = GRPC_STATUS_UNKNOWN;
    grpc_slice text = grpc_empty_slice();
    grpc_op operation = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    operation.data.recv_status_on_client.trailing_metadata = &trailers;
    operation.data.recv_status_on_client.status = &code;
    operation.data.recv_status_on_client.status_details = &text;
    run(call, &operation);
    status->code = (int)code;
    snprintf(status->text, sizeof status->text, "%.*s", (int)GRPC_SLICE_LENGTH(text),
             (const char *)GRPC_SLICE_START_PTR(text));
    details_take(&trailers, status);
    grpc_slice_unref(text);
    grpc_metadata_array_destroy(&trailers);
    grpc_metadata_array_destroy(&call->initial);
    grpc_call_unref(call->core);
    grpc_completion_queue_shutdown(call->queue);
    grpc_completion_queue_destroy(call->queue);
    free(call);
}

void client_unary(grpc_channel *channel, const struct client_options *options, struct bytes request,
                  struct bytes *response, struct client_status *status) {
    struct client_call *call = client_open(channel, options);
    if (client_send(call, request)) {
        client_half_close(call);
    }
    *response = client_receive(call);
    client_close(call, status);
}

struct bytes client_text(const char *text) {
    static uint8_t message[2 + 127];
    const struct bytes characters = bytes_of_string(text);
    assert(characters.size <= 127);
    message[0] = 0x0a;
    message[1] = (uint8_t)characters.size;
    memcpy(message + 2, characters.data, characters.size);
    return bytes_of(message, characters.size == 0 ? 0 : characters.size + 2);
}

bool client_is_text(struct bytes message, const char *text) {
    const bool is_text = message.data != NULL && bytes_equal(message, client_text(text));
    free((void *)(uintptr_t)message.data);
    return is_text;
}
