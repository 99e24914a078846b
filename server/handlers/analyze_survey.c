/* AnalyzeSurvey: what people answered, question by question. Facts tell which interactions are
 * responses; these alone are opened. */

#include <string.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/base/nearest.h"
#include "server/handlers/wire.h"
#include "server/interaction/survey.h"
#include "server/rpc/method.h"
#include "server/store/fact.h"

enum {
    SURVEY_ID_SIZE_MAX = 128,
    STREAM_MAX = 256 << 20, /* Bytes that what is added up may take. */
    STREAM_ROOM = 64 << 20,
    OTHERS_MAX = 64, /* Surveys that are thought of as the one that is meant. */
};

/* What the runs share, in the stream's arena. */
struct surveying {
    const char *survey_id;
    bool is_there;     /* There is a response, of any time. */
    bool looks_beyond; /* There was none of the time that is asked for: at all others, whether there
                          is one. */
    struct nearest nearest;
    const char *others[OTHERS_MAX];
    size_t other_count;
    int64_t min_us;
    int64_t max_us;
    struct store_fact_cursor cursor;
    int64_t looked_at;
    struct survey_sum *sum;
};

static int64_t time_read(struct rpc_context *ctx, const Google__Protobuf__Timestamp *time,
                         int64_t otherwise, const char *field) {
    struct field_errors errors = {.arena = ctx->arena};
    const int64_t time_us = wire_any_time_read(time, &errors, field);
    field_errors_violate(&errors, ctx, "");
    return time_us == WIRE_TIME_UNSET ? otherwise : time_us;
}

static void analyze_survey_check(struct rpc_context *ctx,
                                 const Profiled__V1__AnalyzeSurveyRequest *request) {
    const size_t size = strlen(request->survey_id);
    if (size == 0 || size > SURVEY_ID_SIZE_MAX) {
        rpc_violation(ctx, "must be 1 to 128 bytes", "survey_id");
    }
    const int64_t min_us = time_read(ctx, request->min_time, INT64_MIN, "min_time");
    const int64_t max_us = time_read(ctx, request->max_time, INT64_MAX, "max_time");
    if (min_us > max_us) {
        rpc_violation(ctx, "is before min_time", "max_time");
    }
}

static void start(struct rpc_context *ctx, const Profiled__V1__AnalyzeSurveyRequest *request) {
    struct arena *arena = ctx->stream_arena;
    arena->budget = (size_t)STREAM_MAX + STREAM_ROOM;
    struct surveying *surveying = arena_alloc(arena, sizeof *surveying);
    *surveying = (struct surveying){
        .survey_id = arena_string(arena, bytes_of_string(request->survey_id)),
        .min_us = time_read(ctx, request->min_time, INT64_MIN, "min_time"),
        .max_us = time_read(ctx, request->max_time, INT64_MAX, "max_time"),
        .sum = survey_sum_begin(arena),
    };
    surveying->nearest = nearest_begin(surveying->survey_id);
    *ctx->stream = surveying;
}

/* ---- adding up ---- */

struct adding {
    struct rpc_context *ctx;
    struct surveying *surveying;
};

/* A survey that may be meant, as long as there seems to be none of the id. */
static void try_other(struct rpc_context *ctx, struct surveying *surveying,
                      struct bytes survey_id) {
    if (surveying->is_there || surveying->other_count == OTHERS_MAX) {
        return;
    }
    for (size_t i = 0; i < surveying->other_count; i++) {
        if (bytes_equal(survey_id, bytes_of_string(surveying->others[i]))) {
            return;
        }
    }
    const char *other = arena_string(ctx->stream_arena, survey_id);
    surveying->others[surveying->other_count++] = other;
    nearest_try(&surveying->nearest, other, other);
}

static struct status add_fact(void *state, const struct store_fact *fact) {
    const struct adding *adding = state;
    struct surveying *surveying = adding->surveying;
    struct rpc_context *ctx = adding->ctx;
    const struct bytes survey_id = fact->labels[STORE_FACT_NAME];
    surveying->looked_at += !surveying->looks_beyond;
    if (!bytes_equal(survey_id, bytes_of_string(surveying->survey_id))) {
        try_other(ctx, surveying, survey_id);
        return OK;
    }
    surveying->is_there = true;
    if (surveying->looks_beyond) {
        return OK;
    }
    struct store_interaction interaction = {
        .profile = fact->profile, .id = fact->interaction, .occur_us = fact->occur_us};
    bool has_room = ctx->stream_arena->used <= (size_t)STREAM_MAX;
    TRY(store_interaction_get(ctx->store, &interaction));
    if (has_room) {
        TRY(survey_sum_add(surveying->sum, &interaction, ctx->arena, &has_room));
    }
    if (!has_room) {
        rpc_error_metadata(ctx, "limit_bytes", arena_format(ctx->arena, "%d", (int)STREAM_MAX));
        rpc_error_metadata(ctx, "limit", arena_format(ctx->arena, "%d", SURVEY_QUESTIONS_MAX));
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_MESSAGE_TOO_LARGE,
                         "the survey has more questions, or different answers, than are added up: "
                         "ask for less time");
    }
    return OK;
}

/* ---- telling ---- */

static double share(int64_t part, int64_t whole) { return 100.0 * (double)part / (double)whole; }

