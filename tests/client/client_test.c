/* Calls and streams over the wire, against a server that answers as each test says. */

#include "client/profiled_calls.h"
#include "client/profiled_client.h"
#include "tests/client/fake_server.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"

enum { CALLS_MAX = 8 };

/* A script: with which codes the first calls end; all further ones succeed. */
struct script {
    int codes[CALLS_MAX];
    const uint8_t *details;
    size_t details_size;
    size_t calls;
    char request_ids[CALLS_MAX][PROFILED_REQUEST_ID_SIZE + 1];
    char workspace[FAKE_TEXT_SIZE];
    char path[FAKE_TEXT_SIZE];
};

static void play(void *data, const struct fake_request *request, struct fake_answer *answer) {
    static Profiled__V1__DeleteProfileResponse response =
        PROFILED__V1__DELETE_PROFILE_RESPONSE__INIT;
    struct script *script = data;
    cr_assert_lt(request->call, CALLS_MAX);
    Profiled__V1__DeleteProfileRequest *got =
        profiled__v1__delete_profile_request__unpack(NULL, request->size, request->bytes);
    snprintf(script->request_ids[request->call], sizeof script->request_ids[0], "%s",
             got->request_id);
    profiled__v1__delete_profile_request__free_unpacked(got, NULL);
    snprintf(script->workspace, sizeof script->workspace, "%s", request->workspace);
    snprintf(script->path, sizeof script->path, "%s", request->path);
    script->calls++;
    answer->last = true;
    answer->code = script->codes[request->call];
    answer->message = "as the test says";
    answer->details = script->details;
    answer->details_size = script->details_size;
    answer->response = answer->code == 0 ? &response.base : NULL;
}

/* Calls DeleteProfile under the script. Answers whether it went well. */
static bool call_delete(struct script *script, const char *request_id,
                        struct profiled_error *error) {
    struct fake_server *server = fake_server_start(play, script);
    const struct profiled_options options = {
        .workspace = "shop", .backoff_ms = 1, .backoff_max_ms = 2, .timeout_ms = 5000};
    struct profiled_client *client = profiled_connect(fake_server_address(server), &options, error);
    cr_assert_not_null(client);
    Profiled__V1__DeleteProfileRequest request = PROFILED__V1__DELETE_PROFILE_REQUEST__INIT;
    char id[] = "019ab1c8-cc80-7800-8000-000000000001";
    request.id = id;
    char *copy = strdup(request_id);
    request.request_id = copy;
    Profiled__V1__DeleteProfileResponse *response = NULL;

    const bool done = profiled_delete_profile(client, &request, NULL, &response, error);

    cr_assert_eq(request.request_id, copy, "the request must stay as it was");
    free(copy);
    profiled_message_free(response == NULL ? NULL : &response->base);
    profiled_disconnect(client);
    fake_server_stop(server);
    return done;
}

Test(client, a_call_reaches_its_method_with_its_workspace) {
    struct script script = {0};
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert(call_delete(&script, "", &error));

    cr_assert_str_eq(script.path, "/profiled.v1.ProfileService/DeleteProfile");
    cr_assert_str_eq(script.workspace, "shop");
}

Test(client, an_empty_request_id_is_filled_and_kept_over_retries) {
    struct script script = {.codes = {PROFILED_UNAVAILABLE, PROFILED_UNAVAILABLE}};
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert(call_delete(&script, "", &error));

    cr_assert_eq(script.calls, 3);
    cr_assert_eq(strlen(script.request_ids[0]), 36);
    cr_assert_eq(script.request_ids[0][14], '7');
    cr_assert_str_eq(script.request_ids[0], script.request_ids[1]);
    cr_assert_str_eq(script.request_ids[0], script.request_ids[2]);
}

Test(client, a_call_that_the_server_cut_off_is_tried_again) {
    struct script script = {.codes = {PROFILED_CANCELLED}};
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert(call_delete(&script, "", &error));

    cr_assert_eq(script.calls, 2);
    cr_assert_str_eq(script.request_ids[0], script.request_ids[1]);
}

