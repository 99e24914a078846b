/* Takes completed batches from C core, one after the other, and tells whoever started them. */

#include "server/transport/queue.h"

#include <grpc/support/time.h>
#include <stdio.h>

#include "server/base/clock.h"
#include "server/transport/coalesce.h"
#include "server/transport/handoff.h"

enum {
    THREAD_NAME_SIZE = 16, /* Linux's limit, NUL included. */
    LOOKS = 4,             /* How often messages on their way are looked at within their time, */
    LOOK_MS_MAX = 1000,    /* and how often at least. */
    TOGETHER_MAX = 32,     /* Events whose answers leave together, */
    TOGETHER_US = 300,     /* and for how long they may wait for a further one. */
};

/* Tells of messages that were not taken in time. Nobody wakes the thread for them: it looks now and
 * then. */
static void look_at_sends(struct queue *queue, int64_t now_us) {
    struct send *send = sends_take_due(&queue->sends, now_us);
    while (send != NULL) {
        send->late(send);
        send = sends_take_due(&queue->sends, now_us);
    }
}

/* Takes the next event. Answers to those that were there at once leave together, before the thread
 * waits for another one, and a read that took long ends their wait; where there was one alone the
 * last time, it leaves as soon as it is sent. */
static grpc_event take(struct queue *queue, gpr_timespec until) {
    const gpr_timespec at_once = gpr_time_0(GPR_CLOCK_MONOTONIC);
    if (queue->together > 0 && queue->together < TOGETHER_MAX &&
        clock_monotonic_us() - queue->together_us < TOGETHER_US) {
        const grpc_event taken = grpc_completion_queue_next(queue->pending, at_once, NULL);
        if (taken.type != GRPC_QUEUE_TIMEOUT) {
            queue->together++;
            return taken;
        }
    }
    coalesce_end();
    const bool is_busy = queue->together > 1;
    const grpc_event taken = grpc_completion_queue_next(queue->pending, until, NULL);
    queue->together = taken.type == GRPC_OP_COMPLETE ? 1 : 0;
    queue->together_us = clock_monotonic_us();
    if (queue->coalesces && is_busy && queue->together > 0) {
        coalesce_begin();
    }
    return taken;
}

/* Returns once the queue was shut down and is empty. */
static void *queue_run(void *argument) {
    struct queue *queue = argument;
    const uint32_t look_ms = queue->sends.limits.timeout_ms / LOOKS;
    const int64_t pause_us = (int64_t)(look_ms < LOOK_MS_MAX ? look_ms : LOOK_MS_MAX) * 1000;
    int64_t look_us = clock_monotonic_us();
    gpr_timespec look = gpr_now(GPR_CLOCK_MONOTONIC);
    for (;;) {
        const int64_t now_us = clock_monotonic_us();
        if (now_us >= look_us) {
            look_at_sends(queue, now_us);
            look_us = now_us + pause_us;
            look = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                gpr_time_from_micros(pause_us, GPR_TIMESPAN));
        }
        const grpc_event taken = take(queue, look);
        if (taken.type == GRPC_QUEUE_SHUTDOWN) {
            return NULL;
        }
        if (taken.type == GRPC_OP_COMPLETE) {
            struct queue_event *event = taken.tag;
            HANDOFF_ACQUIRE(event);
            event->complete(event, taken.success != 0);
        }
    }
}

void queue_open(struct queue *queue, grpc_server *server, struct live *live, struct live *begun,
                const struct sends_limits *limits, bool coalesces) {
    *queue = (struct queue){.server = server, .live = live, .begun = begun, .coalesces = coalesces};
    sends_init(&queue->sends, limits);
    queue->pending = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(server, queue->pending, NULL);
}

struct status queue_start(struct queue *queue, uint32_t index) {
    if (pthread_create(&queue->thread, NULL, queue_run, queue) != 0) {
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_NONE, "a thread cannot be started");
    }
    queue->running = true;
    char name[THREAD_NAME_SIZE];
    snprintf(name, sizeof name, "transport-%u", index % 1000);
    pthread_setname_np(queue->thread, name);
    return OK;
}

void queue_close(struct queue *queue) {
    grpc_completion_queue_shutdown(queue->pending);
    if (queue->running) {
        pthread_join(queue->thread, NULL);
    } else {
        queue_run(queue);
    }
    grpc_completion_queue_destroy(queue->pending);
    sends_destroy(&queue->sends);
    *queue = (struct queue){0};
}
