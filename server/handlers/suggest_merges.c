/* SuggestMerges: likely duplicates that no identity joins. A feed: each run does a short part of
 * the work, on a snapshot of its own, and answers one message, and what must last lies in the
 * stream's arena.
 *
 *   count rows -> read people -> compare -> counts, suggestions
 *                             -> estimate -> weights
 *
 * A suggestion is an answer and nothing else: message_of_pair() is where each one is settled.
 * BatchCreateReviews queues those that the caller wants to be looked at. */

#include "profiled/v1/identity_service.pb-c.h"
#include "server/base/limits.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/similarity_message.h"
#include "server/handlers/wire.h"
#include "server/identity/review.h"
#include "server/identity/rules.h"
#include "server/identity/similar_em.h"
#include "server/identity/similar_find.h"
#include "server/identity/veto_person.h"
#include "server/rpc/method.h"

/* What one run does at most: some tenths of a second, for other feeds wait for it. */
enum {
    RUN_ROWS = 20000,           /* Counted. */
    RUN_PROFILES = 2000,        /* Read. */
    RUN_ARENA = 32 << 20,       /* Bytes of what was read. */
    RUN_STEPS = 8,              /* Of a comparison or an estimation. */
    RUN_SUGGESTIONS = 100,      /* In one message. */
    RUN_MESSAGE_SIZE = 2 << 20, /* Bytes of them; the last one may be beyond. */
};

static const double probability_min = 0.5;
static const double probability_max = 0.999;

enum phase { PHASE_COUNT, PHASE_READ, PHASE_COMPARE, PHASE_ESTIMATE, PHASE_SEND, PHASE_DONE };

/* A stream's state, in its arena. */
struct suggest {
    enum phase phase;
    struct id profile; /* Whose suggestions are asked for; zero for all. */
    struct similar_weights weights;
    struct similar_options options;
    struct arena *arena;

    size_t row_count; /* Of the profile table. */
    size_t looked_at_count;
    struct store_cursor cursor;
    size_t people_count;
    size_t people_room;
    struct similar_person *people;
    const struct profile **ties; /* Of each person; NULL of one without members or NeverJoins. */

    struct similar_search *search;
    struct similar_em *em;
    struct store_view *view;   /* Of the present run. */
    struct status review_read; /* Whether reviews could be read in it. */
    size_t dismissed_count;
    struct similar_result result;
    size_t sent_count; /* Of its suggestions. */
};

/* ---- check ---- */

static void estimate_check(struct rpc_context *ctx,
                           const Profiled__V1__SuggestMergesRequest *request) {
    static const char description[] = "does not go with estimate_weights";
    if (request->min_probability != 0) {
        rpc_violation(ctx, description, "min_probability");
    }
    if (request->max_suggestions != 0) {
        rpc_violation(ctx, description, "max_suggestions");
    }
    if (request->profile_id[0] != '\0') {
        rpc_violation(ctx, description, "profile_id");
    }
    if (request->include_profiles) {
        rpc_violation(ctx, description, "include_profiles");
    }
}

static void suggest_merges_check(struct rpc_context *ctx,
                                 const Profiled__V1__SuggestMergesRequest *request) {
    struct suggest *wish = arena_alloc(ctx->arena, sizeof *wish);
    ctx->prepared = wish;
    const double probability = request->min_probability;
    if (probability != 0 && !(probability >= probability_min && probability <= probability_max)) {
        rpc_violation(ctx, "must be 0, or 0.5 to 0.999", "min_probability");
    }
    if (request->max_suggestions < 0 || request->max_suggestions > SUGGESTIONS_MAX) {
        rpc_violation(ctx, "must be 0 to 10,000", "max_suggestions");
    }
    if (request->profile_id[0] != '\0') {
        (void)wire_id_read(ctx, request->profile_id, "profile_id", &wish->profile);
    }
    if (request->estimate_weights) {
        estimate_check(ctx, request);
    }
    similarity_weights_read(ctx, request->weights, "weights", &wish->weights);
    wish->options = (struct similar_options){
        .probability_least = probability == 0 ? SIMILAR_PROBABILITY_DEFAULT : probability,
        .suggestions_max =
            request->max_suggestions == 0 ? SUGGESTIONS_DEFAULT : (size_t)request->max_suggestions,
    };
}

