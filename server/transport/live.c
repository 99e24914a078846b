/* A count with a condition variable, on the monotonic clock. */

#include "server/transport/live.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

void live_init(struct live *live) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&live->none, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&live->lock, NULL);
    live->count = 0;
    live->hurried = false;
}

void live_destroy(struct live *live) {
    assert(live->count == 0);
    pthread_cond_destroy(&live->none);
    pthread_mutex_destroy(&live->lock);
}

void live_add(struct live *live) {
    pthread_mutex_lock(&live->lock);
    live->count++;
    pthread_mutex_unlock(&live->lock);
}

void live_drop(struct live *live) {
    pthread_mutex_lock(&live->lock);
    assert(live->count > 0);
    live->count--;
    if (live->count == 0) {
        pthread_cond_broadcast(&live->none);
    }
    pthread_mutex_unlock(&live->lock);
}

void live_wait(struct live *live) {
    pthread_mutex_lock(&live->lock);
    while (live->count > 0) {
        pthread_cond_wait(&live->none, &live->lock);
    }
    pthread_mutex_unlock(&live->lock);
}

bool live_wait_ms(struct live *live, uint32_t timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    const long ns = until.tv_nsec + (long)(timeout_ms % 1000) * 1000000;
    until.tv_sec += (time_t)(timeout_ms / 1000) + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;

    pthread_mutex_lock(&live->lock);
    int error = 0;
    while (live->count > 0 && !live->hurried && error != ETIMEDOUT) {
        error = pthread_cond_timedwait(&live->none, &live->lock, &until);
    }
    const bool none = live->count == 0;
    pthread_mutex_unlock(&live->lock);
    return none;
}

void live_hurry(struct live *live) {
    pthread_mutex_lock(&live->lock);
    live->hurried = true;
    pthread_cond_broadcast(&live->none);
    pthread_mutex_unlock(&live->lock);
}
