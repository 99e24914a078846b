/* Reads the addresses that the operator gave, and says in words why one is not listened on: C core
 * only answers that it did not work. */

#include "server/transport/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORT_DIGITS_MAX = 5, PORT_MAX = 65535, LOOPBACK_NET = 127 };

static const char unix_prefix[] = "unix:";

static struct status unreadable(void) {
    return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID,
                     "the address is not HOST:PORT or unix:PATH");
}

static struct status in_use(void) {
    return status_of(STATUS_FAILED_PRECONDITION, REASON_NONE, "the address is in use");
}

/* ---- reading ---- */

static bool port_parse(const char *text, uint16_t *out) {
    const size_t size = strlen(text);
    if (size == 0 || size > PORT_DIGITS_MAX || strspn(text, "0123456789") != size) {
        return false;
    }
    uint32_t port = 0;
    for (size_t i = 0; i < size; i++) {
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    if (port > PORT_MAX) {
        return false;
    }
    *out = (uint16_t)port;
    return true;
}

/* C core reads the path as part of a URI: characters that mean something there are refused. */
static struct status unix_parse(const char *path, struct address *out) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789/._-";
    const size_t size = strlen(path);
    if (size == 0) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID,
                         "the path is missing: write unix:PATH");
    }
    if (strspn(path, allowed) != size) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID,
                         "a unix socket's path is of letters, digits and / . _ - only");
    }
    if (size >= ADDRESS_PATH_SIZE) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID,
                         "a unix socket's path has at most 107 characters");
    }
    *out = (struct address){.kind = ADDRESS_UNIX};
    memcpy(out->path, path, size + 1);
    return OK;
}

/* Whether the host is loopback: a numeric address of 127/8, [::1], or localhost in any
 * case. */
static bool host_parse(const char *host, struct address *out) {
    struct in_addr ipv4;
    if (strcasecmp(host, "localhost") == 0) {
        out->kind = ADDRESS_LOCALHOST;
        host = "127.0.0.1";
    } else if (strcmp(host, "[::1]") == 0) {
        out->kind = ADDRESS_IPV6;
        host = "::1";
    } else if (inet_pton(AF_INET, host, &ipv4) == 1 && ntohl(ipv4.s_addr) >> 24 == LOOPBACK_NET) {
        out->kind = ADDRESS_IPV4;
    } else {
        return false;
    }
    memcpy(out->host, host, strlen(host) + 1);
    return true;
}

struct status address_parse(const char *text, struct address *out) {
    if (strncmp(text, unix_prefix, sizeof unix_prefix - 1) == 0) {
        return unix_parse(text + sizeof unix_prefix - 1, out);
    }
    const char *colon = strrchr(text, ':');
    struct address address = {0};
    if (text[0] != '[' && colon != NULL && memchr(text, ':', (size_t)(colon - text)) != NULL) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID,
                         "an IPv6 address stands in brackets: write [::1]:PORT");
    }
    if (colon == NULL || colon == text || !port_parse(colon + 1, &address.port)) {
        return unreadable();
    }
    char host[ADDRESS_HOST_SIZE] = "";
    const size_t host_size = (size_t)(colon - text);
    if (host_size < sizeof host) {
        memcpy(host, text, host_size);
    }
    if (!host_parse(host, &address)) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_FIELD_INVALID,
                         "only loopback addresses and unix sockets are listened on: there is no "
                         "TLS yet, and whoever can reach the server could read everything");
    }
    *out = address;
    return OK;
}

void address_format(const struct address *address, char out[ADDRESS_TEXT_SIZE]) {
    switch (address->kind) {
    case ADDRESS_IPV4:
    case ADDRESS_LOCALHOST:
        snprintf(out, ADDRESS_TEXT_SIZE, "%s:%u", address->host, address->port);
        return;
    case ADDRESS_IPV6:
        snprintf(out, ADDRESS_TEXT_SIZE, "[%s]:%u", address->host, address->port);
        return;
    case ADDRESS_UNIX:
        snprintf(out, ADDRESS_TEXT_SIZE, "%s%s", unix_prefix, address->path);
        return;
    }
}

