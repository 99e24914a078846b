#pragma once
/* A server with the fake of rpc behind it, on a port that the system chose and on a unix socket,
 * and a channel to it. Each test has its own. */

#include <grpc/grpc.h>

#include "server/transport/transport.h"
#include "tests/transport/client.h"

#define ECHO_PATH "/profiled.testing.v1.EchoService/Echo"
#define MANY_PATH "/profiled.testing.v1.EchoService/EchoMany"
#define FEED_PATH "/profiled.testing.v1.EchoService/EchoFeed"

struct fixture {
    struct transport *transport;
    grpc_channel *channel;
    char folder[64];      /* A new one; removed at the end with its socket. */
    char socket_path[96]; /* Of the server. */
    char target[64];      /* 127.0.0.1:PORT */
};

extern struct fixture fixture;

/* The options of the fixture's server at other addresses. */
struct transport_options fixture_options(const char *const *addresses, size_t count);

void fixture_setup(void);

/* Fails when a call or a stream was not freed; under the address sanitizer, when anything was. */
void fixture_teardown(void);

/* Echo of a text. *status tells how it ended; true when the text came back. */
bool fixture_echo(const char *text, struct client_status *status);
