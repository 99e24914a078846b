/* AnalyzeInteractions: how many interactions there are of which sort. Whole days are counted by
 * what is kept of them where that tells enough; the rest fact by fact, over as many messages as it
 * takes. */

#include <string.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/base/clock.h"
#include "server/base/day.h"
#include "server/base/limits.h"
#include "server/base/slots.h"
#include "server/handlers/interaction_filter.h"
#include "server/handlers/segment_message.h"
#include "server/handlers/wire.h"
#include "server/interaction/analysis.h"
#include "server/rpc/method.h"

enum {
    LIMIT_DEFAULT = 20,
    GROUPS_PAGE_MAX = 1000, /* In one message. */
    RANGES_MAX = 3,
    STREAM_MAX = 512 << 20, /* Bytes that what is counted may take. */
    STREAM_ROOM = 256 << 20,
};

/* A part of the time that is asked for. */
struct range {
    bool is_kept; /* Whole days, by the counts that are kept. */
    int64_t min_us;
    int64_t max_us;
};

/* Whose the interactions of a profile are: known once it was looked up. */
struct known {
    struct id profile;
    bool is_wanted; /* In the segment that is asked for, if one is. */
    struct analysis_person person;
};

/* What the runs share, in the stream's arena. */
struct analyzing {
    struct analysis_question question;
    struct analysis *analysis;
    bool knows_persons; /* They are asked for. */
    uint32_t segment;   /* The one whose members are asked for; 0 for none. */
    const char **names; /* Of segments, by number, as they were first asked for; NULL: not yet. */
    size_t name_count;
    size_t range_count;
    struct range ranges[RANGES_MAX];
    size_t range;
    struct store_fact_cursor cursor;
    int64_t looked_at;
    size_t known_count;
    struct known *known;
    struct slots known_slots;
    bool counted;
    const struct analysis_group *groups;
    size_t group_count;
    size_t told;
};

/* ---- the request ---- */

static void check_dimensions(struct rpc_context *ctx,
                             const Profiled__V1__AnalyzeInteractionsRequest *request) {
    if (request->n_group_by > ANALYSIS_DIMENSIONS_MAX) {
        rpc_violation(ctx, "there are more than three", "group_by");
        return;
    }
    for (size_t i = 0; i < request->n_group_by; i++) {
        const int dimension = (int)request->group_by[i];
        if (dimension < ANALYSIS_CHANNEL || dimension > ANALYSIS_SEGMENT) {
            rpc_violation(ctx, "must be one that this server knows", "group_by[%zu]", i);
        }
        for (size_t k = 0; k < i; k++) {
            if (request->group_by[k] == request->group_by[i]) {
                rpc_violation(ctx, "is there twice", "group_by[%zu]", i);
            }
        }
    }
}

static void analyze_interactions_check(struct rpc_context *ctx,
                                       const Profiled__V1__AnalyzeInteractionsRequest *request) {
    if (*ctx->stream != NULL) {
        return; /* It is the same request. */
    }
    struct interaction_filter *filter = arena_alloc(ctx->arena, sizeof *filter);
    interaction_filter_read(ctx, request->filter, "filter", filter);
    if (filter->word_count > 0) {
        rpc_violation(ctx, "is not taken: texts are sealed", "filter.text");
    }
    check_dimensions(ctx, request);
    if ((int)request->bucket < 0 || (int)request->bucket > ANALYSIS_MONTH) {
        rpc_violation(ctx, "must be one that this server knows", "bucket");
    }
    if (request->limit < 0 || request->limit > ANALYSIS_LIMIT_MAX) {
        rpc_violation(ctx, "must be 0 to 1,000", "limit");
    }
    struct zone zone;
    if (!zone_read(request->time_zone, ctx->now_us, ctx->arena, &zone)) {
        rpc_violation(ctx,
                      zones_are_there() ? "is no time zone of IANA's, as Asia/Riyadh"
                                        : "can't be read: the server's machine has no time zones "
                                          "(tzdata), but UTC",
                      "time_zone");
    }
    if (request->segment[0] != '\0') {
        segment_name_check(ctx, request->segment, "segment");
    }
    ctx->prepared = filter;
}

static bool is_kept_dimension(enum analysis_dimension dimension) {
    return dimension <= ANALYSIS_SENTIMENT;
}

/* Whether the counts that are kept of days tell what is asked for. */
static bool counts_suffice(const struct analyzing *analyzing) {
    const struct analysis_question *question = &analyzing->question;
    for (size_t i = 0; i < question->dimension_count; i++) {
        if (!is_kept_dimension(question->dimensions[i])) {
            return false;
        }
    }
    return !analyzing->knows_persons &&
           (question->bucket == ANALYSIS_ALL_TIME || zone_is_utc(&question->zone));
}

