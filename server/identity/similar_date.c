/* Dates, as eight digits and as days. */

#include "server/identity/similar_date.h"

#include <stdlib.h>
#include <string.h>

enum { DATE_SIZE = 10, DIGITS = 8, ALIKE_DAYS_MAX = 35 };

struct similar_date similar_date_of(const char *text) {
    struct similar_date date = {0};
    if (text == NULL || strlen(text) != DATE_SIZE || text[4] != '-' || text[7] != '-') {
        return date;
    }
    int parts[3] = {0};
    const size_t firsts[] = {0, 5, 8};
    const size_t sizes[] = {4, 2, 2};
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = firsts[i]; k < firsts[i] + sizes[i]; k++) {
            if (text[k] < '0' || text[k] > '9') {
                return date;
            }
            parts[i] = parts[i] * 10 + (text[k] - '0');
        }
    }
    date.year = (int16_t)parts[0];
    date.month = (int8_t)parts[1];
    date.day = (int8_t)parts[2];
    /* Good to a day or two, which is all that the comparison needs. */
    date.days = parts[0] * 36525 / 100 + (parts[1] * 30437 - 30437) / 1000 + parts[2];
    return date;
}

static void digits_of(const struct similar_date *date, int32_t digits[DIGITS]) {
    int number = date->year * 10000 + date->month * 100 + date->day;
    for (size_t i = DIGITS; i-- > 0; number /= 10) {
        digits[i] = number % 10;
    }
}

static size_t count_slips(const struct similar_date *one, const struct similar_date *other) {
    int32_t one_digits[DIGITS];
    int32_t other_digits[DIGITS];
    digits_of(one, one_digits);
    digits_of(other, other_digits);
    return similar_letters_distance((struct similar_letters){one_digits, DIGITS},
                                    (struct similar_letters){other_digits, DIGITS}, 2);
}

/* Whether they are near in the calendar once a year that slipped by 1 or 10 is put right. */
static bool is_near_in_calendar(const struct similar_date *one, const struct similar_date *other) {
    static const int32_t slips[] = {0, 365, 3652};
    const int32_t apart = abs(one->days - other->days);
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        if (abs(apart - slips[i]) <= ALIKE_DAYS_MAX) {
            return true;
        }
    }
    return false;
}

enum similar_level similar_date_compare(const struct similar_date *one,
                                        const struct similar_date *other) {
    if (one->year == 0 || other->year == 0) {
        return SIMILAR_UNKNOWN;
    }
    if (one->year == other->year && one->month == other->month && one->day == other->day) {
        return SIMILAR_SAME;
    }
    const size_t slips = count_slips(one, other);
    if (slips <= 1 ||
        (one->year == other->year && one->month == other->day && one->day == other->month)) {
        return SIMILAR_NEAR;
    }
    if (slips <= 2 || is_near_in_calendar(one, other)) {
        return SIMILAR_ALIKE;
    }
    return SIMILAR_DIFFERENT;
}