/* ---- limits ---- */

static void tell_number(struct rpc_context *ctx, const char *key, size_t number) {
    rpc_error_metadata(ctx, key, arena_format(ctx->arena, "%zu", number));
}

static struct status too_many_profiles(struct rpc_context *ctx, const struct suggest *suggest) {
    tell_number(ctx, "limit", SUGGEST_PROFILES_MAX);
    tell_number(ctx, "read_count", suggest->people_count);
    return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_TOO_MANY_PROFILES,
                     "the workspace has more profiles than are compared with each other: see "
                     "limit");
}

static struct status too_much_memory(struct rpc_context *ctx, const struct suggest *suggest) {
    tell_number(ctx, "limit_bytes", SUGGEST_ARENA_MAX);
    tell_number(ctx, "read_count", suggest->people_count);
    return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_TOO_MANY_PROFILES,
                     "to compare the workspace's profiles takes more memory than there is for it: "
                     "see limit_bytes");
}

/* Whether a run has held its snapshot, or filled its memory, for as long as it may. */
static bool is_over(const struct rpc_context *ctx) {
    return ctx->arena->used > RUN_ARENA || store_view_is_over(ctx->store);
}

/* ---- reading ---- */

static struct status begin(struct rpc_context *ctx, struct suggest **out) {
    const struct suggest *wish = ctx->prepared;
    ctx->stream_arena->budget = SUGGEST_ARENA_MAX;
    struct suggest *suggest = arena_alloc(ctx->stream_arena, sizeof *suggest);
    *suggest = *wish;
    suggest->arena = ctx->stream_arena;
    if (!id_is_zero(wish->profile)) {
        const struct profile *profile = NULL;
        TRY(profile_find(ctx, wish->profile, false, &profile));
        suggest->profile = profile->id;
    }
    *ctx->stream = suggest;
    *out = suggest;
    return OK;
}

static struct status count_rows(struct rpc_context *ctx, struct suggest *suggest) {
    struct id *ids = arena_array(ctx->arena, RUN_ROWS, sizeof *ids);
    size_t count = 0;
    bool more = false;
    TRY(store_profile_scan(ctx->store, STORE_BY_CREATE, false, NULL, &suggest->cursor, RUN_ROWS,
                           ids, &count, &more, NULL));
    suggest->row_count += count;
    if (!more) {
        suggest->cursor = (struct store_cursor){.set = false};
        suggest->phase = PHASE_READ;
    }
    return OK;
}

/* Room for one more: at first for as many as there are rows, later for twice as many. What was
 * there before stays in the arena. */
static void make_room(struct suggest *suggest) {
    if (suggest->people_count < suggest->people_room) {
        return;
    }
    const size_t room =
        suggest->people_room == 0 ? suggest->row_count + 1 : 2 * suggest->people_room;
    suggest->people_room = room < SUGGEST_PROFILES_MAX ? room : SUGGEST_PROFILES_MAX;
    struct similar_person *people =
        arena_array(suggest->arena, suggest->people_room, sizeof *people);
    const struct profile **ties = arena_array(suggest->arena, suggest->people_room, sizeof *ties);
    for (size_t i = 0; i < suggest->people_count; i++) {
        people[i] = suggest->people[i];
        ties[i] = suggest->ties[i];
    }
    suggest->people = people;
    suggest->ties = ties;
}

static const struct id *ids_copy(const struct id *ids, size_t count, struct arena *arena) {
    return (const struct id *)(const void *)arena_copy(
               arena, bytes_of((const uint8_t *)ids, count * sizeof *ids))
        .data;
}

/* What veto_never_join() and reviews_between.h read of a profile. NULL where that is the id alone.
 */
