/* The fake server: one thread, one completion queue, one call at a time. */

#include "tests/client/fake_server.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

struct fake_server {
    grpc_server *server;
    grpc_completion_queue *queue;
    pthread_t thread;
    fake_handler *handler;
    void *data;
    size_t calls;
    char address[FAKE_TEXT_SIZE];
};

/* One call as it is served. */
struct served {
    struct fake_server *server;
    grpc_call *call;
    grpc_call_details details;
    grpc_metadata_array metadata;
};

static bool run(struct served *served, const grpc_op *ops, size_t count) {
    const grpc_call_error error = grpc_call_start_batch(served->call, ops, count, served, NULL);
    assert(error == GRPC_CALL_OK);
    const grpc_event event =
        grpc_completion_queue_next(served->server->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    assert(event.type == GRPC_OP_COMPLETE && event.tag == served);
    return event.success != 0;
}

static void find_workspace(const struct served *served, char out[FAKE_TEXT_SIZE]) {
    out[0] = '\0';
    for (size_t i = 0; i < served->metadata.count; i++) {
        const grpc_metadata *entry = &served->metadata.metadata[i];
        if (grpc_slice_str_cmp(entry->key, "profiled-workspace") == 0) {
            snprintf(out, FAKE_TEXT_SIZE, "%.*s", (int)GRPC_SLICE_LENGTH(entry->value),
                     (const char *)GRPC_SLICE_START_PTR(entry->value));
        }
    }
}

static bool send_message(struct served *served, const ProtobufCMessage *message) {
    grpc_slice slice = grpc_slice_malloc(protobuf_c_message_get_packed_size(message));
    protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(slice));
    grpc_byte_buffer *bytes = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    op.data.send_message.send_message = bytes;
    const bool sent = run(served, &op, 1);
    grpc_byte_buffer_destroy(bytes);
    grpc_slice_unref(slice);
    return sent;
}

static void finish(struct served *served, const struct fake_answer *answer) {
    grpc_slice message =
        grpc_slice_from_copied_string(answer->message == NULL ? "" : answer->message);
    grpc_metadata details = {
        .key = grpc_slice_from_static_string("grpc-status-details-bin"),
        .value = grpc_slice_from_copied_buffer((const char *)answer->details, answer->details_size),
    };
    int cancelled = 0;
    grpc_op ops[] = {{.op = GRPC_OP_SEND_STATUS_FROM_SERVER}, {.op = GRPC_OP_RECV_CLOSE_ON_SERVER}};
    ops[0].data.send_status_from_server.status = (grpc_status_code)answer->code;
    ops[0].data.send_status_from_server.status_details = &message;
    ops[0].data.send_status_from_server.trailing_metadata_count = answer->details_size > 0;
    ops[0].data.send_status_from_server.trailing_metadata = &details;
    ops[1].data.recv_close_on_server.cancelled = &cancelled;
    run(served, ops, 2);
    grpc_slice_unref(message);
    grpc_slice_unref(details.value);
}

/* Receives a message and answers it. False when the call is over. */
static bool converse(struct served *served, struct fake_request *request,
                     struct fake_answer *answer) {
    grpc_byte_buffer *bytes = NULL;
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &bytes;
    if (!run(served, &op, 1) || bytes == NULL) {
        return false;
    }
    grpc_byte_buffer_reader reader;
    grpc_byte_buffer_reader_init(&reader, bytes);
    const grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    request->bytes = GRPC_SLICE_START_PTR(slice);
    request->size = GRPC_SLICE_LENGTH(slice);
    bool sent = true;
    do {
        *answer = (struct fake_answer){0};
        served->server->handler(served->server->data, request, answer);
        sent = answer->response == NULL || send_message(served, answer->response);
        request->position++;
    } while (answer->more && sent);
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(bytes);
    return !answer->last;
}

