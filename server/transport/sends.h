#pragma once
/* Messages that are on their way to clients, in the order in which they were sent: so the first is
 * the one whose time is up first. All have the same time, and less of it while they are too many
 * bytes together. Any thread. */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One of them: part of the call that sent it, which lives until it is removed. */
struct send {
    struct send *next;
    struct send **link;              /* What points at it; NULL while it is in no list. */
    size_t size;                     /* Bytes. */
    int64_t sent_us;                 /* When, on the monotonic clock. */
    void (*late)(struct send *send); /* It was not taken in time: the queue's thread says so. */
    void *owner;
};

struct sends_limits {
    uint32_t timeout_ms; /* Within which one is to be taken. */
    size_t size_max;     /* Bytes of all together: while they are more, a second is the time. */
};

struct sends {
    pthread_mutex_t lock;
    struct send *first;
    struct send **last; /* Where the next one is linked. */
    size_t size;        /* Bytes of all. */
    struct sends_limits limits;
};

void sends_init(struct sends *sends, const struct sends_limits *limits);
void sends_destroy(struct sends *sends); /* None may be left. */

/* One of so many bytes was sent now. */
void sends_add(struct sends *sends, struct send *send, size_t size);

/* It was taken, or will never be. Does nothing when it is in no list. */
void sends_remove(struct sends *sends, struct send *send);

/* Removes one whose time is up, and returns it; NULL for none. */
struct send *sends_take_due(struct sends *sends, int64_t now_us);
