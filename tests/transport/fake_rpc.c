/* The functions of server/rpc/rpc.h that transport uses, without anything below them. */

#include "tests/transport/fake_rpc.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tests/transport/echo.pb-c.h"

enum { HELD_MAX = 256, THREADS_MAX = 4096, DETAILS_MUCH_SIZE = 20000 };

struct rpc_workspace {
    const char *name;
};

struct rpc_stream {
    atomic_size_t running;
    atomic_size_t runs;
};

static struct rpc_workspace workspaces[] = {{"default"}, {"other"}};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct rpc_call *held[HELD_MAX];
    size_t held_count;
    pthread_t threads[THREADS_MAX];
    size_t thread_count;
    int64_t last_deadline_us;
    const char *last_workspace;
    size_t calls;
    size_t streams;
    size_t overlap_max;
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static uint8_t details_much[DETAILS_MUCH_SIZE];

/* ---- rows ---- */

static const struct rpc_method echo_row = {.access = RPC_WRITE};
static const struct rpc_method many_row = {.access = RPC_STREAM};
static const struct rpc_method feed_row = {.access = RPC_FEED};
static const struct rpc_method *const rows[] = {&echo_row, &many_row, &feed_row};
static const struct rpc_method *const rows_wrong[] = {&many_row, &many_row, &feed_row};

const struct rpc_service fake_service = {
    .descriptor = &profiled__testing__v1__echo_service__descriptor,
    .methods = rows,
};

const struct rpc_service fake_service_wrong = {
    .descriptor = &profiled__testing__v1__echo_service__descriptor,
    .methods = rows_wrong,
};

/* ---- rpc.h ---- */

struct rpc_host *fake_rpc_host(void) {
    return (struct rpc_host *)(void *)&fake;
}

struct rpc_workspace *rpc_workspace_find(struct rpc_host *host, struct bytes name) {
    assert(host == fake_rpc_host());
    for (size_t i = 0; i < sizeof workspaces / sizeof workspaces[0]; i++) {
        if (bytes_equal(name, bytes_of_string(workspaces[i].name))) {
            return &workspaces[i];
        }
    }
    return NULL;
}

struct rpc_stream *rpc_stream_new(void) {
    pthread_mutex_lock(&fake.lock);
    fake.streams++;
    pthread_mutex_unlock(&fake.lock);
    return calloc(1, sizeof(struct rpc_stream));
}

void rpc_stream_free(struct rpc_stream *stream) {
    assert(stream->running == 0);
    pthread_mutex_lock(&fake.lock);
    fake.streams--;
    pthread_mutex_unlock(&fake.lock);
    free(stream);
}

struct rpc_call *rpc_call_new(void) {
    pthread_mutex_lock(&fake.lock);
    fake.calls++;
    pthread_mutex_unlock(&fake.lock);
    return calloc(1, sizeof(struct rpc_call));
}

void rpc_call_free(struct rpc_call *call) {
    pthread_mutex_lock(&fake.lock);
    fake.calls--;
    pthread_mutex_unlock(&fake.lock);
    free((void *)(uintptr_t)call->response.data);
    free(call);
}

struct bytes rpc_status_details(struct status status, const struct rpc_context *ctx,
                                struct arena *arena) {
    (void)ctx;
    return arena_copy(arena, bytes_of_string(error_reason_name(status.reason)));
}

/* Refuses what begins with a byte ff, which is no tag. */
struct status rpc_scan(const ProtobufCMessageDescriptor *shape, struct bytes message,
                       size_t *offset) {
    (void)shape;
    *offset = 0;
    if (message.size > 0 && message.data[0] == 0xff) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_MESSAGE_INVALID, "a bad tag");
    }
    return OK;
}

/* ---- what the calls do ---- */

/* A copy of the bytes, never NULL, freed with the call. */
static struct bytes bytes_copy(struct bytes bytes) {
    uint8_t *copy = malloc(bytes.size + 1);
    assert(copy != NULL);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    return bytes_of(copy, bytes.size);
}

static void answer(struct rpc_call *call, struct status status, struct bytes details) {
    if (status_is_ok(status)) {
        call->response = bytes_copy(call->request);
    }
    call->status = status;
    call->details = details;
    if (call->stream != NULL) {
        call->stream->running--;
        call->more = call->method == &feed_row && ++call->stream->runs < FAKE_FEED_RUNS;
    }
    call->done(call);
}

