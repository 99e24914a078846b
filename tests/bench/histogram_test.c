/* The histogram against exact answers. */

#include <criterion/criterion.h>
#include <stdint.h>

#include "tests/bench/histogram.h"

enum { LAST = 100000 };

static struct histogram histogram;

static void is_near(uint64_t got, uint64_t exact) {
    cr_expect_geq(got, exact);
    cr_expect_leq(got, exact + exact / 64 + 1);
}

Test(histogram, empty_one_has_no_quantile) { cr_expect_eq(histogram_quantile(&histogram, 0.5), 0); }

Test(histogram, quantiles_are_exact_to_one_part_in_64) {
    for (uint64_t i = 1; i <= LAST; i++) {
        histogram_add(&histogram, i * 1000);
    }

    is_near(histogram_quantile(&histogram, 0.5), (LAST / 2 + 1) * UINT64_C(1000));
    is_near(histogram_quantile(&histogram, 0.99), (LAST / 100 * 99 + 1) * UINT64_C(1000));
    cr_expect_eq(histogram.count, LAST);
}

Test(histogram, small_durations_are_exact) {
    histogram_add(&histogram, 7);
    histogram_add(&histogram, 63);
    histogram_add(&histogram, 64);

    cr_expect_eq(histogram_quantile(&histogram, 0.0), 7);
    cr_expect_eq(histogram_quantile(&histogram, 0.5), 63);
    cr_expect_eq(histogram_quantile(&histogram, 0.99), 64);
}

Test(histogram, longest_duration_has_a_place) {
    histogram_add(&histogram, UINT64_MAX);

    cr_expect_gt(histogram_quantile(&histogram, 0.5), UINT64_C(1) << 44);
}
