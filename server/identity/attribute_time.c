/* Between moments and their text. Days are counted as Howard Hinnant's days_from_civil does: years
 * begin in March, so that the leap day is the last one, and come in cycles of 400. */

#include "server/identity/attribute_time.h"

#include <assert.h>
#include <stddef.h>
#include <time.h>

#include "server/base/clock.h"

const char *attribute_time_text(int64_t time_us, struct arena *arena) {
    assert(time_us >= ATTRIBUTE_TIME_MIN_US && time_us <= ATTRIBUTE_TIME_MAX_US);
    int64_t seconds = time_us / US_PER_SECOND;
    int64_t rest_us = time_us % US_PER_SECOND;
    if (rest_us < 0) {
        rest_us += US_PER_SECOND;
        seconds--;
    }
    const time_t time = (time_t)seconds;
    struct tm tm;
    const struct tm *made = gmtime_r(&time, &tm);
    assert(made != NULL); /* Of the years 1 to 9999. */
    const char *text =
        arena_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d", made->tm_year + 1900, made->tm_mon + 1,
                     made->tm_mday, made->tm_hour, made->tm_min, made->tm_sec);
    return rest_us == 0 ? arena_format(arena, "%sZ", text)
                        : arena_format(arena, "%s.%06dZ", text, (int)rest_us);
}

/* Reads `count` digits and moves behind them. */
static bool read_digits(const char **text, int count, int *out) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        if ((*text)[i] < '0' || (*text)[i] > '9') {
            return false;
        }
        value = value * 10 + ((*text)[i] - '0');
    }
    *text += count;
    *out = value;
    return true;
}

static bool read_sign(const char **text, char sign) {
    if (**text != sign) {
        return false;
    }
    (*text)++;
    return true;
}

static bool read_fraction(const char **text, int *micros) {
    int value = 0;
    int digits = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++, digits++) {
        value = digits < 6 ? value * 10 + (**text - '0') : value;
    }
    for (int i = digits; i < 6; i++) {
        value *= 10;
    }
    *micros = value;
    return digits > 0;
}

/* Seconds east of UTC. */
static bool read_offset(const char **text, int *out) {
    *out = 0;
    if (**text == 'Z' || **text == 'z') {
        (*text)++;
        return true;
    }
    const char sign = **text;
    if (sign != '+' && sign != '-') {
        return false;
    }
    (*text)++;
    int hours = 0;
    int minutes = 0;
    if (!read_digits(text, 2, &hours) || !read_sign(text, ':') || !read_digits(text, 2, &minutes) ||
        hours > 23 || minutes > 59) {
        return false;
    }
    *out = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
    return true;
}

static bool is_day(int year, int month, int day) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

static int64_t days_of(int year, int month, int day) {
    const int64_t years = year - (month <= 2 ? 1 : 0);
    const int64_t cycle = years / 400;
    const int64_t year_of_cycle = years - cycle * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return cycle * 146097 + year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 +
           day_of_year - 719468;
}

bool attribute_time_read(const char *text, int64_t *out) {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int micros = 0;
    int offset = 0;
    if (!read_digits(&text, 4, &year) || !read_sign(&text, '-') || !read_digits(&text, 2, &month) ||
        !read_sign(&text, '-') || !read_digits(&text, 2, &day) ||
        !(read_sign(&text, 'T') || read_sign(&text, 't') || read_sign(&text, ' ')) ||
        !read_digits(&text, 2, &hour) || !read_sign(&text, ':') ||
        !read_digits(&text, 2, &minute) || !read_sign(&text, ':') ||
        !read_digits(&text, 2, &second) ||
        (read_sign(&text, '.') && !read_fraction(&text, &micros)) || !read_offset(&text, &offset) ||
        *text != '\0') {
        return false;
    }
    if (!is_day(year, month, day) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    const int64_t second_of_day = ((int64_t)hour * 60 + minute) * 60 + second;
    const int64_t seconds = days_of(year, month, day) * 86400 + second_of_day - offset;
    const int64_t time_us = seconds * US_PER_SECOND + micros;
    if (time_us < ATTRIBUTE_TIME_MIN_US || time_us > ATTRIBUTE_TIME_MAX_US) {
        return false;
    }
    *out = time_us;
    return true;
}
