#pragma once
/* Time, in microseconds. Only main, transport, the writer, the watcher and the engine (for how long
 * a snapshot is held) read clocks; everybody else is handed the time. */

#include <stdint.h>

/* Since 1970-01-01 UTC, without leap seconds. */
int64_t clock_now_us(void);

/* Since some moment, never backwards: for durations and deadlines. */
int64_t clock_monotonic_us(void);

/* Of a processor, that the calling thread has used: for what it may take of one. */
int64_t clock_thread_us(void);

enum {
    US_PER_SECOND = 1000000,
    CLOCK_BACK_MAX_US = 1000000, /* By which a clock is set back without being followed. */
};
#define US_PER_HOUR ((int64_t)3600 * US_PER_SECOND)
#define US_PER_DAY ((int64_t)24 * US_PER_HOUR)
