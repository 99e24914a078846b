/* Takes completed batches from C core, one after the other, and tells whoever started them. */

#include "server/transport/queue.h"

#include <grpc/support/time.h>
#include <stdio.h>

#include "server/transport/handoff.h"

enum { THREAD_NAME_SIZE = 16 }; /* Linux's limit, NUL included. */

/* Returns once the queue was shut down and is empty. */
static void *queue_run(void *argument) {
    struct queue *queue = argument;
    for (;;) {
        const grpc_event taken =
            grpc_completion_queue_next(queue->pending, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        if (taken.type == GRPC_QUEUE_SHUTDOWN) {
            return NULL;
        }
        struct queue_event *event = taken.tag;
        HANDOFF_ACQUIRE(event);
        event->complete(event, taken.success != 0);
    }
}

void queue_open(struct queue *queue, grpc_server *server, struct live *live) {
    *queue = (struct queue){.server = server, .live = live};
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
    *queue = (struct queue){0};
}
