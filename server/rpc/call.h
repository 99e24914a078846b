#pragma once
/* A call as rpc sees it: what transport sees, and what it is on its way. Private to rpc. */

#include "server/base/arena.h"
#include "server/base/id.h"
#include "server/rpc/rpc.h"
#include "server/vault/vault.h"

struct rpc_stream {
    void *state; /* The handler's. */
    struct arena arena;
    size_t accounted; /* Bytes of the arena that are part of what all streams hold. */
    /* A watch, after each answer. */
    bool answered;
    uint64_t seen_commits; /* Of its workspace, in the run that was answered. */
    int64_t wait_us;       /* As the context's then: 0 where there was more to tell. */
};

struct call {
    struct rpc_call rpc; /* First: what transport has is a pointer to this. */
    struct arena arena;
    struct rpc_context ctx;
    ProtobufCMessage *request; /* Decoded and checked. */
    bool has_request_id;       /* And it counts: this is no validate_only. */
    struct id request_id;
    struct fingerprint body; /* With has_request_id: of method and request. */
    struct call *next;       /* In a queue, or among those kept for reuse, or that wait. */
    uint64_t seen_commits;   /* A watch: of its workspace, when it was run last. */
    int64_t wake_us;         /* A watch that waits: until then; 0: it does not. Monotonic. */
    bool next_round;         /* A watch that waits for its turn alone. */
};

static inline struct call *call_of(struct rpc_call *rpc) { return (struct call *)rpc; }

/* Gives the call its context: before anything else. */
void call_begin(struct call *call, int64_t now_us);

/* Decodes and checks the request: everything that needs no store. */
MUST_USE struct status call_prepare(struct call *call);

/* Runs the handler on a view, and packs its answer into call->rpc.response. */
MUST_USE struct status call_run(struct call *call, struct store_view *view, int64_t now_us);

/* Runs it on a fresh snapshot of its workspace: dispatch.c. */
MUST_USE struct status call_read(struct call *call);

/* What the workers do: run a feed and answer it; prepare a call and queue it for its writer. */
void call_feed(struct call *call);
void call_go_on(struct call *call);

/* Whether nobody waits for it any more: CANCELLED or DEADLINE_EXCEEDED. */
MUST_USE struct status call_is_wanted(struct call *call);

/* Gives the status, with its details, to whoever submitted the call. The call is theirs again. */
void call_answer(struct call *call, struct status status);
