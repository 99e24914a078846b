/* Unary calls over the wire: what a client sees, and what dispatch is handed. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "tests/transport/fake_rpc.h"
#include "tests/transport/fixture.h"

TestSuite(unary, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

enum {
    PARALLEL_CALLS = 150, /* More than a connection's streams. */
    METADATA_SIZE = 2 * TRANSPORT_METADATA_SIZE_MAX,
};

Test(unary, answer_comes_back) {
    struct client_status status;

    cr_expect(fixture_echo("hello", &status));

    cr_expect_eq(status.code, STATUS_OK);
    cr_expect_eq(status.details_size, 0);
    cr_expect_str_eq(fake_rpc_last_workspace(), "default");
}

Test(unary, empty_message_is_a_message) {
    struct client_status status;

    cr_expect(fixture_echo("", &status));

    cr_expect_eq(status.code, STATUS_OK);
}

Test(unary, answer_may_come_from_another_thread) {
    struct client_status status;

    cr_expect(fixture_echo("thread", &status));

    cr_expect_eq(status.code, STATUS_OK);
}

Test(unary, unix_socket_serves_too) {
    char target[128];
    snprintf(target, sizeof target, "unix:%s", fixture.socket_path);
    grpc_channel *channel = client_channel(target);
    const struct client_options options = {.path = ECHO_PATH};
    struct client_status status;
    struct bytes response;

    client_unary(channel, &options, client_text("hello"), &response, &status);

    cr_expect(client_is_text(response, "hello"));
    cr_expect_eq(status.code, STATUS_OK);
    cr_expect_eq(transport_port(fixture.transport, 1), 0);
    grpc_channel_destroy(channel);
}

Test(unary, error_has_code_text_and_details) {
    struct client_status status;

    cr_expect_not(fixture_echo("fail", &status));

    cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(status.text, "50% of the text is not \"good\"");
    cr_expect_str_eq(status.details, "FIELD_INVALID, in detail");
}

Test(unary, details_too_many_for_the_trailers_become_the_reason) {
    struct client_status status;

    cr_expect_not(fixture_echo("fail much", &status));

    cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(status.details, "FIELD_INVALID");
}

static void expect_unimplemented(const char *path) {
    const struct client_options options = {.path = path};
    struct client_status status;
    struct bytes response;

    client_unary(fixture.channel, &options, client_text("hello"), &response, &status);

    cr_expect_null(response.data);
    cr_expect_eq(status.code, STATUS_UNIMPLEMENTED);
    cr_expect_str_eq(status.details, "METHOD_NOT_FOUND");
}

Test(unary, unknown_method_is_unimplemented) {
    for (int i = 0; i < 20; i++) { /* More than are asked for at once. */
        expect_unimplemented("/profiled.testing.v1.EchoService/Nothing");
    }
    expect_unimplemented("/nothing");
}

Test(unary, workspace_is_chosen_by_metadata) {
    const struct client_options options = {
        .path = ECHO_PATH, .metadata_key = "profiled-workspace", .metadata_value = "other"};
    struct client_status status;
    struct bytes response;

    client_unary(fixture.channel, &options, client_text("hello"), &response, &status);

    cr_expect(client_is_text(response, "hello"));
    cr_expect_str_eq(fake_rpc_last_workspace(), "other");
}

static void expect_no_workspace(const char *name) {
    const struct client_options options = {
        .path = ECHO_PATH, .metadata_key = "profiled-workspace", .metadata_value = name};
    struct client_status status;
    struct bytes response;

    client_unary(fixture.channel, &options, client_text("hello"), &response, &status);

    cr_expect_null(response.data);
    cr_expect_eq(status.code, STATUS_NOT_FOUND);
    cr_expect_str_eq(status.details, "WORKSPACE_NOT_FOUND");
}

