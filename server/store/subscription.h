#pragma once
/* Subscriptions: places in the changes that are kept for programs, and what of the changes is out.
 */

#include "server/base/clock.h"
#include "server/store/change.h"

enum {
    STORE_SUBSCRIPTIONS_MAX = 100,
    STORE_SUBSCRIPTION_SEGMENTS_MAX = 100,
    STORE_OUTSTANDING_MAX = 1000,
    STORE_DEAD_LETTERS_MAX = 10000,
    STORE_CLOCK_STEP_SECONDS_MAX = 3600, /* Back, which deliveries sit out. */
};

struct store_subscription {
    const char *name;
    uint64_t kinds; /* Bits; 0: what is usual. */
    size_t segment_count;
    const char *const *segments;
    const char *filter;
    uint32_t ack_seconds;
    uint32_t max_attempts;
    struct store_change_place place; /* Behind what was delivered. */
    int64_t delivered_count;
    int64_t acknowledged_count;
    int64_t dead_count;
    int64_t create_us;
};

/* A change that is out, or dead. */
struct store_delivery {
    uint64_t sequence; /* Of its row of changes, and its place there: what it is known by. */
    uint32_t place;
    struct store_change change;
    uint32_t attempt;
    uint32_t delivered_count; /* In all: attempt begins anew when a dead letter is retried. */
    int64_t due_us;
};

/* Whether a delivery is out at a time: it is due later. One that was given before the clock was set
 * back by up to STORE_CLOCK_STEP_SECONDS_MAX stays out for as much longer; what is due later than
 * that was given by a clock that was far ahead. */
static inline bool store_delivery_is_out(const struct store_subscription *subscription,
                                         const struct store_delivery *delivery, int64_t now_us) {
    const int64_t later_us =
        (int64_t)(subscription->ack_seconds + STORE_CLOCK_STEP_SECONDS_MAX) * US_PER_SECOND;
    return delivery->due_us > now_us && delivery->due_us <= now_us + later_us;
}

/* By what the subscription is told apart from others, and from one of its name that was deleted:
 * 32 bits of a keyed hash. */
uint32_t store_subscription_tag(const struct store_view *view,
                                const struct store_subscription *subscription);

MUST_USE struct status store_subscription_get(struct store_view *view, const char *name,
                                              bool *found, struct store_subscription *out);
MUST_USE struct status store_subscription_put(struct store_view *view,
                                              const struct store_subscription *subscription);

/* Wishes that there is no subscription of the name, and nothing of what is out or dead. In a view
 * without wishes. */
MUST_USE struct status store_subscription_delete(struct store_view *view, const char *name);

/* All subscriptions by name, up to STORE_SUBSCRIPTIONS_MAX. In a view without wishes. */
MUST_USE struct status store_subscription_scan(struct store_view *view,
                                               struct store_subscription *out, size_t *count);

MUST_USE struct status store_delivery_get(struct store_view *view, const char *name, bool dead,
                                          uint64_t sequence, uint32_t place, bool *found,
                                          struct store_delivery *out);
MUST_USE struct status store_delivery_put(struct store_view *view, const char *name, bool dead,
                                          const struct store_delivery *delivery);
void store_delivery_delete(struct store_view *view, const char *name, bool dead, uint64_t sequence,
                           uint32_t place);

/* Up to `max` of what is out, or dead, in the order of changes, strictly behind (sequence, place)
 * when `after_set`. In a view without wishes. */
MUST_USE struct status store_delivery_scan(struct store_view *view, const char *name, bool dead,
                                           bool after_set, uint64_t sequence, uint32_t place,
                                           size_t max, struct store_delivery *out, size_t *count);
