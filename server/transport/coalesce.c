/* C core has no way to be told: so the program's own sendmsg() stands before that of libc, which
 * the dynamic linker finds first for libgrpc too. It does the same system call. */

#include "server/transport/coalesce.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOCKETS_MAX = 64 }; /* That wait at once; others send as ever. */

static _Thread_local struct {
    bool is_on;
    size_t count;
    int sockets[SOCKETS_MAX];
} waiting;

/* Whether the socket waits for the end, from now on if it did not. */
static bool wait_for_end(int socket_fd) {
    for (size_t i = 0; i < waiting.count; i++) {
        if (waiting.sockets[i] == socket_fd) {
            return true;
        }
    }
    if (waiting.count == SOCKETS_MAX) {
        return false;
    }
    waiting.sockets[waiting.count++] = socket_fd;
    return true;
}

/* On a unix socket the flag means nothing. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    if (waiting.is_on && wait_for_end(fd)) {
        flags |= MSG_MORE;
    }
    return syscall(SYS_sendmsg, fd, message, flags);
}

void coalesce_begin(void) { waiting.is_on = true; }

void coalesce_end(void) {
    waiting.is_on = false;
    for (size_t i = 0; i < waiting.count; i++) {
        /* It is on: setting it pushes what waits. A socket that is closed by now has sent it. */
        const int on = 1;
        (void)setsockopt(waiting.sockets[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    waiting.count = 0;
}
