/* Start, run, drain. Signals are blocked before the first thread is made and waited for here. */

#include "server/serve.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/transport/transport.h"
#include "server/vault/vault.h"

enum { SIGNAL_STORAGE_FAILED = SIGUSR2 }; /* From a writer to the waiting main thread. */

static void block_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGNAL_STORAGE_FAILED);
    const int failed = pthread_sigmask(SIG_BLOCK, set, NULL);
    assert(failed == 0);
    signal(SIGPIPE, SIG_IGN);
}

static void storage_failed(void *state) {
    (void)state;
    kill(getpid(), SIGNAL_STORAGE_FAILED);
}

static int refuse(const char *what, const char *about, struct status status) {
    log_error("%s%s%s reason=%s: %s", what, about[0] == '\0' ? "" : " ", about,
              error_reason_name(status.reason), status.text);
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

static int wait_for_end(const sigset_t *signals) {
    int received = 0;
    const int failed = sigwait(signals, &received);
    assert(failed == 0);
    if (received == SIGNAL_STORAGE_FAILED) {
        log_error("the storage failed: what was not acknowledged may be lost; look at the disk and "
                  "start again");
        return 1;
    }
    log_info("stopping signal=%s", received == SIGTERM ? "TERM" : "INT");
    return 0;
}

static int run(const struct serve_options *options, const sigset_t *signals,
               struct rpc_host *host) {
    struct transport *transport = NULL;
    const struct status status = transport_open(
        &(struct transport_options){.addresses = options->addresses,
                                    .address_count = options->address_count,
                                    .services = options->services,
                                    .service_count = options->service_count,
                                    .host = host,
                                    .descriptor_set = options->descriptor_set,
                                    .descriptor_set_size = options->descriptor_set_size,
                                    .thread_count = options->thread_count},
        &transport);
    if (!status_is_ok(status)) {
        return refuse("can't listen", "", status);
    }
    log_addresses(options, transport);
    log_info("serving");
    const int exit_status = wait_for_end(signals);
    transport_shutdown(transport, exit_status == 0 ? options->grace_ms : 0);
    transport_close(transport);
    return exit_status;
}

int serve(const struct serve_options *options) {
    sigset_t signals;
    block_signals(&signals);
    struct workspaces workspaces;
    char failed[WORKSPACE_NAME_SIZE_MAX + 1];
    struct status status = workspaces_open(&options->workspaces, &workspaces, failed);
    if (!status_is_ok(status)) {
        return refuse(failed[0] == '\0' ? "can't open the data directory"
                                        : "can't open the store of workspace",
                      failed, status);
    }
    for (size_t i = 0; i < workspaces.count; i++) {
        log_info("opened workspace=%s", store_workspace(workspaces.stores[i]));
    }
    struct rpc_host *host = NULL;
    status = rpc_host_open(&(struct rpc_host_options){.stores = workspaces.stores,
                                                      .store_count = workspaces.count,
                                                      .random = vault_random(),
                                                      .now_us = clock_now_us,
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
