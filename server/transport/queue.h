#pragma once
/* A completion queue and the one thread that takes from it. So the events of a call, whose batches
 * all complete on one queue, never run at the same moment. */

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/base/status.h"
#include "server/transport/live.h"
#include "server/transport/sends.h"

/* What a tag points at: who is told that a batch has completed. Lives until it is told. */
struct queue_event {
    void (*complete)(struct queue_event *event, bool ok); /* On the queue's thread. */
    void *owner;
};

struct queue {
    grpc_server *server;            /* Asked for calls. */
    struct live *live;              /* Calls are counted there, those that were asked for too, */
    struct live *begun;             /* and there those that came. */
    atomic_bool refuses;            /* Our services take no calls any more. */
    struct sends sends;             /* Of its calls: who does not take them is told of. */
    grpc_completion_queue *pending; /* C core's. */
    pthread_t thread;
    bool running;
    bool coalesces;      /* Answers to what was there at once leave together: coalesce.h. */
    size_t together;     /* Events since the thread waited last, */
    int64_t together_us; /* from then on. */
};

/* Makes the queue and registers it with the server, before that is started. */
void queue_open(struct queue *queue, grpc_server *server, struct live *live, struct live *begun,
                const struct sends_limits *limits, bool coalesces);

/* Starts the thread. */
MUST_USE struct status queue_start(struct queue *queue, uint32_t index);

/* Takes what is left, stops the thread and frees. Nothing may be alive that starts batches. */
void queue_close(struct queue *queue);
