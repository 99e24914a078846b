/* Which addresses may be listened on. */

#include "server/transport/address.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_text(const char *given, const char *expected) {
    struct address address;
    char text[ADDRESS_TEXT_SIZE] = "";
    const struct status status = address_parse(given, &address);
    cr_assert(status_is_ok(status), "%s", given);
    address_format(&address, text);
    cr_expect_str_eq(text, expected);
}

static void expect_code(const char *given, enum status_code code) {
    struct address address;
    const struct status status = address_parse(given, &address);
    cr_expect_eq((int)status.code, (int)code, "%s", given);
}

Test(address, loopback_is_read) {
    expect_text("127.0.0.1:50051", "127.0.0.1:50051");
    expect_text("127.255.255.255:0", "127.255.255.255:0");
    expect_text("[::1]:65535", "[::1]:65535");
    expect_text("localhost:1", "127.0.0.1:1");
    expect_text("LocalHost:1", "127.0.0.1:1");
    expect_text("unix:/run/profiled/socket", "unix:/run/profiled/socket");
    expect_text("unix:relative.sock", "unix:relative.sock");
}

Test(address, every_other_host_is_refused) {
    expect_code("0.0.0.0:50051", STATUS_FAILED_PRECONDITION);
    expect_code("[::]:50051", STATUS_FAILED_PRECONDITION);
    expect_code("128.0.0.1:50051", STATUS_FAILED_PRECONDITION);
    expect_code("10.0.0.1:50051", STATUS_FAILED_PRECONDITION);
    expect_code("127.1:50051", STATUS_FAILED_PRECONDITION);
    expect_code("[::ffff:127.0.0.1]:50051", STATUS_FAILED_PRECONDITION);
    expect_code("localhost.example.com:50051", STATUS_FAILED_PRECONDITION);
    expect_code("example.com:50051", STATUS_FAILED_PRECONDITION);
    expect_code("*:50051", STATUS_FAILED_PRECONDITION);
}

static void expect_refusal(const char *given, const char *text) {
    struct address address;
    const struct status status = address_parse(given, &address);
    cr_expect_neq(strstr(status.text, text), NULL, "%s: %s", given, status.text);
    cr_expect_eq((int)status.reason, REASON_FIELD_INVALID, "%s", given);
}

Test(address, refusal_says_why) {
    expect_refusal("0.0.0.0:50051", "no TLS yet");
    expect_refusal("[::]:50051", "no TLS yet");
    expect_refusal("::1:500", "write [::1]:PORT");
    expect_refusal("::1", "write [::1]:PORT");
    expect_refusal("unix:", "the path is missing");
    expect_refusal("unix:/tmp/a?b", "letters, digits");
    expect_refusal("[::1]", "HOST:PORT");
}

Test(address, what_is_no_address_is_invalid) {
    expect_code("", STATUS_INVALID_ARGUMENT);
    expect_code("127.0.0.1", STATUS_INVALID_ARGUMENT);
    expect_code("127.0.0.1:", STATUS_INVALID_ARGUMENT);
    expect_code(":50051", STATUS_INVALID_ARGUMENT);
    expect_code("::1:50051", STATUS_INVALID_ARGUMENT);
    expect_code("127.0.0.1:65536", STATUS_INVALID_ARGUMENT);
    expect_code("127.0.0.1:-1", STATUS_INVALID_ARGUMENT);
    expect_code("127.0.0.1:http", STATUS_INVALID_ARGUMENT);
    expect_code("127.0.0.1:000001", STATUS_INVALID_ARGUMENT);
    expect_code("unix:", STATUS_INVALID_ARGUMENT);
    expect_code("unix:/tmp/a%2fb", STATUS_INVALID_ARGUMENT);
    expect_code("unix:/tmp/a?b", STATUS_INVALID_ARGUMENT);
}

Test(address, path_longer_than_the_system_takes_is_invalid) {
    char text[5 + ADDRESS_PATH_SIZE + 1] = "unix:";
    memset(text + 5, 'p', ADDRESS_PATH_SIZE - 1);
    struct address address;
    cr_expect(status_is_ok(address_parse(text, &address)));

    text[5 + ADDRESS_PATH_SIZE - 1] = 'p';

    expect_code(text, STATUS_INVALID_ARGUMENT);
}