static void *answer_on_thread(void *call) {
    sched_yield();
    answer(call, OK, bytes_of(NULL, 0));
    return NULL;
}

static void start_thread(struct rpc_call *call) {
    pthread_mutex_lock(&fake.lock);
    assert(fake.thread_count < THREADS_MAX);
    const int error =
        pthread_create(&fake.threads[fake.thread_count++], NULL, answer_on_thread, call);
    assert(error == 0);
    (void)error;
    pthread_mutex_unlock(&fake.lock);
}

static void hold(struct rpc_call *call) {
    pthread_mutex_lock(&fake.lock);
    assert(fake.held_count < HELD_MAX);
    fake.held[fake.held_count++] = call;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.lock);
}

/* Every message of the tests' protos is one string in field 1: 0a, size, text. */
static bool asks_for(const struct rpc_call *call, const char *text) {
    const struct bytes request = call->request;
    return request.size == strlen(text) + 2 && memcmp(request.data + 2, text, strlen(text)) == 0;
}

static void note(struct rpc_call *call) {
    pthread_mutex_lock(&fake.lock);
    fake.last_deadline_us = call->deadline_us;
    fake.last_workspace = call->workspace->name;
    if (call->stream != NULL) {
        const size_t running = ++call->stream->running;
        fake.overlap_max = running > fake.overlap_max ? running : fake.overlap_max;
    }
    pthread_mutex_unlock(&fake.lock);
}

void rpc_submit(struct rpc_call *call) {
    const struct status failed =
        status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID, "50% of the text is not \"good\"");
    note(call);
    if (asks_for(call, "fail")) {
        answer(call, failed, bytes_of_string("FIELD_INVALID, in detail"));
    } else if (asks_for(call, "fail much")) {
        answer(call, failed, bytes_of(details_much, sizeof details_much));
    } else if (asks_for(call, "thread")) {
        start_thread(call);
    } else if (asks_for(call, "hold")) {
        hold(call);
    } else {
        answer(call, OK, bytes_of(NULL, 0));
    }
}

/* ---- for the tests ---- */

void fake_rpc_wait_held(size_t count) {
    pthread_mutex_lock(&fake.lock);
    while (fake.held_count < count) {
        pthread_cond_wait(&fake.changed, &fake.lock);
    }
    pthread_mutex_unlock(&fake.lock);
}

static size_t count_cancelled(void) {
    size_t count = 0;
    pthread_mutex_lock(&fake.lock);
    for (size_t i = 0; i < fake.held_count; i++) {
        count += fake.held[i]->cancelled ? 1 : 0;
    }
    pthread_mutex_unlock(&fake.lock);
    return count;
}

void fake_rpc_wait_cancelled(size_t count) {
    while (count_cancelled() < count) { /* Nobody tells: the flag is all there is. */
        sched_yield();
    }
}

void fake_rpc_release(void) {
    pthread_mutex_lock(&fake.lock);
    struct rpc_call *calls[HELD_MAX];
    const size_t count = fake.held_count;
    memcpy(calls, fake.held, count * sizeof calls[0]);
    fake.held_count = 0;
    pthread_mutex_unlock(&fake.lock);
    for (size_t i = 0; i < count; i++) {
        const bool cancelled = calls[i]->cancelled;
        answer(calls[i],
               cancelled ? status_of(STATUS_CANCELLED, REASON_CANCELLED, "cancelled") : OK,
               bytes_of(NULL, 0));
    }
}

void fake_rpc_join(void) {
    for (size_t i = 0; i < fake.thread_count; i++) {
        pthread_join(fake.threads[i], NULL);
    }
    fake.thread_count = 0;
}

int64_t fake_rpc_last_deadline_us(void) { return fake.last_deadline_us; }

const char *fake_rpc_last_workspace(void) { return fake.last_workspace; }

size_t fake_rpc_calls(void) { return fake.calls; }

size_t fake_rpc_streams(void) { return fake.streams; }

size_t fake_rpc_stream_overlap_max(void) { return fake.overlap_max; }
