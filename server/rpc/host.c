/* The workspaces of the server: they are opened together, found by name, drained and closed
 * together. */

#include "server/rpc/host.h"

#include <assert.h>
#include <stdlib.h>

#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/rpc/call.h"

enum { WORKSPACES_MAX = 1024 };

static void workspace_close(struct rpc_workspace *workspace) {
    writer_close(workspace->writer);
    for (uint32_t i = 0; i < workspace->reader_count; i++) {
        store_reader_close(workspace->readers[i]);
    }
    pthread_mutex_destroy(&workspace->readers_mutex);
}

struct status rpc_host_open(const struct rpc_host_options *options, struct rpc_host **out) {
    assert(options->store_count <= WORKSPACES_MAX);
    const size_t queue_max =
        options->write_queue_max == 0 ? WRITE_QUEUE_MAX : options->write_queue_max;
    struct rpc_host *host = calloc(1, sizeof *host);
    struct rpc_workspace *workspaces =
        calloc(options->store_count == 0 ? 1 : options->store_count, sizeof *workspaces);
    if (host == NULL || workspaces == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    host->random = options->random;
    host->now_us = options->now_us;
    host->answering = options->answering;
    host->storage_failed = options->storage_failed;
    host->storage_failed_state = options->storage_failed_state;
    host->workspaces = workspaces;
    struct status status = worker_open(call_go_on, &host->preparer);
    status = status_is_ok(status) ? worker_open(call_feed, &host->feeder) : status;
    status = status_is_ok(status) ? watcher_open(&host->watcher) : status;
    if (!status_is_ok(status)) {
        rpc_host_close(host);
        return status;
    }
    for (size_t i = 0; i < options->store_count; i++) {
        struct rpc_workspace *workspace = &host->workspaces[i];
        workspace->host = host;
        workspace->store = options->stores[i];
        pthread_mutex_init(&workspace->readers_mutex, NULL);
        status = writer_open(workspace, queue_max, &workspace->writer);
        if (!status_is_ok(status)) {
            pthread_mutex_destroy(&workspace->readers_mutex);
            rpc_host_close(host);
            return status;
        }
        host->workspace_count++;
    }
    *out = host;
    return OK;
}

void rpc_host_end_feeds(struct rpc_host *host) {
    worker_refuse(host->feeder);
    watcher_refuse(host->watcher);
}

void rpc_host_drain(struct rpc_host *host) {
    if (host->preparer != NULL) {
        worker_drain(host->preparer); /* Before the writers that it queues for. */
    }
    for (size_t i = 0; i < host->workspace_count; i++) {
        writer_refuse(host->workspaces[i].writer); /* All of them first: they drain side by side. */
    }
    for (size_t i = 0; i < host->workspace_count; i++) {
        writer_drain(host->workspaces[i].writer);
    }
}

void rpc_host_close(struct rpc_host *host) {
    rpc_host_drain(host);
    worker_close(host->preparer);
    worker_close(host->feeder);
    watcher_close(host->watcher);
    for (size_t i = 0; i < host->workspace_count; i++) {
        workspace_close(&host->workspaces[i]);
    }
    free(host->workspaces);
    free(host);
}

struct rpc_workspace *rpc_workspace_find(struct rpc_host *host, struct bytes name) {
    for (size_t i = 0; i < host->workspace_count; i++) {
        const char *workspace = store_workspace(host->workspaces[i].store);
        if (bytes_equal(bytes_of_string(workspace), name)) {
            return &host->workspaces[i];
        }
    }
    return NULL;
}

struct status workspace_reader_take(struct rpc_workspace *workspace, struct store_reader **out) {
    struct store_reader *reader = NULL;
    pthread_mutex_lock(&workspace->readers_mutex);
    if (workspace->reader_count > 0) {
        workspace->reader_count--;
        reader = workspace->readers[workspace->reader_count];
    }
    pthread_mutex_unlock(&workspace->readers_mutex);
    if (reader == NULL) {
        TRY(store_reader_open(workspace->store, &reader));
    }
    *out = reader;
    return OK;
}

void workspace_reader_return(struct rpc_workspace *workspace, struct store_reader *reader) {
    pthread_mutex_lock(&workspace->readers_mutex);
    const bool kept = workspace->reader_count < READERS_KEPT_MAX;
    if (kept) {
        workspace->readers[workspace->reader_count] = reader;
        workspace->reader_count++;
    }
    pthread_mutex_unlock(&workspace->readers_mutex);
    if (!kept) {
        store_reader_close(reader);
    }
}

void workspace_committed(struct rpc_workspace *workspace) {
    atomic_fetch_add(&workspace->commits, 1);
    watcher_wake(workspace->host->watcher);
}

void workspace_status_watch(struct rpc_workspace *workspace, struct status status) {
    struct rpc_host *host = workspace->host;
    if (status.reason != REASON_STORAGE_FAILED ||
        atomic_exchange(&host->storage_has_failed, true)) {
        return;
    }
    log_error("storage failed: writes are refused until a restart");
    if (host->storage_failed != NULL) {
        host->storage_failed(host->storage_failed_state);
    }
}
