#pragma once
/* A bounded queue of prepared calls before one thread. Private to rpc. */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/status.h"

struct call;

struct call_queue {
    pthread_mutex_t mutex; /* Of what follows. */
    pthread_cond_t wake;   /* A call came, or the end. */
    struct call *first;
    struct call **last; /* Where the next call is linked. */
    size_t count;
    size_t count_max;
    bool refusing;
    bool nudged;
};

void call_queue_init(struct call_queue *queue, size_t count_max);
void call_queue_free(struct call_queue *queue); /* It must be empty. */

/* Queues a call. When it fails the call stays the caller's: RESOURCE_EXHAUSTED OVERLOADED,
 * UNAVAILABLE SHUTTING_DOWN. Any thread. */
MUST_USE struct status call_queue_push(struct call_queue *queue, struct call *call);

/* Takes all that wait, linked by `next`; NULL when there is none until `due_us` on the monotonic
 * clock, until somebody nudges it, or until the queue refuses: then *end is set. */
struct call *call_queue_take(struct call_queue *queue, int64_t due_us, bool *end);

/* Wakes who waits in call_queue_take(), or who waits next. Any thread. */
void call_queue_nudge(struct call_queue *queue);

/* Refuses calls from now on; those that wait are still taken. */
void call_queue_refuse(struct call_queue *queue);
