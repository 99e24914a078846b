#pragma once
/* Times in rows: how long after another one, near which they lie. All bits count, whatever they
 * are. */

#include <stdint.h>

static inline int64_t row_time_after(int64_t time_us, int64_t other_us) {
    return (int64_t)((uint64_t)time_us - (uint64_t)other_us);
}

/* And back. */
static inline int64_t row_time_of(int64_t after_us, int64_t other_us) {
    return (int64_t)((uint64_t)other_us + (uint64_t)after_us);
}
