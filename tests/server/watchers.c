/* A client on C core: one completion queue, and for each call two batches: one for the next
 * message, one for the status. A call has ended when the status is there, which C core tells when
 * all messages before it were taken. */

#include "tests/server/watchers.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <stdlib.h>

enum { CALLS_OF_A_CONNECTION = 100, BEGIN_OPERATIONS = 4, MEMORY_SIZE = 64 << 20, ALIGN = 16 };

#define PATH "/profiled.v1.ChangeService/WatchChanges"

struct watcher {
    grpc_call *call; /* NULL before and after. */
    grpc_channel *channel;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_byte_buffer *message;
    grpc_status_code code;
    grpc_slice text;
    bool silent; /* No more messages come. */
    bool ended;  /* The status is there. */
    /* Addresses to tell the batches apart. */
    char tag_begin;
    char tag_message;
    char tag_status;
};

struct watchers {
    grpc_completion_queue *queue;
    size_t channel_count;
    grpc_channel **channels;
    size_t count;
    size_t open_count;
    struct watcher *watchers;
    unsigned char *memory; /* Of the present message. */
    size_t used;
};

/* Hundreds of thousands of changes a second are more than malloc() is good for. */
static void *memory_take(void *state, size_t size) {
    struct watchers *watchers = state;
    void *memory = watchers->memory + watchers->used;
    watchers->used += (size + ALIGN - 1) / ALIGN * ALIGN;
    assert(watchers->used <= MEMORY_SIZE);
    return memory;
}

static void memory_leave(void *state, void *memory) {
    (void)state;
    (void)memory;
}

static void *array_new(size_t count, size_t size) {
    void *array = calloc(count, size);
    assert(array != NULL);
    return array;
}

static grpc_channel *channel_new(const char *address) {
    /* A connection of its own for each channel. */
    grpc_arg argument = {GRPC_ARG_INTEGER, GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, {.integer = 1}};
    const grpc_channel_args all = {1, &argument};
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    grpc_channel *channel = grpc_channel_create(address, credentials, &all);
    grpc_channel_credentials_release(credentials);
    return channel;
}

/* ---- beginning ---- */

static void start(struct watcher *watcher, const grpc_op *operations, size_t count, void *tag) {
    const grpc_call_error error =
        grpc_call_start_batch(watcher->call, operations, count, tag, NULL);
    assert(error == GRPC_CALL_OK);
}

static void ask_for_message(struct watcher *watcher) {
    grpc_op operation = {.op = GRPC_OP_RECV_MESSAGE};
    operation.data.recv_message.recv_message = &watcher->message;
    start(watcher, &operation, 1, &watcher->tag_message);
}

static void ask_for_status(struct watcher *watcher) {
    grpc_op operation = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    operation.data.recv_status_on_client.trailing_metadata = &watcher->trailing;
    operation.data.recv_status_on_client.status = &watcher->code;
    operation.data.recv_status_on_client.status_details = &watcher->text;
    start(watcher, &operation, 1, &watcher->tag_status);
}

static grpc_byte_buffer *request_pack(const Profiled__V1__WatchChangesRequest *request) {
    grpc_slice slice =
        grpc_slice_malloc(profiled__v1__watch_changes_request__get_packed_size(request));
    profiled__v1__watch_changes_request__pack(request, GRPC_SLICE_START_PTR(slice));
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

void watchers_begin(struct watchers *watchers, size_t index,
                    const Profiled__V1__WatchChangesRequest *request) {
    struct watcher *watcher = &watchers->watchers[index];
    assert(watcher->call == NULL);
    watcher->call = grpc_channel_create_call(watcher->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
                                             watchers->queue, grpc_slice_from_static_string(PATH),
                                             NULL, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    watcher->silent = false;
    watcher->ended = false;
    watchers->open_count++;
    grpc_metadata_array_init(&watcher->initial);
    grpc_metadata_array_init(&watcher->trailing);
    grpc_byte_buffer *buffer = request_pack(request);
    const grpc_op operations[BEGIN_OPERATIONS] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},
        {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = buffer},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
        {.op = GRPC_OP_RECV_INITIAL_METADATA,
         .data.recv_initial_metadata.recv_initial_metadata = &watcher->initial},
    };
    start(watcher, operations, BEGIN_OPERATIONS, &watcher->tag_begin);
    grpc_byte_buffer_destroy(buffer);
    ask_for_status(watcher);
    ask_for_message(watcher);
}

