/* What the interactions of a profile add up to, in the form of the wire. */

#include "server/handlers/interaction_summary.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/day.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/wire.h"
#include "server/interaction/rollup.h"
#include "server/store/mark.h"

/* ---- labels ---- */

static Profiled__V1__LabelCount **label_messages(const struct store_summary *summary,
                                                 enum store_label kind, struct arena *arena,
                                                 size_t *count) {
    const struct store_label_count **list = rollup_labels(summary, kind, arena, count);
    Profiled__V1__LabelCount **messages = arena_array(arena, *count, sizeof *messages);
    for (size_t i = 0; i < *count; i++) {
        Profiled__V1__LabelCount *message = arena_alloc(arena, sizeof *message);
        profiled__v1__label_count__init(message);
        message->label = wire_string(list[i]->label);
        message->theme = wire_string(list[i]->theme);
        message->count = list[i]->count;
        message->at_least = list[i]->at_least;
        message->first_time = wire_time(list[i]->first_us, arena);
        message->last_time = wire_time(list[i]->last_us, arena);
        messages[i] = message;
    }
    return messages;
}

static void main_themes(const struct store_summary *summary, struct arena *arena,
                        Profiled__V1__InteractionSummary *out) {
    const char **themes = arena_array(arena, ROLLUP_MAIN_THEMES_MAX, sizeof *themes);
    out->n_main_themes =
        rollup_most_frequent(summary, STORE_LABEL_THEME, ROLLUP_MAIN_THEMES_MAX, arena, themes);
    out->main_themes = arena_array(arena, out->n_main_themes, sizeof *out->main_themes);
    for (size_t i = 0; i < out->n_main_themes; i++) {
        out->main_themes[i] = wire_string(themes[i]);
    }
}

static bool is_uncertain(const struct store_summary *summary,
                         const Profiled__V1__InteractionSummary *message, struct arena *arena) {
    return rollup_is_uncertain(summary, STORE_LABEL_THEME, ROLLUP_MAIN_THEMES_MAX, arena) ||
           (message->dominant_language[0] != '\0' &&
            rollup_is_uncertain(summary, STORE_LABEL_LANGUAGE, 1, arena)) ||
           (message->dominant_dialect[0] != '\0' &&
            rollup_is_uncertain(summary, STORE_LABEL_DIALECT, 1, arena));
}

/* ---- moods ---- */

static Profiled__V1__NetSentiment *net_message(const struct rollup_moods *moods,
                                               struct arena *arena) {
    if (rollup_mood_count(moods) == 0) {
        return NULL;
    }
    Profiled__V1__NetSentiment *message = arena_alloc(arena, sizeof *message);
    profiled__v1__net_sentiment__init(message);
    message->count = rollup_mood_count(moods);
    message->score = rollup_net(moods);
    return message;
}

static int by_day(const void *a, const void *b) {
    const struct store_mood_day *left = a;
    const struct store_mood_day *right = b;
    return (left->day > right->day) - (left->day < right->day);
}

static void recent_days(const struct store_summary *summary, int32_t today, struct arena *arena,
                        Profiled__V1__InteractionSummary *out) {
    out->sentiment_days = arena_array(arena, summary->mood_count, sizeof *out->sentiment_days);
    if (summary->mood_count > 0) {
        qsort(summary->moods, summary->mood_count, sizeof *summary->moods, by_day);
    }
    for (size_t i = 0; i < summary->mood_count; i++) {
        const struct store_mood_day *mood = &summary->moods[i];
        if (rollup_is_recent(mood->day, today)) {
            Profiled__V1__SentimentDay *day = arena_alloc(arena, sizeof *day);
            profiled__v1__sentiment_day__init(day);
            day->day = day_text(mood->day, arena);
            day->negative = mood->negative;
            day->neutral = mood->neutral;
            day->positive = mood->positive;
            out->sentiment_days[out->n_sentiment_days++] = day;
        }
    }
}

static void moods(const struct store_summary *summary, int32_t today, struct arena *arena,
                  Profiled__V1__InteractionSummary *out) {
    int32_t change_day = 0;
    const struct rollup_moods all = rollup_moods(summary);
    const struct rollup_moods recent = rollup_recent_moods(summary, today, &change_day);
    out->net_sentiment = net_message(&all, arena);
    out->recent_net_sentiment = net_message(&recent, arena);
    recent_days(summary, today, arena, out);
}

static struct status are_moods_backfilling(struct rpc_context *ctx, const struct profile *profile,
                                           int32_t today, protobuf_c_boolean *out) {
    const struct store_mark *mark = NULL;
    size_t member_count = 0;
    const struct id *members = profile_member_ids(profile, ctx->arena, &member_count);
    TRY(store_mark_get(ctx->store, &mark));
    *out = !store_mark_has_windows(mark, members, member_count, today);
    return OK;
}

/* ---- the whole ---- */

struct status interaction_summary_message(struct rpc_context *ctx, const struct profile *profile,
                                          Profiled__V1__InteractionSummary **out) {
    struct arena *arena = ctx->arena;
    struct store_summary sum;
    TRY(rollup_read(ctx->store, profile, &sum));
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
    main_themes(&sum, arena, message);
    message->dominant_language =
        wire_string(rollup_dominant(&sum, STORE_LABEL_LANGUAGE, profile, "language", arena));
    message->dominant_dialect =
        wire_string(rollup_dominant(&sum, STORE_LABEL_DIALECT, profile, "dialect", arena));
    message->uncertain = is_uncertain(&sum, message, arena);
    moods(&sum, day_of(ctx->now_us), arena, message);
    return are_moods_backfilling(ctx, profile, day_of(ctx->now_us), &message->backfilling);
}
