/* A worker's thread. */

#include "server/rpc/worker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/rpc/call.h"
#include "server/rpc/call_queue.h"

enum { CALLS_MAX = 256, WAIT_SECONDS = 3600 };

struct worker {
    void (*run)(struct call *call);
    struct call_queue queue;
    pthread_t thread;
    bool joined; /* Of the thread that opens and closes. */
};

/* What takes long gives way to what others wait for, as far as the system can tell threads apart.
 */
static void give_way(void) {
    enum { NICE = 10 };
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
}

static void *worker_run(void *argument) {
    struct worker *worker = argument;
    give_way();
    for (;;) {
        bool end = false;
        const int64_t due_us = clock_monotonic_us() + (int64_t)WAIT_SECONDS * US_PER_SECOND;
        struct call *calls = call_queue_take(&worker->queue, due_us, &end);
        if (end) {
            return NULL;
        }
        while (calls != NULL) {
            struct call *call = calls;
            calls = call->next;
            worker->run(call);
        }
    }
}

struct status worker_open(void (*run)(struct call *call), struct worker **out) {
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    worker->run = run;
    call_queue_init(&worker->queue, CALLS_MAX);
    if (pthread_create(&worker->thread, NULL, worker_run, worker) != 0) {
        worker->joined = true;
        worker_close(worker);
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                         "the system gives no thread for a worker");
    }
    *out = worker;
    return OK;
}

struct status worker_push(struct worker *worker, struct call *call) {
    return call_queue_push(&worker->queue, call);
}

void worker_refuse(struct worker *worker) { call_queue_refuse(&worker->queue); }

void worker_drain(struct worker *worker) {
    worker_refuse(worker);
    if (!worker->joined) {
        pthread_join(worker->thread, NULL);
        worker->joined = true;
    }
}

void worker_close(struct worker *worker) {
    if (worker == NULL) {
        return;
    }
    worker_drain(worker);
    call_queue_free(&worker->queue);
    free(worker);
}
