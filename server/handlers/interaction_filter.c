/* Filters of timelines: pure functions of a stored interaction. */

#include "server/handlers/interaction_filter.h"

#include <limits.h>
#include <string.h>

#include "server/handlers/wire.h"
#include "server/identity/name_words.h"
#include "server/interaction/channels.h"
#include "server/interaction/themes.h"

enum {
    PIECE_SIZE_MAX = 128, /* Of a text, whose words are looked at together. */
};

/* ---- reading ---- */

static int64_t time_read(struct rpc_context *ctx, const Google__Protobuf__Timestamp *time,
                         int64_t otherwise, const char *path, const char *name) {
    if (time == NULL) {
        return otherwise;
    }
    struct field_errors errors = {.arena = ctx->arena};
    const int64_t time_us = wire_any_time_read(time, &errors, name);
    field_errors_violate(&errors, ctx, arena_format(ctx->arena, "%s.", path));
    return time_us;
}

void interaction_filter_read(struct rpc_context *ctx,
                             const Profiled__V1__InteractionFilter *message, const char *path,
                             struct interaction_filter *out) {
    *out = (struct interaction_filter){
        .channel = "", .theme = "", .sub_theme = "", .min_us = INT64_MIN, .max_us = INT64_MAX};
    if (message == NULL) {
        return;
    }
    out->kind = (int)message->kind;
    out->channel = message->channel;
    out->theme = message->theme;
    out->sub_theme = message->sub_theme;
    out->sentiment = (uint32_t)message->sentiment;
    out->min_us = time_read(ctx, message->min_time, INT64_MIN, path, "min_time");
    out->max_us = time_read(ctx, message->max_time, INT64_MAX, path, "max_time");
    if (out->kind < 0 || out->kind > PROFILED__V1__INTERACTION_KIND__INTERACTION_KIND_ACTIVITY) {
        rpc_violation(ctx, "must be a kind that this server knows", "%s.kind", path);
    }
    if ((int)message->sentiment < 0 ||
        (int)message->sentiment > PROFILED__V1__SENTIMENT__SENTIMENT_POSITIVE) {
        rpc_violation(ctx, "must be one that this server knows", "%s.sentiment", path);
    }
    if (out->min_us > out->max_us) {
        rpc_violation(ctx, "is before min_time", "%s.max_time", path);
    }
    if (message->text[0] != '\0') {
        out->word_count = name_words(message->text, ctx->arena, &out->words);
        if (out->word_count == 0) {
            rpc_violation(ctx, "has no word", "%s.text", path);
        }
    }
}

struct status interaction_filter_settle(struct store_view *view, struct interaction_filter *filter,
                                        struct arena *arena) {
    struct channels channels;
    struct themes themes;
    TRY(channels_read(view, &channels));
    TRY(themes_read(view, &themes));
    filter->channel = channels_choose(&channels, filter->channel).name;
    const struct theme_choice choice =
        themes_choose(&themes, filter->theme, filter->sub_theme, arena);
    filter->theme = choice.theme;
    filter->sub_theme = choice.sub_theme;
    return OK;
}

/* FNV-1a (64 bits) over the packed filter: what it says of texts stays in the server, for tokens
 * are sealed. */
uint64_t interaction_filter_hash(const Profiled__V1__InteractionFilter *message,
                                 struct arena *arena) {
    uint64_t hash = 14695981039346656037U;
    if (message == NULL) {
        return hash;
    }
    const struct bytes packed = store_pack(arena, &message->base);
    for (size_t i = 0; i < packed.size; i++) {
        hash = (hash ^ packed.data[i]) * 1099511628211U;
    }
    return hash;
}

/* ---- words ---- */

/* What is looked for, and what of it was found in the texts so far. */
struct search {
    const struct interaction_filter *filter;
    struct arena *arena;
    bool found[INTERACTION_FILTER_WORDS_MAX];
};

static void search_piece(struct search *search, const char *text, size_t size) {
    const char *const *words = NULL;
    const size_t count =
        name_words(arena_string(search->arena, bytes_of(text, size)), search->arena, &words);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < search->filter->word_count; k++) {
            search->found[k] = search->found[k] || strcmp(words[i], search->filter->words[k]) == 0;
        }
    }
}

/* A long text is looked at word by word: name_words() tells a few of them only. */
static void search_text(struct search *search, const char *text) {
    while (*text != '\0') {
        size_t size = strcspn(text, " \n\t");
        size = size > PIECE_SIZE_MAX ? strcspn(text, " \n\t.,;:!?/") : size;
        if (size > 0) {
            search_piece(search, text, size);
        }
        text += size + (text[size] != '\0');
    }
}

