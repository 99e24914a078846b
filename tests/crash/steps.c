/* Waiting, connecting, verifying. */

#include "tests/crash/steps.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "client/profiled_client.h"
#include "tests/server/program.h"
#include "tests/server/server.h"

enum { CALL_MS_MAX = 30000 };

void steps_wait_us(size_t us) {
    const struct timespec wait = {.tv_sec = (time_t)(us / 1000000),
                                  .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&wait, NULL);
}

struct profiled_client *steps_connect(const struct server *server, int attempts_max) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    const struct profiled_options options = {.attempts_max = attempts_max,
                                             .timeout_ms = CALL_MS_MAX};
    struct profiled_client *client = profiled_connect(server->address, &options, &error);
    assert(client != NULL);
    return client;
}

bool steps_verify(const char *data) {
    const char *const arguments[] = {SERVER_PROGRAM, "verify", "--data", data, NULL};
    struct program program = program_run(arguments, NULL);
    const bool clean = program.code == 0;
    if (!clean) {
        fprintf(stderr, "crash: verify ends with %d\n%s%s", program.code, program.out, program.err);
    }
    program_free(&program);
    return clean;
}
