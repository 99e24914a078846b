#pragma once
/* The host: the workspaces, each with its readers and its writer. Private to rpc. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "server/rpc/rpc.h"
#include "server/rpc/watcher.h"
#include "server/rpc/worker.h"
#include "server/rpc/writer.h"

enum { READERS_KEPT_MAX = 64 }; /* Of one workspace, beyond those in use. */

struct rpc_workspace {
    struct rpc_host *host;
    struct store *store;
    struct writer *writer;
    atomic_uint_fast64_t commits; /* That there were: who watches looks again. */
    pthread_mutex_t readers_mutex;
    uint32_t reader_count;
    struct store_reader *readers[READERS_KEPT_MAX]; /* Those that nobody uses now. */
};

struct rpc_host {
    const struct random *random;
    int64_t (*now_us)(void);
    void (*answering)(bool begins);
    void (*storage_failed)(void *state);
    void *storage_failed_state;
    atomic_bool storage_has_failed; /* Told once. */
    struct worker *preparer;        /* Of all workspaces: of requests that are large. */
    struct worker *feeder;          /* The same: of feeds. */
    struct watcher *watcher;        /* The same. */
    size_t workspace_count;
    struct rpc_workspace *workspaces;
};

/* A reader that nobody else uses. */
MUST_USE struct status workspace_reader_take(struct rpc_workspace *workspace,
                                             struct store_reader **out);
void workspace_reader_return(struct rpc_workspace *workspace, struct store_reader *reader);

/* Tells those who watch that something was committed. By the writer. */
void workspace_committed(struct rpc_workspace *workspace);

/* Tells the host's owner, once, when the status is that of a failed disk. */
void workspace_status_watch(struct rpc_workspace *workspace, struct status status);
