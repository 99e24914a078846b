/* The feeder's thread. */

#include "server/rpc/feeder.h"

#include <pthread.h>
#include <stdlib.h>

#include "server/base/clock.h"
#include "server/rpc/call.h"
#include "server/rpc/call_queue.h"

enum { FEEDS_MAX = 256, WAIT_SECONDS = 3600 };

struct feeder {
    struct call_queue queue;
    pthread_t thread;
};

static void *feeder_run(void *argument) {
    struct feeder *feeder = argument;
    for (;;) {
        bool end = false;
        const int64_t due_us = clock_monotonic_us() + (int64_t)WAIT_SECONDS * US_PER_SECOND;
        struct call *calls = call_queue_take(&feeder->queue, due_us, &end);
        if (end) {
            return NULL;
        }
        while (calls != NULL) {
            struct call *call = calls;
            calls = call->next;
            call_answer(call, call_read(call));
        }
    }
}

struct status feeder_open(struct feeder **out) {
    struct feeder *feeder = calloc(1, sizeof *feeder);
    if (feeder == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    call_queue_init(&feeder->queue, FEEDS_MAX);
    if (pthread_create(&feeder->thread, NULL, feeder_run, feeder) != 0) {
        call_queue_free(&feeder->queue);
        free(feeder);
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                         "the system gives no thread for feeds");
    }
    *out = feeder;
    return OK;
}

struct status feeder_push(struct feeder *feeder, struct call *call) {
    return call_queue_push(&feeder->queue, call);
}

void feeder_refuse(struct feeder *feeder) { call_queue_refuse(&feeder->queue); }

void feeder_close(struct feeder *feeder) {
    if (feeder == NULL) {
        return;
    }
    call_queue_refuse(&feeder->queue);
    pthread_join(feeder->thread, NULL);
    call_queue_free(&feeder->queue);
    free(feeder);
}