static void add_range(struct analyzing *analyzing, bool is_kept, int64_t min_us, int64_t max_us) {
    if (min_us < max_us) {
        analyzing->ranges[analyzing->range_count++] = (struct range){is_kept, min_us, max_us};
    }
}

static int64_t midnight_before(int64_t time_us) { return (int64_t)day_of(time_us) * US_PER_DAY; }

/* The whole days between two times, and what is left of days at both ends. */
static void plan(struct analyzing *analyzing, int64_t min_us, int64_t max_us) {
    if (!counts_suffice(analyzing)) {
        add_range(analyzing, false, min_us, max_us);
        return;
    }
    const bool begins_anywhere = min_us == INT64_MIN;
    const bool ends_anywhere = max_us == INT64_MAX;
    const int64_t first_us = begins_anywhere ? min_us : midnight_before(min_us + US_PER_DAY - 1);
    const int64_t last_us = ends_anywhere ? max_us : midnight_before(max_us);
    if (first_us >= last_us) {
        add_range(analyzing, false, min_us, max_us);
        return;
    }
    add_range(analyzing, false, min_us, first_us);
    add_range(analyzing, true, first_us, last_us);
    add_range(analyzing, false, last_us, max_us);
}

static struct bytes keep(const char *text, struct arena *arena) {
    return arena_copy(arena, bytes_of_string(text));
}

/* What is told meanwhile is no later than that; and what there is, where the clock was set back. */
static struct status latest_time(struct rpc_context *ctx, enum store_kind kind, int64_t *out_us) {
    const int64_t future_us = ctx->now_us + FUTURE_HOURS_MAX * US_PER_HOUR;
    int64_t latest_us = INT64_MIN;
    TRY(store_fact_latest(ctx->store, kind, &latest_us));
    *out_us = latest_us > future_us ? latest_us : future_us;
    return OK;
}

static struct status read_question(struct rpc_context *ctx,
                                   const Profiled__V1__AnalyzeInteractionsRequest *request,
                                   struct analysis_question *out) {
    struct interaction_filter *filter = ctx->prepared;
    struct arena *arena = ctx->stream_arena;
    TRY(interaction_filter_settle(ctx, "filter", filter));
    out->kind = (enum store_kind)filter->kind;
    out->sentiment = filter->sentiment;
    out->labels[STORE_FACT_CHANNEL] = keep(filter->channel, arena);
    out->labels[STORE_FACT_THEME] = keep(filter->theme, arena);
    out->labels[STORE_FACT_SUB_THEME] = keep(filter->sub_theme, arena);
    out->dimension_count = request->n_group_by;
    for (size_t i = 0; i < request->n_group_by; i++) {
        out->dimensions[i] = (enum analysis_dimension)request->group_by[i];
    }
    out->bucket = (enum analysis_bucket)request->bucket;
    out->limit = request->limit == 0 ? LIMIT_DEFAULT : (size_t)request->limit;
    out->counts_persons = request->count_profiles;
    int64_t until_us = 0;
    TRY(latest_time(ctx, out->kind, &until_us));
    const bool is_zone = zone_read(request->time_zone, until_us, arena, &out->zone);
    return is_zone ? OK : status_of(STATUS_INTERNAL, REASON_NONE, "a time zone is there no longer");
}

static struct status start(struct rpc_context *ctx,
                           const Profiled__V1__AnalyzeInteractionsRequest *request) {
    const struct interaction_filter *filter = ctx->prepared;
    ctx->stream_arena->budget = (size_t)STREAM_MAX + STREAM_ROOM;
    struct analyzing *analyzing = arena_alloc(ctx->stream_arena, sizeof *analyzing);
    TRY(read_question(ctx, request, &analyzing->question));
    analyzing->knows_persons = analyzing->question.counts_persons;
    for (size_t i = 0; i < analyzing->question.dimension_count; i++) {
        const enum analysis_dimension dimension = analyzing->question.dimensions[i];
        analyzing->knows_persons = analyzing->knows_persons || dimension == ANALYSIS_COUNTRY ||
                                   dimension == ANALYSIS_SEGMENT;
    }
    if (request->segment[0] != '\0') {
        struct store_segment segment;
        TRY(segment_find(ctx, request->segment, "segment", &segment));
        analyzing->segment = segment.number;
        analyzing->knows_persons = true;
    }
    analyzing->analysis = analysis_begin(&analyzing->question, ctx->stream_arena);
    plan(analyzing, filter->min_us, filter->max_us);
    *ctx->stream = analyzing;
    return OK;
}

/* ---- persons ---- */

/* The random end of an id is its hash. */
static uint64_t hash_of(struct id profile) {
    uint64_t hash = 0;
    memcpy(&hash, profile.bytes + ID_SIZE - sizeof hash, sizeof hash);
    return hash;
}

