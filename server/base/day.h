#pragma once
/* Days of the calendar, in UTC. */

#include <stdbool.h>
#include <stdint.h>

#include "server/base/arena.h"

/* The day of a time, since 1970-01-01. */
int32_t day_of(int64_t time_us);

/* A day of the years 1 to 9999 as 2001-12-31. */
char *day_text(int32_t day, struct arena *arena);

/* The Monday of a day's week, and the first day of its month. */
int32_t day_week(int32_t day);
int32_t day_month(int32_t day);

struct day_date {
    int32_t year;
    int32_t month; /* 1 to 12. */
    int32_t day;   /* Of the month, from 1. */
};
struct day_date day_date_of(int32_t day);
int32_t day_of_date(const struct day_date *date);
bool day_is_leap_year(int32_t year);
