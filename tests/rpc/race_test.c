/* Threads that write, read and watch at the same time, for the thread sanitizer, with which
 * Criterion does not go together: a main of its own. Those who watch are told of the last commit,
 * and end when the host does. */

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/base/clock.h"
#include "tests/rpc/host_fixture.h"

enum { THREADS = 4, CALLS_EACH = 500, WATCHERS = 8, CANCELLED_ONE_IN = 5 };

static void read_once(void) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    struct caller caller;
    caller_submit(&caller, fixture_workspace, &rpc_get_profile, &request.base);
    const enum status_code code = caller_finish(&caller);
    assert(code == STATUS_OK);
}

static void *work(void *argument) {
    (void)argument;
    for (int i = 0; i < CALLS_EACH; i++) {
        struct caller caller;
        submit_create(&caller, i % 7 == 0 ? "refused" : "taken", NULL, i % 5 == 0);
        const enum status_code code = caller_finish(&caller);
        assert(code == (i % 7 == 0 ? STATUS_NOT_FOUND : STATUS_OK));
        read_once();
    }
    return NULL;
}

/* ---- watching ---- */

/* One who watches how many rows there are. */
struct watcher {
    pthread_t thread;
    atomic_uint_fast64_t told; /* The last number. */
    uint64_t messages;
    uint64_t cancelled;
};

static void watch_check(struct rpc_context *ctx, const ProtobufCMessage *request) {
    (void)ctx;
    (void)request;
}

/* The stream remembers what it told. */
static struct status watch(struct rpc_context *ctx, const ProtobufCMessage *request,
                           ProtobufCMessage *response) {
    (void)request;
    if (*ctx->stream == NULL) {
        *ctx->stream = arena_alloc(ctx->stream_arena, sizeof(uint64_t));
    }
    uint64_t *told = *ctx->stream;
    const uint64_t count = fake_view_count(ctx->store);
    ctx->wait_us = US_PER_HOUR;
    ctx->silent = *told == count;
    ctx->more = true;
    *told = count;
    Profiled__V1__Profile *profile = arena_alloc(ctx->arena, sizeof *profile);
    profiled__v1__profile__init(profile);
    profile->etag = arena_format(ctx->arena, "%" PRIu64, count);
    ((Profiled__V1__GetProfileResponse *)response)->profile = profile;
    return OK;
}

static const struct rpc_method watch_row = {
    .access = RPC_FEED,
    .watches = true,
    .request = &profiled__v1__get_profile_request__descriptor,
    .response = &profiled__v1__get_profile_response__descriptor,
    .check = watch_check,
    .handle = watch,
};

/* The next message. What ends a stream is told by its code. */
static enum status_code watch_once(struct watcher *watcher, struct rpc_stream *stream,
                                   bool cancels) {
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    struct caller caller;
    caller_pack(&caller, fixture_workspace, &watch_row, &request.base);
    caller.call->stream = stream;
    struct rpc_call *call = caller.call; /* It lives until it is freed below. */
    caller_start(&caller);
    if (cancels) {
        atomic_store(&call->cancelled, true);
    }
    const struct answer *answer = caller_await(&caller);
    const enum status_code code = answer->code;
    if (code == STATUS_OK) {
        const char *etag = ((Profiled__V1__GetProfileResponse *)caller.response)->profile->etag;
        const uint64_t count = strtoull(etag, NULL, 10);
        assert(count >= atomic_load(&watcher->told)); /* A new stream tells the last again. */
        atomic_store(&watcher->told, count);
        watcher->messages++;
    }
    caller_free(&caller);
    return code;
}

static void *watch_on(void *argument) {
    struct watcher *watcher = argument;
    enum status_code code = STATUS_CANCELLED;
    for (uint64_t i = 1; code == STATUS_CANCELLED; i++) {
        struct rpc_stream *stream = rpc_stream_new();
        code = STATUS_OK;
        while (code == STATUS_OK) {
            code = watch_once(watcher, stream, watcher->messages % CANCELLED_ONE_IN == i % 2);
        }
        watcher->cancelled += code == STATUS_CANCELLED ? 1 : 0;
        rpc_stream_free(stream);
    }
    assert(code == STATUS_UNAVAILABLE);
    return NULL;
}

static void start_all(pthread_t threads[THREADS], struct watcher watchers[WATCHERS]) {
    for (int i = 0; i < WATCHERS; i++) {
        const int failed = pthread_create(&watchers[i].thread, NULL, watch_on, &watchers[i]);
        assert(failed == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        const int failed = pthread_create(&threads[i], NULL, work, NULL);
        assert(failed == 0);
    }
}

int main(void) {
    static struct watcher watchers[WATCHERS];
    pthread_t threads[THREADS];
    fixture_open();
    start_all(threads, watchers);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    const struct fake_counts counts = fake_store_counts(fixture_store);
    for (int i = 0; i < WATCHERS; i++) {
        while (atomic_load(&watchers[i].told) < counts.rows) {
            sched_yield();
        }
    }
    rpc_host_end_feeds(fixture_host);
    uint64_t messages = 0;
    uint64_t cancelled = 0;
    for (int i = 0; i < WATCHERS; i++) {
        pthread_join(watchers[i].thread, NULL);
        messages += watchers[i].messages;
        cancelled += watchers[i].cancelled;
    }
    printf("%zu commits, told in %" PRIu64 " messages, %" PRIu64 " watchers cancelled\n",
           counts.commits, messages, cancelled);
    fixture_close();
    return EXIT_SUCCESS;
}
