/* What interactions add up to. */

#include "server/interaction/rollup.h"

#include <stdlib.h>
#include <string.h>

struct status rollup_read(struct store_view *view, const struct profile *profile,
                          struct store_summary *out) {
    *out = (struct store_summary){0};
    for (size_t i = 0; i <= profile->absorbed_count; i++) {
        struct store_summary part;
        TRY(store_summary_get(view, i == 0 ? profile->id : profile->absorbed[i - 1], &part));
        store_summary_fold(out, &part, store_view_arena(view));
    }
    return OK;
}

/* ---- labels ---- */

static int compare(int64_t left, int64_t right) { return left < right ? -1 : left > right ? 1 : 0; }

static int by_count(const void *a, const void *b) {
    const struct store_label_count *const *left = a;
    const struct store_label_count *const *right = b;
    const int counts = compare((*right)->count, (*left)->count);
    const int times = compare((*right)->last_us, (*left)->last_us);
    const int labels = strcmp((*left)->label, (*right)->label);
    const int themes = strcmp((*left)->theme, (*right)->theme);
    return counts != 0 ? counts : times != 0 ? times : labels != 0 ? labels : themes;
}

const struct store_label_count **rollup_labels(const struct store_summary *summary,
                                               enum store_label kind, struct arena *arena,
                                               size_t *count) {
    const struct store_label_count **list = arena_array(arena, summary->label_count, sizeof *list);
    *count = 0;
    for (size_t i = 0; i < summary->label_count; i++) {
        if (summary->labels[i].kind == kind) {
            list[(*count)++] = &summary->labels[i];
        }
    }
    qsort(list, *count, sizeof *list, by_count);
    return list;
}

size_t rollup_most_frequent(const struct store_summary *summary, enum store_label kind, size_t max,
                            struct arena *arena, const char **out) {
    size_t count = 0;
    size_t taken = 0;
    const struct store_label_count **list = rollup_labels(summary, kind, arena, &count);
    for (size_t i = 0; i < count && taken < max; i++) {
        if (list[i]->label[0] != '\0') {
            out[taken++] = list[i]->label;
        }
    }
    return taken;
}

/* Of several members a label may be kept apart by one and be among the others of the next: so what
 * comes behind the last may have all of these too. */
bool rollup_is_uncertain(const struct store_summary *summary, enum store_label kind, size_t max,
                         struct arena *arena) {
    size_t count = 0;
    size_t apart = 0;
    int64_t others = 0;
    int64_t last = 0;
    int64_t behind = 0;
    const struct store_label_count **list = rollup_labels(summary, kind, arena, &count);
    for (size_t i = 0; i < count; i++) {
        if (list[i]->label[0] == '\0') {
            others += list[i]->count;
            continue;
        }
        last = apart < max ? list[i]->count : last;
        behind = apart == max ? list[i]->count : behind;
        apart++;
    }
    return others > 0 && behind + others >= last;
}

const char *rollup_dominant(const struct store_summary *summary, enum store_label kind,
                            const struct profile *profile, const char *attribute,
                            struct arena *arena) {
    const char *label = "";
    if (profile_attribute_find(profile, attribute) == NULL) {
        (void)rollup_most_frequent(summary, kind, 1, arena, &label);
    }
    return label;
}

/* ---- moods ---- */

double rollup_net(const struct rollup_moods *moods) {
    const int64_t count = rollup_mood_count(moods);
    return count == 0 ? 0 : (double)(moods->positive - moods->negative) / (double)count;
}

static int64_t count_of(const struct store_summary *summary, const char *sentiment) {
    for (size_t i = 0; i < summary->label_count; i++) {
        if (summary->labels[i].kind == STORE_LABEL_SENTIMENT &&
            strcmp(summary->labels[i].label, sentiment) == 0) {
            return summary->labels[i].count;
        }
    }
    return 0;
}

struct rollup_moods rollup_moods(const struct store_summary *summary) {
    return (struct rollup_moods){.negative = count_of(summary, "negative"),
                                 .neutral = count_of(summary, "neutral"),
                                 .positive = count_of(summary, "positive")};
}

struct rollup_moods rollup_recent_moods(const struct store_summary *summary, int32_t today,
                                        int32_t *change_day) {
    struct rollup_moods sum = {0};
    *change_day = INT32_MAX;
    for (size_t i = 0; i < summary->mood_count; i++) {
        const struct store_mood_day *mood = &summary->moods[i];
        const bool is_recent = rollup_is_recent(mood->day, today);
        const int32_t change = mood->day > today ? mood->day : mood->day + ROLLUP_RECENT_DAYS;
        if (is_recent || mood->day > today) {
            *change_day = change < *change_day ? change : *change_day;
        }
        if (is_recent) {
            sum.negative += mood->negative;
            sum.neutral += mood->neutral;
            sum.positive += mood->positive;
        }
    }
    return sum;
}