static const struct profile *ties_of(const struct profile *profile, struct arena *arena) {
    if (profile->absorbed_count == 0 && profile->apart_count == 0) {
        return NULL;
    }
    struct profile *ties = arena_alloc(arena, sizeof *ties);
    ties->id = profile->id;
    ties->absorbed_count = profile->absorbed_count;
    ties->absorbed = ids_copy(profile->absorbed, profile->absorbed_count, arena);
    ties->apart_count = profile->apart_count;
    ties->apart = ids_copy(profile->apart, profile->apart_count, arena);
    return ties;
}

static struct status read_person(struct rpc_context *ctx, struct suggest *suggest, struct id id) {
    const struct profile *profile = NULL;
    TRY(store_profile_get(ctx->store, id, &profile));
    if (profile == NULL || !profile_is_live(profile)) {
        return OK;
    }
    if (suggest->people_count == SUGGEST_PROFILES_MAX) {
        return too_many_profiles(ctx, suggest);
    }
    make_room(suggest);
    similar_person_of(profile, ctx->arena, suggest->arena, &suggest->people[suggest->people_count]);
    suggest->ties[suggest->people_count] = ties_of(profile, suggest->arena);
    suggest->people_count++;
    return OK;
}

static struct status read_people(struct rpc_context *ctx, struct suggest *suggest,
                                 enum phase next) {
    struct id *ids = arena_array(ctx->arena, RUN_PROFILES, sizeof *ids);
    struct store_cursor cursor = suggest->cursor;
    size_t count = 0;
    bool more = false;
    TRY(store_profile_scan(ctx->store, STORE_BY_CREATE, false, NULL, &cursor, RUN_PROFILES, ids,
                           &count, &more, NULL));
    size_t read_count = 0;
    while (read_count < count && (read_count == 0 || !is_over(ctx))) {
        TRY(read_person(ctx, suggest, ids[read_count]));
        suggest->cursor = (struct store_cursor){.set = true, .id = ids[read_count]};
        suggest->looked_at_count++;
        read_count++;
    }
    if (read_count == count) {
        suggest->cursor = cursor;
        suggest->phase = more ? suggest->phase : next;
    }
    return OK;
}

/* ---- comparing ---- */

/* The review of the two, or of others of their persons, by whatever rules. */
static struct status review_of_pair(struct store_view *view, const struct profile *one,
                                    const struct profile *other, bool *found,
                                    struct store_review *out) {
    const struct review_side side = {one->id, one};
    const struct review_side other_side = {other->id, other};
    return reviews_between_find(view, &side, &other_side, UINT64_MAX, found, out);
}

/* Whether somebody dismissed the review of the pair. */
static bool is_dismissed(struct suggest *suggest, const struct profile *one,
                         const struct profile *other) {
    bool found = false;
    struct store_review review;
    if (status_is_ok(suggest->review_read)) {
        suggest->review_read = review_of_pair(suggest->view, one, other, &found, &review);
    }
    return found && review.state == STORE_REVIEW_DISMISSED;
}

static bool refuses(void *state, uint32_t one, uint32_t other) {
    struct suggest *suggest = state;
    const struct profile plain[] = {{.id = suggest->people[one].id},
                                    {.id = suggest->people[other].id}};
    const struct profile *ties = suggest->ties[one] == NULL ? &plain[0] : suggest->ties[one];
    const struct profile *others = suggest->ties[other] == NULL ? &plain[1] : suggest->ties[other];
    if (veto_never_join(ties, others)) {
        return true;
    }
    const bool dismissed = is_dismissed(suggest, ties, others);
    suggest->dismissed_count += dismissed;
    return dismissed;
}

/* The position of the profile that is asked for; it may have been merged or deleted since. */
static struct status find_person(const struct suggest *suggest, struct similar_filter *filter) {
    for (size_t i = 0; i < suggest->people_count; i++) {
        if (id_equal(suggest->people[i].id, suggest->profile)) {
            filter->is_single = true;
            filter->person = (uint32_t)i;
            return OK;
        }
    }
    return status_of(STATUS_NOT_FOUND, REASON_PROFILE_NOT_FOUND,
                     "the profile was merged or deleted meanwhile");
}

