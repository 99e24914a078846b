/* Times as text. Calendar arithmetic is that of the proleptic Gregorian calendar, without leap
 * seconds, as Timestamp defines it. */

#include "client/rfc3339.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

bool rfc3339_format(int64_t seconds, int32_t nanos, char out[RFC3339_SIZE]) {
    if (seconds < RFC3339_SECONDS_MIN || seconds > RFC3339_SECONDS_MAX || nanos < 0 ||
        nanos > 999999999) {
        return false;
    }
    const time_t time = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&time, &tm) == NULL) {
        return false;
    }
    int length = snprintf(out, RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
                          tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    char *end = out + length;
    const size_t left = RFC3339_SIZE - (size_t)length;
    if (nanos == 0) {
        snprintf(end, left, "Z");
    } else if (nanos % 1000000 == 0) {
        snprintf(end, left, ".%03dZ", nanos / 1000000);
    } else if (nanos % 1000 == 0) {
        snprintf(end, left, ".%06dZ", nanos / 1000);
    } else {
        snprintf(end, left, ".%09dZ", nanos);
    }
    return true;
}

/* Reads exactly `count` digits. */
static bool read_digits(const char **text, int count, int *out) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        const char c = (*text)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *text += count;
    *out = value;
    return true;
}

static bool read_char(const char **text, char wanted) {
    if (**text != wanted) {
        return false;
    }
    (*text)++;
    return true;
}

static bool read_fraction(const char **text, int32_t *nanos) {
    int32_t value = 0;
    int digits = 0;
    while (**text >= '0' && **text <= '9') {
        if (digits < 9) {
            value = value * 10 + (**text - '0');
            digits++;
        }
        (*text)++;
    }
    if (digits == 0) {
        return false;
    }
    for (; digits < 9; digits++) {
        value *= 10;
    }
    *nanos = value;
    return true;
}

/* Reads `Z` or `+03:00`; out is seconds east of UTC. */
static bool read_offset(const char **text, int *out) {
    if (**text == 'Z' || **text == 'z') {
        (*text)++;
        *out = 0;
        return true;
    }
    const char sign = **text;
    if (sign != '+' && sign != '-') {
        return false;
    }
    (*text)++;
    int hours;
    int minutes;
    if (!read_digits(text, 2, &hours) || !read_char(text, ':') || !read_digits(text, 2, &minutes) ||
        hours > 23 || minutes > 59) {
        return false;
    }
    *out = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return true;
}

static bool read_date(const char **text, struct tm *tm) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year;
    int month;
    int day;
    if (!read_digits(text, 4, &year) || !read_char(text, '-') || !read_digits(text, 2, &month) ||
        !read_char(text, '-') || !read_digits(text, 2, &day)) {
        return false;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days[month - 1]) {
        return false;
    }
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2 && day == 29 && !leap) {
        return false;
    }
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    tm->tm_mday = day;
    return true;
}

static bool read_time(const char **text, struct tm *tm) {
    return read_digits(text, 2, &tm->tm_hour) && read_char(text, ':') &&
           read_digits(text, 2, &tm->tm_min) && read_char(text, ':') &&
           read_digits(text, 2, &tm->tm_sec) && tm->tm_hour < 24 && tm->tm_min < 60 &&
           tm->tm_sec < 60;
}

bool rfc3339_parse(const char *text, int64_t *seconds, int32_t *nanos) {
    struct tm tm = {0};
    int32_t fraction = 0;
    int offset = 0;
    if (!read_date(&text, &tm)) {
        return false;
    }
    if (*text != '\0') {
        if ((*text != 'T' && *text != 't' && *text != ' ') || (text++, !read_time(&text, &tm))) {
            return false;
        }
        if (*text == '.' && (text++, !read_fraction(&text, &fraction))) {
            return false;
        }
        if (!read_offset(&text, &offset) || *text != '\0') {
            return false;
        }
    }
    const int64_t value = (int64_t)timegm(&tm) - offset;
    if (value < RFC3339_SECONDS_MIN || value > RFC3339_SECONDS_MAX) {
        return false;
    }
    *seconds = value;
    *nanos = fraction;
    return true;
}
