/* SIGTERM: who watches is told, what is on its way is answered and durable, and the exit is 0. */

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/profiled_calls.h"
#include "grpc/health/v1/health.pb-c.h"
#include "profiled/v1/transfer_service.pb-c.h"
#include "tests/engine/scratch.h"
#include "tests/server/fixture.h"

TestSuite(stop, .init = fixture_setup, .fini = fixture_teardown, .timeout = 30);

enum { CALLERS = 4, CALLS_MAX = 100000, ID_SIZE_MAX = 64 };

#define SERVING GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
#define NOT_SERVING GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING

static struct profiled_stream *watch(void) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream = profiled_stream_open(
        fixture.client, &grpc__health__v1__health__descriptor, "Watch", NULL, &error);
    cr_assert_neq(stream, NULL);
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    cr_assert(profiled_stream_send(stream, &request.base));
    cr_assert(profiled_stream_half_close(stream));
    return stream;
}

static int next_status(struct profiled_stream *stream) {
    ProtobufCMessage *message = profiled_stream_receive(stream);
    cr_assert_neq(message, NULL);
    const int status = (int)((Grpc__Health__V1__HealthCheckResponse *)message)->status;
    profiled_message_free(message);
    return status;
}

static void finish(struct profiled_stream *stream, bool wanted) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    cr_expect_eq(profiled_stream_finish(stream, &error), wanted);
    profiled_error_clear(&error);
}

Test(stop, watcher_is_told) {
    struct profiled_stream *stream = watch();
    cr_expect_eq(next_status(stream), SERVING);

    server_signal(&fixture.server, SIGTERM);

    cr_expect_eq(next_status(stream), NOT_SERVING);
    cr_expect_eq(server_wait(&fixture.server), 0);
    finish(stream, false);
}

Test(stop, interrupt_does_the_same) {
    server_signal(&fixture.server, SIGINT);

    cr_expect_eq(server_wait(&fixture.server), 0);
    cr_expect_neq(strstr(fixture.server.log, "stopping signal=INT"), NULL);
}

/* ---- an import under way ---- */

static void send_header(struct profiled_stream *stream) {
    static char import_id[] = "import-1";
    Profiled__V1__ImportHeader header = PROFILED__V1__IMPORT_HEADER__INIT;
    header.import_id = import_id;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_HEADER;
    request.header = &header;
    cr_assert(profiled_stream_send(stream, &request.base));
}

static void send_row(struct profiled_stream *stream, int64_t number) {
    static char name[] = "Nora Salem";
    Profiled__V1__Record record = PROFILED__V1__RECORD__INIT;
    record.name = name;
    Profiled__V1__ImportRow row = PROFILED__V1__IMPORT_ROW__INIT;
    row.row = number;
    row.record = &record;
    Profiled__V1__ImportRow *rows[] = {&row};
    Profiled__V1__ImportBatch batch = PROFILED__V1__IMPORT_BATCH__INIT;
    batch.n_rows = 1;
    batch.rows = rows;
    Profiled__V1__ImportProfilesRequest request = PROFILED__V1__IMPORT_PROFILES_REQUEST__INIT;
    request.payload_case = PROFILED__V1__IMPORT_PROFILES_REQUEST__PAYLOAD_BATCH;
    request.batch = &batch;
    cr_assert(profiled_stream_send(stream, &request.base));
}

static Profiled__V1__ImportProfilesResponse *receive(struct profiled_stream *stream) {
    ProtobufCMessage *message = profiled_stream_receive(stream);
    cr_assert_neq(message, NULL);
    return (Profiled__V1__ImportProfilesResponse *)message;
}

static struct profiled_stream *open_import(void) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream =
        profiled_stream_open(fixture.client, &profiled__v1__transfer_service__descriptor,
                             "ImportProfiles", NULL, &error);
    cr_assert_neq(stream, NULL);
    send_header(stream);
    return stream;
}

Test(stop, import_under_way_may_end) {
    struct profiled_stream *watcher = watch();
    next_status(watcher);
    struct profiled_stream *import = open_import();
    profiled_message_free(&receive(import)->base);

    server_signal(&fixture.server, SIGTERM);
    cr_assert_eq(next_status(watcher), NOT_SERVING);
    send_row(import, 1);
    Profiled__V1__ImportProfilesResponse *response = receive(import);
    const bool acked =
        response->payload_case == PROFILED__V1__IMPORT_PROFILES_RESPONSE__PAYLOAD_ACK &&
        response->ack->durable_row == 1;
    profiled_message_free(&response->base);
    profiled_stream_half_close(import);

    cr_expect(acked);
    finish(import, true);
    finish(watcher, false);
    cr_expect_eq(server_wait(&fixture.server), 0);
    cr_assert(server_start(&fixture.server, fixture_data(), NULL));
    profiled_disconnect(fixture.client);
    struct profiled_error error = PROFILED_ERROR_INIT;
    fixture.client = profiled_connect(fixture.server.address, NULL, &error);
    import = open_import();
    response = receive(import);
    cr_expect_eq(response->started->durable_row, 1);
    profiled_message_free(&response->base);
    profiled_stream_half_close(import);
    finish(import, true);
}

