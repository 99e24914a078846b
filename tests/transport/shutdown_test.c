/* Shutting down with calls in flight, and refusing to open. */

#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/transport/fake_rpc.h"
#include "tests/transport/fixture.h"

TestSuite(shutdown, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);
TestSuite(opening, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

enum { GRACE_LONG_MS = 30000, GRACE_SHORT_MS = 20 };

static const struct client_options echo = {.path = ECHO_PATH};
static const struct client_options watch = {.path = "/grpc.health.v1.Health/Watch"};

static void *shut_down(void *grace_ms) {
    transport_shutdown(fixture.transport, *(const uint32_t *)grace_ms);
    return NULL;
}

static struct client_call *open_held(void) {
    struct client_call *call = client_open(fixture.channel, &echo);
    client_send(call, client_text("hold"));
    client_half_close(call);
    fake_rpc_wait_held(1);
    return call;
}

/* A watch that has got its first message; its second tells that the shutdown has begun. */
static struct client_call *open_watch(void) {
    struct client_call *call = client_open(fixture.channel, &watch);
    client_send(call, bytes_of(NULL, 0));
    client_half_close(call);
    free((void *)(uintptr_t)client_receive(call).data);
    return call;
}

Test(shutdown, calls_in_flight_finish_within_the_grace) {
    struct client_call *watcher = open_watch();
    struct client_call *call = open_held();
    uint32_t grace_ms = GRACE_LONG_MS;
    pthread_t thread;
    struct client_status status;
    cr_assert_eq(pthread_create(&thread, NULL, shut_down, &grace_ms), 0);

    free((void *)(uintptr_t)client_receive(watcher).data);
    fake_rpc_release();

    cr_expect(client_is_text(client_receive(call), "hold"));
    client_close(call, &status);
    cr_expect_eq(status.code, STATUS_OK);
    client_close(watcher, &status);
    pthread_join(thread, NULL);
}

Test(shutdown, calls_left_after_the_grace_are_cancelled) {
    struct client_call *call = open_held();
    uint32_t grace_ms = GRACE_SHORT_MS;
    pthread_t thread;
    struct client_status status;
    cr_assert_eq(pthread_create(&thread, NULL, shut_down, &grace_ms), 0);

    cr_expect_null(client_receive(call).data);
    client_close(call, &status);
    fake_rpc_wait_cancelled(1);
    fake_rpc_release();

    cr_expect_neq(status.code, STATUS_OK);
    pthread_join(thread, NULL);
}

Test(shutdown, grace_can_be_ended) {
    struct client_call *watcher = open_watch();
    struct client_call *call = open_held();
    uint32_t grace_ms = UINT32_MAX;
    pthread_t thread;
    struct client_status status;
    cr_assert_eq(pthread_create(&thread, NULL, shut_down, &grace_ms), 0);
    free((void *)(uintptr_t)client_receive(watcher).data);

    transport_end_grace(fixture.transport);

    fake_rpc_wait_cancelled(1);
    fake_rpc_release();
    client_close(call, &status);
    cr_expect_neq(status.code, STATUS_OK);
    client_close(watcher, &status);
    pthread_join(thread, NULL);
}

Test(shutdown, idle_stream_is_cancelled_after_the_grace) {
    const struct client_options many = {.path = MANY_PATH};
    struct client_call *call = client_open(fixture.channel, &many);
    client_send(call, client_text("good"));
    cr_expect(client_is_text(client_receive(call), "good"));
    struct client_status status;

    transport_shutdown(fixture.transport, GRACE_SHORT_MS);
    client_close(call, &status);

    cr_expect_neq(status.code, STATUS_OK);
}

Test(shutdown, new_calls_are_unavailable) {
    const struct client_options options = {.path = ECHO_PATH, .timeout_ms = 5000};
    struct client_status status;
    struct bytes response;
    cr_expect(fixture_echo("hello", &status));

    transport_shutdown(fixture.transport, 0);
    client_unary(fixture.channel, &options, client_text("hello"), &response, &status);

    cr_expect_null(response.data);
    cr_expect_eq(status.code, STATUS_UNAVAILABLE);
}

/* They would be cancelled without details, were they left to C core. */
Test(shutdown, calls_that_come_meanwhile_are_told_why) {
    const struct client_options options = {.path = ECHO_PATH, .timeout_ms = 5000};
    struct client_call *watcher = open_watch();
    struct client_call *call = open_held();
    uint32_t grace_ms = GRACE_LONG_MS;
    pthread_t thread;
    struct client_status status;
    cr_assert_eq(pthread_create(&thread, NULL, shut_down, &grace_ms), 0);
    free((void *)(uintptr_t)client_receive(watcher).data);

    for (int i = 0; i < 3; i++) {
        struct bytes response;
        client_unary(fixture.channel, &options, client_text("hello"), &response, &status);
        cr_expect_null(response.data);
        cr_expect_eq(status.code, STATUS_UNAVAILABLE);
        cr_expect_str_eq(status.details, "SHUTTING_DOWN");
    }

    fake_rpc_release();
    cr_expect(client_is_text(client_receive(call), "hold"));
    client_close(call, &status);
    cr_expect_eq(status.code, STATUS_OK);
    client_close(watcher, &status);
    pthread_join(thread, NULL);
}

Test(shutdown, twice_is_once) {
    transport_shutdown(fixture.transport, 0);
    transport_shutdown(fixture.transport, 0);
}

Test(shutdown, socket_file_is_removed) {
    transport_shutdown(fixture.transport, 0);

    cr_expect_eq(access(fixture.socket_path, F_OK), -1);
}

/* ---- opening ---- */

static struct status open_at(const char *address, struct transport **out) {
    const char *const addresses[] = {address};
    const struct transport_options options = fixture_options(addresses, 1);
    const char *failed = NULL;
    const struct status status = transport_open(&options, out, &failed);
    cr_expect_str_eq(failed, status_is_ok(status) ? "" : address);
    return status;
}

Test(opening, port_in_use_is_refused) {
    struct transport *second = NULL;

    const struct status status = open_at(fixture.target, &second);

    cr_expect_eq((int)status.code, STATUS_FAILED_PRECONDITION);
    cr_expect_str_eq(status.text, "the address is in use");
    cr_expect_null(second);
}

Test(opening, unix_socket_of_a_living_server_is_refused) {
    struct transport *second = NULL;
    char address[128];
    snprintf(address, sizeof address, "unix:%s", fixture.socket_path);
    struct client_status ended;

    const struct status status = open_at(address, &second);

    cr_expect_eq((int)status.code, STATUS_FAILED_PRECONDITION);
    cr_expect_str_eq(status.text, "the address is in use");
    cr_expect_eq(access(fixture.socket_path, F_OK), 0);
    cr_expect(fixture_echo("hello", &ended));
}

/* Leaves the file that a server leaves when it is killed. */
static void make_stale_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    cr_assert_lt(strlen(path), sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(descriptor, 1), 0);
    close(descriptor);
}

