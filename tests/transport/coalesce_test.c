/* What waits, for how long, and that libgrpc sends through us. */

#include "server/transport/coalesce.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUIET_MS = 50, SOON_MS = 5000 };

static int near;
static int far;

static void connect_two(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(listen(listener, 1), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    near = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(near, (struct sockaddr *)&address, size), 0);
    far = accept(listener, NULL, NULL);
    cr_assert_geq(far, 0);
    close(listener);
}

static void close_two(void) {
    close(near);
    close(far);
}

TestSuite(coalesce, .init = connect_two, .fini = close_two, .timeout = 60);

static void say(const char *word) {
    struct iovec part = {(void *)(uintptr_t)word, strlen(word)};
    const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    cr_assert_eq(sendmsg(near, &message, 0), (ssize_t)strlen(word));
}

static bool is_heard(int wait_ms) {
    struct pollfd heard = {.fd = far, .events = POLLIN};
    return poll(&heard, 1, wait_ms) == 1;
}

static void expect_heard(const char *words) {
    char text[64];
    cr_assert(is_heard(SOON_MS));
    const ssize_t size = recv(far, text, sizeof text - 1, 0);
    cr_assert_geq(size, 0);
    text[size] = '\0';
    cr_expect_str_eq(text, words);
}

Test(coalesce, what_is_sent_in_between_leaves_together) {
    coalesce_begin();
    say("one ");
    say("two");
    cr_expect_not(is_heard(QUIET_MS));
    coalesce_end();
    expect_heard("one two");
}

Test(coalesce, what_is_sent_otherwise_leaves_at_once) {
    say("one");
    expect_heard("one");
    coalesce_begin();
    coalesce_end();
    say("two");
    expect_heard("two");
}

Test(coalesce, a_socket_that_is_closed_meanwhile_is_no_matter) {
    coalesce_begin();
    say("one");
    close(near);
    coalesce_end();
    expect_heard("one");
}

/* The linker must export it: else libgrpc finds that of libc. */
Test(coalesce, libraries_send_through_us) {
    cr_expect_eq(dlsym(RTLD_DEFAULT, "sendmsg"), (void *)(uintptr_t)&sendmsg);
    Dl_info info;
    cr_assert_neq(dladdr(dlsym(RTLD_DEFAULT, "sendmsg"), &info), 0);
    cr_expect_null(strstr(info.dli_fname, "libc.so"), "%s", info.dli_fname);
}