/* The grace is an hour: without the second signal, the test runs out of time. */
static void expect_second_signal_ends(int signal, const char *mark) {
    static const char *const options[] = {"--grace", "3600", NULL};
    struct profiled_error error = PROFILED_ERROR_INIT;
    cr_assert_eq(server_stop(&fixture.server), 0);
    cr_assert(server_start(&fixture.server, fixture_data(), options));
    profiled_disconnect(fixture.client);
    fixture.client = profiled_connect(fixture.server.address, NULL, &error);
    struct profiled_stream *watcher = watch();
    next_status(watcher);
    struct profiled_stream *import = open_import();
    profiled_message_free(&receive(import)->base);
    server_signal(&fixture.server, SIGTERM);
    cr_assert_eq(next_status(watcher), NOT_SERVING);

    server_signal(&fixture.server, signal);

    cr_expect_eq(server_wait(&fixture.server), 0);
    cr_expect_neq(strstr(fixture.server.log, mark), NULL, "%s", fixture.server.log);
    finish(import, false);
    finish(watcher, false);
}

Test(stop, second_signal_ends_the_grace) {
    expect_second_signal_ends(SIGTERM, "stopping at once: cancelling what is left signal=TERM");
}

Test(stop, interrupt_ends_the_grace_too) {
    expect_second_signal_ends(SIGINT, "stopping at once: cancelling what is left signal=INT");
}

/* ---- calls under way ---- */

struct caller {
    pthread_t thread;
    struct profiled_client *client;
    char last_id[ID_SIZE_MAX]; /* The last profile that was acknowledged. */
    int32_t code;              /* What ended it. */
};

static atomic_int acknowledged;

static void *call_until_refused(void *state) {
    struct caller *caller = state;
    static char name[] = "Nora Salem";
    Profiled__V1__Profile profile = PROFILED__V1__PROFILE__INIT;
    profile.name = name;
    Profiled__V1__CreateProfileRequest request = PROFILED__V1__CREATE_PROFILE_REQUEST__INIT;
    request.profile = &profile;
    for (int i = 0; i < CALLS_MAX; i++) {
        Profiled__V1__CreateProfileResponse *response = NULL;
        struct profiled_error error = PROFILED_ERROR_INIT;
        if (!profiled_create_profile(caller->client, &request, NULL, &response, &error)) {
            caller->code = error.code;
            profiled_error_clear(&error);
            return NULL;
        }
        snprintf(caller->last_id, sizeof caller->last_id, "%s", response->profile->id);
        profiled_message_free(&response->base);
        atomic_fetch_add(&acknowledged, 1);
    }
    return NULL;
}

Test(stop, calls_under_way_are_answered_and_durable) {
    struct caller callers[CALLERS] = {0};
    struct profiled_error error = PROFILED_ERROR_INIT;
    const struct profiled_options once = {.attempts_max = 1};
    struct profiled_stream *watcher = watch();
    next_status(watcher);
    struct profiled_client *client = profiled_connect(fixture.server.address, &once, &error);
    for (size_t i = 0; i < CALLERS; i++) {
        callers[i].client = client;
        cr_assert_eq(pthread_create(&callers[i].thread, NULL, call_until_refused, &callers[i]), 0);
    }

    while (atomic_load(&acknowledged) < CALLERS) {
        /* The calls are on their way. */
    }
    server_signal(&fixture.server, SIGTERM);
    const int code = server_wait(&fixture.server);
    for (size_t i = 0; i < CALLERS; i++) {
        pthread_join(callers[i].thread, NULL);
    }
    profiled_disconnect(client);
    finish(watcher, false);
    cr_assert(server_start(&fixture.server, fixture_data(), NULL));
    client = profiled_connect(fixture.server.address, NULL, &error);

    cr_expect_eq(code, 0);
    for (size_t i = 0; i < CALLERS; i++) {
        /* C core 1.51 cancels a call that comes in the very moment of the shutdown. */
        cr_expect(callers[i].code == PROFILED_UNAVAILABLE || callers[i].code == PROFILED_CANCELLED,
                  "code %d", callers[i].code);
        Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
        request.id = callers[i].last_id;
        Profiled__V1__GetProfileResponse *response = NULL;
        if (callers[i].last_id[0] != '\0') {
            cr_assert(profiled_get_profile(client, &request, NULL, &response, &error));
            profiled_message_free(&response->base);
        }
    }
    profiled_disconnect(client);
}

Test(stop, socket_serves_and_goes_with_the_server) {
    char folder[] = "/tmp/stop_test.XXXXXX"; /* A socket's path must be short. */
    char address[SERVER_ADDRESS_SIZE_MAX];
    cr_assert_neq(mkdtemp(folder), NULL);
    snprintf(address, sizeof address, "unix:%s/socket", folder);
    const char *const options[] = {"--listen", address, NULL};
    struct server server;
    cr_assert(server_start(&server, scratch_path("other"), options), "%s", server.log);
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_client *client = profiled_connect(address, NULL, &error);
    Profiled__V1__ListProfilesRequest request = PROFILED__V1__LIST_PROFILES_REQUEST__INIT;
    Profiled__V1__ListProfilesResponse *response = NULL;

    cr_assert(profiled_list_profiles(client, &request, NULL, &response, &error));

    profiled_message_free(&response->base);
    profiled_disconnect(client);
    cr_expect_eq(server_stop(&server), 0);
    cr_expect_eq(rmdir(folder), 0); /* It is empty. */
}
