/* Time zones, and days of the calendar. */

#include "server/interaction/zone.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "server/base/clock.h"
#include "server/base/day.h"

static struct arena arena;

static void init(void) { arena_init(&arena, 1 << 20); }
static void fini(void) { arena_free(&arena); }
TestSuite(zone, .init = init, .fini = fini);

/* 2026-06-01 00:00 UTC. */
#define JUNE_US (INT64_C(1780272000) * US_PER_SECOND)

static struct zone zone_of(const char *name) {
    struct zone zone;
    cr_assert(zone_read(name, JUNE_US + 365 * US_PER_DAY, &arena, &zone), "%s", name);
    return zone;
}

static void expect_day(const char *name, int64_t time_us, const char *day) {
    const struct zone zone = zone_of(name);
    cr_expect_str_eq(day_text(zone_day(&zone, time_us), &arena), day, "%s", name);
}

Test(zone, days_begin_where_the_zone_is) {
    expect_day("", JUNE_US - 1, "2026-05-31");
    expect_day("UTC", JUNE_US, "2026-06-01");
    expect_day("Asia/Riyadh", JUNE_US - 3 * US_PER_HOUR - 1, "2026-05-31");
    expect_day("Asia/Riyadh", JUNE_US - 3 * US_PER_HOUR, "2026-06-01");
    expect_day("Asia/Kabul", JUNE_US - 4 * US_PER_HOUR - US_PER_HOUR / 2, "2026-06-01");
    expect_day("America/New_York", JUNE_US + 4 * US_PER_HOUR - 1, "2026-05-31");
    expect_day("America/New_York", JUNE_US + 4 * US_PER_HOUR, "2026-06-01");
}

Test(zone, clocks_that_change) {
    const int64_t january_us = INT64_C(1767225600) * US_PER_SECOND;
    expect_day("Africa/Cairo", january_us - 2 * US_PER_HOUR, "2026-01-01");
    expect_day("Africa/Cairo", january_us - 2 * US_PER_HOUR - 1, "2025-12-31");
    expect_day("Europe/Berlin", JUNE_US - 2 * US_PER_HOUR, "2026-06-01");
    expect_day("Europe/Berlin", january_us - US_PER_HOUR, "2026-01-01");
    expect_day("Europe/Berlin", january_us - US_PER_HOUR - 1, "2025-12-31");
}

/* Summer time is back there since 2023: from the last Friday of April to the last Thursday of
 * October, in 2024 from the 26th to the 31st. */
Test(zone, cairo_has_summers) {
    const int64_t midnight_us = INT64_C(1721001600) * US_PER_SECOND; /* 2024-07-15. */
    expect_day("Africa/Cairo", midnight_us - 3 * US_PER_HOUR - 1, "2024-07-14");
    expect_day("Africa/Cairo", midnight_us - 3 * US_PER_HOUR, "2024-07-15");
    const int64_t april_us = INT64_C(1714089600) * US_PER_SECOND; /* 2024-04-26. */
    expect_day("Africa/Cairo", april_us - 2 * US_PER_HOUR - 1, "2024-04-25");
    expect_day("Africa/Cairo", april_us - 2 * US_PER_HOUR, "2024-04-26");
    expect_day("Africa/Cairo", april_us + 21 * US_PER_HOUR, "2024-04-27");
    const int64_t october_us = INT64_C(1730419200) * US_PER_SECOND; /* 2024-11-01. */
    expect_day("Africa/Cairo", october_us - 3 * US_PER_HOUR, "2024-10-31");
    expect_day("Africa/Cairo", october_us - 2 * US_PER_HOUR - 1, "2024-10-31");
    expect_day("Africa/Cairo", october_us - 2 * US_PER_HOUR, "2024-11-01");
    expect_day("Africa/Cairo", JUNE_US - 3 * US_PER_HOUR, "2026-06-01");
    expect_day("Egypt", JUNE_US - 3 * US_PER_HOUR, "2026-06-01");
}

