#pragma once
/* Moments as text: RFC 3339, to the microsecond, of the years 1 to 9999. */

#include <stdbool.h>
#include <stdint.h>

#include "server/base/arena.h"

/* The microseconds since 1970 of 0001-01-01T00:00:00Z and of the last one of 9999. */
#define ATTRIBUTE_TIME_MIN_US (INT64_C(-62135596800) * 1000000)
#define ATTRIBUTE_TIME_MAX_US (INT64_C(253402300799) * 1000000 + 999999)

/* The canonical form: 2026-01-31T12:00:00Z, with six digits of a fraction where it is not zero. */
const char *attribute_time_text(int64_t time_us, struct arena *arena);

/* Reads one, with `Z` or another offset; further digits of a fraction are cut off. False when it is
 * none. */
bool attribute_time_read(const char *text, int64_t *out);
