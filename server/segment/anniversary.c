/* Anniversaries. */

#include "server/segment/anniversary.h"

#include "server/base/day.h"

enum { DAYS_BEFORE_MAX = 366 };
static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* The day on which something of a month and a day of the month comes round in a year. */
static int32_t round_of(const struct day_date *of, int32_t year) {
    return day_of_date(&(struct day_date){
        .year = year,
        .month = of->month,
        .day = of->month == 2 && of->day == 29 && !day_is_leap_year(year) ? 28 : of->day});
}

bool anniversary_is_near(int64_t time_us, int32_t days_before, int64_t now_us, int64_t *change_us) {
    const struct day_date of = day_date_of(day_of(time_us));
    const int32_t today = day_of(now_us);
    const int32_t ahead = days_before > DAYS_BEFORE_MAX ? DAYS_BEFORE_MAX : days_before;
    const int32_t this_year = day_date_of(today).year;
    for (int32_t year = this_year > of.year ? this_year : of.year + 1;; year++) {
        const int32_t day = round_of(&of, year);
        if (day < today) {
            continue; /* Of this year, and over. */
        }
        const bool is_near = day - ahead <= today;
        *change_us = (int64_t)(is_near ? day + 1 : day - ahead) * DAY_US;
        return is_near;
    }
}
