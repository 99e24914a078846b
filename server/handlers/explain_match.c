/* ExplainMatch: why are two one person, or why are they not? */

#include <assert.h>

#include "profiled/v1/identity_service.pb-c.h"
#include "server/handlers/decision_message.h"
#include "server/handlers/match_message.h"
#include "server/handlers/merge_message.h"
#include "server/handlers/profile_message.h"
#include "server/handlers/record_message.h"
#include "server/handlers/wire.h"
#include "server/identity/match.h"
#include "server/rpc/method.h"

/* What the check read. */
struct question {
    struct id id;
    struct id other_id;
    struct record *record; /* NULL: it is about two profiles. */
};

static void check_profiles(struct rpc_context *ctx,
                           const Profiled__V1__ExplainMatchRequest *request,
                           struct question *question) {
    const bool first = wire_id_read(ctx, request->profile_id, "profile_id", &question->id);
    const bool second =
        wire_id_read(ctx, request->other_profile_id, "other_profile_id", &question->other_id);
    if (first && second && id_equal(question->id, question->other_id)) {
        rpc_violation(ctx, "is the same profile", "other_profile_id");
    }
}

static void check_record(struct rpc_context *ctx, const Profiled__V1__ExplainMatchRequest *request,
                         struct question *question) {
    if (request->profile_id[0] != '\0') {
        (void)wire_id_read(ctx, request->profile_id, "profile_id", &question->id);
    }
    struct field_errors errors = {.arena = ctx->arena};
    const struct record_defaults defaults = record_defaults_of(ctx);
    question->record = arena_alloc(ctx->arena, sizeof *question->record);
    record_message_read(request->record, &defaults, &errors, question->record);
    field_errors_violate(&errors, ctx, "record.");
    ctx->checks_later = !record_is_read(question->record);
}

static void explain_match_check(struct rpc_context *ctx,
                                const Profiled__V1__ExplainMatchRequest *request) {
    struct question *question = arena_alloc(ctx->arena, sizeof *question);
    ctx->prepared = question;
    switch (request->subject_case) {
    case PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_OTHER_PROFILE_ID:
        check_profiles(ctx, request, question);
        return;
    case PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT_RECORD:
        check_record(ctx, request, question);
        return;
    case PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT__NOT_SET:
    case _PROFILED__V1__EXPLAIN_MATCH_REQUEST__SUBJECT__CASE_IS_INT_SIZE:
        break;
    }
    rpc_violation(ctx, "is required, or a record", "other_profile_id");
}

/* ---- the answer ---- */

static void tell_match(const struct match *match, struct arena *arena,
                       Profiled__V1__ExplainMatchResponse *response) {
    response->verdict = (Profiled__V1__MatchVerdict)match->verdict;
    response->n_evidence = match->evidence_count;
    response->evidence = arena_array(arena, match->evidence_count, sizeof *response->evidence);
    for (size_t i = 0; i < match->evidence_count; i++) {
        response->evidence[i] = match_evidence_message(&match->evidence[i], arena);
    }
    response->n_obstacles = match->obstacle_count;
    response->obstacles = arena_array(arena, match->obstacle_count, sizeof *response->obstacles);
    for (size_t i = 0; i < match->obstacle_count; i++) {
        response->obstacles[i] = match_obstacle_message(&match->obstacles[i], arena);
    }
}

/* Both ids are of one profile: the merges between. */
static struct status tell_path(struct rpc_context *ctx, const struct profile *profile,
                               const struct question *question,
                               Profiled__V1__ExplainMatchResponse *response) {
    size_t count = 0;
    const struct id *path =
        match_path(profile, question->id, question->other_id, ctx->arena, &count);
    response->verdict = PROFILED__V1__MATCH_VERDICT__MATCH_VERDICT_SAME;
    response->path = arena_array(ctx->arena, count, sizeof *response->path);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        struct store_merge merge;
        TRY(store_merge_get(ctx->store, path[i], &found, &merge));
        if (!found) {
            return status_of(STATUS_DATA_LOSS, REASON_STORE_CORRUPT, "a merge has no record");
        }
        response->path[response->n_path++] = merge_message(&merge, ctx->arena);
    }
    return OK;
}

static struct status explain_profiles(struct rpc_context *ctx,
                                      const struct resolve_context *resolve,
                                      const struct profile *one, const struct question *question,
                                      Profiled__V1__ExplainMatchResponse *response) {
    assert(one != NULL); /* The check wants both ids. */
    const struct profile *other = NULL;
    TRY(profile_find(ctx, question->other_id, false, &other));
    response->other_profile_id = wire_id(other->id, ctx->arena);
    if (id_equal(one->id, other->id)) {
        return tell_path(ctx, one, question, response);
    }
    struct match match;
    TRY(match_profiles(resolve, one, other, &match));
    tell_match(&match, ctx->arena, response);
    return OK;
}

/* The wishes of the resolution stay in the view, and no reader's view is applied. */
static struct status explain_record(struct rpc_context *ctx, const struct resolve_context *resolve,
                                    const struct profile *profile, const struct record *record,
                                    Profiled__V1__ExplainMatchResponse *response) {
    struct decision decision;
    struct match match;
    TRY(match_record(resolve, record, profile, &decision, &match));
    response->other_profile_id = wire_id(decision.profile, ctx->arena);
    response->decision = decision_message(&decision, ctx->arena);
    tell_match(&match, ctx->arena, response);
    return OK;
}

static struct status explain_match(struct rpc_context *ctx,
                                   const Profiled__V1__ExplainMatchRequest *request,
                                   Profiled__V1__ExplainMatchResponse *response) {
    const struct question *question = ctx->prepared;
    struct resolve_context resolve = {.view = ctx->store,
                                      .random = ctx->random,
                                      .now_us = ctx->now_us,
                                      .method = "ResolveProfile"};
    TRY(identity_rules_read(ctx->store, &resolve.rules));
    TRY(attribute_rules_read(ctx->store, &resolve.attributes));
    response->rule_version = (int64_t)resolve.rules->version;
    if (question->record != NULL) {
        TRY(record_settle_call(ctx, resolve.rules, resolve.attributes, question->record,
                               "record."));
    }
    const struct profile *profile = NULL;
    if (request->profile_id[0] != '\0') {
        TRY(profile_find(ctx, question->id, false, &profile));
        response->profile_id = wire_id(profile->id, ctx->arena);
    }
    return question->record == NULL
               ? explain_profiles(ctx, &resolve, profile, question, response)
               : explain_record(ctx, &resolve, profile, question->record, response);
}

RPC_METHOD(IdentityService, ExplainMatch, explain_match, RPC_READ);
