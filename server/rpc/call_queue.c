/* The queue. Whoever takes, takes everything at once. */

#include "server/rpc/call_queue.h"

#include <assert.h>
#include <time.h>

#include "server/base/clock.h"
#include "server/rpc/call.h"

void call_queue_init(struct call_queue *queue, size_t count_max) {
    assert(count_max > 0);
    *queue = (struct call_queue){.count_max = count_max};
    queue->last = &queue->first;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* That of clock_monotonic_us(). */
    pthread_cond_init(&queue->wake, &attributes);
    pthread_condattr_destroy(&attributes);
}

void call_queue_free(struct call_queue *queue) {
    assert(queue->first == NULL);
    pthread_cond_destroy(&queue->wake);
    pthread_mutex_destroy(&queue->mutex);
}

struct status call_queue_push(struct call_queue *queue, struct call *call) {
    struct status status = OK;
    call->next = NULL;
    pthread_mutex_lock(&queue->mutex);
    if (queue->refusing) {
        status = status_of(STATUS_UNAVAILABLE, REASON_SHUTTING_DOWN, "the server is shutting down");
    } else if (queue->count == queue->count_max) {
        status = status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                           "more calls are waiting than the server takes");
    } else {
        *queue->last = call;
        queue->last = &call->next;
        queue->count++;
        if (queue->count == 1) {
            pthread_cond_signal(&queue->wake);
        }
    }
    pthread_mutex_unlock(&queue->mutex);
    return status;
}

struct call *call_queue_take(struct call_queue *queue, int64_t due_us, bool *end) {
    const struct timespec due = {
        .tv_sec = due_us / US_PER_SECOND,
        .tv_nsec = due_us % US_PER_SECOND * 1000,
    };
    pthread_mutex_lock(&queue->mutex);
    int waited = 0;
    while (queue->first == NULL && !queue->refusing && !queue->nudged && waited == 0) {
        waited = pthread_cond_timedwait(&queue->wake, &queue->mutex, &due);
    }
    queue->nudged = false;
    struct call *calls = queue->first;
    *end = calls == NULL && queue->refusing;
    queue->first = NULL;
    queue->last = &queue->first;
    queue->count = 0;
    pthread_mutex_unlock(&queue->mutex);
    return calls;
}

void call_queue_nudge(struct call_queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->nudged = true;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
}

void call_queue_refuse(struct call_queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->refusing = true;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
}