static void tell_numbers(const struct survey_question *question, struct arena *arena,
                         Profiled__V1__QuestionResult *out) {
    if (question->number_count > 0) {
        out->numbers = arena_alloc(arena, sizeof *out->numbers);
        profiled__v1__number_result__init(out->numbers);
        out->numbers->count = question->number_count;
        out->numbers->average = survey_average(question);
        out->numbers->min = question->min;
        out->numbers->max = question->max;
    }
    const int64_t scores =
        question->promoter_count + question->passive_count + question->detractor_count;
    if (scores > 0) {
        out->nps = arena_alloc(arena, sizeof *out->nps);
        profiled__v1__nps_result__init(out->nps);
        out->nps->promoter_count = question->promoter_count;
        out->nps->passive_count = question->passive_count;
        out->nps->detractor_count = question->detractor_count;
        out->nps->score =
            share(question->promoter_count, scores) - share(question->detractor_count, scores);
    }
}

static void tell_distribution(const struct survey_question *question, struct arena *arena,
                              Profiled__V1__QuestionResult *out) {
    out->other_count = question->other_count;
    out->n_distribution = question->distribution_count;
    out->distribution = arena_array(arena, out->n_distribution, sizeof *out->distribution);
    for (size_t i = 0; i < out->n_distribution; i++) {
        out->distribution[i] = arena_alloc(arena, sizeof *out->distribution[i]);
        profiled__v1__answer_count__init(out->distribution[i]);
        out->distribution[i]->answer = wire_string(question->distribution[i].answer);
        out->distribution[i]->count = question->distribution[i].count;
    }
}

static Profiled__V1__QuestionResult *question_message(const struct survey_question *question,
                                                      struct arena *arena) {
    Profiled__V1__QuestionResult *message = arena_alloc(arena, sizeof *message);
    profiled__v1__question_result__init(message);
    message->question_id = wire_string(question->id);
    message->question = wire_string(question->text);
    message->section = wire_string(question->section);
    message->type = (Profiled__V1__QuestionType)question->type;
    message->order = (int32_t)question->order;
    message->skipped_count = question->skipped_count;
    size_t types = 0;
    for (size_t i = 0; i < SURVEY_TYPES; i++) {
        types += question->type_counts[i] > 0 ? 1 : 0;
        message->answer_count += question->type_counts[i];
    }
    message->mixed = types > 1;
    tell_numbers(question, arena, message);
    tell_distribution(question, arena, message);
    return message;
}

static void tell_questions(struct rpc_context *ctx, struct survey_sum *sum,
                           Profiled__V1__AnalyzeSurveyResponse *response) {
    const struct survey_question *questions = survey_sum_end(sum, &response->n_questions);
    response->questions =
        arena_array(ctx->arena, response->n_questions, sizeof *response->questions);
    for (size_t i = 0; i < response->n_questions; i++) {
        response->questions[i] = question_message(&questions[i], ctx->arena);
    }
}

/* ---- whether there is such a survey ---- */

/* Where the time that was asked for has no response all times are gone through. */
static void look_on(struct rpc_context *ctx, struct surveying *surveying) {
    const bool is_some = surveying->min_us > INT64_MIN || surveying->max_us < INT64_MAX;
    if (!ctx->more && !surveying->is_there && is_some && !surveying->looks_beyond) {
        surveying->looks_beyond = true;
        surveying->min_us = INT64_MIN;
        surveying->max_us = INT64_MAX;
        surveying->cursor = (struct store_fact_cursor){.set = false};
        ctx->more = true;
    } else if (surveying->looks_beyond && surveying->is_there) {
        ctx->more = false;
    }
}

static struct status survey_missing(struct rpc_context *ctx, const struct surveying *surveying) {
    rpc_error_metadata(ctx, "field", "survey_id");
    if (surveying->nearest.name != NULL) {
        rpc_error_metadata(ctx, "nearest", surveying->nearest.name);
    }
    return status_of(STATUS_NOT_FOUND, REASON_SURVEY_NOT_FOUND,
                     "there is no response to a survey of this id");
}

static struct status analyze_survey(struct rpc_context *ctx,
                                    const Profiled__V1__AnalyzeSurveyRequest *request,
                                    Profiled__V1__AnalyzeSurveyResponse *response) {
    if (*ctx->stream == NULL) {
        start(ctx, request);
    }
    struct surveying *surveying = *ctx->stream;
    struct adding adding = {ctx, surveying};
    TRY(store_fact_scan(ctx->store, STORE_KIND_SURVEY_RESPONSE, surveying->min_us,
                        surveying->max_us, &surveying->cursor, add_fact, &adding, &ctx->more));
    look_on(ctx, surveying);
    if (!ctx->more && !surveying->is_there) {
        return survey_missing(ctx, surveying);
    }
    const struct survey_responses responses = survey_sum_responses(surveying->sum);
    response->looked_at_count = surveying->looked_at;
    response->response_count = responses.count;
    response->survey_name = arena_string(ctx->arena, bytes_of_string(responses.name));
    if (responses.count > 0) {
        response->first_time = wire_time(responses.first_us, ctx->arena);
        response->last_time = wire_time(responses.last_us, ctx->arena);
    }
    response->counted = !ctx->more;
    if (response->counted) {
        tell_questions(ctx, surveying->sum, response);
    }
    return OK;
}

RPC_METHOD(InteractionService, AnalyzeSurvey, analyze_survey, RPC_FEED);
