/* Gives addresses to C core, one socket after the other. */

#include "server/transport/listener.h"

#include <grpc/grpc_security.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "server/transport/address.h"

/* Nobody but the server's user may connect to a unix socket. The umask is the process's: binding
 * happens before there is anybody else to make files. */
enum { SOCKET_UMASK = 0177 };

/* C core's answer: the port, 1 for a unix socket; 0 when it could not bind. */
static uint16_t bind_one(grpc_server *server, const struct address *address) {
    char text[ADDRESS_TEXT_SIZE];
    address_format(address, text);
    grpc_server_credentials *credentials = grpc_insecure_server_credentials_create();
    const mode_t before = umask(SOCKET_UMASK);
    const int port = grpc_server_add_http2_port(server, text, credentials);
    umask(before);
    grpc_server_credentials_release(credentials);
    return (uint16_t)port;
}

/* Localhost is both families, on one port, where the machine has both. */
static struct status bind_localhost_ipv6(grpc_server *server, uint16_t port) {
    const struct address address = address_localhost_ipv6(port);
    if (bind_one(server, &address) != 0) {
        return OK;
    }
    bool is_missing = false;
    const struct status status = address_explain(&address, &is_missing);
    return is_missing ? OK : status;
}

struct status listener_bind(grpc_server *server, const char *text, uint16_t *port) {
    struct address address;
    TRY(address_parse(text, &address));
    TRY(address_prepare(&address));
    const uint16_t bound = bind_one(server, &address);
    if (bound == 0) {
        bool is_missing = false;
        return address_explain(&address, &is_missing);
    }
    if (address.kind == ADDRESS_LOCALHOST) {
        TRY(bind_localhost_ipv6(server, bound));
    }
    *port = address.kind == ADDRESS_UNIX ? 0 : bound;
    return OK;
}
