/* Many connections at once, with answers from other threads, cancellations, and a shutdown in the
 * middle of it all. A program of its own, without Criterion, so that the thread sanitizer can watch
 * it: the assertions are the fixture's and the sanitizers'. */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/transport/fake_rpc.h"
#include "tests/transport/fixture.h"

enum { CLIENTS = 4, ROUNDS = 50, SHUTDOWN_ROUND = 25, GRACE_MS = 5000 };

/* Clients that have done half their rounds. */
static atomic_uint half_done;

static bool echo(grpc_channel *channel, const char *text, size_t size) {
    const struct client_options options = {.path = ECHO_PATH};
    struct client_status status;
    struct bytes response;
    client_unary(channel, &options, bytes_of(text, size), &response, &status);
    free((void *)(uintptr_t)response.data);
    return status.code == STATUS_OK;
}

static bool stream(grpc_channel *channel) {
    const struct client_options options = {.path = MANY_PATH};
    struct client_call *call = client_open(channel, &options);
    struct client_status status;
    bool answered = true;
    for (int i = 0; i < 3 && answered; i++) {
        client_send(call, bytes_of("\x0a\x06thread", 8));
        const struct bytes answer = client_receive(call);
        answered = answer.data != NULL;
        free((void *)(uintptr_t)answer.data);
    }
    client_half_close(call);
    client_close(call, &status);
    return answered && status.code == STATUS_OK;
}

static void cancel(grpc_channel *channel) {
    const struct client_options options = {.path = MANY_PATH};
    struct client_call *call = client_open(channel, &options);
    struct client_status status;
    client_send(call, bytes_of("\x0a\x06thread", 8));
    client_cancel(call);
    client_close(call, &status);
}

/* Returns how many rounds failed, which all do once the server has gone. */
static void *run_client(void *failures) {
    grpc_channel *channel = client_channel(fixture.target);
    unsigned failed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if (i == SHUTDOWN_ROUND) {
            half_done++;
        }
        const bool good =
            echo(channel, "\x0a\x06thread", 8) && echo(channel, "", 0) && stream(channel);
        cancel(channel);
        failed += !good && i < SHUTDOWN_ROUND ? 1 : 0;
        if (!good) {
            break; /* The server has gone. */
        }
    }
    *(unsigned *)failures = failed;
    grpc_channel_destroy(channel);
    return NULL;
}

int main(void) {
    fixture_setup();
    pthread_t threads[CLIENTS];
    unsigned failures[CLIENTS] = {0};
    for (size_t i = 0; i < CLIENTS; i++) {
        if (pthread_create(&threads[i], NULL, run_client, &failures[i]) != 0) {
            abort();
        }
    }
    while (half_done < CLIENTS) {
        sched_yield();
    }
    transport_shutdown(fixture.transport, GRACE_MS);
    unsigned failed = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        failed += failures[i];
    }
    fixture_teardown();
    if (failed > 0) {
        fprintf(stderr, "%u rounds failed before the shutdown\n", failed);
    }
    return failed == 0 ? 0 : 1;
}
