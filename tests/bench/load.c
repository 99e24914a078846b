/* A client on C core: one completion queue, one thread, a slot for each call that is outstanding.
 * With a rate, calls are due at even steps whatever the server does, and a late one counts as slow:
 * so a server that stalls cannot hide it by being asked less. */

#include "tests/bench/load.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

enum {
    CONNECT_SECONDS = 20,
    REQUEST_ARENA_MAX = 64 << 20,
    OPERATIONS = 6,
    WAKE_LATE_NS = 2000000,
    DOZE_NS = 50000,
};

#define NS_PER_SECOND UINT64_C(1000000000)

struct load {
    grpc_completion_queue *queue;
    grpc_channel *channels[LOAD_CONNECTIONS_MAX];
    struct arena arena;
};

/* A call on its way. */
struct slot {
    struct slot *next_free;
    grpc_channel *channel;
    void *method; /* C core's handle of the path on this channel. */
    uint64_t due_ns;
    grpc_call *call;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_byte_buffer *response;
    grpc_status_code code;
    grpc_slice text;
};

struct run {
    struct load *load;
    const struct load_plan *plan;
    struct load_result *result;
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t started; /* Calls. */
    uint32_t active;
    struct slot *free;
    struct slot slots[LOAD_OUTSTANDING_MAX];
};

uint64_t load_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* ---- connections ---- */

static grpc_channel *channel_new(const char *address) {
    grpc_arg arguments[] = {
        /* A connection of its own for each channel. */
        {GRPC_ARG_INTEGER, GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, {.integer = 1}},
        {GRPC_ARG_INTEGER, GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, {.integer = 100}},
        {GRPC_ARG_INTEGER, GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, {.integer = 100}},
        {GRPC_ARG_INTEGER, GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, {.integer = 100}},
    };
    const grpc_channel_args all = {sizeof arguments / sizeof arguments[0], arguments};
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    grpc_channel *channel = grpc_channel_create(address, credentials, &all);
    grpc_channel_credentials_release(credentials);
    return channel;
}

static bool channel_connect(struct load *load, grpc_channel *channel) {
    const gpr_timespec deadline = gpr_time_add(
        gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(CONNECT_SECONDS, GPR_TIMESPAN));
    for (;;) {
        const grpc_connectivity_state state = grpc_channel_check_connectivity_state(channel, 1);
        if (state == GRPC_CHANNEL_READY) {
            return true;
        }
        grpc_channel_watch_connectivity_state(channel, state, deadline, load->queue, NULL);
        const grpc_event event =
            grpc_completion_queue_next(load->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (!event.success) {
            return false;
        }
    }
}

struct load *load_open(const char *address) {
    grpc_init();
    prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0); /* A sleep is as long as it is said to be. */
    struct load *load = calloc(1, sizeof *load);
    assert(load != NULL);
    arena_init(&load->arena, REQUEST_ARENA_MAX);
    load->queue = grpc_completion_queue_create_for_next(NULL);
    for (size_t i = 0; i < LOAD_CONNECTIONS_MAX; i++) {
        load->channels[i] = channel_new(address);
        if (!channel_connect(load, load->channels[i])) {
            return NULL;
        }
    }
    return load;
}

