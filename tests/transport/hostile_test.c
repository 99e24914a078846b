/* Bytes that no gRPC client sends: the server goes on serving others. */

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/transport/fixture.h"

TestSuite(hostile, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

/* Sends the bytes on a connection of their own and waits until the server closes it. */
static void send_raw(const void *bytes, size_t size) {
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(transport_port(fixture.transport, 0)),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    (void)!send(descriptor, bytes, size, MSG_NOSIGNAL);
    shutdown(descriptor, SHUT_WR);
    char answer[4096];
    while (recv(descriptor, answer, sizeof answer, 0) > 0) {
    }
    close(descriptor);
}

static void expect_alive(void) {
    struct client_status status;
    cr_expect(fixture_echo("hello", &status));
    cr_expect_eq(status.code, STATUS_OK);
}

Test(hostile, garbage_is_dropped) {
    static const char http[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    uint8_t noise[4096];
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (uint8_t)(i * 131 + i / 7);
    }

    send_raw("", 0);
    send_raw(http, sizeof http - 1);
    send_raw(noise, sizeof noise);

    expect_alive();
}

Test(hostile, broken_frames_are_dropped) {
    /* A length, a type, flags and a stream of each frame, behind the preface and settings. */
    static const char settings[] = PREFACE "\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    static const char data_on_no_stream[] =
        PREFACE "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
                "\x00\x00\x05\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00";
    static const char bad_headers[] =
        PREFACE "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
                "\x00\x00\x04\x01\x05\x00\x00\x00\x01\xff\xff\xff\xff";
    static const char cut_frame[] = PREFACE "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
                                            "\x00\x40\x00\x01\x05\x00\x00\x00\x01\x82";

    send_raw(PREFACE, sizeof PREFACE - 1);
    send_raw(settings, sizeof settings - 1);
    send_raw(data_on_no_stream, sizeof data_on_no_stream - 1);
    send_raw(bad_headers, sizeof bad_headers - 1);
    send_raw(cut_frame, sizeof cut_frame - 1);

    expect_alive();
}

Test(hostile, message_that_is_not_one_reaches_dispatch_as_bytes) {
    const struct client_options options = {.path = ECHO_PATH};
    struct client_status status;
    struct bytes response;

    client_unary(fixture.channel, &options, bytes_of("\xff\xff\xff", 3), &response, &status);

    cr_expect_eq(status.code, STATUS_OK);
    cr_expect(bytes_equal(response, bytes_of("\xff\xff\xff", 3)));
    free((void *)(uintptr_t)response.data);
}
