#pragma once
/* When to try a call again, and after how long. Pure. */

#include "client/profiled_client.h"

struct retry_policy {
    int32_t attempts_max;
    int64_t backoff_ms;
    int64_t backoff_max_ms;
};

/* The options' policy, with the defaults in place of zeros. `options` may be NULL. */
struct retry_policy retry_policy_of(const struct profiled_options *options);

/* The wait in milliseconds before the next try, or -1 when there is to be none. `attempt` counts
 * the tries so far, `random` spreads clients that failed at the same moment, and `left_ms` is what
 * is left of the call's time. */
int64_t retry_delay_ms(const struct retry_policy *policy, const struct profiled_error *error,
                       int32_t attempt, uint64_t random, int64_t left_ms);
