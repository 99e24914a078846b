/* Days that come round, against a calendar that is counted day by day. */

#include "server/segment/anniversary.h"

#include <inttypes.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "tests/engine/seeded.h"
#include "tests/engine/seeds.h"

/* ---- a calendar ---- */

enum { CALENDAR_FIRST_YEAR = 1890, CALENDAR_DAYS = 90000 };

struct date {
    int year;
    int month;
    int day;
};

static struct date calendar[CALENDAR_DAYS];
static int epoch; /* The position of 1970-01-01. */

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int days_of_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static void make_calendar(void) {
    struct date date = {CALENDAR_FIRST_YEAR, 1, 1};
    for (int i = 0; i < CALENDAR_DAYS; i++) {
        calendar[i] = date;
        epoch = date.year == 1970 && date.month == 1 && date.day == 1 ? i : epoch;
        date.day++;
        if (date.day > days_of_month(date.year, date.month)) {
            date.day = 1;
            date.month++;
        }
        if (date.month > 12) {
            date.month = 1;
            date.year++;
        }
    }
}

TestSuite(anniversary, .init = make_calendar);

static int position_of(int year, int month, int day) {
    for (int i = 0; i < CALENDAR_DAYS; i++) {
        if (calendar[i].year == year && calendar[i].month == month && calendar[i].day == day) {
            return i;
        }
    }
    cr_assert(false, "%d-%d-%d", year, month, day);
    return 0;
}

static int64_t time_of(int position, int64_t of_day_us) {
    return (int64_t)(position - epoch) * US_PER_DAY + of_day_us;
}

static bool comes_round(const struct date *of, const struct date *on) {
    const bool is_day = of->month == on->month && of->day == on->day;
    const bool is_leap_day =
        of->month == 2 && of->day == 29 && on->month == 2 && on->day == 28 && !is_leap(on->year);
    return on->year > of->year && (is_day || is_leap_day);
}

static bool is_near(int of, int days_before, int today) {
    for (int i = 0; i <= days_before; i++) {
        if (comes_round(&calendar[of], &calendar[today + i])) {
            return true;
        }
    }
    return false;
}

/* ---- one by one ---- */

static bool near(int of, int32_t days_before, int today) {
    int64_t change_us = 0;
    return anniversary_is_near(time_of(of, 0), days_before, time_of(today, 0), &change_us);
}

Test(anniversary, is_on_the_day_and_not_around_it) {
    const int birth = position_of(1990, 5, 17);
    const int today = position_of(2026, 5, 17);
    cr_expect(near(birth, 0, today));
    cr_expect_not(near(birth, 0, today - 1));
    cr_expect_not(near(birth, 0, today + 1));
}

Test(anniversary, the_days_before_are_counted_over_the_end_of_the_year) {
    const int birth = position_of(1990, 1, 3);
    cr_expect(near(birth, 7, position_of(2026, 12, 27)));
    cr_expect_not(near(birth, 7, position_of(2026, 12, 26)));
    cr_expect(near(position_of(1990, 12, 31), 1, position_of(2026, 12, 30)));
    cr_expect_not(near(position_of(1990, 12, 31), 1, position_of(2027, 1, 1)));
}

Test(anniversary, of_a_leap_day_is_on_the_28th_where_there_is_none) {
    const int birth = position_of(2000, 2, 29);
    cr_expect(near(birth, 0, position_of(2027, 2, 28)));
    cr_expect_not(near(birth, 0, position_of(2027, 3, 1)));
    cr_expect_not(near(birth, 0, position_of(2028, 2, 28)));
    cr_expect(near(birth, 0, position_of(2028, 2, 29)));
    cr_expect(near(birth, 0, position_of(2100, 2, 28)));
}

Test(anniversary, the_first_is_a_year_later) {
    const int birth = position_of(2026, 5, 17);
    cr_expect_not(near(birth, 0, birth));
    cr_expect_not(near(birth, 364, birth));
    cr_expect(near(birth, 365, birth));
    cr_expect(near(birth, 0, position_of(2027, 5, 17)));
    cr_expect_not(near(birth, 366, position_of(2026, 5, 15)));
    cr_expect_not(near(birth, 0, position_of(2020, 5, 17)), "before it happened");
}

