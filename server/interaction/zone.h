#pragma once
/* Days of a time zone. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/arena.h"

/* From a time on, how far the zone's clocks are ahead of UTC. */
struct zone_offset {
    int64_t from_us;
    int64_t ahead_us;
};

/* A zone over some time. */
struct zone {
    size_t count; /* 1 at least; the first one holds before its time too. */
    const struct zone_offset *offsets;
};

/* Whether the system has time zones; UTC is always there. */
bool zones_are_there(void);

/* Reads a zone of IANA's names, as Asia/Riyadh; "" is UTC. False when there is none of the name.
 * What it is before 1900 and after `until_us` is what it is then. */
bool zone_read(const char *name, int64_t until_us, struct arena *arena, struct zone *out);

/* Whether its days are those of UTC. */
bool zone_is_utc(const struct zone *zone);

/* The day of a time there, since 1970-01-01. */
int32_t zone_day(const struct zone *zone, int64_t time_us);