Test(client, a_given_request_id_stays) {
    struct script script = {0};
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert(call_delete(&script, "11111111-2222-4333-8444-555555555555", &error));

    cr_assert_str_eq(script.request_ids[0], "11111111-2222-4333-8444-555555555555");
}

Test(client, what_is_refused_is_not_tried_again) {
    struct script script = {.codes = {PROFILED_NOT_FOUND}};
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert_not(call_delete(&script, "", &error));

    cr_assert_eq(script.calls, 1);
    cr_assert_eq(error.code, PROFILED_NOT_FOUND);
    cr_assert_str_eq(error.message, "as the test says");
    cr_assert_str_eq(error.reason, "");
    profiled_error_clear(&error);
}

Test(client, attempts_end) {
    struct script script = {.codes = {14, 14, 14, 14, 14, 14, 14, 14}};
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert_not(call_delete(&script, "", &error));

    cr_assert_eq(script.calls, PROFILED_ATTEMPTS_DEFAULT);
    cr_assert_eq(error.code, PROFILED_UNAVAILABLE);
    profiled_error_clear(&error);
}

/* Packs a detail as google.rpc.Status holds it. */
static size_t pack_details(const ProtobufCMessage *const *details, const char *const *names,
                           size_t count, uint8_t *out, size_t size) {
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    Google__Protobuf__Any any[4];
    Google__Protobuf__Any *list[4];
    uint8_t bytes[4][256];
    char urls[4][96];
    for (size_t i = 0; i < count; i++) {
        google__protobuf__any__init(&any[i]);
        snprintf(urls[i], sizeof urls[i], "type.googleapis.com/%s", names[i]);
        any[i].type_url = urls[i];
        any[i].value.data = bytes[i];
        any[i].value.len = protobuf_c_message_pack(details[i], bytes[i]);
        list[i] = &any[i];
    }
    status.details = list;
    status.n_details = count;
    cr_assert_leq(google__rpc__status__get_packed_size(&status), size);
    return google__rpc__status__pack(&status, out);
}

Test(client, an_error_holds_all_its_details) {
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry entry = GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry *entries[] = {&entry};
    Google__Rpc__BadRequest bad = GOOGLE__RPC__BAD_REQUEST__INIT;
    Google__Rpc__BadRequest__FieldViolation violations[2] = {
        GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT,
        GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT};
    Google__Rpc__BadRequest__FieldViolation *list[] = {&violations[0], &violations[1]};
    char reason[] = "FIELD_INVALID";
    char key[] = "owner_id";
    char value[] = "42";
    char first[] = "profile.name";
    char second[] = "profile.identities[0].value";
    char text[] = "is empty";
    info.reason = reason;
    entry.key = key;
    entry.value = value;
    info.metadata = entries;
    info.n_metadata = 1;
    violations[0].field = first;
    violations[1].field = second;
    violations[0].description = text;
    bad.field_violations = list;
    bad.n_field_violations = 2;
    uint8_t bytes[1024];
    const ProtobufCMessage *const details[] = {&info.base, &bad.base};
    const char *const names[] = {"google.rpc.ErrorInfo", "google.rpc.BadRequest"};
    struct script script = {.codes = {PROFILED_INVALID_ARGUMENT}, .details = bytes};
    script.details_size = pack_details(details, names, 2, bytes, sizeof bytes);
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert_not(call_delete(&script, "", &error));

    cr_assert_str_eq(error.reason, "FIELD_INVALID");
    cr_assert_eq(error.metadata_count, 1);
    cr_assert_str_eq(error.metadata[0].name, "owner_id");
    cr_assert_str_eq(error.metadata[0].text, "42");
    cr_assert_eq(error.violation_count, 2);
    cr_assert_str_eq(error.violations[0].text, "is empty");
    cr_assert_str_eq(error.violations[1].name, "profile.identities[0].value");
    cr_assert_eq(error.retry_delay_ms, -1);
    profiled_error_clear(&error);
}