static Profiled__V1__SuggestCounts *counts_message(const struct suggest *suggest,
                                                   struct arena *arena) {
    const struct similar_result *result = &suggest->result;
    Profiled__V1__SuggestCounts *counts = arena_alloc(arena, sizeof *counts);
    profiled__v1__suggest_counts__init(counts);
    counts->profile_count = (int64_t)suggest->people_count;
    counts->compared_pair_count = (int64_t)result->compared_count;
    counts->block_count = (int64_t)result->blocks.block_count;
    counts->skipped_block_count = (int64_t)result->blocks.skipped_count;
    counts->skipped_block_largest = (int64_t)result->blocks.skipped_largest;
    counts->uncompared_profile_count = (int64_t)result->blocks.uncompared_people;
    counts->never_join_count = (int64_t)(result->refused_count - suggest->dismissed_count);
    counts->dismissed_count = (int64_t)suggest->dismissed_count;
    counts->left_out_count = (int64_t)result->left_out_count;
    counts->suggestion_count = (int64_t)result->suggestion_count;
    return counts;
}

static struct status compare(struct rpc_context *ctx, struct suggest *suggest,
                             Profiled__V1__SuggestMergesResponse *response) {
    if (suggest->search == NULL) {
        struct similar_filter filter = {.refuses = refuses, .state = suggest};
        if (!id_is_zero(suggest->profile)) {
            TRY(find_person(suggest, &filter));
        }
        TRY(similar_search_begin(suggest->people, suggest->people_count, &suggest->weights,
                                 &suggest->options, &filter, suggest->arena, &suggest->search));
    }
    bool goes_on = true;
    for (size_t i = 0; i < RUN_STEPS && goes_on && !suggest->arena->exhausted; i++) {
        goes_on = similar_search_step(suggest->search);
    }
    TRY(suggest->review_read);
    if (!goes_on) {
        similar_search_end(suggest->search, &suggest->result);
        suggest->phase = suggest->result.suggestion_count > 0 ? PHASE_SEND : PHASE_DONE;
        response->payload_case = PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_COUNTS;
        response->counts = counts_message(suggest, ctx->arena);
    }
    return OK;
}

/* ---- estimating ---- */

static Profiled__V1__SimilarityEstimate *estimate_message(const struct suggest *suggest,
                                                          const struct similar_weights *weights,
                                                          const struct similar_em_report *report,
                                                          struct arena *arena) {
    Profiled__V1__SimilarityEstimate *estimate = arena_alloc(arena, sizeof *estimate);
    profiled__v1__similarity_estimate__init(estimate);
    estimate->weights = similarity_weights_message(weights, arena);
    estimate->profile_count = (int64_t)suggest->people_count;
    estimate->compared_pair_count = (int64_t)report->compared_count;
    estimate->match_count = report->match_count;
    estimate->left_out_count = (int64_t)report->left_out_count;
    estimate->round_count = (int32_t)report->round_count;
    estimate->settled = report->settled;
    estimate->kept_fields = arena_array(arena, SIMILAR_FIELD_COUNT, sizeof *estimate->kept_fields);
    for (size_t i = 0; i < SIMILAR_FIELD_COUNT; i++) {
        if (report->kept[i]) {
            estimate->kept_fields[estimate->n_kept_fields++] =
                wire_string(similar_field_name((enum similar_field)i));
        }
    }
    return estimate;
}

static struct status estimate(struct rpc_context *ctx, struct suggest *suggest,
                              Profiled__V1__SuggestMergesResponse *response) {
    if (suggest->em == NULL &&
        !status_is_ok(similar_em_begin(suggest->people, suggest->people_count, &suggest->weights,
                                       suggest->arena, &suggest->em))) {
        tell_number(ctx, "read_count", suggest->people_count);
        return status_of(STATUS_FAILED_PRECONDITION, REASON_FIELD_INVALID,
                         "the workspace has too few profiles to estimate weights from: it needs "
                         "100 at least");
    }
    bool goes_on = true;
    for (size_t i = 0; i < RUN_STEPS && goes_on && !suggest->arena->exhausted; i++) {
        goes_on = similar_em_step(suggest->em);
    }
    if (!goes_on) {
        struct similar_weights weights;
        struct similar_em_report report;
        similar_em_end(suggest->em, &weights, &report);
        suggest->phase = PHASE_DONE;
        response->payload_case = PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_ESTIMATE;
        response->estimate = estimate_message(suggest, &weights, &report, ctx->arena);
    }
    return OK;
}

