/* The fixture of the handlers' tests, and with it the whole way of a call over the real store. */

#include <string.h>

#include <criterion/criterion.h>

#include "profiled/v1/interaction_service.pb-c.h"
#include "server/base/clock.h"
#include "server/rpc/method.h"
#include "tests/rpc/call.h"

/* Methods that stand in for the product's: RecordInteraction makes a profile whose name is the
 * request's profile_id, ListInteractions answers with the name of one as next_page_token, and
 * BatchRecordInteractions answers with half a kilobyte for each record. */

static void record_interaction_check(struct rpc_context *ctx,
                                     const Profiled__V1__RecordInteractionRequest *request) {
    if (request->interaction_record == NULL) {
        rpc_violation(ctx, "is required", "interaction_record");
    }
}

static struct status record_interaction(struct rpc_context *ctx,
                                        const Profiled__V1__RecordInteractionRequest *request,
                                        Profiled__V1__RecordInteractionResponse *response) {
    struct profile *profile = arena_alloc(ctx->arena, sizeof *profile);
    profile->id = id_make(ctx->now_us + store_view_tick(ctx->store), ctx->random);
    profile->create_us = ctx->now_us;
    profile->update_us = ctx->now_us;
    profile->name = request->interaction_record->profile_id;
    profile->name_source = "api";
    profile->name_observe_us = ctx->now_us;
    TRY(store_profile_put(ctx->store, profile));
    if (strcmp(profile->name, "refused") == 0) {
        return status_of(STATUS_NOT_FOUND, REASON_PROFILE_NOT_FOUND, "there is no such profile");
    }
    response->profile_id = arena_alloc(ctx->arena, ID_TEXT_SIZE + 1);
    id_format(profile->id, response->profile_id);
    return OK;
}

RPC_METHOD(InteractionService, RecordInteraction, record_interaction, RPC_WRITE);

static void
batch_record_interactions_check(struct rpc_context *ctx,
                                const Profiled__V1__BatchRecordInteractionsRequest *request) {
    (void)ctx;
    (void)request;
}

static struct status
batch_record_interactions(struct rpc_context *ctx,
                          const Profiled__V1__BatchRecordInteractionsRequest *request,
                          Profiled__V1__BatchRecordInteractionsResponse *response) {
    response->n_verdicts = request->n_interaction_records;
    response->verdicts =
        arena_array(ctx->arena, response->n_verdicts, sizeof(Profiled__V1__InteractionVerdict *));
    for (size_t i = 0; i < response->n_verdicts; i++) {
        Profiled__V1__InteractionVerdict *verdict = arena_alloc(ctx->arena, sizeof *verdict);
        profiled__v1__interaction_verdict__init(verdict);
        verdict->recorded = arena_alloc(ctx->arena, sizeof *verdict->recorded);
        profiled__v1__record_interaction_response__init(verdict->recorded);
        verdict->recorded->interaction_id =
            arena_format(ctx->arena, "%0500zu at %lld", i, (long long)ctx->now_us);
        response->verdicts[i] = verdict;
    }
    return OK;
}

RPC_METHOD(InteractionService, BatchRecordInteractions, batch_record_interactions, RPC_WRITE);

static void stream_interactions_check(struct rpc_context *ctx,
                                      const Profiled__V1__StreamInteractionsRequest *request) {
    (void)ctx;
    (void)request;
}

static struct status stream_interactions(struct rpc_context *ctx,
                                         const Profiled__V1__StreamInteractionsRequest *request,
                                         Profiled__V1__StreamInteractionsResponse *response) {
    (void)ctx;
    (void)request;
    (void)response;
    return OK;
}

RPC_METHOD(InteractionService, StreamInteractions, stream_interactions, RPC_STREAM);

static void list_interactions_check(struct rpc_context *ctx,
                                    const Profiled__V1__ListInteractionsRequest *request) {
    struct id id;
    if (!id_parse(request->profile_id, &id)) {
        rpc_violation(ctx, "is not an id", "profile_id");
    }
}

static struct status list_interactions(struct rpc_context *ctx,
                                       const Profiled__V1__ListInteractionsRequest *request,
                                       Profiled__V1__ListInteractionsResponse *response) {
    struct id id = {{0}};
    id_parse(request->profile_id, &id);
    const struct profile *profile = NULL;
    TRY(store_profile_get(ctx->store, id, &profile));
    if (profile == NULL) {
        rpc_error_metadata(ctx, "profile_id", request->profile_id);
        return status_of(STATUS_NOT_FOUND, REASON_PROFILE_NOT_FOUND, "there is no such profile");
    }
    response->next_page_token = (char *)(uintptr_t)profile->name;
    return OK;
}

