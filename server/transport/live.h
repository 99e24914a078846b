#pragma once
/* How many things are alive that may still start a batch. C core aborts the process when a batch
 * starts on a queue that was shut down: so the queues are shut down when this is 0, not before. */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live {
    pthread_mutex_t lock;
    pthread_cond_t none; /* The count has become 0. */
    size_t count;
    bool hurried; /* Nobody waits for a time any more. */
};

void live_init(struct live *live);
void live_destroy(struct live *live);

void live_add(struct live *live);

/* The caller touches nothing of the transport after the last one. */
void live_drop(struct live *live);

/* Waits until there are none. */
void live_wait(struct live *live);

/* The same, for so long at most and until live_hurry(); false when some are left. */
bool live_wait_ms(struct live *live, uint32_t timeout_ms);

/* Ends live_wait_ms() at once, this one and those to come. */
void live_hurry(struct live *live);