Test(opening, stale_unix_socket_is_replaced_and_private) {
    char path[128];
    char address[160];
    snprintf(path, sizeof path, "%s/stale", fixture.folder);
    snprintf(address, sizeof address, "unix:%s", path);
    make_stale_socket(path);
    struct transport *second = NULL;
    struct stat file;

    const struct status status = open_at(address, &second);

    cr_assert(status_is_ok(status));
    cr_expect_eq(stat(path, &file), 0);
    cr_expect_eq(file.st_mode & 07777U, 0600);
    transport_close(second);
    cr_expect_eq(access(path, F_OK), -1);
}

Test(opening, file_that_is_no_socket_is_kept) {
    char path[128];
    char address[160];
    snprintf(path, sizeof path, "%s/file", fixture.folder);
    snprintf(address, sizeof address, "unix:%s", path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    struct transport *second = NULL;

    const struct status status = open_at(address, &second);

    cr_expect_eq((int)status.code, STATUS_FAILED_PRECONDITION);
    cr_expect_eq(unlink(path), 0);
}

Test(opening, folder_that_is_missing_is_told) {
    struct transport *second = NULL;

    const struct status status = open_at("unix:/tmp/transport_test_no_such/socket", &second);

    cr_expect_eq((int)status.code, STATUS_FAILED_PRECONDITION);
    cr_expect_str_eq(status.text, "the folder of the unix socket does not exist");
}

Test(opening, address_that_others_reach_is_refused) {
    struct transport *second = NULL;

    const struct status status = open_at("0.0.0.0:0", &second);

    cr_expect_eq((int)status.code, STATUS_FAILED_PRECONDITION);
}

/* ---- checking ---- */

static void expect_check(const char *address, const char *text) {
    const char *const addresses[] = {"127.0.0.1:0", address};
    const char *failed = NULL;

    const struct status status = transport_check_addresses(addresses, 2, &failed);

    cr_expect_eq(status_is_ok(status), text[0] == '\0', "%s: %s", address, status.text);
    cr_expect_neq(strstr(status.text, text), NULL, "%s: %s", address, status.text);
    cr_expect_str_eq(failed, status_is_ok(status) ? "" : address);
}

Test(opening, check_tells_what_binding_would) {
    char address[128];
    snprintf(address, sizeof address, "unix:%s", fixture.socket_path);

    expect_check("0.0.0.0:1", "no TLS yet");
    expect_check("localhost:0", "");
    expect_check(fixture.target, "in use");
    expect_check(address, "in use");
    expect_check("unix:/tmp/transport_test_no_such/socket", "folder");
}

Test(opening, check_leaves_sockets_as_they_are) {
    char path[128];
    char address[160];
    snprintf(path, sizeof path, "%s/stale", fixture.folder);
    snprintf(address, sizeof address, "unix:%s", path);

    expect_check(address, "");
    cr_expect_neq(access(path, F_OK), 0);
    make_stale_socket(path);
    expect_check(address, "");

    cr_expect_eq(unlink(path), 0);
}

static bool machine_has_ipv6(void) {
    const struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                         .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const int descriptor = socket(AF_INET6, SOCK_STREAM, 0);
    const bool has = bind(descriptor, (const struct sockaddr *)&address, sizeof address) == 0;
    close(descriptor);
    return has;
}

static bool serves_at(const char *host, uint16_t port) {
    char target[64];
    snprintf(target, sizeof target, "%s:%u", host, port);
    grpc_channel *channel = client_channel(target);
    struct client_status status;
    struct bytes response;
    client_unary(channel, &echo, client_text("hello"), &response, &status);
    grpc_channel_destroy(channel);
    return client_is_text(response, "hello");
}

Test(opening, localhost_serves_both_families) {
    struct transport *second = NULL;
    cr_assert(status_is_ok(open_at("localhost:0", &second)));

    cr_expect(serves_at("127.0.0.1", transport_port(second, 0)));
    cr_expect(!machine_has_ipv6() || serves_at("[::1]", transport_port(second, 0)));

    transport_close(second);
}

Test(opening, several_threads_serve) {
    const char *const addresses[] = {"127.0.0.2:0"};
    struct transport_options options = fixture_options(addresses, 1);
    options.thread_count = 3;
    struct transport *second = NULL;
    const char *failed = NULL;
    cr_assert(status_is_ok(transport_open(&options, &second, &failed)));
    char target[64];
    snprintf(target, sizeof target, "127.0.0.2:%u", transport_port(second, 0));

    for (int i = 0; i < 10; i++) {
        grpc_channel *channel = client_channel(target);
        struct client_status status;
        struct bytes response;
        client_unary(channel, &echo, client_text("thread"), &response, &status);
        cr_expect(client_is_text(response, "thread"));
        grpc_channel_destroy(channel);
    }
    transport_close(second);
}

Test(opening, descriptor_set_that_is_none_is_internal) {
    const char *const addresses[] = {"127.0.0.1:0"};
    struct transport_options options = fixture_options(addresses, 1);
    options.descriptor_set = (const uint8_t *)"nonsense";
    options.descriptor_set_size = 8;
    struct transport *second = NULL;

    const char *failed = NULL;
    const struct status status = transport_open(&options, &second, &failed);

    cr_expect_eq((int)status.code, STATUS_INTERNAL);
    cr_expect_str_empty(failed);
}

/* Without a fixture: the process ends. */
Test(rows, shape_that_the_descriptor_set_contradicts_is_our_fault, .signal = SIGABRT) {
    const char *const addresses[] = {"127.0.0.1:0"};
    struct transport_options options = fixture_options(addresses, 1);
    options.services = &fake_service_wrong;
    struct transport *transport = NULL;

    const char *failed = NULL;
    (void)!status_is_ok(transport_open(&options, &transport, &failed));
}
