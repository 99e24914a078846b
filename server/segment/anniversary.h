#pragma once
/* The days of the year on which something comes round again, as a birthday. Days are UTC. */

#include <stdbool.h>
#include <stdint.h>

/* Whether the anniversary of a time is today or on one of the next `days_before` days (0 to 366).
 * What is of 29 February comes round on the 28th where there is none; the first anniversary is a
 * year later. *change_us is the next time at which the answer is another one; of more than 363 days
 * one at which it may be. */
bool anniversary_is_near(int64_t time_us, int32_t days_before, int64_t now_us, int64_t *change_us);
