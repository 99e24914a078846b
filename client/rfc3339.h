#pragma once
/* Times as RFC 3339 text, as the JSON mapping of google.protobuf.Timestamp has them. */

#include <stdbool.h>
#include <stdint.h>

enum { RFC3339_SIZE = 36 }; /* "0001-01-01T00:00:00.000000000Z" and its NUL, with room. */

/* Seconds of 0001-01-01T00:00:00Z and of 9999-12-31T23:59:59Z: what a Timestamp may hold. */
#define RFC3339_SECONDS_MIN (-62135596800)
#define RFC3339_SECONDS_MAX 253402300799

/* Writes the time in UTC, with 0, 3, 6 or 9 digits of a second. False when it is out of range. */
bool rfc3339_format(int64_t seconds, int32_t nanos, char out[RFC3339_SIZE]);

/* Reads a time with `Z` or an offset, or a date alone, which is its midnight in UTC. Outputs are
 * written only on success. */
bool rfc3339_parse(const char *text, int64_t *seconds, int32_t *nanos);
