/* The writer's thread. It takes all that is in the queue at once, so that the batch of one commit
 * grows with load by itself: never a sleep to fill it. Beside that, each minute, it does the upkeep
 * of the store. */

#include "server/rpc/writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/rpc/batch.h"
#include "server/rpc/call.h"
#include "server/rpc/host.h"

enum {
    UPKEEP_SECONDS = 60,
    SWEEP_ROWS_MAX = 1000, /* In one transaction; calls that wait come between two. */
};

struct writer {
    struct rpc_workspace *workspace;
    struct batch *batch;
    pthread_t thread;
    bool joined; /* Of the thread that opens and closes. */

    pthread_mutex_t mutex; /* Of what follows. */
    pthread_cond_t wake;   /* A call came, or the end. */
    struct call *first;
    struct call **last; /* Where the next call is linked. */
    size_t count;
    size_t count_max;
    bool refusing;
};

/* Takes the whole queue; NULL when there is none until `due_us`, or until refusing. */
static struct call *queue_take(struct writer *writer, int64_t due_us, bool *end) {
    const struct timespec due = {
        .tv_sec = due_us / US_PER_SECOND,
        .tv_nsec = due_us % US_PER_SECOND * 1000,
    };
    pthread_mutex_lock(&writer->mutex);
    int waited = 0;
    while (writer->first == NULL && !writer->refusing && waited == 0) {
        waited = pthread_cond_timedwait(&writer->wake, &writer->mutex, &due);
    }
    struct call *calls = writer->first;
    *end = calls == NULL && writer->refusing;
    writer->first = NULL;
    writer->last = &writer->first;
    writer->count = 0;
    pthread_mutex_unlock(&writer->mutex);
    return calls;
}

/* One step of the upkeep. True when there is more to sweep. */
static bool upkeep(struct writer *writer) {
    struct rpc_workspace *workspace = writer->workspace;
    size_t deleted = 0;
    struct status status =
        store_sweep(workspace->store, workspace->host->now_us(), SWEEP_ROWS_MAX, &deleted);
    const bool more = status_is_ok(status) && deleted == SWEEP_ROWS_MAX;
    if (status_is_ok(status) && !more) {
        status = store_check_readers(workspace->store);
    }
    if (!status_is_ok(status)) {
        log_warning("upkeep failed workspace=%s reason=%s", store_workspace(workspace->store),
                    error_reason_name(status.reason));
        workspace_status_watch(workspace, status);
    }
    return more;
}

static void *writer_run(void *argument) {
    struct writer *writer = argument;
    int64_t upkeep_us = clock_monotonic_us(); /* At once. */
    for (;;) {
        bool end = false;
        struct call *calls = queue_take(writer, upkeep_us, &end);
        if (end) {
            return NULL;
        }
        while (calls != NULL) {
            calls = batch_run(writer->batch, calls);
        }
        const int64_t now_us = clock_monotonic_us();
        if (now_us >= upkeep_us && !upkeep(writer)) {
            upkeep_us = now_us + (int64_t)UPKEEP_SECONDS * US_PER_SECOND;
        }
    }
}

struct status writer_open(struct rpc_workspace *workspace, size_t queue_max, struct writer **out) {
    assert(queue_max > 0);
    struct writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    writer->workspace = workspace;
    writer->batch = batch_new(workspace);
    writer->last = &writer->first;
    writer->count_max = queue_max;
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* That of clock_monotonic_us(). */
    pthread_cond_init(&writer->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&writer->thread, NULL, writer_run, writer) != 0) {
        writer->joined = true;
        writer->refusing = true;
        writer_close(writer);
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                         "the system gives no thread for a writer");
    }
    *out = writer;
    return OK;
}

struct status writer_push(struct writer *writer, struct call *call) {
    struct status status = OK;
    call->next = NULL;
    pthread_mutex_lock(&writer->mutex);
    if (writer->refusing) {
        status = status_of(STATUS_UNAVAILABLE, REASON_SHUTTING_DOWN, "the server is shutting down");
    } else if (writer->count == writer->count_max) {
        status = status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                           "more writes are waiting than the server takes");
    } else {
        *writer->last = call;
        writer->last = &call->next;
        writer->count++;
        if (writer->count == 1) {
            pthread_cond_signal(&writer->wake);
        }
    }
    pthread_mutex_unlock(&writer->mutex);
    return status;
}

void writer_refuse(struct writer *writer) {
    pthread_mutex_lock(&writer->mutex);
    writer->refusing = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->mutex);
}

void writer_drain(struct writer *writer) {
    writer_refuse(writer);
    if (!writer->joined) {
        pthread_join(writer->thread, NULL);
        writer->joined = true;
    }
}

void writer_close(struct writer *writer) {
    writer_drain(writer);
    assert(writer->first == NULL);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->mutex);
    batch_free(writer->batch);
    free(writer);
}