static void search_survey(struct search *search, const Stored__V1__SurveyResponse *survey) {
    search_text(search, survey->survey_name);
    for (size_t i = 0; i < survey->n_answers; i++) {
        const Stored__V1__SurveyAnswer *answer = survey->answers[i];
        if (answer->answer_case == STORED__V1__SURVEY_ANSWER__ANSWER_TEXT) {
            search_text(search, answer->text);
        } else if (answer->answer_case == STORED__V1__SURVEY_ANSWER__ANSWER_CHOICE) {
            search_text(search, answer->choice);
        } else if (answer->answer_case == STORED__V1__SURVEY_ANSWER__ANSWER_CHOICES) {
            for (size_t k = 0; k < answer->choices->n_choices; k++) {
                search_text(search, answer->choices->choices[k]);
            }
        }
    }
}

static void search_activity(struct search *search, const Stored__V1__Activity *activity) {
    search_text(search, activity->name);
    for (size_t i = 0; i < activity->n_properties; i++) {
        if (activity->properties[i]->value_case == STORED__V1__PROPERTY__VALUE_TEXT) {
            search_text(search, activity->properties[i]->text);
        }
    }
}

static bool has_words(const struct interaction_filter *filter,
                      const Stored__V1__Interaction *interaction, struct arena *arena) {
    struct search search = {.filter = filter, .arena = arena};
    if (filter->word_count == 0) {
        return true;
    }
    if (interaction->payload_case == STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT) {
        search_text(&search, interaction->engagement->text);
    } else if (interaction->payload_case == STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE) {
        search_survey(&search, interaction->survey_response);
    } else if (interaction->payload_case == STORED__V1__INTERACTION__PAYLOAD_ACTIVITY) {
        search_activity(&search, interaction->activity);
    }
    for (size_t i = 0; i < filter->word_count; i++) {
        if (!search.found[i]) {
            return false;
        }
    }
    return true;
}

/* ---- taking ---- */

static int kind_of(const Stored__V1__Interaction *interaction) {
    switch (interaction->payload_case) {
    case STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT:
        return PROFILED__V1__INTERACTION_KIND__INTERACTION_KIND_ENGAGEMENT;
    case STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE:
        return PROFILED__V1__INTERACTION_KIND__INTERACTION_KIND_SURVEY_RESPONSE;
    case STORED__V1__INTERACTION__PAYLOAD_ACTIVITY:
        return PROFILED__V1__INTERACTION_KIND__INTERACTION_KIND_ACTIVITY;
    case STORED__V1__INTERACTION__PAYLOAD__NOT_SET:
    case _STORED__V1__INTERACTION__PAYLOAD__CASE_IS_INT_SIZE:
        break;
    }
    return PROFILED__V1__INTERACTION_KIND__INTERACTION_KIND_UNSPECIFIED;
}

static bool is_wanted(const char *wanted, const char *value) {
    return wanted[0] == '\0' || strcmp(wanted, value) == 0;
}

static bool has_labels(const struct interaction_filter *filter,
                       const Stored__V1__Interaction *interaction) {
    static const Stored__V1__Engagement nothing = STORED__V1__ENGAGEMENT__INIT;
    const bool is_engagement =
        interaction->payload_case == STORED__V1__INTERACTION__PAYLOAD_ENGAGEMENT;
    const bool is_survey =
        interaction->payload_case == STORED__V1__INTERACTION__PAYLOAD_SURVEY_RESPONSE;
    const Stored__V1__Engagement *engagement = is_engagement ? interaction->engagement : &nothing;
    return is_wanted(filter->channel, is_survey ? "survey" : engagement->channel) &&
           is_wanted(filter->theme, engagement->theme) &&
           is_wanted(filter->sub_theme, engagement->sub_theme) &&
           (filter->sentiment == 0 || filter->sentiment == engagement->sentiment);
}

struct status interaction_filter_takes(const struct interaction_filter *filter,
                                       const struct store_interaction *interaction,
                                       struct arena *arena, bool *out) {
    ProtobufCMessage *message = NULL;
    TRY(store_unpack(arena, &stored__v1__interaction__descriptor, interaction->packed, &message));
    const Stored__V1__Interaction *stored = (const Stored__V1__Interaction *)message;
    *out = (filter->kind == 0 || filter->kind == kind_of(stored)) && has_labels(filter, stored) &&
           has_words(filter, stored, arena);
    return OK;
}