Test(anniversary, hours_do_not_count) {
    const int birth = position_of(1990, 5, 17);
    const int today = position_of(2026, 5, 17);
    for (int i = 0; i < 4; i++) {
        const int64_t birth_us = time_of(birth, i % 2 == 0 ? 0 : US_PER_DAY - 1);
        const int64_t now_us = time_of(today, i / 2 == 0 ? 0 : US_PER_DAY - 1);
        int64_t change_us = 0;
        cr_expect(anniversary_is_near(birth_us, 0, now_us, &change_us));
        cr_expect_eq(change_us, time_of(today + 1, 0));
    }
}

/* Nothing of the years that times may be of is too early or too late. */
Test(anniversary, of_the_first_and_the_last_year) {
    const int64_t first_us = INT64_C(-62135596800) * US_PER_SECOND;
    const int64_t last_us = INT64_C(253402300799) * US_PER_SECOND;
    const int64_t now_us = time_of(position_of(2026, 1, 1), 0);
    int64_t change_us = 0;
    cr_expect(anniversary_is_near(first_us, 0, now_us, &change_us));
    cr_expect_not(anniversary_is_near(last_us, 366, now_us, &change_us));
    cr_expect_not(anniversary_is_near(first_us, 0, last_us, &change_us));
    cr_expect_gt(change_us, last_us);
    cr_expect_not(anniversary_is_near(last_us, 0, last_us, &change_us));
}

/* ---- any ---- */

/* The answer is the same on every day before change_us, and another one there, but of windows that
 * are as long as a year. */
static void check_change(int of, int32_t days_before, int today, int64_t change_us) {
    const bool now = is_near(of, days_before, today);
    const int change = (int)(change_us / US_PER_DAY - (change_us % US_PER_DAY < 0)) + epoch;
    cr_assert_eq(change_us, time_of(change, 0), "a midnight");
    cr_assert_gt(change, today);
    for (int day = today; day < change && day < CALENDAR_DAYS - 400; day++) {
        cr_assert_eq(is_near(of, days_before, day), now);
    }
    if (days_before < 364 && change < CALENDAR_DAYS - 400) {
        cr_assert_neq(is_near(of, days_before, change), now);
    }
}

static void check_any(uint64_t seed) {
    struct seeded seeded = {.state = seed};
    const size_t round = seeded_below(&seeded, 4);
    int of = (int)seeded_below(&seeded, CALENDAR_DAYS - 2000);
    if (round == 0) { /* Leap days are few. */
        of = position_of((int)(1904 + 4 * seeded_below(&seeded, 40)), 2, 29);
    }
    const int32_t days_before = (int32_t)(seeded_below(&seeded, 2) == 0 ? seeded_below(&seeded, 367)
                                                                        : seeded_below(&seeded, 8));
    const int today = round == 1 ? of + (int)seeded_below(&seeded, 800)
                                 : (int)seeded_below(&seeded, CALENDAR_DAYS - 1000);
    const int64_t of_us = time_of(of, (int64_t)seeded_below(&seeded, US_PER_DAY));
    const int64_t now_us = time_of(today, (int64_t)seeded_below(&seeded, US_PER_DAY));
    int64_t change_us = 0;

    const bool answer = anniversary_is_near(of_us, days_before, now_us, &change_us);

    cr_assert_eq(answer, is_near(of, days_before, today),
                 "PROFILED_SEED=%" PRIu64 ": %d-%d-%d, %d days before, on %d-%d-%d", seed,
                 calendar[of].year, calendar[of].month, calendar[of].day, days_before,
                 calendar[today].year, calendar[today].month, calendar[today].day);
    if (seed % 10 == 0) {
        check_change(of, days_before, today, change_us);
    }
}

Test(anniversary, agrees_with_the_calendar) {
    const struct seeds seeds = seeds_of(20000);
    for (uint64_t seed = seeds.first; seed <= seeds.last; seed++) {
        check_any(seed);
    }
}
