/* The way of a call: prepared here, on the thread that submits it, or by the preparer where that
 * takes long; then run here on a snapshot, or queued for the workspace's writer, the feeder or the
 * watcher. */

#include <assert.h>

#include "server/rpc/call.h"
#include "server/rpc/host.h"

/* Bytes of a request that is prepared where it is submitted: about fifty records, a millisecond. */
enum { PREPARED_HERE_MAX = 16 << 10 };

struct status call_read(struct call *call) {
    struct rpc_workspace *workspace = call->rpc.workspace;
    TRY(call_is_wanted(call));
    struct store_reader *reader = NULL;
    TRY(workspace_reader_take(workspace, &reader));
    struct store_view *view = NULL;
    struct status status = store_view_begin_read(reader, &call->arena, &view);
    if (status_is_ok(status)) {
        status = call_run(call, view, call->ctx.now_us);
        store_view_end(view);
    }
    workspace_reader_return(workspace, reader);
    return status;
}

/* Runs the call here, or queues it where it is to run. */
static struct status take_way(struct call *call, bool *queued) {
    const struct rpc_workspace *workspace = call->rpc.workspace;
    switch (call->rpc.method->access) {
    case RPC_READ:
        return call_read(call);
    case RPC_WRITE:
    case RPC_STREAM:
        *queued = true;
        return writer_push(workspace->writer, call);
    case RPC_FEED:
        *queued = true;
        return call->rpc.method->watches ? watcher_push(workspace->host->watcher, call)
                                         : worker_push(workspace->host->feeder, call);
    }
    assert(false && "a way");
    return OK;
}

void call_feed(struct call *call) { call_answer(call, call_read(call)); }

void call_go_on(struct call *call) {
    struct status status = call_prepare(call);
    if (status_is_ok(status)) {
        bool queued = false;
        status = take_way(call, &queued);
        if (queued && status_is_ok(status)) {
            return; /* Another thread answers it. */
        }
    }
    call_answer(call, status);
}

/* Many records at once: reads would wait for them. */
static bool takes_long(const struct rpc_call *rpc) {
    const enum rpc_access access = rpc->method->access;
    return (access == RPC_WRITE || access == RPC_STREAM) && rpc->request.size > PREPARED_HERE_MAX;
}

void rpc_submit(struct rpc_call *rpc) {
    struct call *call = call_of(rpc);
    struct rpc_workspace *workspace = rpc->workspace;
    assert(rpc->method != NULL);
    assert(workspace != NULL);
    assert(rpc->done != NULL);

    call_begin(call, workspace->host->now_us());
    if (!takes_long(rpc)) {
        call_go_on(call);
        return;
    }
    const struct status status = worker_push(workspace->host->preparer, call);
    if (!status_is_ok(status)) {
        call_answer(call, status);
    }
}