struct watchers *watchers_open(const char *address, size_t count,
                               const Profiled__V1__WatchChangesRequest *request) {
    grpc_init();
    struct watchers *watchers = array_new(1, sizeof *watchers);
    watchers->queue = grpc_completion_queue_create_for_next(NULL);
    watchers->channel_count = (count + CALLS_OF_A_CONNECTION - 1) / CALLS_OF_A_CONNECTION;
    watchers->channels = array_new(watchers->channel_count, sizeof *watchers->channels);
    for (size_t i = 0; i < watchers->channel_count; i++) {
        watchers->channels[i] = channel_new(address);
    }
    watchers->count = count;
    watchers->memory = array_new(1, MEMORY_SIZE);
    watchers->watchers = array_new(count, sizeof *watchers->watchers);
    for (size_t i = 0; i < count; i++) {
        watchers->watchers[i].channel = watchers->channels[i / CALLS_OF_A_CONNECTION];
        watchers_begin(watchers, i, request);
    }
    return watchers;
}

/* ---- what happens ---- */

static const Profiled__V1__WatchChangesResponse *message_unpack(struct watchers *watchers,
                                                                grpc_byte_buffer *buffer) {
    grpc_byte_buffer_reader reader;
    ProtobufCAllocator allocator = {memory_take, memory_leave, watchers};
    watchers->used = 0;
    const int good = grpc_byte_buffer_reader_init(&reader, buffer);
    assert(good != 0);
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    const Profiled__V1__WatchChangesResponse *response =
        profiled__v1__watch_changes_response__unpack(&allocator, GRPC_SLICE_LENGTH(slice),
                                                     GRPC_SLICE_START_PTR(slice));
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    grpc_byte_buffer_destroy(buffer);
    assert(response != NULL);
    return response;
}

/* A call is over when both its batches are. */
static bool end_when_done(struct watchers *watchers, struct watcher *watcher,
                          struct watchers_event *out) {
    if (!watcher->silent || !watcher->ended) {
        return false;
    }
    *out = (struct watchers_event){.watcher = (size_t)(watcher - watchers->watchers),
                                   .code = (int)watcher->code};
    grpc_slice_unref(watcher->text);
    grpc_metadata_array_destroy(&watcher->initial);
    grpc_metadata_array_destroy(&watcher->trailing);
    grpc_call_unref(watcher->call);
    watcher->call = NULL;
    watchers->open_count--;
    return true;
}

/* True when there is something to tell. */
static bool take(struct watchers *watchers, char *tag, struct watchers_event *out) {
    const size_t offset = (size_t)(tag - (char *)watchers->watchers);
    struct watcher *watcher = &watchers->watchers[offset / sizeof *watcher];
    if (tag == &watcher->tag_message && watcher->message != NULL) {
        *out = (struct watchers_event){.watcher = (size_t)(watcher - watchers->watchers),
                                       .response = message_unpack(watchers, watcher->message)};
        watcher->message = NULL;
        ask_for_message(watcher);
        return true;
    }
    if (tag == &watcher->tag_message) {
        watcher->silent = true;
    } else if (tag == &watcher->tag_status) {
        watcher->ended = true;
    }
    return end_when_done(watchers, watcher, out);
}

bool watchers_next(struct watchers *watchers, uint32_t timeout_ms, struct watchers_event *out) {
    const gpr_timespec until =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN));
    for (;;) {
        const grpc_event event = grpc_completion_queue_next(watchers->queue, until, NULL);
        if (event.type != GRPC_OP_COMPLETE) {
            return false;
        }
        if (take(watchers, event.tag, out)) {
            return true;
        }
    }
}

/* ---- ending ---- */

static void end_all(struct watchers *watchers) {
    for (size_t i = 0; i < watchers->count; i++) {
        if (watchers->watchers[i].call != NULL) {
            grpc_call_cancel(watchers->watchers[i].call, NULL);
        }
    }
    while (watchers->open_count > 0) {
        struct watchers_event event;
        (void)watchers_next(watchers, UINT32_MAX, &event);
    }
}

void watchers_close(struct watchers *watchers) {
    end_all(watchers);
    for (size_t i = 0; i < watchers->channel_count; i++) {
        grpc_channel_destroy(watchers->channels[i]);
    }
    grpc_completion_queue_shutdown(watchers->queue);
    while (grpc_completion_queue_next(watchers->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL)
               .type != GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(watchers->queue);
    free(watchers->channels);
    free(watchers->watchers);
    free(watchers->memory);
    free(watchers);
    grpc_shutdown_blocking();
}
