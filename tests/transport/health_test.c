/* grpc.health.v1 as its clients call it. */

#include <criterion/criterion.h>
#include <grpc/health/v1/health.pb-c.h>
#include <stdlib.h>

#include "tests/transport/fixture.h"

TestSuite(health, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

#define SERVING GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
#define NOT_SERVING GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING
#define SERVICE_UNKNOWN GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN

static const struct client_options check = {.path = "/grpc.health.v1.Health/Check"};
static const struct client_options watch = {.path = "/grpc.health.v1.Health/Watch"};

enum {
    NO_MESSAGE = -1,
    WATCHERS = 20,
    GRACE_MS = 10000
}; /* Without a grace what is told may be cut off. */

/* The status in a response; frees it. */
static int status_in(struct bytes response) {
    if (response.data == NULL) {
        return NO_MESSAGE;
    }
    Grpc__Health__V1__HealthCheckResponse *message =
        grpc__health__v1__health_check_response__unpack(NULL, response.size, response.data);
    free((void *)(uintptr_t)response.data);
    cr_assert_not_null(message);
    const int status = (int)message->status;
    grpc__health__v1__health_check_response__free_unpacked(message, NULL);
    return status;
}

static int check_service(const char *service, struct client_status *status) {
    struct bytes response;
    client_unary(fixture.channel, &check, client_text(service), &response, status);
    return status_in(response);
}

static struct client_call *watch_service(const char *service) {
    struct client_call *call = client_open(fixture.channel, &watch);
    client_send(call, client_text(service));
    client_half_close(call);
    return call;
}

Test(health, server_and_services_are_serving) {
    struct client_status status;

    cr_expect_eq(check_service("", &status), SERVING);
    cr_expect_eq(check_service("profiled.testing.v1.EchoService", &status), SERVING);
    cr_expect_eq(check_service("grpc.health.v1.Health", &status), SERVING);
}

Test(health, check_of_an_unknown_service_is_not_found) {
    struct client_status status;

    cr_expect_eq(check_service("profiled.testing.v1.Nothing", &status), NO_MESSAGE);

    cr_expect_eq(status.code, STATUS_NOT_FOUND);
}

static void expect_invalid(const struct client_options *options, struct bytes request) {
    struct client_status status;
    struct bytes response;
    client_unary(fixture.channel, options, request, &response, &status);
    cr_expect_eq(status_in(response), NO_MESSAGE);
    cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(status.details, "MESSAGE_INVALID");
}

Test(health, request_that_is_none_is_invalid) {
    expect_invalid(&check, bytes_of("\xff\xff", 2));
    expect_invalid(&check, bytes_of("\x0a\x7f", 2));
    expect_invalid(&watch, bytes_of("\xff\xff", 2));
}

Test(health, watch_tells_at_once_and_on_shutdown) {
    struct client_call *call = watch_service("profiled.testing.v1.EchoService");
    struct client_status status;

    cr_expect_eq(status_in(client_receive(call)), SERVING);
    transport_shutdown(fixture.transport, GRACE_MS);
    cr_expect_eq(status_in(client_receive(call)), NOT_SERVING);
    cr_expect_eq(status_in(client_receive(call)), NO_MESSAGE);
    client_close(call, &status);

    cr_expect_eq(status.code, STATUS_UNAVAILABLE);
    cr_expect_str_eq(status.details, "SHUTTING_DOWN");
}

Test(health, watch_of_an_unknown_service_goes_on) {
    struct client_call *call = watch_service("profiled.testing.v1.Nothing");
    struct client_status status;

    cr_expect_eq(status_in(client_receive(call)), SERVICE_UNKNOWN);
    transport_shutdown(fixture.transport, GRACE_MS);
    cr_expect_eq(status_in(client_receive(call)), NO_MESSAGE);
    client_close(call, &status);

    cr_expect_eq(status.code, STATUS_UNAVAILABLE);
}

Test(health, every_watcher_is_told) {
    struct client_call *calls[WATCHERS];
    for (size_t i = 0; i < WATCHERS; i++) {
        calls[i] = watch_service("");
        cr_expect_eq(status_in(client_receive(calls[i])), SERVING);
    }

    transport_shutdown(fixture.transport, GRACE_MS);

    for (size_t i = 0; i < WATCHERS; i++) {
        struct client_status status;
        cr_expect_eq(status_in(client_receive(calls[i])), NOT_SERVING);
        client_close(calls[i], &status);
        cr_expect_eq(status.code, STATUS_UNAVAILABLE);
    }
}

Test(health, watchers_may_leave_in_any_order) {
    struct client_call *calls[WATCHERS];
    for (size_t i = 0; i < WATCHERS; i++) {
        calls[i] = watch_service("");
        cr_expect_eq(status_in(client_receive(calls[i])), SERVING);
    }

    for (size_t i = 0; i < WATCHERS; i++) {
        struct client_status status;
        const size_t which = i * 7 % WATCHERS;
        client_cancel(calls[which]);
        client_close(calls[which], &status);
        cr_expect_eq(status.code, STATUS_CANCELLED);
    }

    struct client_status status;
    cr_expect_eq(check_service("", &status), SERVING);
}