/* NULL when nobody has looked the profile up. */
static const struct known *known_find(const struct analyzing *analyzing, struct id profile) {
    const struct slots *slots = &analyzing->known_slots;
    for (size_t at = slots_first(slots, hash_of(profile)); slots->places[at] != 0;
         at = slots_next(slots, at)) {
        const struct known *known = &analyzing->known[slots->places[at] - 1];
        if (id_equal(known->profile, profile)) {
            return known;
        }
    }
    return NULL;
}

static void known_grow(struct analyzing *analyzing, struct arena *arena) {
    if (slots_grow(&analyzing->known_slots, analyzing->known_count, arena)) {
        for (size_t i = 0; i < analyzing->known_count; i++) {
            slots_put(&analyzing->known_slots, hash_of(analyzing->known[i].profile), i);
        }
    }
}

/* The name of a segment, kept for all who are in it; NULL for one that was deleted. */
static struct status name_of(struct rpc_context *ctx, struct analyzing *analyzing, uint32_t number,
                             const char **out) {
    while (analyzing->name_count <= number) {
        analyzing->names = arena_grow(ctx->stream_arena, analyzing->names, analyzing->name_count,
                                      sizeof *analyzing->names);
        analyzing->names[analyzing->name_count++] = NULL;
    }
    if (analyzing->names[number] == NULL) {
        const char *name = NULL;
        TRY(store_segment_name(ctx->store, number, &name));
        analyzing->names[number] =
            name == NULL ? NULL : arena_string(ctx->stream_arena, bytes_of_string(name));
    }
    *out = analyzing->names[number];
    return OK;
}

static struct status look_up_segments(struct rpc_context *ctx, struct analyzing *analyzing,
                                      struct known *known) {
    struct store_membership membership;
    TRY(store_membership_get(ctx->store, known->person.id, &membership));
    known->is_wanted =
        analyzing->segment == 0 || store_membership_has(&membership, analyzing->segment);
    const char **names = arena_array(ctx->stream_arena, membership.count, sizeof *names);
    for (size_t i = 0; i < membership.count; i++) {
        const char *name = NULL;
        TRY(name_of(ctx, analyzing, membership.segments[i], &name));
        if (name != NULL) {
            names[known->person.segment_count++] = name;
        }
    }
    known->person.segments = names;
    return OK;
}

static struct status look_up(struct rpc_context *ctx, struct analyzing *analyzing,
                             struct id profile, struct known *out) {
    const struct profile *answers = NULL;
    TRY(store_profile_follow(ctx->store, profile, &answers));
    *out = (struct known){.profile = profile, .person = {.id = profile, .country = ""}};
    if (answers != NULL) {
        const struct profile_attribute *country = profile_attribute_find(answers, "country");
        out->person.id = answers->id;
        out->person.country =
            country == NULL ? "" : arena_string(ctx->stream_arena, bytes_of_string(country->value));
    }
    return look_up_segments(ctx, analyzing, out);
}

static struct status find_person(struct rpc_context *ctx, struct analyzing *analyzing,
                                 struct id profile, struct known *out) {
    struct arena *arena = ctx->stream_arena;
    known_grow(analyzing, arena);
    const struct known *known = known_find(analyzing, profile);
    if (known != NULL) {
        *out = *known;
        return OK;
    }
    analyzing->known =
        arena_grow(arena, analyzing->known, analyzing->known_count, sizeof *analyzing->known);
    struct known *made = &analyzing->known[analyzing->known_count];
    TRY(look_up(ctx, analyzing, profile, made));
    slots_put(&analyzing->known_slots, hash_of(profile), analyzing->known_count++);
    *out = *made;
    return OK;
}

/* ---- counting ---- */

struct counting {
    struct rpc_context *ctx;
    struct analyzing *analyzing;
};

static struct status too_large(struct rpc_context *ctx) {
    rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", ANALYSIS_GROUPS_MAX));
    rpc_error_metadata(ctx, "limit_bytes", arena_format(ctx->arena, "%d", (int)STREAM_MAX));
    return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_MESSAGE_TOO_LARGE,
                     "there are more groups, or persons in them, than are counted at once: ask for "
                     "less time, longer spans or fewer dimensions");
}

static struct status count_fact(void *state, const struct store_fact *fact) {
    const struct counting *counting = state;
    struct analyzing *analyzing = counting->analyzing;
    struct known whose = {.is_wanted = true, .person = {.country = ""}};
    if (!analysis_takes(analyzing->analysis, fact)) {
        return OK;
    }
    if (analyzing->knows_persons) {
        TRY(find_person(counting->ctx, analyzing, fact->profile, &whose));
    }
    if (!whose.is_wanted) {
        return OK;
    }
    const bool has_room = counting->ctx->stream_arena->used <= (size_t)STREAM_MAX;
    return has_room && analysis_add(analyzing->analysis, fact, &whose.person)
               ? OK
               : too_large(counting->ctx);
}

