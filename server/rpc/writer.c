/* The writer's thread. It takes all that is in the queue at once, so that the batch of one commit
 * grows with load by itself: never a sleep to fill it. Beside that, each minute, it does the upkeep
 * of the store; a step of what waits for a time, when that is due, and every half a second, lest
 * the clock was set; and a step of the backfill of traits. */

#include "server/rpc/writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/rpc/batch.h"
#include "server/rpc/call_queue.h"
#include "server/rpc/host.h"

enum {
    UPKEEP_SECONDS = 60,
    CLOCK_US = 500000,     /* After which a clock that was set is noticed. */
    STEP_US = 5000,        /* For which a call may have to wait for a step, */
    STEP_BUSY_US = 2000,   /* and where there were calls lately: */
    BUSY_US = 100000,      /* up to this long ago. */
    SWEEP_ROWS_MAX = 1000, /* In one transaction; calls that wait come between two. */
};

struct writer {
    struct rpc_workspace *workspace;
    struct batch *batch;
    pthread_t thread;
    bool joined;              /* Of the thread that opens and closes. */
    int64_t busy_until_us;    /* On the monotonic clock: calls come. */
    int64_t now_us;           /* That of the last step of what waits for a time. */
    int64_t backfill_from_us; /* After a failure: not before that, on the monotonic clock. */

    struct call_queue queue;
};

static void step_failed(struct writer *writer, const char *step, struct status status) {
    log_warning("%s failed workspace=%s reason=%s", step, store_workspace(writer->workspace->store),
                error_reason_name(status.reason));
    workspace_status_watch(writer->workspace, status);
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
        step_failed(writer, "upkeep", status);
    }
    return more;
}

/* A step of what waits for a time. Answers when the next one is to be done, on the monotonic clock:
 * at once while there is more, and soon in any case, for the clock may be set meanwhile. */
static int64_t follow_step(struct writer *writer, int64_t upkeep_us) {
    struct rpc_workspace *workspace = writer->workspace;
    const int64_t now_us = workspace->host->now_us();
    int64_t next_us = INT64_MAX;
    bool more = false;
    const bool is_busy = clock_monotonic_us() < writer->busy_until_us;
    writer->now_us = now_us;
    const struct status status = store_follow_step(
        workspace->store, now_us, is_busy ? STEP_BUSY_US : STEP_US, &more, &next_us);
    if (!status_is_ok(status)) {
        step_failed(writer, "following", status);
        return upkeep_us;
    }
    if (more) {
        workspace_committed(workspace);
    }
    const int64_t wait_us = more || next_us <= now_us ? 0 : next_us - now_us;
    return clock_monotonic_us() + (wait_us < CLOCK_US ? wait_us : CLOCK_US);
}

/* A step of the backfill of traits, likewise. */
static int64_t backfill_step(struct writer *writer, int64_t upkeep_us) {
    struct rpc_workspace *workspace = writer->workspace;
    bool more = false;
    if (clock_monotonic_us() < writer->backfill_from_us) {
        return upkeep_us;
    }
    const struct status status =
        store_backfill_step(workspace->store, workspace->host->now_us(), &more);
    if (!status_is_ok(status)) {
        step_failed(writer, "backfill", status);
        writer->backfill_from_us = upkeep_us;
        return upkeep_us;
    }
    if (!more) {
        return upkeep_us;
    }
    workspace_committed(workspace);
    return clock_monotonic_us();
}

static int64_t earlier(int64_t one_us, int64_t other_us) {
    return one_us < other_us ? one_us : other_us;
}

/* Whether the clock was set back since the last step: what is written then comes behind a step. */
static bool is_clock_back(const struct writer *writer) {
    return writer->workspace->host->now_us() < writer->now_us - CLOCK_BACK_MAX_US;
}

static void *writer_run(void *argument) {
    struct writer *writer = argument;
    int64_t upkeep_us = clock_monotonic_us(); /* At once. */
    int64_t step_us = upkeep_us;
    for (;;) {
        bool end = false;
        struct call *calls = call_queue_take(&writer->queue, earlier(step_us, upkeep_us), &end);
        if (end) {
            return NULL;
        }
        if (calls != NULL && is_clock_back(writer)) {
            (void)follow_step(writer, upkeep_us);
        }
        while (calls != NULL) {
            calls = batch_run(writer->batch, calls);
            writer->busy_until_us = clock_monotonic_us() + BUSY_US;
        }
        const int64_t now_us = clock_monotonic_us();
        if (now_us >= upkeep_us && !upkeep(writer)) {
            upkeep_us = now_us + (int64_t)UPKEEP_SECONDS * US_PER_SECOND;
        }
        step_us = earlier(follow_step(writer, upkeep_us), backfill_step(writer, upkeep_us));
    }
}

struct status writer_open(struct rpc_workspace *workspace, size_t queue_max, struct writer **out) {
    struct writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    writer->workspace = workspace;
    writer->now_us = INT64_MAX; /* The first batch comes behind a step in any case. */
    writer->batch = batch_new(workspace);
    call_queue_init(&writer->queue, queue_max);
    if (pthread_create(&writer->thread, NULL, writer_run, writer) != 0) {
        writer->joined = true;
        writer_close(writer);
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                         "the system gives no thread for a writer");
    }
    *out = writer;
    return OK;
}

struct status writer_push(struct writer *writer, struct call *call) {
    return call_queue_push(&writer->queue, call);
}

void writer_refuse(struct writer *writer) { call_queue_refuse(&writer->queue); }

void writer_drain(struct writer *writer) {
    writer_refuse(writer);
    if (!writer->joined) {
        pthread_join(writer->thread, NULL);
        writer->joined = true;
    }
}

void writer_close(struct writer *writer) {
    writer_drain(writer);
    call_queue_free(&writer->queue);
    batch_free(writer->batch);
    free(writer);
}