RPC_METHOD(InteractionService, ListInteractions, list_interactions, RPC_READ);

static void analyze_interactions_check(struct rpc_context *ctx,
                                       const Profiled__V1__AnalyzeInteractionsRequest *request) {
    (void)ctx;
    (void)request;
}

static struct status analyze_interactions(struct rpc_context *ctx,
                                          const Profiled__V1__AnalyzeInteractionsRequest *request,
                                          Profiled__V1__AnalyzeInteractionsResponse *response) {
    (void)ctx;
    (void)request;
    (void)response;
    return OK;
}

RPC_METHOD(InteractionService, AnalyzeInteractions, analyze_interactions, RPC_FEED);

static void analyze_survey_check(struct rpc_context *ctx,
                                 const Profiled__V1__AnalyzeSurveyRequest *request) {
    (void)ctx;
    (void)request;
}

static struct status analyze_survey(struct rpc_context *ctx,
                                    const Profiled__V1__AnalyzeSurveyRequest *request,
                                    Profiled__V1__AnalyzeSurveyResponse *response) {
    (void)ctx;
    (void)request;
    (void)response;
    return OK;
}

RPC_METHOD(InteractionService, AnalyzeSurvey, analyze_survey, RPC_FEED);

static void get_retention_check(struct rpc_context *ctx,
                                const Profiled__V1__GetRetentionRequest *request) {
    (void)ctx;
    (void)request;
}

static struct status get_retention(struct rpc_context *ctx,
                                   const Profiled__V1__GetRetentionRequest *request,
                                   Profiled__V1__GetRetentionResponse *response) {
    (void)ctx;
    (void)request;
    (void)response;
    return OK;
}

RPC_METHOD(InteractionService, GetRetention, get_retention, RPC_READ);

static void update_retention_check(struct rpc_context *ctx,
                                   const Profiled__V1__UpdateRetentionRequest *request) {
    (void)ctx;
    (void)request;
}

static struct status update_retention(struct rpc_context *ctx,
                                      const Profiled__V1__UpdateRetentionRequest *request,
                                      Profiled__V1__UpdateRetentionResponse *response) {
    (void)ctx;
    (void)request;
    (void)response;
    return OK;
}

RPC_METHOD(InteractionService, UpdateRetention, update_retention, RPC_WRITE);

RPC_SERVICE(interaction_service, PROFILED__V1__INTERACTION_SERVICE__INIT(&rpc_));

static size_t no_terms(const struct profile *profile, struct arena *arena,
                       struct profile_term **out) {
    (void)profile;
    (void)arena;
    *out = NULL;
    return 0;
}

#define ID_ONE "0190b8a2-0000-7000-8000-00000000000a"

static struct call_fixture *fixture;

static void init(void) { fixture = call_open(no_terms, NULL, NULL); }

static void fini(void) { call_close(fixture); }

TestSuite(call, .init = init, .fini = fini);

static const struct answer *record(const char *name, const char *request_id, bool validate_only,
                                   const char **profile_id) {
    Profiled__V1__InteractionRecord body = PROFILED__V1__INTERACTION_RECORD__INIT;
    body.subject_case = PROFILED__V1__INTERACTION_RECORD__SUBJECT_PROFILE_ID;
    body.profile_id = (char *)(uintptr_t)name;
    Profiled__V1__RecordInteractionRequest request = PROFILED__V1__RECORD_INTERACTION_REQUEST__INIT;
    request.interaction_record = &body;
    request.request_id = (char *)(uintptr_t)request_id;
    request.validate_only = validate_only;
    ProtobufCMessage *response = NULL;
    const struct answer *answer =
        call(fixture, &rpc_interaction_service, "RecordInteraction", &request.base, &response);
    *profile_id = response == NULL
                      ? NULL
                      : ((const Profiled__V1__RecordInteractionResponse *)response)->profile_id;
    return answer;
}

