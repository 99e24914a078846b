/* Start, run, drain. Signals are blocked before the first thread is made and waited for here: by
 * the main thread while it serves, by a watcher of its own while it drains. */

#include "server/serve.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/transport/transport.h"
#include "server/vault/vault.h"

/* After the storage failed: what waits fails at once, and is to be told so. */
enum { FAILED_GRACE_MS_MAX = 1000 };

enum {
    SIGNAL_STORAGE_FAILED = SIGUSR2, /* From a writer to the thread that waits. */
    SIGNAL_DRAINED = SIGUSR1,        /* From the main thread to the watcher of the drain. */
};

static void block_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGNAL_STORAGE_FAILED);
    sigset_t blocked = *set;
    sigaddset(&blocked, SIGNAL_DRAINED);
    const int failed = pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    assert(failed == 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* A limit on the size of files is a disk that fails. */
}

static void storage_failed(void *state) {
    (void)state;
    kill(getpid(), SIGNAL_STORAGE_FAILED);
}

static int refuse(const char *what, const char *about, struct status status) {
    /* Where no reason fits, the code says more than NONE. */
    log_error("%s%s%s reason=%s: %s", what, about[0] == '\0' ? "" : " ", about,
              status.reason == REASON_NONE ? status_code_name(status.code)
                                           : error_reason_name(status.reason),
              status.text);
    return 1;
}

static void log_addresses(const struct serve_options *options, const struct transport *transport) {
    for (size_t i = 0; i < options->address_count; i++) {
        const uint16_t port = transport_port(transport, i);
        if (port == 0) {
            log_info("listening address=%s", options->addresses[i]);
        } else {
            log_info("listening address=%s port=%u", options->addresses[i], port);
        }
    }
}

static int wait_for_signal(const sigset_t *signals) {
    int received = 0;
    const int failed = sigwait(signals, &received);
    assert(failed == 0);
    return received;
}

/* Logs what ends the server, or its grace, and returns the exit status that it means. */
static int log_end(int signal, const char *what) {
    if (signal == SIGNAL_STORAGE_FAILED) {
        log_error("the storage failed: what was not acknowledged may be lost; look at the disk and "
                  "start again");
        return 1;
    }
    log_info("%s signal=%s", what, signal == SIGTERM ? "TERM" : "INT");
    return 0;
}

/* ---- draining ---- */

struct drain {
    struct transport *transport;
    sigset_t signals;
    atomic_bool done; /* Set before SIGNAL_DRAINED, which somebody else may send as well. */
    int exit_status;  /* The watcher's, until it is joined. */
};

/* The watcher: another signal ends the grace. */
static void *watch_drain(void *state) {
    struct drain *drain = state;
    for (;;) {
        const int received = wait_for_signal(&drain->signals);
        if (received != SIGNAL_DRAINED) {
            drain->exit_status |= log_end(received, "stopping at once: cancelling what is left");
            transport_end_grace(drain->transport);
        } else if (atomic_load(&drain->done)) {
            return NULL;
        }
    }
}

/* Lets the calls in flight end. Returns the exit status. */
static int drain(struct transport *transport, const sigset_t *signals, uint32_t grace_ms) {
    struct drain drain = {.transport = transport, .signals = *signals};
    sigaddset(&drain.signals, SIGNAL_DRAINED);
    pthread_t watcher;
    const bool watched = pthread_create(&watcher, NULL, watch_drain, &drain) == 0;
    if (!watched) {
        log_warning("a second signal won't end the grace: no thread is left to wait for it");
    }
    transport_shutdown(transport, grace_ms);
    if (watched) {
        atomic_store(&drain.done, true);
        pthread_kill(watcher, SIGNAL_DRAINED);
        pthread_join(watcher, NULL);
    }
    return drain.exit_status;
}

/* ---- serving ---- */

static int run(const struct serve_options *options, const sigset_t *signals,
               struct rpc_host *host) {
    struct transport *transport = NULL;
    const char *failed = "";
    const struct status status = transport_open(
        &(struct transport_options){.addresses = options->addresses,
                                    .address_count = options->address_count,
                                    .services = options->services,
                                    .service_count = options->service_count,
                                    .host = host,
                                    .descriptor_set = options->descriptor_set,
                                    .descriptor_set_size = options->descriptor_set_size,
                                    .thread_count = options->thread_count,
                                    .sends_each = options->sends_each,
                                    .send_timeout_ms = options->send_timeout_ms},
        &transport, &failed);
    if (!status_is_ok(status)) {
        return refuse(failed[0] == '\0' ? "can't start" : "can't listen on", failed, status);
    }
    log_addresses(options, transport);
    log_info("serving");
    int exit_status = log_end(wait_for_signal(signals), "stopping");
    rpc_host_end_feeds(host); /* What takes long would take the whole grace, and be cut off. */
    const bool cut = exit_status != 0 && options->grace_ms > FAILED_GRACE_MS_MAX;
    exit_status |= drain(transport, signals, cut ? FAILED_GRACE_MS_MAX : options->grace_ms);
    transport_close(transport);
    return exit_status;
}

int serve(const struct serve_options *options) {
    sigset_t signals;
    block_signals(&signals);
    const char *address = "";
    struct status status =
        transport_check_addresses(options->addresses, options->address_count, &address);
    if (!status_is_ok(status)) {
        return refuse("can't listen on", address, status);
    }
    struct workspaces workspaces;
    char failed[WORKSPACE_NAME_SIZE_MAX + 1];
    status = workspaces_open(&options->workspaces, &workspaces, failed);
    if (!status_is_ok(status)) {
        return refuse(failed[0] == '\0' ? "can't open the data directory"
                                        : "can't open the store of workspace",
                      failed, status);
    }
    for (size_t i = 0; i < workspaces.count; i++) {
        log_info("opened workspace=%s", store_workspace(workspaces.stores[i]));
    }
    struct rpc_host *host = NULL;
    status = rpc_host_open(
        &(struct rpc_host_options){.stores = workspaces.stores,
                                   .store_count = workspaces.count,
                                   .random = vault_random(),
                                   .now_us = clock_now_us,
                                   .answering = options->sends_each ? NULL : transport_answering,
                                   .storage_failed = storage_failed},
        &host);
    if (!status_is_ok(status)) {
        workspaces_close(&workspaces);
        return refuse("can't start", "", status);
    }
    const int exit_status = run(options, &signals, host);
    rpc_host_close(host);
    workspaces_close(&workspaces);
    log_info("stopped");
    return exit_status;
}
