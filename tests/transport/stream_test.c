/* Bidirectional streams: one message at a time, in order, and every way in which they end. */

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/base/limits.h"
#include "tests/transport/fake_rpc.h"
#include "tests/transport/fixture.h"

TestSuite(stream, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

enum { MESSAGES = 1000 };

static const struct client_options many = {.path = MANY_PATH};

static int end_of(struct client_call *call) {
    struct client_status status;
    client_close(call, &status);
    return status.code;
}

Test(stream, each_message_is_answered_in_order) {
    struct client_call *call = client_open(fixture.channel, &many);

    for (int i = 0; i < MESSAGES; i++) {
        char text[32];
        snprintf(text, sizeof text, "message %d", i);
        cr_assert(client_send(call, client_text(text)));
        cr_assert(client_is_text(client_receive(call), text));
    }
    client_half_close(call);

    cr_expect_null(client_receive(call).data);
    cr_expect_eq(end_of(call), STATUS_OK);
}

static void *send_all(void *argument) {
    struct client_call *call = argument;
    for (int i = 0; i < MESSAGES; i++) {
        client_send(call, bytes_of("\x0a\x06thread", 8));
    }
    client_half_close(call);
    return NULL;
}

Test(stream, messages_sent_ahead_wait_for_their_turn) {
    struct client_call *call = client_open(fixture.channel, &many);
    pthread_t sender;
    cr_assert_eq(pthread_create(&sender, NULL, send_all, call), 0);

    for (int i = 0; i < MESSAGES; i++) {
        cr_assert(client_is_text(client_receive(call), "thread"));
    }
    pthread_join(sender, NULL);

    cr_expect_null(client_receive(call).data);
    cr_expect_eq(end_of(call), STATUS_OK);
    cr_expect_eq(fake_rpc_stream_overlap_max(), 1);
}

Test(stream, without_messages_is_ok) {
    struct client_call *call = client_open(fixture.channel, &many);

    client_half_close(call);

    cr_expect_null(client_receive(call).data);
    cr_expect_eq(end_of(call), STATUS_OK);
}

Test(stream, message_that_fails_ends_it_with_details) {
    struct client_call *call = client_open(fixture.channel, &many);
    struct client_status status;

    client_send(call, client_text("good"));
    cr_expect(client_is_text(client_receive(call), "good"));
    client_send(call, client_text("fail"));
    cr_expect_null(client_receive(call).data);
    client_close(call, &status);

    cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(status.details, "FIELD_INVALID, in detail");
}

Test(stream, unknown_workspace_ends_it_before_any_message) {
    const struct client_options options = {
        .path = MANY_PATH, .metadata_key = "profiled-workspace", .metadata_value = "nobody's"};
    struct client_call *call = client_open(fixture.channel, &options);
    struct client_status status;

    cr_expect_null(client_receive(call).data);
    client_close(call, &status);

    cr_expect_eq(status.code, STATUS_NOT_FOUND);
    cr_expect_str_eq(status.details, "WORKSPACE_NOT_FOUND");
}

Test(stream, cancelled_between_messages_is_freed) {
    struct client_call *call = client_open(fixture.channel, &many);
    client_send(call, client_text("good"));
    cr_expect(client_is_text(client_receive(call), "good"));

    client_cancel(call);

    cr_expect_eq(end_of(call), STATUS_CANCELLED);
}

Test(stream, cancelled_within_a_message_is_told_and_freed) {
    struct client_call *call = client_open(fixture.channel, &many);
    client_send(call, client_text("hold"));
    fake_rpc_wait_held(1);

    client_cancel(call);
    const int code = end_of(call);
    fake_rpc_wait_cancelled(1);
    fake_rpc_release();

    cr_expect_eq(code, STATUS_CANCELLED);
}

Test(stream, deadline_within_a_message_ends_it) {
    const struct client_options options = {.path = MANY_PATH, .timeout_ms = 100};
    struct client_call *call = client_open(fixture.channel, &options);
    client_send(call, client_text("hold"));

    const int code = end_of(call);
    fake_rpc_wait_held(1);
    fake_rpc_wait_cancelled(1);
    fake_rpc_release();

    cr_expect_eq(code, STATUS_DEADLINE_EXCEEDED);
}

Test(stream, message_too_large_ends_it_with_resource_exhausted) {
    struct client_call *call = client_open(fixture.channel, &many);
    uint8_t *large = calloc(1, REQUEST_SIZE_MAX + 1);
    cr_assert_not_null(large);

    client_send(call, client_text("good"));
    cr_expect(client_is_text(client_receive(call), "good"));
    client_send(call, bytes_of(large, REQUEST_SIZE_MAX + 1));
    cr_expect_null(client_receive(call).data);

    cr_expect_eq(end_of(call), STATUS_RESOURCE_EXHAUSTED);
    free(large);
}