/* ---- suggestions ---- */

/* Names the review, where somebody can decide on it. */
static struct status name_review(struct rpc_context *ctx, const struct identity_rules *rules,
                                 const struct store_review *review,
                                 Profiled__V1__MergeSuggestion *message) {
    struct review_told told;
    TRY(review_tell(ctx->store, rules, review, &told));
    if (told.state == STORE_REVIEW_OPEN && !told.is_unrelated) {
        message->review_id = wire_id(review->id, ctx->arena);
    }
    return OK;
}

/* The pair as it is now; *out is NULL when it is none any more. */
static struct status message_of_pair(struct rpc_context *ctx, const struct suggest *suggest,
                                     const struct similar_suggestion *suggestion,
                                     const struct identity_rules *rules, bool include_profiles,
                                     Profiled__V1__MergeSuggestion **out) {
    const struct profile *one = NULL;
    const struct profile *other = NULL;
    *out = NULL;
    TRY(store_profile_get(ctx->store, suggest->people[suggestion->one].id, &one));
    TRY(store_profile_get(ctx->store, suggest->people[suggestion->other].id, &other));
    if (one == NULL || other == NULL || !profile_is_live(one) || !profile_is_live(other)) {
        return OK;
    }
    struct veto_person person;
    struct veto_person other_person;
    TRY(veto_person_read(ctx->store, one, &person));
    TRY(veto_person_read(ctx->store, other, &other_person));
    const enum identity_rule rule =
        veto_merge(rules, IDENTITY_VETO_BIRTH_DATE, &person, &other_person, ctx->arena);
    bool found = false;
    struct store_review review;
    TRY(review_of_pair(ctx->store, one, other, &found, &review));
    if (rule == IDENTITY_RULE_NEVER_JOIN || (found && review.state == STORE_REVIEW_DISMISSED)) {
        return OK;
    }
    const struct similar_score *score = &suggestion->score;
    Profiled__V1__MergeSuggestion *message = arena_alloc(ctx->arena, sizeof *message);
    profiled__v1__merge_suggestion__init(message);
    message->profile_id = wire_id(one->id, ctx->arena);
    message->other_profile_id = wire_id(other->id, ctx->arena);
    message->probability = score->probability;
    message->rule = (Profiled__V1__IdentityRule)rule;
    message->bits = score->bits;
    message->prior_bits = score->prior_bits;
    message->swap_bits = score->swap_bits;
    message->fields = similarity_fields_message(score, ctx->arena, &message->n_fields);
    if (include_profiles) {
        TRY(profile_message_by(ctx, rules, one, &message->profile));
        TRY(profile_message_by(ctx, rules, other, &message->other_profile));
    }
    *out = message;
    return found ? name_review(ctx, rules, &review, message) : OK;
}

static struct status send(struct rpc_context *ctx, struct suggest *suggest, bool include_profiles,
                          Profiled__V1__SuggestMergesResponse *response) {
    const struct identity_rules *rules = NULL;
    TRY(identity_rules_read(ctx->store, &rules));
    Profiled__V1__SuggestionBatch *batch = arena_alloc(ctx->arena, sizeof *batch);
    profiled__v1__suggestion_batch__init(batch);
    batch->suggestions = arena_array(ctx->arena, RUN_SUGGESTIONS, sizeof *batch->suggestions);
    size_t size = 0;
    for (size_t i = 0;
         i < RUN_SUGGESTIONS && suggest->sent_count < suggest->result.suggestion_count &&
         (i == 0 || (size < RUN_MESSAGE_SIZE && !is_over(ctx)));
         i++) {
        Profiled__V1__MergeSuggestion *message = NULL;
        TRY(message_of_pair(ctx, suggest, &suggest->result.suggestions[suggest->sent_count], rules,
                            include_profiles, &message));
        suggest->sent_count++;
        if (message == NULL) {
            batch->changed_count++;
        } else {
            size += profiled__v1__merge_suggestion__get_packed_size(message);
            batch->suggestions[batch->n_suggestions++] = message;
        }
    }
    if (suggest->sent_count == suggest->result.suggestion_count) {
        suggest->phase = PHASE_DONE;
    }
    response->payload_case = PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_SUGGESTIONS;
    response->suggestions = batch;
    return OK;
}

