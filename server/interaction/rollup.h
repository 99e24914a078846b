#pragma once
/* What the interactions of a person add up to: the summaries of all members together, and what is
 * made of them. */

#include "server/store/summary.h"

enum {
    ROLLUP_MAIN_THEMES_MAX = 3,
    ROLLUP_RECENT_DAYS = 30,
};

/* The summaries of a profile and of those merged into it, together. */
MUST_USE struct status rollup_read(struct store_view *view, const struct profile *profile,
                                   struct store_summary *out);

/* The labels of a kind, the most frequent first, then the one that came up later; in the arena. */
const struct store_label_count **rollup_labels(const struct store_summary *summary,
                                               enum store_label kind, struct arena *arena,
                                               size_t *count);

/* Up to `max` labels of a kind that are kept apart, in that order. */
size_t rollup_most_frequent(const struct store_summary *summary, enum store_label kind, size_t max,
                            struct arena *arena, const char **out);

/* Whether one of those that are counted together may be as frequent as the last of up to `max`
 * labels of a kind. */
bool rollup_is_uncertain(const struct store_summary *summary, enum store_label kind, size_t max,
                         struct arena *arena);

/* The most frequent label where the profile's attribute has no value; "" for none. */
const char *rollup_dominant(const struct store_summary *summary, enum store_label kind,
                            const struct profile *profile, const char *attribute,
                            struct arena *arena);

struct rollup_moods {
    int64_t negative;
    int64_t neutral;
    int64_t positive;
};

/* Those in favour less those against, of all that tell a mood; 0 when none does. */
double rollup_net(const struct rollup_moods *moods);
static inline int64_t rollup_mood_count(const struct rollup_moods *moods) {
    return moods->negative + moods->neutral + moods->positive;
}

/* The moods of all interactions. */
struct rollup_moods rollup_moods(const struct store_summary *summary);

/* Whether a day is one of the last 30, today among them. */
static inline bool rollup_is_recent(int32_t day, int32_t today) {
    return day > today - ROLLUP_RECENT_DAYS && day <= today;
}

/* The moods of those days. *change_day is the first day to come on which they are others if nothing
 * is written; INT32_MAX for none. */
struct rollup_moods rollup_recent_moods(const struct store_summary *summary, int32_t today,
                                        int32_t *change_day);