Test(client, an_exhausted_resource_is_the_callers_to_wait_out) {
    Google__Rpc__RetryInfo info = GOOGLE__RPC__RETRY_INFO__INIT;
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    delay.nanos = 2000000;
    info.retry_delay = &delay;
    uint8_t bytes[256];
    const ProtobufCMessage *const details[] = {&info.base};
    const char *const names[] = {"google.rpc.RetryInfo"};
    struct script script = {.codes = {PROFILED_RESOURCE_EXHAUSTED}, .details = bytes};
    script.details_size = pack_details(details, names, 1, bytes, sizeof bytes);
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert_not(call_delete(&script, "", &error));

    cr_assert_eq(script.calls, 1);
    cr_assert_eq(error.retry_delay_ms, 2);
    profiled_error_clear(&error);
}

Test(client, nobody_there_is_unavailable) {
    const struct profiled_options options = {.attempts_max = 1};
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_client *client = profiled_connect("unix:/nonexistent/socket", &options, &error);
    cr_assert_not_null(client);
    Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
    Profiled__V1__GetProfileResponse *response = NULL;

    cr_assert_not(profiled_get_profile(client, &request, NULL, &response, &error));

    cr_assert_eq(error.code, PROFILED_UNAVAILABLE);
    profiled_error_clear(&error);
    profiled_disconnect(client);
}

Test(client, an_empty_address_is_refused) {
    struct profiled_error error = PROFILED_ERROR_INIT;

    cr_assert_null(profiled_connect("", NULL, &error));

    cr_assert_eq(error.code, PROFILED_INVALID_ARGUMENT);
    profiled_error_clear(&error);
}

/* Answers each message with an empty response, and ends the call well or, at the third, badly. */
static void echo(void *data, const struct fake_request *request, struct fake_answer *answer) {
    (void)data;
    static Profiled__V1__ListIdentityTypesResponse response =
        PROFILED__V1__LIST_IDENTITY_TYPES_RESPONSE__INIT;
    answer->response = &response.base;
    answer->last = request->position == 2;
    answer->code = answer->last ? PROFILED_ABORTED : PROFILED_OK;
}

/* Sends `count` messages and counts the answers; the fake server takes any method for a stream. */
static size_t converse(size_t count, int32_t *code) {
    struct fake_server *server = fake_server_start(echo, NULL);
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_client *client = profiled_connect(fake_server_address(server), NULL, &error);
    struct profiled_stream *stream = profiled_stream_open(
        client, &profiled__v1__identity_service__descriptor, "ListIdentityTypes", NULL, &error);
    cr_assert_not_null(stream);
    const Profiled__V1__ListIdentityTypesRequest request =
        PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    size_t answers = 0;
    for (size_t i = 0; i < count; i++) {
        cr_assert(profiled_stream_send(stream, &request.base));
        ProtobufCMessage *message = profiled_stream_receive(stream);
        answers += message != NULL ? 1 : 0;
        profiled_message_free(message);
    }
    profiled_stream_half_close(stream);
    *code = profiled_stream_finish(stream, &error) ? PROFILED_OK : error.code;
    profiled_error_clear(&error);
    profiled_disconnect(client);
    fake_server_stop(server);
    return answers;
}

Test(client, a_stream_goes_back_and_forth) {
    int32_t code;

    cr_assert_eq(converse(2, &code), 2);

    cr_assert_eq(code, PROFILED_OK);
}

Test(client, a_stream_tells_why_it_ended) {
    int32_t code;

    cr_assert_eq(converse(3, &code), 3);

    cr_assert_eq(code, PROFILED_ABORTED);
}

