/* When a call is tried again, and after how long. */

#include "client/retry.h"

#include <criterion/criterion.h>

static const struct retry_policy POLICY = {
    .attempts_max = 4, .backoff_ms = 100, .backoff_max_ms = 350};

static struct profiled_error error_of(int32_t code, int64_t delay_ms) {
    return (struct profiled_error){.code = code, .retry_delay_ms = delay_ms};
}

Test(retry, unavailable_is_tried_again) {
    const struct profiled_error error = error_of(PROFILED_UNAVAILABLE, -1);

    const int64_t delay_ms = retry_delay_ms(&POLICY, &error, 1, 0, 10000);

    cr_assert_eq(delay_ms, 50);
}

Test(retry, the_random_part_spreads_over_the_upper_half) {
    const struct profiled_error error = error_of(PROFILED_UNAVAILABLE, -1);

    for (uint64_t random = 0; random < 200; random++) {
        const int64_t delay_ms = retry_delay_ms(&POLICY, &error, 1, random, 10000);
        cr_assert(delay_ms >= 50 && delay_ms <= 100);
    }
}

Test(retry, waits_grow_up_to_the_longest) {
    const struct profiled_error error = error_of(PROFILED_UNAVAILABLE, -1);

    cr_assert_eq(retry_delay_ms(&POLICY, &error, 2, 0, 10000), 100);
    cr_assert_eq(retry_delay_ms(&POLICY, &error, 3, 0, 10000), 175);
}

Test(retry, attempts_end) {
    const struct profiled_error error = error_of(PROFILED_UNAVAILABLE, -1);

    cr_assert_eq(retry_delay_ms(&POLICY, &error, 4, 0, 10000), -1);
}

Test(retry, no_wait_beyond_the_time_that_is_left) {
    const struct profiled_error error = error_of(PROFILED_UNAVAILABLE, -1);

    cr_assert_eq(retry_delay_ms(&POLICY, &error, 1, 0, 50), -1);
}

Test(retry, other_codes_are_final) {
    static const int32_t codes[] = {PROFILED_INVALID_ARGUMENT,  PROFILED_NOT_FOUND,
                                    PROFILED_ABORTED,           PROFILED_INTERNAL,
                                    PROFILED_DEADLINE_EXCEEDED, PROFILED_RESOURCE_EXHAUSTED};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const struct profiled_error error = error_of(codes[i], 10);
        cr_assert_eq(retry_delay_ms(&POLICY, &error, 1, 0, 10000), -1);
    }
}

Test(retry, zeros_mean_defaults) {
    const struct profiled_options options = {.attempts_max = 1};

    const struct retry_policy none = retry_policy_of(NULL);
    const struct retry_policy some = retry_policy_of(&options);

    cr_assert_eq(none.attempts_max, PROFILED_ATTEMPTS_DEFAULT);
    cr_assert_eq(some.attempts_max, 1);
    cr_assert_eq(some.backoff_ms, PROFILED_BACKOFF_DEFAULT_MS);
}
