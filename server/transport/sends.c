/* A list with a lock: what comes behind is due later. */

#include "server/transport/sends.h"

#include <assert.h>

#include "server/base/clock.h"

enum { US_PER_MS = 1000, CROWDED_TIMEOUT_MS = 1000 };

void sends_init(struct sends *sends, const struct sends_limits *limits) {
    *sends = (struct sends){.limits = *limits};
    sends->last = &sends->first;
    pthread_mutex_init(&sends->lock, NULL);
}

void sends_destroy(struct sends *sends) {
    assert(sends->first == NULL);
    assert(sends->size == 0);
    pthread_mutex_destroy(&sends->lock);
}

void sends_add(struct sends *sends, struct send *send, size_t size) {
    assert(send->link == NULL);
    pthread_mutex_lock(&sends->lock);
    send->size = size;
    send->sent_us = clock_monotonic_us();
    send->next = NULL;
    send->link = sends->last;
    *sends->last = send;
    sends->last = &send->next;
    sends->size += size;
    pthread_mutex_unlock(&sends->lock);
}

/* Under the lock. */
static void take(struct sends *sends, struct send *send) {
    assert(sends->size >= send->size);
    sends->size -= send->size;
    *send->link = send->next;
    if (send->next == NULL) {
        sends->last = send->link;
    } else {
        send->next->link = send->link;
    }
    send->link = NULL;
}

void sends_remove(struct sends *sends, struct send *send) {
    pthread_mutex_lock(&sends->lock);
    if (send->link != NULL) {
        take(sends, send);
    }
    pthread_mutex_unlock(&sends->lock);
}

static int64_t time_of_each_us(const struct sends *sends) {
    const uint32_t timeout_ms = sends->limits.timeout_ms;
    const bool crowded = sends->size > sends->limits.size_max && timeout_ms > CROWDED_TIMEOUT_MS;
    return (int64_t)(crowded ? CROWDED_TIMEOUT_MS : timeout_ms) * US_PER_MS;
}

struct send *sends_take_due(struct sends *sends, int64_t now_us) {
    pthread_mutex_lock(&sends->lock);
    struct send *send = sends->first;
    if (send != NULL && now_us - send->sent_us < time_of_each_us(sends)) {
        send = NULL;
    }
    if (send != NULL) {
        take(sends, send);
    }
    pthread_mutex_unlock(&sends->lock);
    return send;
}
