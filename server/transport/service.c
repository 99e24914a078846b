/* Between a call and dispatch: finds the call's workspace, hands each message to rpc_submit(), and
 * the answer back to the call from whichever thread has it. */

#include "server/transport/service.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/rpc/rpc.h"
#include "server/transport/exchange.h"

static const char workspace_key[] = "profiled-workspace";
static const char workspace_default[] = "default";

enum { WORKSPACE_NAME_SIZE_MAX = 64 };

/* A call's state. */
struct served {
    struct rpc_workspace *workspace;
    struct rpc_stream *stream; /* Owned; RPC_STREAM and RPC_FEED only. */
    struct rpc_call *running;  /* Between rpc_submit() and `done`. Under the call's lock. */
    uint8_t *request;          /* RPC_FEED: the one message, for each run; owned. */
    size_t request_size;
    bool more; /* RPC_FEED: another run once what was sent is out. */
};

static struct status served_begin(struct exchange *exchange) {
    struct served *served = exchange_state_new(exchange, sizeof *served);
    struct bytes name = bytes_of_string(workspace_default);
    /* The key separates tenants: of two that differ, neither is taken. */
    TRY(exchange_metadata(exchange, workspace_key, &name));
    if (name.size <= WORKSPACE_NAME_SIZE_MAX) {
        served->workspace = rpc_workspace_find(exchange_method(exchange)->state, name);
    }
    if (served->workspace == NULL) {
        return status_of(STATUS_NOT_FOUND, REASON_WORKSPACE_NOT_FOUND,
                         "there is no workspace of the name in profiled-workspace");
    }
    if (exchange_method(exchange)->shape != METHOD_UNARY) {
        served->stream = rpc_stream_new();
    }
    return OK;
}

/* By any thread, maybe before rpc_submit() has returned. */
static void served_done(struct rpc_call *rpc) {
    struct exchange *exchange = rpc->owner;
    struct served *served = exchange_state(exchange);
    exchange_lock(exchange);
    assert(served->running == rpc);
    served->running = NULL;
    served->more = rpc->more;
    exchange_unlock(exchange);
    if (status_is_ok(rpc->status) && exchange_method(exchange)->shape == METHOD_SERVER_STREAM) {
        (void)exchange_push(exchange, rpc->response); /* Not sent: the call is over. */
    } else if (status_is_ok(rpc->status)) {
        exchange_answer(exchange, rpc->response);
    } else {
        exchange_finish(exchange, rpc->status, rpc->details);
    }
    rpc_call_free(rpc);
    exchange_release(exchange);
}

static void served_run(struct exchange *exchange, struct bytes message) {
    struct served *served = exchange_state(exchange);
    const int64_t deadline_us = exchange_deadline_us(exchange);
    if (deadline_us <= clock_monotonic_us()) {
        exchange_finish(exchange,
                        status_of(STATUS_DEADLINE_EXCEEDED, REASON_DEADLINE_EXCEEDED,
                                  "the deadline had passed when the message came"),
                        bytes_of(NULL, 0));
        return;
    }
    struct rpc_call *rpc = rpc_call_new();
    rpc->method = exchange_method(exchange)->row;
    rpc->workspace = served->workspace;
    rpc->stream = served->stream;
    rpc->request = message;
    rpc->deadline_us = deadline_us;
    rpc->done = served_done;
    rpc->owner = exchange;
    exchange_hold(exchange);
    exchange_lock(exchange);
    assert(served->running == NULL);
    served->running = rpc;
    exchange_unlock(exchange);
    rpc_submit(rpc);
}

static void served_message(struct exchange *exchange, struct bytes message) {
    struct served *served = exchange_state(exchange);
    if (exchange_method(exchange)->shape != METHOD_SERVER_STREAM) {
        served_run(exchange, message);
        return;
    }
    served->request = malloc(message.size + 1);
    if (served->request == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    if (message.size > 0) {
        memcpy(served->request, message.data, message.size);
    }
    served->request_size = message.size;
    served_run(exchange, bytes_of(served->request, served->request_size));
}

/* A message of a feed is out: the next run, or the end. */
static void served_sent(struct exchange *exchange) {
    const struct served *served = exchange_state(exchange);
    if (served->more) {
        served_run(exchange, bytes_of(served->request, served->request_size));
    } else {
        exchange_finish(exchange, OK, bytes_of(NULL, 0));
    }
}

/* Nobody waits for the answer any more: one that has not begun need not. */
static void served_closed(struct exchange *exchange) {
    struct served *served = exchange_state(exchange);
    exchange_lock(exchange);
    if (served->running != NULL && exchange_is_cancelled(exchange)) {
        served->running->cancelled = true;
    }
    exchange_unlock(exchange);
}

static void served_end(struct exchange *exchange) {
    struct served *served = exchange_state(exchange);
    if (served->stream != NULL) {
        rpc_stream_free(served->stream);
    }
    free(served->request);
}

const struct method_behaviour service_behaviour = {
    .begin = served_begin,
    .message = served_message,
    .sent = served_sent,
    .closed = served_closed,
    .end = served_end,
};
