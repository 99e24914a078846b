/* Unary calls. The request is packed once; each try sends the same bytes, so that the server knows
 * a repeated write by its request_id and answers it as it did the first time. */

#include "client/connection.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* One unary call with all that its tries share. Borrowed for the length of profiled_call(). */
struct unary {
    struct profiled_client *client;
    const ProtobufCServiceDescriptor *service;
    const ProtobufCMethodDescriptor *method;
    const char *workspace;
    grpc_byte_buffer *request;
};

void profiled_message_free(ProtobufCMessage *message) {
    if (message != NULL) {
        protobuf_c_message_free_unpacked(message, NULL);
    }
}

static int64_t now_ms(void) {
    struct timespec now;
    const int got = clock_gettime(CLOCK_MONOTONIC, &now);
    assert(got == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_ms(int64_t ms) {
    const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL); /* A signal may shorten it: no harm. */
}

/* What a finished try came to: a message, or an error. */
static bool read_answer(const struct unary *unary, grpc_status_code code, grpc_slice message,
                        const grpc_metadata_array *trailing, grpc_byte_buffer *bytes,
                        ProtobufCMessage **response, struct profiled_error *error) {
    if (code != GRPC_STATUS_OK) {
        error_set_status(error, code, message, trailing, false);
        return false;
    }
    *response = bytes == NULL ? NULL : connection_unpack(unary->method->output, bytes);
    if (*response == NULL) {
        return error_set(error, PROFILED_INTERNAL, "the server's answer can't be read");
    }
    return true;
}

static bool try_once(const struct unary *unary, int64_t timeout_ms, ProtobufCMessage **response,
                     struct profiled_error *error) {
    struct connection_call call =
        connection_call_open(unary->client, unary->service, unary->method->name, unary->workspace,
                             timeout_ms > 0 ? timeout_ms : 1);
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_metadata_array_init(&initial);
    grpc_metadata_array_init(&trailing);
    /* The core empties the buffer that it is given: each try needs one of its own. */
    grpc_byte_buffer *request = grpc_byte_buffer_copy(unary->request);
    grpc_byte_buffer *bytes = NULL;
    grpc_status_code code = GRPC_STATUS_UNKNOWN;
    grpc_slice message = grpc_empty_slice();

    grpc_op ops[] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},  {.op = GRPC_OP_SEND_MESSAGE},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}, {.op = GRPC_OP_RECV_INITIAL_METADATA},
        {.op = GRPC_OP_RECV_MESSAGE},           {.op = GRPC_OP_RECV_STATUS_ON_CLIENT},
    };
    ops[0].data.send_initial_metadata.count = call.metadata_count;
    ops[0].data.send_initial_metadata.metadata = &call.workspace;
    ops[1].data.send_message.send_message = request;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &initial;
    ops[4].data.recv_message.recv_message = &bytes;
    ops[5].data.recv_status_on_client.trailing_metadata = &trailing;
    ops[5].data.recv_status_on_client.status = &code;
    ops[5].data.recv_status_on_client.status_details = &message;
    bool done = connection_call_batch(&call, ops, sizeof ops / sizeof ops[0], ops);
    if (!done && code == GRPC_STATUS_UNKNOWN) {
        error_set(error, PROFILED_INTERNAL, "the call could not be started");
    } else {
        done = read_answer(unary, code, message, &trailing, bytes, response, error);
    }

    grpc_byte_buffer_destroy(request);
    if (bytes != NULL) {
        grpc_byte_buffer_destroy(bytes);
    }
    grpc_slice_unref(message);
    grpc_metadata_array_destroy(&initial);
    grpc_metadata_array_destroy(&trailing);
    connection_call_close(&call);
    return done;
}

static uint64_t random_number(void) {
    uint64_t number = 0;
    const ssize_t got = getrandom(&number, sizeof number, 0);
    return got == (ssize_t)sizeof number ? number : 0;
}

static bool try_until(const struct unary *unary, int64_t timeout_ms, ProtobufCMessage **response,
                      struct profiled_error *error) {
    const int64_t end_ms = now_ms() + timeout_ms;
    for (int32_t attempt = 1;; attempt++) {
        if (try_once(unary, end_ms - now_ms(), response, error)) {
            profiled_error_clear(error); /* Of the tries before. */
            return true;
        }
        const int64_t delay_ms = retry_delay_ms(&unary->client->retry, error, attempt,
                                                random_number(), end_ms - now_ms());
        if (delay_ms < 0) {
            return false;
        }
        wait_ms(delay_ms);
    }
}

/* The request with a request_id: itself where it has one or needs none, else a copy of its top
 * level that points at `id`. The copy is the caller's to free(). */
static ProtobufCMessage *with_request_id(const ProtobufCMessage *request, char *id) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "request_id");
    if (field == NULL || field->type != PROTOBUF_C_TYPE_STRING ||
        field->label == PROTOBUF_C_LABEL_REPEATED) {
        return NULL;
    }
    const char *given;
    memcpy(&given, (const char *)request + field->offset, sizeof given);
    if (given != NULL && given[0] != '\0') {
        return NULL;
    }
    profiled_request_id_make(id);
    ProtobufCMessage *copy = malloc(request->descriptor->sizeof_message);
    assert(copy != NULL);
    memcpy(copy, request, request->descriptor->sizeof_message);
    memcpy((char *)copy + field->offset, &id, sizeof id);
    return copy;
}

bool profiled_call(struct profiled_client *client, const ProtobufCServiceDescriptor *service,
                   const char *method, const ProtobufCMessage *request,
                   const struct profiled_call_options *options, ProtobufCMessage **response,
                   struct profiled_error *error) {
    struct unary unary = {
        .client = client,
        .service = service,
        .method = protobuf_c_service_descriptor_get_method_by_name(service, method),
        .workspace = options == NULL ? NULL : options->workspace,
    };
    assert(unary.method != NULL);
    assert(unary.method->input == request->descriptor);

    char id[PROFILED_REQUEST_ID_SIZE];
    ProtobufCMessage *copy = with_request_id(request, id);
    unary.request = connection_pack(copy == NULL ? request : copy);
    free(copy);
    if (unary.request == NULL) {
        return error_set(error, PROFILED_RESOURCE_EXHAUSTED, "the request is larger than 4 MiB");
    }
    const bool has_timeout = options != NULL && options->timeout_ms > 0;
    const bool done =
        try_until(&unary, has_timeout ? options->timeout_ms : client->timeout_ms, response, error);
    grpc_byte_buffer_destroy(unary.request);
    return done;
}