static const struct answer *list(const char *workspace, const char *id, const char **name) {
    Profiled__V1__ListInteractionsRequest request = PROFILED__V1__LIST_INTERACTIONS_REQUEST__INIT;
    request.profile_id = (char *)(uintptr_t)id;
    ProtobufCMessage *response = NULL;
    const struct answer *answer = call_in(fixture, workspace, &rpc_interaction_service,
                                          "ListInteractions", &request.base, &response);
    *name = response == NULL
                ? NULL
                : ((const Profiled__V1__ListInteractionsResponse *)response)->next_page_token;
    return answer;
}

Test(call, what_is_written_is_read_after_a_restart_too) {
    const char *id = NULL;
    const char *name = NULL;
    cr_assert_eq(record("Noura", "", false, &id)->code, STATUS_OK);
    cr_assert_eq(list("default", id, &name)->code, STATUS_OK);
    cr_expect_str_eq(name, "Noura");

    call_reopen(fixture);

    cr_assert_eq(list("default", id, &name)->code, STATUS_OK);
    cr_expect_str_eq(name, "Noura");
}

Test(call, other_workspace_sees_nothing) {
    const char *id = NULL;
    const char *name = NULL;
    cr_assert_eq(record("Noura", "", false, &id)->code, STATUS_OK);

    const struct answer *answer = list("other", id, &name);

    cr_expect_eq(answer->code, STATUS_NOT_FOUND);
    cr_expect_str_eq(answer->reason, "PROFILE_NOT_FOUND");
    cr_expect_str_eq(answer_metadata(answer, "profile_id"), id);
}

Test(call, failed_and_dry_writes_leave_the_bytes_as_they_were) {
    const char *id = NULL;
    const char *name = NULL;
    cr_assert_eq(record("Noura", "", false, &id)->code, STATUS_OK);
    const uint64_t before = call_data_hash(fixture);

    cr_expect_eq(record("refused", ID_ONE, false, &id)->code, STATUS_NOT_FOUND);
    cr_expect_eq(record("Omar", ID_ONE, true, &id)->code, STATUS_OK);
    cr_expect_eq(list("default", id, &name)->code, STATUS_NOT_FOUND);
    cr_expect_eq(list("default", "none", &name)->code, STATUS_INVALID_ARGUMENT);

    cr_expect_eq(call_data_hash(fixture), before);
    cr_assert_eq(record("Omar", "", false, &id)->code, STATUS_OK);
    cr_expect_neq(call_data_hash(fixture), before);
}

Test(call, retry_after_a_restart_gets_the_first_answer_for_a_day) {
    const char *first = NULL;
    const char *again = NULL;
    cr_assert_eq(record("Noura", ID_ONE, false, &first)->code, STATUS_OK);
    const struct bytes bytes = call_response_bytes(fixture);
    call_reopen(fixture);
    call_time_set(fixture, CALL_START_US + 23 * US_PER_HOUR);

    cr_assert_eq(record("Noura", ID_ONE, false, &again)->code, STATUS_OK);

    cr_expect(bytes_equal(bytes, call_response_bytes(fixture)));
    cr_expect_eq(record("Omar", ID_ONE, false, &again)->code, STATUS_INVALID_ARGUMENT);
    call_time_set(fixture, CALL_START_US + 25 * US_PER_HOUR);
    cr_assert_eq(record("Noura", ID_ONE, false, &again)->code, STATUS_OK);
    cr_expect_str_neq(first, again);
}

Test(call, retry_of_the_largest_batch_gets_the_first_answer) {
    static Profiled__V1__InteractionRecord records[1000];
    static Profiled__V1__InteractionRecord *list_of[1000];
    for (size_t i = 0; i < 1000; i++) {
        profiled__v1__interaction_record__init(&records[i]);
        list_of[i] = &records[i];
    }
    Profiled__V1__BatchRecordInteractionsRequest request =
        PROFILED__V1__BATCH_RECORD_INTERACTIONS_REQUEST__INIT;
    request.n_interaction_records = 1000;
    request.interaction_records = list_of;
    request.request_id = (char *)(uintptr_t)ID_ONE;
    const char *method = "BatchRecordInteractions";
    cr_assert_eq(call(fixture, &rpc_interaction_service, method, &request.base, NULL)->code,
                 STATUS_OK);
    const struct bytes bytes = call_response_bytes(fixture);
    cr_assert_gt(bytes.size, 500000);
    call_time_set(fixture, CALL_START_US + US_PER_HOUR);

    cr_assert_eq(call(fixture, &rpc_interaction_service, method, &request.base, NULL)->code,
                 STATUS_OK);

    cr_expect(bytes_equal(bytes, call_response_bytes(fixture)));
}