/* ---- a run ---- */

static Profiled__V1__SuggestProgress *progress_message(const struct suggest *suggest,
                                                       Profiled__V1__SuggestPhase phase,
                                                       struct arena *arena) {
    Profiled__V1__SuggestProgress *progress = arena_alloc(arena, sizeof *progress);
    profiled__v1__suggest_progress__init(progress);
    size_t compared_people = 0;
    size_t compared_pairs = 0;
    if (suggest->search != NULL) {
        similar_search_progress(suggest->search, &compared_people, &compared_pairs);
    } else if (suggest->em != NULL) {
        similar_em_progress(suggest->em, &compared_people, &compared_pairs);
    }
    progress->phase = phase;
    progress->profile_count = (int64_t)suggest->row_count;
    progress->looked_at_count = (int64_t)suggest->looked_at_count;
    progress->read_count = (int64_t)suggest->people_count;
    progress->compared_profile_count = (int64_t)compared_people;
    progress->compared_pair_count = (int64_t)compared_pairs;
    return progress;
}

static struct status run(struct rpc_context *ctx, struct suggest *suggest,
                         const Profiled__V1__SuggestMergesRequest *request,
                         Profiled__V1__SuggestMergesResponse *response) {
    switch (suggest->phase) {
    case PHASE_COUNT:
        return count_rows(ctx, suggest);
    case PHASE_READ:
        return read_people(ctx, suggest,
                           request->estimate_weights ? PHASE_ESTIMATE : PHASE_COMPARE);
    case PHASE_COMPARE:
        return compare(ctx, suggest, response);
    case PHASE_ESTIMATE:
        return estimate(ctx, suggest, response);
    case PHASE_SEND:
        return send(ctx, suggest, request->include_profiles, response);
    case PHASE_DONE:
        break;
    }
    return OK;
}

/* What the contract calls the phase. */
static Profiled__V1__SuggestPhase phase_told(enum phase phase) {
    switch (phase) {
    case PHASE_COUNT:
        return PROFILED__V1__SUGGEST_PHASE__SUGGEST_PHASE_COUNTING;
    case PHASE_READ:
        return PROFILED__V1__SUGGEST_PHASE__SUGGEST_PHASE_READING;
    case PHASE_COMPARE:
        return PROFILED__V1__SUGGEST_PHASE__SUGGEST_PHASE_COMPARING;
    case PHASE_ESTIMATE:
        return PROFILED__V1__SUGGEST_PHASE__SUGGEST_PHASE_ESTIMATING;
    case PHASE_SEND:
    case PHASE_DONE:
        break;
    }
    return PROFILED__V1__SUGGEST_PHASE__SUGGEST_PHASE_UNSPECIFIED;
}

static struct status suggest_merges(struct rpc_context *ctx,
                                    const Profiled__V1__SuggestMergesRequest *request,
                                    Profiled__V1__SuggestMergesResponse *response) {
    struct suggest *suggest = *ctx->stream;
    if (suggest == NULL) {
        TRY(begin(ctx, &suggest));
    }
    const enum phase phase = suggest->phase;
    suggest->view = ctx->store;
    TRY(run(ctx, suggest, request, response));
    if (suggest->arena->exhausted) {
        return too_much_memory(ctx, suggest);
    }
    if (response->payload_case == PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD__NOT_SET) {
        response->payload_case = PROFILED__V1__SUGGEST_MERGES_RESPONSE__PAYLOAD_PROGRESS;
        response->progress = progress_message(suggest, phase_told(phase), ctx->arena);
    }
    ctx->more = suggest->phase != PHASE_DONE;
    return OK;
}

RPC_METHOD(IdentityService, SuggestMerges, suggest_merges, RPC_FEED);