Test(unary, unknown_workspace_is_not_found) {
    char long_name[200] = "";
    memset(long_name, 'w', sizeof long_name - 1);

    expect_no_workspace("nobody's");
    expect_no_workspace("");
    expect_no_workspace(long_name);
}

/* The key separates tenants: neither of two may be taken. */
Test(unary, two_workspaces_are_invalid_argument) {
    const struct client_options options = {.path = ECHO_PATH,
                                           .metadata_key = "profiled-workspace",
                                           .metadata_value = "default",
                                           .metadata_value_2 = "other"};
    struct client_status status;
    struct bytes response;

    client_unary(fixture.channel, &options, client_text("hello"), &response, &status);

    cr_expect_null(response.data);
    cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(status.details, "FIELD_INVALID");
    cr_expect_eq(fake_rpc_calls(), 0);
}

Test(unary, workspace_that_is_said_twice_is_taken) {
    const struct client_options options = {.path = ECHO_PATH,
                                           .metadata_key = "profiled-workspace",
                                           .metadata_value = "other",
                                           .metadata_value_2 = "other"};
    struct client_status status;
    struct bytes response;

    client_unary(fixture.channel, &options, client_text("hello"), &response, &status);

    cr_expect(client_is_text(response, "hello"));
    cr_expect_str_eq(fake_rpc_last_workspace(), "other");
}

Test(unary, deadline_is_handed_on) {
    const struct client_options options = {.path = ECHO_PATH, .timeout_ms = 5000};
    struct client_status status;
    struct bytes response;
    const int64_t before = clock_monotonic_us();

    client_unary(fixture.channel, &options, client_text("hello"), &response, &status);

    /* gRPC rounds what it sends up. */
    const int64_t deadline = fake_rpc_last_deadline_us();
    cr_expect(client_is_text(response, "hello"));
    cr_expect_geq(deadline, before + (int64_t)4 * US_PER_SECOND);
    cr_expect_leq(deadline, clock_monotonic_us() + (int64_t)6 * US_PER_SECOND);
}

Test(unary, deadline_that_passes_ends_the_call) {
    const struct client_options options = {.path = ECHO_PATH, .timeout_ms = 50};
    struct client_status status;
    struct bytes response;

    client_unary(fixture.channel, &options, client_text("hold"), &response, &status);
    fake_rpc_wait_held(1);
    fake_rpc_wait_cancelled(1);
    fake_rpc_release();

    cr_expect_eq(status.code, STATUS_DEADLINE_EXCEEDED);
    cr_expect(fixture_echo("hello", &status));
}

Test(unary, cancelled_call_is_told_and_freed) {
    const struct client_options options = {.path = ECHO_PATH};
    struct client_call *call = client_open(fixture.channel, &options);
    client_send(call, client_text("hold"));
    client_half_close(call);
    fake_rpc_wait_held(1);
    struct client_status status;

    client_cancel(call);
    client_close(call, &status);
    fake_rpc_wait_cancelled(1);
    fake_rpc_release();

    cr_expect_eq(status.code, STATUS_CANCELLED);
    cr_expect(fixture_echo("hello", &status));
}

Test(unary, client_may_vanish_while_the_call_is_held) {
    grpc_channel *channel = client_channel(fixture.target);
    const struct client_options options = {.path = ECHO_PATH};
    struct client_call *call = client_open(channel, &options);
    client_send(call, client_text("hold"));
    client_half_close(call);
    fake_rpc_wait_held(1);
    struct client_status status;

    client_cancel(call);
    client_close(call, &status);
    grpc_channel_destroy(channel);
    fake_rpc_release();

    cr_expect(fixture_echo("hello", &status));
}

