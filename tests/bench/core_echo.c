/* The transport's limit: an echo on C core alone, in the best form that it has for one. Registered
 * calls that come with their message, one batch for the whole answer, the minimal stack, and
 * answers that leave together. No limits, no deadline, no metadata, no tracing of who is slow: what
 * a server needs beside is what profiled's echo costs more. */

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/transport/coalesce.h"

enum { CALLS = 64, OPERATIONS = 4, TOGETHER_MAX = 32 };

/* A call, asked for again once it was answered. */
struct slot {
    bool is_answered;
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    grpc_byte_buffer *message;
    int cancelled;
};

static grpc_server *server;
static grpc_completion_queue *queue;
static void *method;
static struct slot slots[CALLS];

static void ask(struct slot *slot) {
    slot->is_answered = false;
    slot->call = NULL;
    slot->message = NULL;
    grpc_metadata_array_init(&slot->metadata);
    const grpc_call_error error =
        grpc_server_request_registered_call(server, method, &slot->call, &slot->deadline,
                                            &slot->metadata, &slot->message, queue, queue, slot);
    assert(error == GRPC_CALL_OK);
}

static void answer(struct slot *slot) {
    const grpc_op operations[OPERATIONS] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},
        {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = slot->message},
        {.op = GRPC_OP_SEND_STATUS_FROM_SERVER,
         .data.send_status_from_server.status = GRPC_STATUS_OK},
        {.op = GRPC_OP_RECV_CLOSE_ON_SERVER,
         .data.recv_close_on_server.cancelled = &slot->cancelled},
    };
    slot->is_answered = true;
    const grpc_call_error error =
        grpc_call_start_batch(slot->call, operations, OPERATIONS, slot, NULL);
    assert(error == GRPC_CALL_OK);
}

static void finish(struct slot *slot) {
    grpc_byte_buffer_destroy(slot->message);
    grpc_metadata_array_destroy(&slot->metadata);
    grpc_call_unref(slot->call);
    ask(slot);
}

static void serve(void) {
    size_t together = 0;
    for (;;) {
        if (together == TOGETHER_MAX) {
            coalesce_end();
            together = 0;
        }
        const gpr_timespec until =
            together > 0 ? gpr_time_0(GPR_CLOCK_MONOTONIC) : gpr_inf_future(GPR_CLOCK_MONOTONIC);
        const grpc_event event = grpc_completion_queue_next(queue, until, NULL);
        if (event.type != GRPC_OP_COMPLETE) {
            coalesce_end();
            together = 0;
            continue;
        }
        if (together++ == 0) {
            coalesce_begin();
        }
        struct slot *slot = event.tag;
        if (slot->is_answered) {
            finish(slot);
        } else if (event.success != 0) {
            answer(slot);
        }
    }
}

/* The calls under way are dropped: it is the end of the benchmark. */
static void end(int signal) {
    (void)signal;
    _exit(EXIT_SUCCESS);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs("usage: core_echo DIRECTORY ADDRESS\n", stderr);
        return 2;
    }
    signal(SIGTERM, end);
    grpc_init();
    grpc_arg argument = {GRPC_ARG_INTEGER, GRPC_ARG_MINIMAL_STACK, {.integer = 1}};
    const grpc_channel_args arguments = {1, &argument};
    server = grpc_server_create(&arguments, NULL);
    queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(server, queue, NULL);
    method = grpc_server_register_method(server, "/profiled.bench.v1.EchoService/Echo", NULL,
                                         GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER, 0);
    grpc_server_credentials *credentials = grpc_insecure_server_credentials_create();
    if (grpc_server_add_http2_port(server, argv[2], credentials) == 0) {
        fputs("no port\n", stderr);
        return EXIT_FAILURE;
    }
    grpc_server_start(server);
    for (size_t i = 0; i < CALLS; i++) {
        ask(&slots[i]);
    }
    serve();
    return EXIT_SUCCESS;
}
