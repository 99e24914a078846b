/* What the interactions of a profile add up to, in the form of the wire. */

#include "server/handlers/interaction_summary.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/day.h"
#include "server/handlers/wire.h"
#include "server/store/summary.h"

enum {
    MAIN_THEMES_MAX = 3,
    RECENT_DAYS = 30,
};

/* ---- labels ---- */

static int compare(int64_t left, int64_t right) { return left < right ? -1 : left > right ? 1 : 0; }

/* The most frequent first, then the one that came up later. */
static int by_count(const void *a, const void *b) {
    const struct store_label_count *const *left = a;
    const struct store_label_count *const *right = b;
    const int counts = compare((*right)->count, (*left)->count);
    const int times = compare((*right)->last_us, (*left)->last_us);
    const int labels = strcmp((*left)->label, (*right)->label);
    const int themes = strcmp((*left)->theme, (*right)->theme);
    return counts != 0 ? counts : times != 0 ? times : labels != 0 ? labels : themes;
}

static const struct store_label_count **labels_of(const struct store_summary *summary,
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

static Profiled__V1__LabelCount **label_messages(const struct store_summary *summary,
                                                 enum store_label kind, struct arena *arena,
                                                 size_t *count) {
    const struct store_label_count **list = labels_of(summary, kind, arena, count);
    Profiled__V1__LabelCount **messages = arena_array(arena, *count, sizeof *messages);
    for (size_t i = 0; i < *count; i++) {
        Profiled__V1__LabelCount *message = arena_alloc(arena, sizeof *message);
        profiled__v1__label_count__init(message);
        message->label = wire_string(list[i]->label);
        message->theme = wire_string(list[i]->theme);
        message->count = list[i]->count;
        message->first_time = wire_time(list[i]->first_us, arena);
        message->last_time = wire_time(list[i]->last_us, arena);
        messages[i] = message;
    }
    return messages;
}

/* Up to `max` labels of a kind that are kept apart. */
static size_t most_frequent(const struct store_summary *summary, enum store_label kind, size_t max,
                            struct arena *arena, char **out) {
    size_t count = 0;
    size_t taken = 0;
    const struct store_label_count **list = labels_of(summary, kind, arena, &count);
    for (size_t i = 0; i < count && taken < max; i++) {
        if (list[i]->label[0] != '\0') {
            out[taken++] = wire_string(list[i]->label);
        }
    }
    return taken;
}

static char *dominant(const struct store_summary *summary, enum store_label kind,
                      const struct profile *profile, const char *attribute, struct arena *arena) {
    char *label = wire_string("");
    if (profile_attribute_find(profile, attribute) == NULL) {
        (void)most_frequent(summary, kind, 1, arena, &label);
    }
    return label;
}

/* ---- moods ---- */

static Profiled__V1__NetSentiment *net_of(int64_t negative, int64_t neutral, int64_t positive,
                                          struct arena *arena) {
    const int64_t count = negative + neutral + positive;
    if (count == 0) {
        return NULL;
    }
    Profiled__V1__NetSentiment *message = arena_alloc(arena, sizeof *message);
    profiled__v1__net_sentiment__init(message);
    message->count = count;
    message->score = (double)(positive - negative) / (double)count;
    return message;
}

static int64_t count_of(const struct store_summary *summary, enum store_label kind,
                        const char *name) {
    for (size_t i = 0; i < summary->label_count; i++) {
        if (summary->labels[i].kind == kind && strcmp(summary->labels[i].label, name) == 0) {
            return summary->labels[i].count;
        }
    }
    return 0;
}

static int by_day(const void *a, const void *b) {
    const struct store_mood_day *left = a;
    const struct store_mood_day *right = b;
    return compare(left->day, right->day);
}

static void recent_moods(const struct store_summary *summary, int64_t now_us, struct arena *arena,
                         Profiled__V1__InteractionSummary *out) {
    const int32_t today = day_of(now_us);
    struct store_mood_day sum = {0};
    out->sentiment_days = arena_array(arena, summary->mood_count, sizeof *out->sentiment_days);
    if (summary->mood_count > 0) {
        qsort(summary->moods, summary->mood_count, sizeof *summary->moods, by_day);
    }
    for (size_t i = 0; i < summary->mood_count; i++) {
        const struct store_mood_day *mood = &summary->moods[i];
        if (mood->day > today - RECENT_DAYS && mood->day <= today) {
            Profiled__V1__SentimentDay *day = arena_alloc(arena, sizeof *day);
            profiled__v1__sentiment_day__init(day);
            day->day = day_text(mood->day, arena);
            day->negative = mood->negative;
            day->neutral = mood->neutral;
            day->positive = mood->positive;
            out->sentiment_days[out->n_sentiment_days++] = day;
            sum.negative += mood->negative;
            sum.neutral += mood->neutral;
            sum.positive += mood->positive;
        }
    }
    out->recent_net_sentiment = net_of(sum.negative, sum.neutral, sum.positive, arena);
}

/* ---- the whole ---- */

static struct status read_summary(struct rpc_context *ctx, const struct profile *profile,
                                  struct store_summary *out) {
    *out = (struct store_summary){0};
    for (size_t i = 0; i <= profile->absorbed_count; i++) {
        struct store_summary part;
        TRY(store_summary_get(ctx->store, i == 0 ? profile->id : profile->absorbed[i - 1], &part));
        store_summary_fold(out, &part, ctx->arena);
    }
    return OK;
}

struct status interaction_summary_message(struct rpc_context *ctx, const struct profile *profile,
                                          Profiled__V1__InteractionSummary **out) {
    struct arena *arena = ctx->arena;
    struct store_summary sum;
    TRY(read_summary(ctx, profile, &sum));
    Profiled__V1__InteractionSummary *message = arena_alloc(arena, sizeof *message);
    profiled__v1__interaction_summary__init(message);
    *out = message;
    message->count = sum.count;
    message->removed_count = sum.removed_count;
    if (sum.removed_count > 0) {
        message->removed_time = wire_time(sum.removed_us, arena);
    }
    if (sum.count == 0) {
        return OK;
    }
    message->first_time = wire_time(sum.first_us, arena);
    message->last_time = wire_time(sum.last_us, arena);
    message->kinds = label_messages(&sum, STORE_LABEL_KIND, arena, &message->n_kinds);
    message->channels = label_messages(&sum, STORE_LABEL_CHANNEL, arena, &message->n_channels);
    message->themes = label_messages(&sum, STORE_LABEL_THEME, arena, &message->n_themes);
    message->sub_themes =
        label_messages(&sum, STORE_LABEL_SUB_THEME, arena, &message->n_sub_themes);
    message->sentiments =
        label_messages(&sum, STORE_LABEL_SENTIMENT, arena, &message->n_sentiments);
    message->languages = label_messages(&sum, STORE_LABEL_LANGUAGE, arena, &message->n_languages);
    message->dialects = label_messages(&sum, STORE_LABEL_DIALECT, arena, &message->n_dialects);
    message->main_themes = arena_array(arena, MAIN_THEMES_MAX, sizeof *message->main_themes);
    message->n_main_themes =
        most_frequent(&sum, STORE_LABEL_THEME, MAIN_THEMES_MAX, arena, message->main_themes);
    message->dominant_language = dominant(&sum, STORE_LABEL_LANGUAGE, profile, "language", arena);
    message->dominant_dialect = dominant(&sum, STORE_LABEL_DIALECT, profile, "dialect", arena);
    message->net_sentiment = net_of(count_of(&sum, STORE_LABEL_SENTIMENT, "negative"),
                                    count_of(&sum, STORE_LABEL_SENTIMENT, "neutral"),
                                    count_of(&sum, STORE_LABEL_SENTIMENT, "positive"), arena);
    recent_moods(&sum, ctx->now_us, arena, message);
    return OK;
}
