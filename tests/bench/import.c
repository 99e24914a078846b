/* The stream of an import on C core. Sending and receiving each have one operation under way, told
 * apart by their tags. */

#include "tests/bench/import.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/profiled_client.h"
#include "profiled/v1/transfer_service.pb-c.h"
#include "server/base/arena.h"
#include "tests/bench/load.h"
#include "tests/bench/people.h"

enum { BATCHES_AHEAD = 2, MESSAGE_ARENA_MAX = 64 << 20 };

static const char import_path[] = "/profiled.v1.TransferService/ImportProfiles";

struct stream {
    const struct import_plan *plan;
    struct import_result *result;
    grpc_channel *channel;
    grpc_completion_queue *queue;
    grpc_call *call;
    struct arena arena;
    uint64_t sent; /* Batches. */
    uint64_t acknowledged;
    uint64_t sent_ns[BATCHES_AHEAD];
    bool sending;
    grpc_metadata_array metadata; /* The server's; messages come after it. */
    grpc_byte_buffer *received;
};

static char tag_sent;
static char tag_received;

static void die(const char *what) {
    fprintf(stderr, "import: %s\n", what);
    exit(EXIT_FAILURE);
}

static void start(struct stream *stream, const grpc_op *operation, void *tag) {
    const grpc_call_error error = grpc_call_start_batch(stream->call, operation, 1, tag, NULL);
    assert(error == GRPC_CALL_OK);
}

static void send(struct stream *stream, const ProtobufCMessage *message) {
    const size_t size = protobuf_c_message_get_packed_size(message);
    grpc_slice slice = grpc_slice_malloc(size);
    protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(slice));
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    const grpc_op operation = {.op = GRPC_OP_SEND_MESSAGE,
                               .data.send_message.send_message = buffer};
    start(stream, &operation, &tag_sent);
    stream->sending = true;
    grpc_byte_buffer_destroy(buffer);
}

static void send_header(struct stream *stream) {
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    header.import_id = (char *)(uintptr_t)stream->plan->import_id;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    send(stream, &request.base);
}

static void send_batch(struct stream *stream) {
    arena_reset(&stream->arena);
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    batch.n_rows = IMPORT_BATCH_ROWS;
    batch.rows = arena_array(&stream->arena, IMPORT_BATCH_ROWS, sizeof *batch.rows);
    for (uint64_t i = 0; i < IMPORT_BATCH_ROWS; i++) {
        const uint64_t index = stream->sent * IMPORT_BATCH_ROWS + i;
        Profiled__V1__ImportRow *row = arena_alloc(&stream->arena, sizeof *row);
        profiled__v1__import_row__init(row);
        row->row = (int64_t)index + 1;
        row->record = people_record(stream->plan->first + index, &stream->arena);
        batch.rows[i] = row;
    }
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    stream->sent_ns[stream->sent % BATCHES_AHEAD] = load_now_ns();
    send(stream, &request.base);
    stream->sent++;
}

static void receive(struct stream *stream) {
    const grpc_op operation = {.op = GRPC_OP_RECV_MESSAGE,
                               .data.recv_message.recv_message = &stream->received};
    start(stream, &operation, &tag_received);
}

/* Tells with which status the server ended the stream. */
static _Noreturn void die_of_status(struct stream *stream) {
    grpc_metadata_array trailing;
    grpc_status_code code = GRPC_STATUS_UNKNOWN;
    grpc_slice text = grpc_empty_slice();
    grpc_metadata_array_init(&trailing);
    const grpc_op operation = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT,
                               .data.recv_status_on_client = {.trailing_metadata = &trailing,
                                                              .status = &code,
                                                              .status_details = &text}};
    start(stream, &operation, &trailing);
    while (
        grpc_completion_queue_next(stream->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).tag !=
        &trailing) {
    }
    fprintf(stderr, "import: the server ended the stream: %s: %.*s\n",
            profiled_code_name((int32_t)code), (int)GRPC_SLICE_LENGTH(text),
            (const char *)GRPC_SLICE_START_PTR(text));
    exit(EXIT_FAILURE);
}