static void serve(struct served *served) {
    char workspace[FAKE_TEXT_SIZE];
    find_workspace(served, workspace);
    char *path = grpc_slice_to_c_string(served->details.method);
    const grpc_op op = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    run(served, &op, 1);
    struct fake_request request = {
        .path = path, .workspace = workspace, .call = served->server->calls++};
    struct fake_answer answer = {0};
    while (converse(served, &request, &answer)) {
    }
    finish(served, &answer);
    gpr_free(path);
}

static void *serve_all(void *data) {
    struct fake_server *server = data;
    for (;;) {
        struct served served = {.server = server};
        grpc_call_details_init(&served.details);
        grpc_metadata_array_init(&served.metadata);
        grpc_server_request_call(server->server, &served.call, &served.details, &served.metadata,
                                 server->queue, server->queue, &served);
        const grpc_event event =
            grpc_completion_queue_next(server->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        const bool got = event.type == GRPC_OP_COMPLETE && event.success != 0;
        if (got) {
            serve(&served);
            grpc_call_unref(served.call);
        }
        grpc_call_details_destroy(&served.details);
        grpc_metadata_array_destroy(&served.metadata);
        if (!got) {
            return NULL;
        }
    }
}

struct fake_server *fake_server_start(fake_handler *handler, void *data) {
    struct fake_server *server = calloc(1, sizeof *server);
    assert(server != NULL);
    grpc_init();
    server->handler = handler;
    server->data = data;
    server->queue = grpc_completion_queue_create_for_next(NULL);
    server->server = grpc_server_create(NULL, NULL);
    grpc_server_register_completion_queue(server->server, server->queue, NULL);
    grpc_server_credentials *credentials = grpc_insecure_server_credentials_create();
    const int port = grpc_server_add_http2_port(server->server, "127.0.0.1:0", credentials);
    grpc_server_credentials_release(credentials);
    assert(port > 0);
    snprintf(server->address, sizeof server->address, "127.0.0.1:%d", port);
    grpc_server_start(server->server);
    const int failed = pthread_create(&server->thread, NULL, serve_all, server);
    assert(failed == 0);
    return server;
}

void fake_server_stop(struct fake_server *server) {
    /* A queue of its own: the thread's must hold nothing but what the thread asked for. */
    grpc_completion_queue *notices = grpc_completion_queue_create_for_pluck(NULL);
    grpc_server_shutdown_and_notify(server->server, notices, server);
    grpc_completion_queue_pluck(notices, server, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    pthread_join(server->thread, NULL);
    grpc_completion_queue_shutdown(notices);
    grpc_completion_queue_destroy(notices);
    grpc_server_destroy(server->server);
    grpc_completion_queue_shutdown(server->queue);
    while (
        grpc_completion_queue_next(server->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL).type !=
        GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(server->queue);
    free(server);
    grpc_shutdown();
}

const char *fake_server_address(const struct fake_server *server) { return server->address; }

size_t fake_violation(const char *field, const char *text, uint8_t out[FAKE_DETAILS_SIZE]) {
    uint8_t bytes[FAKE_DETAILS_SIZE];
    Google__Rpc__BadRequest__FieldViolation violation =
        GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
    Google__Rpc__BadRequest__FieldViolation *violations[] = {&violation};
    Google__Rpc__BadRequest bad_request = GOOGLE__RPC__BAD_REQUEST__INIT;
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    Google__Protobuf__Any *list_of_any[] = {&any};
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    violation.field = (char *)(uintptr_t)field;
    violation.description = (char *)(uintptr_t)text;
    bad_request.field_violations = violations;
    bad_request.n_field_violations = 1;
    any.type_url = (char[]){"type.googleapis.com/google.rpc.BadRequest"};
    any.value.data = bytes;
    assert(protobuf_c_message_get_packed_size(&bad_request.base) <= sizeof bytes);
    any.value.len = protobuf_c_message_pack(&bad_request.base, bytes);
    status.code = 3;
    status.details = list_of_any;
    status.n_details = 1;
    assert(protobuf_c_message_get_packed_size(&status.base) <= FAKE_DETAILS_SIZE);
    return protobuf_c_message_pack(&status.base, out);
}
