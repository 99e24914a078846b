/* Callers who do not read what they are sent: cut off in time, while others are served. */

#include <criterion/criterion.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/transport/fake_rpc.h"
#include "tests/transport/fixture.h"

enum {
    SEND_TIMEOUT_MS = 1500, /* All ask within it. */
    CROWD_TIMEOUT_MS = 3600000,
    MESSAGE_SIZE = 1 << 20,
    CALLERS = 20,
    CROWD = 5, /* Callers whose messages have room together. */
};

static const struct client_options feed = {.path = FEED_PATH};
static const struct client_options echo = {.path = ECHO_PATH};

static struct transport *transport;
static grpc_channel *channel;
static uint8_t message[MESSAGE_SIZE]; /* More than a client's window takes unread. */

static void open_server(uint32_t send_timeout_ms, size_t sends_size_max) {
    static const char *const address = "127.0.0.1:0";
    fixture_setup();
    struct transport_options options = fixture_options(&address, 1);
    const char *failed = NULL;
    char target[64];
    options.send_timeout_ms = send_timeout_ms;
    options.sends_size_max = sends_size_max;
    if (!status_is_ok(transport_open(&options, &transport, &failed))) {
        abort();
    }
    snprintf(target, sizeof target, "127.0.0.1:%u", transport_port(transport, 0));
    channel = client_channel_narrow(target);
    memset(message, 'x', sizeof message);
}

static void setup(void) { open_server(SEND_TIMEOUT_MS, 0); }

static void setup_crowded(void) { open_server(CROWD_TIMEOUT_MS, (size_t)CROWD * MESSAGE_SIZE); }

static void teardown(void) {
    grpc_channel_destroy(channel);
    transport_close(transport);
    fixture_teardown();
}

TestSuite(slow, .init = setup, .fini = teardown, .timeout = 20);
TestSuite(crowd, .init = setup_crowded, .fini = teardown, .timeout = 20);

static struct client_call *ask(void) {
    struct client_call *call = client_open(channel, &feed);
    cr_assert(client_send(call, bytes_of(message, sizeof message)));
    client_half_close(call);
    return call;
}

static void read_one(struct client_call *call) {
    struct bytes got = client_receive(call);
    cr_expect_eq(got.size, sizeof message);
    free((void *)(uintptr_t)got.data);
}

/* Waits until the server holds nothing of any stream: nothing else tells. */
static void wait_until_left(size_t count) {
    while (fake_rpc_streams() > count) {
        sched_yield();
    }
}

/* C core tells how a call ended once what came before was read; of a message that was cut there is
 * nothing. */
static void expect_cut_off(struct client_call *call) {
    struct client_status status;
    cr_expect_null(client_receive(call).data);
    client_close(call, &status);
    cr_expect_eq(status.code, STATUS_RESOURCE_EXHAUSTED);
    cr_expect_str_eq(status.text, "the caller does not read what it is sent");
    cr_expect_eq(status.details_size, 0);
}

/* The stream is there once the server has begun with it. */
static void wait_for_streams(size_t count) {
    while (fake_rpc_streams() < count) {
        sched_yield();
    }
}

Test(slow, who_never_reads_is_cut_off) {
    struct client_call *call = ask();
    wait_for_streams(1);

    wait_until_left(0);

    expect_cut_off(call);
}

Test(slow, who_stops_reading_is_cut_off) {
    struct client_call *call = ask();
    read_one(call);

    wait_until_left(0);

    expect_cut_off(call);
}

Test(slow, many_are_cut_off_while_others_are_served) {
    struct client_call *calls[CALLERS];
    for (size_t i = 0; i < CALLERS; i++) {
        calls[i] = ask();
    }
    wait_for_streams(CALLERS);

    struct bytes response;
    struct client_status status;
    client_unary(channel, &echo, client_text("hello"), &response, &status);

    cr_expect(client_is_text(response, "hello"));
    wait_until_left(0);
    for (size_t i = 0; i < CALLERS; i++) {
        expect_cut_off(calls[i]);
    }
}

Test(slow, who_reads_is_told_all) {
    struct client_call *call = ask();
    struct client_status status;
    for (size_t i = 0; i < FAKE_FEED_RUNS; i++) {
        read_one(call);
    }
    cr_expect_null(client_receive(call).data);
    client_close(call, &status);
    cr_expect_eq(status.code, STATUS_OK);
}

Test(slow, who_cancels_before_is_not_cut_off) {
    struct client_call *call = ask();
    struct client_status status;

    client_cancel(call);
    client_close(call, &status);

    cr_expect_eq(status.code, STATUS_CANCELLED);
}

/* The connection may be gone before the status is out. */
Test(slow, shutdown_does_not_wait_for_who_does_not_read) {
    struct client_call *call = ask();
    read_one(call);
    struct client_status status;

    transport_shutdown(transport, 30000); /* The grace is longer than the test may take. */

    cr_expect_null(client_receive(call).data);
    client_close(call, &status);
    cr_expect(status.code == STATUS_RESOURCE_EXHAUSTED || status.code == STATUS_UNAVAILABLE);
}

Test(crowd, who_waits_longest_is_cut_off_when_there_is_no_room_for_all) {
    struct client_call *calls[CALLERS];
    for (size_t i = 0; i < CALLERS; i++) {
        calls[i] = ask();
    }
    wait_for_streams(CALLERS);

    wait_until_left(CROWD);

    for (size_t i = 0; i < CALLERS - CROWD; i++) {
        expect_cut_off(calls[i]);
    }
    for (size_t i = CALLERS - CROWD; i < CALLERS; i++) {
        struct client_status status;
        read_one(calls[i]);
        client_cancel(calls[i]);
        client_close(calls[i], &status);
        cr_expect_eq(status.code, STATUS_CANCELLED);
    }
}