void load_close(struct load *load) {
    for (size_t i = 0; i < LOAD_CONNECTIONS_MAX; i++) {
        grpc_channel_destroy(load->channels[i]);
    }
    grpc_completion_queue_shutdown(load->queue);
    while (
        grpc_completion_queue_next(load->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
        GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(load->queue);
    arena_free(&load->arena);
    free(load);
    grpc_shutdown_blocking();
}

/* ---- calls ---- */

static grpc_byte_buffer *request_make(struct run *run) {
    struct arena *arena = &run->load->arena;
    arena_reset(arena);
    const struct bytes request = run->plan->work.make(run->plan->work.state, arena);
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)request.data, request.size);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

static void slot_start(struct run *run, uint64_t due_ns) {
    struct slot *slot = run->free;
    run->free = slot->next_free;
    run->started++;
    run->active++;
    slot->due_ns = due_ns;
    slot->call = grpc_channel_create_registered_call(slot->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
                                                     run->load->queue, slot->method,
                                                     gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    grpc_metadata_array_init(&slot->initial);
    grpc_metadata_array_init(&slot->trailing);
    slot->response = NULL;
    grpc_byte_buffer *request = request_make(run);
    grpc_op operations[OPERATIONS] = {
        {.op = GRPC_OP_SEND_INITIAL_METADATA},
        {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = request},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
        {.op = GRPC_OP_RECV_INITIAL_METADATA,
         .data.recv_initial_metadata.recv_initial_metadata = &slot->initial},
        {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &slot->response},
        {.op = GRPC_OP_RECV_STATUS_ON_CLIENT,
         .data.recv_status_on_client = {.trailing_metadata = &slot->trailing,
                                        .status = &slot->code,
                                        .status_details = &slot->text}},
    };
    const grpc_call_error error =
        grpc_call_start_batch(slot->call, operations, OPERATIONS, slot, NULL);
    assert(error == GRPC_CALL_OK);
    grpc_byte_buffer_destroy(request);
}

static uint64_t count_failed(const struct load_work *work, const struct slot *slot) {
    if (slot->code != GRPC_STATUS_OK || slot->response == NULL) {
        return work->items;
    }
    if (work->failed == NULL) {
        return 0;
    }
    grpc_byte_buffer_reader reader;
    grpc_byte_buffer_reader_init(&reader, slot->response);
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    const uint64_t failed =
        work->failed(bytes_of(GRPC_SLICE_START_PTR(slice), GRPC_SLICE_LENGTH(slice)));
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    return failed;
}

static void slot_finish(struct run *run, struct slot *slot) {
    struct load_result *result = run->result;
    const uint64_t late_ns = load_now_ns() - slot->due_ns;
    const uint64_t failed = count_failed(&run->plan->work, slot);
    result->failures += failed;
    result->items += run->plan->work.items - failed;
    if (slot->code == GRPC_STATUS_OK) {
        result->calls++;
        histogram_add(&result->latency, late_ns);
    }
    if (failed > 0) {
        result->failure_code = (int)slot->code;
    }
    grpc_byte_buffer_destroy(slot->response);
    grpc_slice_unref(slot->text);
    grpc_metadata_array_destroy(&slot->initial);
    grpc_metadata_array_destroy(&slot->trailing);
    grpc_call_unref(slot->call);
    run->active--;
    slot->next_free = run->free;
    run->free = slot;
}

/* ---- runs ---- */

static uint64_t due_ns_next(const struct run *run, uint64_t now_ns) {
    return run->plan->rate == 0 ? now_ns
                                : run->start_ns + run->started * NS_PER_SECOND / run->plan->rate;
}

/* Starts what is due. What is due when no slot is free is started late. */
static void start_due(struct run *run) {
    const uint64_t now_ns = load_now_ns();
    while (run->free != NULL && now_ns < run->end_ns && due_ns_next(run, now_ns) <= now_ns) {
        slot_start(run, due_ns_next(run, now_ns));
    }
}

/* C core wakes up to a millisecond late: what is due sooner is waited for by asking again, with a
 * short sleep between, since a processor that only asks is one less for the server. */
static void doze(const struct run *run) {
    const uint64_t now_ns = load_now_ns();
    const uint64_t due_ns = due_ns_next(run, now_ns);
    if (run->plan->rate != 0 && due_ns > now_ns) {
        const uint64_t doze_ns = due_ns - now_ns < DOZE_NS ? due_ns - now_ns : DOZE_NS;
        nanosleep(&(struct timespec){.tv_nsec = (long)doze_ns}, NULL);
    }
}

static gpr_timespec wait_end(const struct run *run) {
    if (run->plan->rate == 0 || run->free == NULL) {
        return gpr_inf_future(GPR_CLOCK_MONOTONIC);
    }
    const uint64_t due_ns = due_ns_next(run, 0);
    const uint64_t end_ns = (due_ns < run->end_ns ? due_ns : run->end_ns) - WAKE_LATE_NS;
    return (gpr_timespec){(int64_t)(end_ns / NS_PER_SECOND), (int32_t)(end_ns % NS_PER_SECOND),
                          GPR_CLOCK_MONOTONIC};
}

static void prepare_slots(struct run *run) {
    const struct load_plan *plan = run->plan;
    void *methods[LOAD_CONNECTIONS_MAX];
    for (size_t i = 0; i < plan->connections; i++) {
        methods[i] =
            grpc_channel_register_call(run->load->channels[i], plan->work.path, NULL, NULL);
    }
    for (size_t i = 0; i < plan->outstanding; i++) {
        struct slot *slot = &run->slots[i];
        slot->channel = run->load->channels[i % plan->connections];
        slot->method = methods[i % plan->connections];
        slot->next_free = run->free;
        run->free = slot;
    }
}

void load_run(struct load *load, const struct load_plan *plan, struct load_result *out) {
    assert(plan->connections > 0 && plan->connections <= LOAD_CONNECTIONS_MAX);
    assert(plan->outstanding > 0 && plan->outstanding <= LOAD_OUTSTANDING_MAX);
    *out = (struct load_result){0};
    struct run *run = calloc(1, sizeof *run);
    assert(run != NULL);
    run->load = load;
    run->plan = plan;
    run->result = out;
    prepare_slots(run);
    run->start_ns = load_now_ns();
    run->end_ns = run->start_ns + plan->duration_ns;
    while (run->active > 0 || load_now_ns() < run->end_ns) {
        start_due(run);
        const grpc_event event = grpc_completion_queue_next(load->queue, wait_end(run), NULL);
        if (event.type == GRPC_OP_COMPLETE) {
            slot_finish(run, event.tag);
        } else {
            doze(run);
        }
    }
    out->duration_ns = load_now_ns() - run->start_ns;
    free(run);
}
