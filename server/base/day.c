/* Days of the calendar: libc knows it. */

#include "server/base/day.h"

#include <assert.h>
#include <time.h>

#include "server/base/clock.h"

int32_t day_of(int64_t time_us) {
    return (int32_t)(time_us / US_PER_DAY - (time_us % US_PER_DAY < 0 ? 1 : 0));
}

static struct tm date_of(int32_t day) {
    const time_t time = (time_t)day * (US_PER_DAY / US_PER_SECOND);
    struct tm date;
    const struct tm *found = gmtime_r(&time, &date);
    assert(found != NULL);
    return date;
}

char *day_text(int32_t day, struct arena *arena) {
    const struct tm date = date_of(day);
    return arena_format(arena, "%04d-%02d-%02d", date.tm_year + 1900, date.tm_mon + 1,
                        date.tm_mday);
}

int32_t day_week(int32_t day) { return day - (date_of(day).tm_wday + 6) % 7; }

int32_t day_month(int32_t day) { return day - (date_of(day).tm_mday - 1); }

struct day_date day_date_of(int32_t day) {
    const struct tm date = date_of(day);
    return (struct day_date){date.tm_year + 1900, date.tm_mon + 1, date.tm_mday};
}

int32_t day_of_date(const struct day_date *date) {
    struct tm tm = {.tm_year = date->year - 1900, .tm_mon = date->month - 1, .tm_mday = date->day};
    return (int32_t)(timegm(&tm) / (US_PER_DAY / US_PER_SECOND));
}

bool day_is_leap_year(int32_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}
