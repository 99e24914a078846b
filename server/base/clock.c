/* The system's clocks. */

#include "server/base/clock.h"

#include <assert.h>
#include <time.h>

static int64_t read_us(clockid_t clock) {
    struct timespec time;
    const int failed = clock_gettime(clock, &time);
    assert(failed == 0);
    return (int64_t)time.tv_sec * US_PER_SECOND + time.tv_nsec / 1000;
}

int64_t clock_now_us(void) { return read_us(CLOCK_REALTIME); }

int64_t clock_monotonic_us(void) { return read_us(CLOCK_MONOTONIC); }

int64_t clock_thread_us(void) { return read_us(CLOCK_THREAD_CPUTIME_ID); }