struct address address_localhost_ipv6(uint16_t port) {
    return (struct address){.kind = ADDRESS_IPV6, .host = "::1", .port = port};
}

/* ---- sockets ---- */

union socket_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    struct sockaddr_un local;
};

static socklen_t socket_address_of(const struct address *address, union socket_address *out) {
    *out = (union socket_address){.local = {.sun_family = AF_UNIX}};
    switch (address->kind) {
    case ADDRESS_IPV4:
    case ADDRESS_LOCALHOST:
        out->ipv4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(address->port)};
        inet_pton(AF_INET, address->host, &out->ipv4.sin_addr);
        return sizeof out->ipv4;
    case ADDRESS_IPV6:
        out->ipv6 =
            (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
        inet_pton(AF_INET6, address->host, &out->ipv6.sin6_addr);
        return sizeof out->ipv6;
    case ADDRESS_UNIX:
        memcpy(out->local.sun_path, address->path, strlen(address->path) + 1);
        return sizeof out->local;
    }
    return 0;
}

/* The errno of connecting to a unix socket; 0 when somebody takes the connection. */
static int unix_connect_error(const struct address *address) {
    union socket_address target;
    const socklen_t size = socket_address_of(address, &target);
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) {
        return errno;
    }
    const int error = connect(descriptor, &target.any, size) == 0 ? 0 : errno;
    close(descriptor);
    return error;
}

/* Tells by *is_stale that the socket file of a server that has died is there. */
static struct status check_unix(const struct address *address, bool *is_stale) {
    struct stat file;
    *is_stale = false;
    if (lstat(address->path, &file) != 0) {
        return OK; /* If the path cannot be looked at, binding it fails too. */
    }
    if (!S_ISSOCK(file.st_mode)) {
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NONE,
                         "there is a file at the unix socket's path that is not a socket");
    }
    if (unix_connect_error(address) != ECONNREFUSED) {
        return in_use(); /* A server whose queue of connections is full lives too. */
    }
    *is_stale = true;
    return OK;
}

struct status address_prepare(const struct address *address) {
    bool is_stale = false;
    if (address->kind != ADDRESS_UNIX) {
        return OK;
    }
    TRY(check_unix(address, &is_stale));
    if (is_stale && unlink(address->path) != 0) {
        return status_of(STATUS_PERMISSION_DENIED, REASON_NONE,
                         "the socket file of a server that has died cannot be removed");
    }
    return OK;
}

/* The errno of binding it; 0 when it could be bound. */
static int bind_error(const struct address *address) {
    union socket_address source;
    const socklen_t size = socket_address_of(address, &source);
    const int descriptor = socket(source.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return errno;
    }
    /* As C core does: connections that are closing do not hold the address. */
    const int yes = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const int error = bind(descriptor, &source.any, size) == 0 ? 0 : errno;
    close(descriptor);
    if (error == 0 && address->kind == ADDRESS_UNIX) {
        unlink(address->path);
    }
    return error;
}

/* What an errno of binding means. */
static struct status bind_status(int error) {
    switch (error) {
    case EADDRINUSE:
        return in_use();
    case EACCES:
    case EPERM:
    case EROFS:
        return status_of(STATUS_PERMISSION_DENIED, REASON_NONE,
                         "this user may not listen on the address");
    case ENOENT:
    case ENOTDIR:
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NONE,
                         "the folder of the unix socket does not exist");
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return status_of(STATUS_FAILED_PRECONDITION, REASON_NONE,
                         "this machine does not have the address");
    default:
        return status_of(STATUS_INTERNAL, REASON_NONE, "the address cannot be listened on");
    }
}

struct status address_check(const struct address *address) {
    if (address->kind != ADDRESS_UNIX) {
        const int error = bind_error(address);
        return error == 0 ? OK : bind_status(error);
    }
    bool is_stale = false;
    TRY(check_unix(address, &is_stale));
    char path[ADDRESS_PATH_SIZE]; /* dirname() writes into it. */
    memcpy(path, address->path, sizeof path);
    return access(dirname(path), W_OK | X_OK) == 0 ? OK : bind_status(errno);
}

struct status address_explain(const struct address *address, bool *is_missing) {
    const int error = bind_error(address);
    *is_missing = error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
    return bind_status(error);
}
