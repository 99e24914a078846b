/* When to try a call again. A call may be repeated because the server keeps the answer to a
 * request_id; it is repeated only where the server can't have refused it for what it says. */

#include "client/retry.h"

#include <assert.h>

struct retry_policy retry_policy_of(const struct profiled_options *options) {
    struct retry_policy policy = {
        PROFILED_ATTEMPTS_DEFAULT,
        PROFILED_BACKOFF_DEFAULT_MS,
        PROFILED_BACKOFF_MAX_MS,
    };
    if (options == NULL) {
        return policy;
    }
    if (options->attempts_max > 0) {
        policy.attempts_max = options->attempts_max;
    }
    if (options->backoff_ms > 0) {
        policy.backoff_ms = options->backoff_ms;
    }
    if (options->backoff_max_ms > 0) {
        policy.backoff_max_ms = options->backoff_max_ms;
    }
    return policy;
}

/* The wait doubles with each try; its upper half is random, so that clients that failed together
 * do not come back together. What the server asks for is waited in full. */
int64_t retry_delay_ms(const struct retry_policy *policy, const struct profiled_error *error,
                       int32_t attempt, uint64_t random, int64_t left_ms) {
    assert(attempt >= 1);
    if (error->code != PROFILED_UNAVAILABLE || attempt >= policy->attempts_max) {
        return -1;
    }
    int64_t full_ms = policy->backoff_ms;
    for (int32_t i = 1; i < attempt && full_ms < policy->backoff_max_ms; i++) {
        full_ms *= 2;
    }
    if (full_ms > policy->backoff_max_ms) {
        full_ms = policy->backoff_max_ms;
    }
    const int64_t half_ms = full_ms / 2;
    int64_t delay_ms = half_ms + (int64_t)(random % (uint64_t)(full_ms - half_ms + 1));
    if (error->retry_delay_ms > 0) {
        delay_ms = error->retry_delay_ms + delay_ms / 2;
    }
    return delay_ms < left_ms ? delay_ms : -1;
}
