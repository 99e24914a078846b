/* Sets up and tears down. Only a crash in a teardown fails a run of Criterion: hence abort(). */

#include "tests/server/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/engine/leaks.h"
#include "tests/engine/scratch.h"

struct fixture fixture;

static void must(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "fixture: %s\n%s", what, fixture.server.log);
        abort();
    }
}

const char *fixture_data(void) { return scratch_path("data"); }

static void start(void) {
    must(server_start(&fixture.server, fixture_data(), NULL), "the server does not start");
    struct profiled_error error = PROFILED_ERROR_INIT;
    fixture.client = profiled_connect(fixture.server.address, NULL, &error);
    must(fixture.client != NULL, "no client");
}

void fixture_setup(void) {
    scratch_open();
    start();
}

void fixture_teardown(void) {
    profiled_disconnect(fixture.client);
    if (fixture.server.pid != 0) {
        must(server_stop(&fixture.server) == 0, "the server does not end well");
    }
    scratch_close();
    leaks_check();
}

void fixture_crash(void) {
    profiled_disconnect(fixture.client);
    server_kill(&fixture.server);
    start();
}

void fixture_crash_in_place(void) {
    char address[SERVER_ADDRESS_SIZE_MAX];
    memcpy(address, fixture.server.address, sizeof address);
    const char *const same_address[] = {"--listen", address, NULL};
    server_kill(&fixture.server);
    must(server_start(&fixture.server, fixture_data(), same_address), "the server does not start");
}