static Profiled__V1__ImportProfilesResponse *received_take(struct stream *stream) {
    if (stream->received == NULL) {
        die_of_status(stream);
    }
    grpc_byte_buffer_reader reader;
    grpc_byte_buffer_reader_init(&reader, stream->received);
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    Profiled__V1__ImportProfilesResponse *response = profiled__v1__import_profiles_response__unpack(
        NULL, GRPC_SLICE_LENGTH(slice), GRPC_SLICE_START_PTR(slice));
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(stream->received);
    stream->received = NULL;
    if (response == NULL) {
        die("an answer does not decode");
    }
    return response;
}

static void take_ack(struct stream *stream, const Profiled__V1__ImportAck *ack) {
    const struct import_plan *plan = stream->plan;
    histogram_add(&stream->result->latency,
                  load_now_ns() - stream->sent_ns[stream->acknowledged % BATCHES_AHEAD]);
    stream->acknowledged++;
    stream->result->created = (uint64_t)ack->counts->created;
    for (size_t i = 0; plan->imported != NULL && i < ack->n_verdicts; i++) {
        const Profiled__V1__ImportVerdict *verdict = ack->verdicts[i];
        plan->imported(plan->state, plan->first + (uint64_t)verdict->row - 1, verdict->profile_id);
    }
}

static void run(struct stream *stream) {
    const uint64_t batches = stream->plan->count / IMPORT_BATCH_ROWS;
    bool started = false;
    send_header(stream);
    receive(stream);
    while (stream->acknowledged < batches) {
        const grpc_event event =
            grpc_completion_queue_next(stream->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (event.tag == &tag_sent) {
            stream->sending = false;
        } else if (event.tag == &tag_received) {
            Profiled__V1__ImportProfilesResponse *response = received_take(stream);
            if (response->payload_case == PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_ACK) {
                take_ack(stream, response->ack);
            }
            started = true;
            profiled__v1__import_profiles_response__free_unpacked(response, NULL);
            receive(stream);
        }
        if (started && !stream->sending && stream->sent < batches &&
            stream->sent - stream->acknowledged < BATCHES_AHEAD) {
            send_batch(stream);
        }
    }
}

static void stream_open(struct stream *stream) {
    grpc_arg argument = {GRPC_ARG_INTEGER, GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, {.integer = 1}};
    const grpc_channel_args arguments = {1, &argument};
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    stream->channel = grpc_channel_create(stream->plan->address, credentials, &arguments);
    grpc_channel_credentials_release(credentials);
    stream->queue = grpc_completion_queue_create_for_next(NULL);
    stream->call =
        grpc_channel_create_call(stream->channel, NULL, GRPC_PROPAGATE_DEFAULTS, stream->queue,
                                 grpc_slice_from_static_string(import_path), NULL,
                                 gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    grpc_metadata_array_init(&stream->metadata);
    const grpc_op send_metadata = {.op = GRPC_OP_SEND_INITIAL_METADATA};
    const grpc_op receive_metadata = {.op = GRPC_OP_RECV_INITIAL_METADATA,
                                      .data.recv_initial_metadata.recv_initial_metadata =
                                          &stream->metadata};
    start(stream, &send_metadata, NULL);
    start(stream, &receive_metadata, NULL);
    arena_init(&stream->arena, MESSAGE_ARENA_MAX);
}

static void stream_close(struct stream *stream) {
    grpc_call_cancel(stream->call, NULL);
    grpc_call_unref(stream->call);
    grpc_channel_destroy(stream->channel);
    grpc_completion_queue_shutdown(stream->queue);
    while (
        grpc_completion_queue_next(stream->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
        GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(stream->queue);
    grpc_byte_buffer_destroy(stream->received);
    grpc_metadata_array_destroy(&stream->metadata);
    arena_free(&stream->arena);
}

void import_run(const struct import_plan *plan, struct import_result *out) {
    assert(plan->count > 0 && plan->count % IMPORT_BATCH_ROWS == 0);
    *out = (struct import_result){0};
    struct stream stream = {.plan = plan, .result = out};
    stream_open(&stream);
    const uint64_t start_ns = load_now_ns();
    run(&stream);
    out->duration_ns = load_now_ns() - start_ns;
    stream_close(&stream);
}
