#pragma once
/* Abseil's time zones for C, which are those of the system's zoneinfo. No exception leaves it.
 * Thread-safe. A zone that was asked for stays in memory, read once: names of files alone may be.
 */

#include <stddef.h>
#include <stdint.h>

/* From a time on, how far the zone's clocks are ahead of UTC. */
struct zone_shim_offset {
    int64_t from_s;
    int64_t ahead_s;
};

#ifdef __cplusplus
extern "C" {
#endif

/* What a zone is at `from_s`, and each change up to `until_s`; how many, `max` at most. 0 when
 * there is no such zone. */
size_t zone_shim_offsets(const char *name, int64_t from_s, int64_t until_s,
                         struct zone_shim_offset *out, size_t max);

#ifdef __cplusplus
}
#endif