Test(zone, utc_is_known_as_such) {
    struct zone zone = zone_of("");
    cr_expect(zone_is_utc(&zone));
    zone = zone_of("Etc/UTC");
    cr_expect(zone_is_utc(&zone));
    zone = zone_of("Europe/London"); /* In winter only. */
    cr_expect_not(zone_is_utc(&zone));
    zone = zone_of("Asia/Dubai");
    cr_expect_not(zone_is_utc(&zone));
}

Test(zone, long_ago_and_far_ahead) {
    expect_day("Asia/Riyadh", INT64_C(-62135596800) * US_PER_SECOND, "0001-01-01");
    expect_day("Asia/Riyadh", INT64_C(253402300799) * US_PER_SECOND - US_PER_DAY, "9999-12-31");
}

Test(zone, what_is_none) {
    struct zone zone;
    static const char *const bad[] = {"Atlantis",
                                      "Asia/Atlantis",
                                      "+03:00",
                                      "GMT+3",
                                      "\xd8\xa7",
                                      "Asia/Riyadh ",
                                      "Etc/Unknown",
                                      "asia/riyadh",
                                      "Asia",
                                      "Asia/",
                                      "Asia//Riyadh",
                                      "/usr/share/zoneinfo/Asia/Riyadh",
                                      "../zoneinfo/Asia/Riyadh",
                                      "Asia/../Asia/Riyadh",
                                      "./Asia/Riyadh",
                                      "posix/Asia/Riyadh",
                                      "right/Asia/Riyadh",
                                      "localtime",
                                      "posixrules",
                                      "zone.tab",
                                      "tzdata.zi",
                                      "libc:UTC",
                                      "Fixed/UTC+03:00:00",
                                      ":Asia/Riyadh",
                                      "EST5EDT,M3.2.0,M11.1.0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not(zone_read(bad[i], JUNE_US, &arena, &zone), "%s", bad[i]);
    }
}

Test(zone, names_of_earlier_times_are_known) {
    static const char *const good[] = {"Asia/Calcutta",
                                       "US/Eastern",
                                       "EST5EDT",
                                       "Etc/GMT+3",
                                       "GB-Eire",
                                       "America/Port-au-Prince",
                                       "America/Argentina/ComodRivadavia"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        (void)zone_of(good[i]);
    }
}

/* UTC is, wherever the others are not. */
Test(zone, a_system_without_time_zones_is_told) {
    struct zone zone;
    cr_expect(zones_are_there());
    setenv("TZDIR", "/nonexistent", 1);
    cr_expect_not(zones_are_there());
    cr_expect_not(zone_read("Asia/Riyadh", JUNE_US, &arena, &zone));
    cr_expect(zone_read("", JUNE_US, &arena, &zone));
    cr_expect(zone_is_utc(&zone));
    cr_expect(zone_read("UTC", JUNE_US, &arena, &zone));
}

Test(zone, weeks_begin_on_monday_and_months_on_their_first) {
    const int32_t sunday = day_of(JUNE_US) - 1; /* 2026-05-31. */
    cr_expect_str_eq(day_text(day_week(sunday), &arena), "2026-05-25");
    cr_expect_str_eq(day_text(day_week(sunday + 1), &arena), "2026-06-01");
    cr_expect_str_eq(day_text(day_month(sunday), &arena), "2026-05-01");
    cr_expect_str_eq(day_text(day_month(sunday + 1), &arena), "2026-06-01");
    /* Before 1970, and a leap day. */
    cr_expect_str_eq(day_text(day_of(-1), &arena), "1969-12-31");
    cr_expect_str_eq(day_text(day_week(-1), &arena), "1969-12-29");
    cr_expect_str_eq(day_text(day_of(INT64_C(951782400) * US_PER_SECOND), &arena), "2000-02-29");
}