Test(client, a_cancelled_stream_is_over) {
    struct fake_server *server = fake_server_start(echo, NULL);
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_client *client = profiled_connect(fake_server_address(server), NULL, &error);
    struct profiled_stream *stream = profiled_stream_open(
        client, &profiled__v1__identity_service__descriptor, "ListIdentityTypes", NULL, &error);
    cr_assert_not_null(stream);

    profiled_stream_cancel(stream);

    cr_assert_null(profiled_stream_receive(stream));
    cr_assert_not(profiled_stream_finish(stream, &error));
    cr_assert_eq(error.code, PROFILED_CANCELLED);
    profiled_error_clear(&error);
    profiled_disconnect(client);
    fake_server_stop(server);
}

/* Takes each message and answers none. */
static void keep_silent(void *data, const struct fake_request *request,
                        struct fake_answer *answer) {
    (void)data;
    (void)request;
    (void)answer;
}

Test(client, a_silent_server_ends_the_stream, .timeout = 10) {
    struct fake_server *server = fake_server_start(keep_silent, NULL);
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_client *client = profiled_connect(fake_server_address(server), NULL, &error);
    const struct profiled_call_options options = {.timeout_ms = 1000};
    struct profiled_stream *stream = profiled_stream_open(
        client, &profiled__v1__identity_service__descriptor, "ListIdentityTypes", &options, &error);
    cr_assert_not_null(stream);
    const Profiled__V1__ListIdentityTypesRequest request =
        PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;
    cr_assert(profiled_stream_send(stream, &request.base));

    cr_assert_null(profiled_stream_receive(stream));

    cr_assert_not(profiled_stream_send(stream, &request.base));
    cr_assert_not(profiled_stream_finish(stream, &error));
    cr_assert_eq(error.code, PROFILED_DEADLINE_EXCEEDED);
    cr_assert_eq(strncmp(error.message, "the server has said nothing for 1 s", 35), 0, "%s",
                 error.message);
    profiled_error_clear(&error);
    profiled_disconnect(client);
    fake_server_stop(server);
}

/* Answers every message, without end. */
static void answer_always(void *data, const struct fake_request *request,
                          struct fake_answer *answer) {
    echo(data, request, answer);
    answer->last = false;
    answer->code = PROFILED_OK;
}

Test(client, a_stream_outlives_its_timeout_while_answers_come, .timeout = 20) {
    struct fake_server *server = fake_server_start(answer_always, NULL);
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_client *client = profiled_connect(fake_server_address(server), NULL, &error);
    const struct profiled_call_options options = {.timeout_ms = 1500};
    struct profiled_stream *stream = profiled_stream_open(
        client, &profiled__v1__identity_service__descriptor, "ListIdentityTypes", &options, &error);
    cr_assert_not_null(stream);
    const Profiled__V1__ListIdentityTypesRequest request =
        PROFILED__V1__LIST_IDENTITY_TYPES_REQUEST__INIT;

    for (const time_t start = time(NULL); time(NULL) - start < 3;) {
        cr_assert(profiled_stream_send(stream, &request.base));
        ProtobufCMessage *message = profiled_stream_receive(stream);
        cr_assert_not_null(message);
        profiled_message_free(message);
    }

    profiled_stream_half_close(stream);
    cr_assert(profiled_stream_finish(stream, &error), "%s", error.message);
    profiled_disconnect(client);
    fake_server_stop(server);
}

static int64_t waited_ms(struct profiled_client *client, int64_t wait_ms) {
    struct timespec begin;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    profiled_wait(client, wait_ms);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
}

Test(client, a_wait_ends_when_the_connection_is_there, .timeout = 20) {
    struct script script = {0};
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct fake_server *server = fake_server_start(play, &script);
    struct profiled_client *client = profiled_connect(fake_server_address(server), NULL, &error);

    cr_expect_lt(waited_ms(client, 15000), 10000, "there was none, and there is one");
    cr_expect_geq(waited_ms(client, 50), 50, "there is one");
    fake_server_stop(server);
    cr_expect_geq(waited_ms(client, 50), 50, "there is none");

    profiled_disconnect(client);
}