static struct status look_at_fact(void *state, const struct store_fact *fact) {
    const struct counting *counting = state;
    counting->analyzing->looked_at++;
    return count_fact(state, fact);
}

static int32_t day_bound(int64_t time_us) {
    return time_us == INT64_MIN ? INT32_MIN : time_us == INT64_MAX ? INT32_MAX : day_of(time_us);
}

static bool asks_sub_themes(const struct analysis_question *question) {
    bool asks = question->labels[STORE_FACT_SUB_THEME].size > 0;
    for (size_t i = 0; i < question->dimension_count; i++) {
        asks = asks || question->dimensions[i] == ANALYSIS_SUB_THEME;
    }
    return asks;
}

/* Counts a range, or as much of it as a run may. */
static struct status count_range(struct rpc_context *ctx, struct analyzing *analyzing) {
    struct counting counting = {ctx, analyzing};
    const struct range *range = &analyzing->ranges[analyzing->range];
    bool more = false;
    if (range->is_kept) {
        TRY(store_count_scan(ctx->store, asks_sub_themes(&analyzing->question),
                             day_bound(range->min_us), day_bound(range->max_us), count_fact,
                             &counting));
    } else {
        TRY(store_fact_scan(ctx->store, analyzing->question.kind, range->min_us, range->max_us,
                            &analyzing->cursor, look_at_fact, &counting, &more));
    }
    if (!more) {
        analyzing->range++;
        analyzing->cursor = (struct store_fact_cursor){.set = false};
    }
    return OK;
}

static struct status count(struct rpc_context *ctx, struct analyzing *analyzing) {
    do {
        if (analyzing->range == analyzing->range_count) {
            analyzing->counted = true;
            analyzing->groups = analysis_end(analyzing->analysis, &analyzing->group_count);
            return OK;
        }
        TRY(count_range(ctx, analyzing));
    } while (!store_view_is_over(ctx->store));
    return OK;
}

/* ---- telling ---- */

static void tell_labels(struct bytes labels, struct arena *arena,
                        Profiled__V1__InteractionGroup *out) {
    out->labels = arena_array(arena, ANALYSIS_DIMENSIONS_MAX, sizeof *out->labels);
    while (labels.size > 0) {
        const size_t size = labels.data[0];
        out->labels[out->n_labels++] = arena_string(arena, bytes_of(labels.data + 1, size));
        labels = bytes_of(labels.data + 1 + size, labels.size - 1 - size);
    }
}

static Profiled__V1__InteractionGroup *group_message(const struct analyzing *analyzing,
                                                     const struct analysis_group *group,
                                                     struct arena *arena) {
    Profiled__V1__InteractionGroup *message = arena_alloc(arena, sizeof *message);
    profiled__v1__interaction_group__init(message);
    if (analyzing->question.bucket != ANALYSIS_ALL_TIME) {
        message->day = day_text(group->day, arena);
    }
    message->rest = group->rest;
    message->count = group->count;
    message->profile_count = group->person_count;
    tell_labels(group->labels, arena, message);
    return message;
}

static void tell(struct rpc_context *ctx, struct analyzing *analyzing,
                 Profiled__V1__AnalyzeInteractionsResponse *response) {
    response->counted = analyzing->counted;
    response->looked_at_count = analyzing->looked_at;
    response->interaction_count = analysis_count(analyzing->analysis);
    response->profile_count = analysis_person_count(analyzing->analysis);
    response->groups = arena_array(ctx->arena, GROUPS_PAGE_MAX, sizeof *response->groups);
    while (response->n_groups < GROUPS_PAGE_MAX && analyzing->told < analyzing->group_count) {
        response->groups[response->n_groups++] =
            group_message(analyzing, &analyzing->groups[analyzing->told++], ctx->arena);
    }
    ctx->more = !analyzing->counted || analyzing->told < analyzing->group_count;
}

static struct status analyze_interactions(struct rpc_context *ctx,
                                          const Profiled__V1__AnalyzeInteractionsRequest *request,
                                          Profiled__V1__AnalyzeInteractionsResponse *response) {
    if (*ctx->stream == NULL) {
        TRY(start(ctx, request));
    }
    struct analyzing *analyzing = *ctx->stream;
    if (!analyzing->counted) {
        TRY(count(ctx, analyzing));
    }
    tell(ctx, analyzing, response);
    return OK;
}

RPC_METHOD(InteractionService, AnalyzeInteractions, analyze_interactions, RPC_FEED);
