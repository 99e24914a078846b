/* Sums and shares against the C library, which reads decimals to the nearest double. */

#include "server/base/millionths.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "tests/engine/seeded.h"

TestSuite(millionths);

static struct millionths sum_of(const double *numbers, size_t count) {
    struct millionths sum = {0};
    for (size_t i = 0; i < count; i++) {
        millionths_add(&sum, millionths_of(numbers[i]));
    }
    return sum;
}

/* The same doubles; 0 is 0. */
static void expect_same(double a, double b) { cr_assert(!(a < b || a > b), "%.17g %.17g", a, b); }

Test(millionths, a_sum_is_what_its_decimals_are) {
    expect_same(millionths_share(sum_of((double[]){-0.3}, 1), 1), -0.3);
    expect_same(millionths_share(sum_of((double[]){0.1, 0.2}, 2), 1), 0.3);
    expect_same(millionths_share(sum_of((double[]){-0.7, 0.1}, 2), 1), -0.6);
    expect_same(millionths_share(sum_of((double[]){1e12, -1e12, 0.000001}, 3), 1), 0.000001);
    expect_same(millionths_share((struct millionths){0}, 7), 0);
}

Test(millionths, a_mean_is_the_nearest_one) {
    expect_same(millionths_share(sum_of((double[]){4.35, 4.35, 4.35}, 3), 3), 4.35);
    expect_same(millionths_share(sum_of((double[]){0.1, 0.2, 0}, 3), 3), 0.1);
    expect_same(millionths_share(sum_of((double[]){0, 1}, 2), 3), 1.0 / 3);
}

Test(millionths, what_is_added_is_taken_away_again) {
    struct millionths sum = sum_of((double[]){0.4, -2.75, 19.999999}, 3);
    millionths_take(&sum, millionths_of(-2.75));
    millionths_take(&sum, millionths_of(19.999999));
    cr_expect_eq(sum.whole, 0);
    cr_expect_eq(sum.part, 400000);
    millionths_take(&sum, millionths_of(0.5));
    cr_expect_eq(sum.whole, -1);
    cr_expect_eq(sum.part, 900000);
}

/* As long division writes it: with a 1 behind the last decimal where it does not come out even. */
static double share_in_decimals(struct millionths sum, uint64_t count) {
    enum { DECIMALS = 60 };
    char text[DECIMALS + 64];
    const bool is_less = sum.whole < 0;
    const bool borrows = is_less && sum.part > 0;
    const uint64_t whole = (uint64_t)(is_less ? -(sum.whole + borrows) : sum.whole);
    const uint64_t part = borrows ? 1000000 - sum.part : sum.part;
    int size = snprintf(text, sizeof text, "%s%" PRIu64 ".", is_less ? "-" : "", whole / count);
    uint64_t rest = whole % count;
    uint64_t scale = 100000;
    for (size_t i = 0; i < DECIMALS; i++) {
        rest = rest * 10 + (scale > 0 ? part / scale % 10 : 0);
        scale /= 10;
        text[size++] = (char)('0' + rest / count);
        rest %= count;
    }
    snprintf(text + size, sizeof text - (size_t)size, "%s", rest > 0 ? "1" : "");
    return strtod(text, NULL);
}

/* Of all sizes: those that doubles hold in millionths, and those beyond. */
Test(millionths, any_is_the_nearest_double) {
    struct seeded seed = {1};
    for (size_t i = 0; i < 300000; i++) {
        const int64_t whole = (int64_t)(seeded_next(&seed) >> (1 + seeded_below(&seed, 63)));
        const struct millionths sum = {seeded_below(&seed, 2) == 0 ? whole : -whole,
                                       (uint32_t)seeded_below(&seed, 1000000)};
        const uint64_t count = 1 + (seeded_next(&seed) >> (5 + seeded_below(&seed, 59)));
        expect_same(millionths_share(sum, 1), share_in_decimals(sum, 1));
        expect_same(millionths_share(sum, (int64_t)count), share_in_decimals(sum, count));
    }
}

/* Halfway between two doubles, the even one; a millionth beside it the nearer one. */
Test(millionths, a_tie_goes_to_the_even_one) {
    const int64_t tie = (INT64_C(1) << 53) + 1;
    expect_same(millionths_share((struct millionths){tie, 0}, 1), 0x1p53);
    expect_same(millionths_share((struct millionths){tie, 1}, 1), 0x1p53 + 2);
    expect_same(millionths_share((struct millionths){tie + 2, 0}, 1), 0x1p53 + 4);
    expect_same(millionths_share((struct millionths){tie + 1, 999999}, 1), 0x1p53 + 2);
}
