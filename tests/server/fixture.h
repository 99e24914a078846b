#pragma once
/* A server with an empty store, and a client of it, for each test. */

#include "client/profiled_client.h"
#include "tests/server/server.h"

#define PROFILECTL_PROGRAM "client/profilectl"

struct fixture {
    struct server server;
    struct profiled_client *client;
};

extern struct fixture fixture;

/* The directory of its data. */
const char *fixture_data(void);

/* For .init and .fini of a suite. A server that does not end well fails the test. */
void fixture_setup(void);
void fixture_teardown(void);

/* Kills the server and starts it again; the client is a new one. */
void fixture_crash(void);

/* Kills the server and starts it again where it listened, for clients that connect again. */
void fixture_crash_in_place(void);