Test(unary, calls_beyond_the_streams_of_a_connection_wait) {
    const struct client_options options = {.path = ECHO_PATH};
    struct client_call *calls[PARALLEL_CALLS];
    struct client_status connected;
    cr_assert(fixture_echo("hello", &connected)); /* From here on calls get streams in order. */
    for (size_t i = 0; i < PARALLEL_CALLS; i++) {
        calls[i] = client_open(fixture.channel, &options);
    }
    for (size_t i = 0; i < TRANSPORT_STREAMS_MAX; i++) {
        client_send(calls[i], client_text("hold"));
        client_half_close(calls[i]);
    }

    fake_rpc_wait_held(TRANSPORT_STREAMS_MAX);
    fake_rpc_release();
    for (size_t i = TRANSPORT_STREAMS_MAX; i < PARALLEL_CALLS; i++) {
        client_send(calls[i], client_text("later"));
        client_half_close(calls[i]);
    }

    for (size_t i = 0; i < PARALLEL_CALLS; i++) {
        struct client_status status;
        cr_expect(
            client_is_text(client_receive(calls[i]), i < TRANSPORT_STREAMS_MAX ? "hold" : "later"));
        client_close(calls[i], &status);
        cr_expect_eq(status.code, STATUS_OK);
    }
}

static int echo_bytes(size_t size, size_t *response_size) {
    const struct client_options options = {.path = ECHO_PATH};
    struct client_status status;
    struct bytes response;
    uint8_t *request = calloc(1, size);
    cr_assert_not_null(request);
    for (size_t i = 0; i < size; i++) {
        request[i] = (uint8_t)(i * 7);
    }
    client_unary(fixture.channel, &options, bytes_of(request, size), &response, &status);
    *response_size = response.size;
    if (response.data != NULL) {
        cr_expect(bytes_equal(response, bytes_of(request, size)));
    }
    free((void *)(uintptr_t)response.data);
    free(request);
    return status.code;
}

Test(unary, message_of_the_largest_size_passes) {
    size_t size = 0;

    cr_expect_eq(echo_bytes(REQUEST_SIZE_MAX, &size), STATUS_OK);

    cr_expect_eq(size, REQUEST_SIZE_MAX);
}

Test(unary, larger_message_is_resource_exhausted) {
    size_t size = 0;

    cr_expect_eq(echo_bytes(REQUEST_SIZE_MAX + 1, &size), STATUS_RESOURCE_EXHAUSTED);

    cr_expect_eq(size, 0);
    cr_expect_eq(echo_bytes(100, &size), STATUS_OK);
}

Test(unary, compressed_message_is_refused) {
    grpc_channel *channel = client_channel_gzip(fixture.target);
    const struct client_options options = {.path = ECHO_PATH};
    static const uint8_t zeros[100000];
    struct client_status status;
    struct bytes response;

    client_unary(channel, &options, bytes_of(zeros, sizeof zeros), &response, &status);

    cr_expect_null(response.data);
    cr_expect_eq(status.code, STATUS_UNIMPLEMENTED);
    grpc_channel_destroy(channel);
}

/* C core may close the connection as well: others have connections of their own. */
Test(unary, too_much_metadata_is_resource_exhausted) {
    grpc_channel *channel = client_channel(fixture.target);
    char *value = calloc(1, METADATA_SIZE + 1);
    cr_assert_not_null(value);
    memset(value, 'm', METADATA_SIZE);
    const struct client_options options = {
        .path = ECHO_PATH, .metadata_key = "x-much", .metadata_value = value};
    struct client_status status;
    struct bytes response;

    client_unary(channel, &options, client_text("hello"), &response, &status);

    cr_expect_eq(status.code, STATUS_RESOURCE_EXHAUSTED);
    cr_expect(fixture_echo("hello", &status));
    grpc_channel_destroy(channel);
    free(value);
}

Test(unary, call_without_a_message_is_refused) {
    const struct client_options options = {.path = ECHO_PATH};
    struct client_call *call = client_open(fixture.channel, &options);
    struct client_status status;

    client_half_close(call);
    cr_expect_null(client_receive(call).data);
    client_close(call, &status);

    cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(status.details, "MESSAGE_INVALID");
}
