/* Server streams of the product's own: one request, run again and again, one message at a time. */

#include <criterion/criterion.h>

#include "tests/transport/fake_rpc.h"
#include "tests/transport/fixture.h"

TestSuite(feed, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

static const struct client_options feed = {.path = FEED_PATH};

static struct client_call *ask(const struct client_options *options, const char *text) {
    struct client_call *call = client_open(fixture.channel, options);
    cr_assert(client_send(call, client_text(text)));
    client_half_close(call);
    return call;
}

static int end_of(struct client_call *call) {
    struct client_status status;
    client_close(call, &status);
    return status.code;
}

static void expect_all(const char *text) {
    struct client_call *call = ask(&feed, text);
    for (int i = 0; i < FAKE_FEED_RUNS; i++) {
        cr_expect(client_is_text(client_receive(call), text));
    }
    cr_expect_null(client_receive(call).data);
    cr_expect_eq(end_of(call), STATUS_OK);
}

Test(feed, is_run_until_it_has_no_more) { expect_all("again"); }

Test(feed, answered_from_other_threads) {
    expect_all("thread");
    cr_expect_eq(fake_rpc_stream_overlap_max(), 1);
}

Test(feed, that_fails_ends_with_details) {
    struct client_call *call = ask(&feed, "fail");
    struct client_status status;

    cr_expect_null(client_receive(call).data);
    client_close(call, &status);

    cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(status.details, "FIELD_INVALID, in detail");
}

Test(feed, without_a_message_is_refused) {
    struct client_call *call = client_open(fixture.channel, &feed);
    client_half_close(call);

    cr_expect_null(client_receive(call).data);

    cr_expect_eq(end_of(call), STATUS_INVALID_ARGUMENT);
}

Test(feed, cancelled_within_a_run_is_told_and_freed) {
    struct client_call *call = ask(&feed, "hold");
    fake_rpc_wait_held(1);

    client_cancel(call);
    const int code = end_of(call);
    fake_rpc_wait_cancelled(1);
    fake_rpc_release();

    cr_expect_eq(code, STATUS_CANCELLED);
}

Test(feed, deadline_within_a_run_ends_it) {
    const struct client_options options = {.path = FEED_PATH, .timeout_ms = 100};
    struct client_call *call = ask(&options, "hold");

    const int code = end_of(call);
    fake_rpc_wait_held(1);
    fake_rpc_wait_cancelled(1);
    fake_rpc_release();

    cr_expect_eq(code, STATUS_DEADLINE_EXCEEDED);
}

Test(feed, many_at_once) {
    enum { CALLS = 50 };
    struct client_call *calls[CALLS];
    for (int i = 0; i < CALLS; i++) {
        calls[i] = ask(&feed, "again");
    }
    for (int i = 0; i < CALLS; i++) {
        for (int run = 0; run < FAKE_FEED_RUNS; run++) {
            cr_expect(client_is_text(client_receive(calls[i]), "again"));
        }
        cr_expect_null(client_receive(calls[i]).data);
        cr_expect_eq(end_of(calls[i]), STATUS_OK);
    }
}
