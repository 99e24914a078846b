/* Group commit. Each call runs on a view of the one write transaction, sees those before it, and is
 * applied unless it failed or only validates; one that fails leaves nothing. After the commit all
 * are answered. When the storage fails, everything that ran in the transaction fails with it: what
 * a call was told may rest on what another one lost. */

#include "server/rpc/batch.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/rpc/call.h"
#include "server/rpc/host.h"

enum {
    BATCH_CALLS_MAX = 1000,
    BATCH_SIZE_MAX = 4 << 20,    /* Bytes applied after which no further call is run, and */
    BATCH_ARENA_MAX = 256 << 20, /* what those that were run have allocated. */
};

/* A call of the batch, with what came of it. */
struct entry {
    struct call *call;
    struct status status;
    bool ran; /* In the transaction: shares its fate. */
};

struct batch {
    struct rpc_workspace *workspace;
    int64_t now_us; /* The time of the latest call: time does not go back between two, but where
                       the clock was set back. */
    bool applied;   /* Something is to be committed. */
    size_t count;
    struct entry entries[BATCH_CALLS_MAX];
};

struct batch *batch_new(struct rpc_workspace *workspace) {
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    batch->workspace = workspace;
    return batch;
}

void batch_free(struct batch *batch) { free(batch); }

static int64_t batch_now_us(struct batch *batch) {
    const int64_t now_us = batch->workspace->host->now_us();
    if (now_us > batch->now_us || now_us < batch->now_us - CLOCK_BACK_MAX_US) {
        batch->now_us = now_us;
    }
    return batch->now_us;
}

/* Looks for the answer of the same call before: *found, and then its status and its response. */
static struct status request_replay(struct call *call, struct store_view *view, int64_t now_us,
                                    bool *found) {
    *found = false;
    struct store_request first;
    TRY(store_request_get(view, call->request_id, now_us, found, &first));
    if (!*found) {
        return OK;
    }
    if (memcmp(first.body.bytes, call->body.bytes, sizeof first.body.bytes) != 0) {
        return status_of(STATUS_INVALID_ARGUMENT, REASON_REQUEST_ID_REUSED,
                         "the request_id was used for another request");
    }
    call->rpc.response = arena_copy(&call->arena, first.response);
    return OK;
}

/* Runs one call and leaves its wishes in the view; *apply tells whether they are to be applied. */
static struct status call_decide(struct batch *batch, struct call *call, struct store_view *view,
                                 bool *apply) {
    const int64_t now_us = batch_now_us(batch);
    if (call->has_request_id) {
        bool found = false;
        TRY(request_replay(call, view, now_us, &found));
        if (found) {
            return OK;
        }
    }
    TRY(call_run(call, view, now_us));
    if (call->has_request_id) {
        const struct store_request request = {.body = call->body, .response = call->rpc.response};
        TRY(store_request_put(view, call->request_id, now_us, &request));
    }
    *apply = !call->ctx.validate_only;
    return OK;
}

/* Runs and applies one entry. A status that is not OK is the transaction's, which is lost. */
static struct status entry_run(struct batch *batch, struct entry *entry,
                               struct store_write *write) {
    entry->status = call_is_wanted(entry->call);
    if (!status_is_ok(entry->status)) {
        return OK;
    }
    entry->ran = true;
    struct store_view *view = NULL;
    TRY(store_view_begin_write(write, &entry->call->arena, &view));
    bool apply = false;
    entry->status = call_decide(batch, entry->call, view, &apply);
    if (!apply) {
        return OK;
    }
    batch->applied = true;
    return store_view_apply(view, batch->now_us);
}

/* Gives the transaction's failure to the entries that share its fate. */
static void entries_fail(struct batch *batch, struct status status) {
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->entries[i].ran) {
            batch->entries[i].status = status;
            batch->entries[i].call->ctx.violation_count = 0;
            batch->entries[i].call->ctx.metadata_count = 0;
        }
    }
}

/* Runs calls from the front of the list until the batch is full, or the transaction is lost. *calls
 * becomes the rest. `refused`, when not OK, is the answer to those that do not erase. */
static struct status entries_run(struct batch *batch, struct call **calls, struct status refused,
                                 struct store_write *write) {
    size_t arena_size = 0;
    while (*calls != NULL && batch->count < BATCH_CALLS_MAX &&
           (write == NULL || store_write_size(write) < BATCH_SIZE_MAX) &&
           arena_size < (size_t)BATCH_ARENA_MAX) {
        struct entry *entry = &batch->entries[batch->count];
        *entry = (struct entry){.call = *calls, .status = refused};
        *calls = (*calls)->next;
        batch->count++;
        if (write != NULL && (status_is_ok(refused) || entry->call->rpc.method->erases)) {
            TRY(entry_run(batch, entry, write));
        }
        arena_size += entry->call->arena.used;
    }
    return OK;
}

/* Whether some call of the list may run when the store is full. */
static bool calls_erase(const struct call *calls) {
    for (; calls != NULL; calls = calls->next) {
        if (calls->rpc.method->erases) {
            return true;
        }
    }
    return false;
}

/* Opens the transaction: an ordinary one or, when the store is too full for it, one that erases.
 * *refused is the answer to the calls that may not run in it; *out is NULL when none may. */
static void write_begin(struct batch *batch, const struct call *calls, struct status *refused,
                        struct store_write **out) {
    struct store *store = batch->workspace->store;
    *out = NULL;
    *refused = store_write_begin(store, STORE_WRITE_ORDINARY, out);
    if (refused->reason != REASON_STORAGE_FULL || !calls_erase(calls)) {
        return;
    }
    const struct status status = store_write_begin(store, STORE_WRITE_ERASE, out);
    if (!status_is_ok(status)) {
        *refused = status;
    }
}

/* Commits what was applied, or drops the transaction. */
static struct status write_end(struct batch *batch, struct store_write *write,
                               struct status status) {
    if (status_is_ok(status) && batch->applied) {
        TRY(store_write_commit(write));
        workspace_committed(batch->workspace);
        return OK;
    }
    store_write_abort(write);
    return status;
}

static void entries_answer(struct batch *batch) {
    assert(batch->count > 0);
    void (*answering)(bool begins) = batch->count > 1 ? batch->workspace->host->answering : NULL;
    if (answering != NULL) {
        answering(true);
    }
    for (size_t i = 0; i < batch->count; i++) {
        workspace_status_watch(batch->workspace, batch->entries[i].status);
        call_answer(batch->entries[i].call, batch->entries[i].status);
    }
    if (answering != NULL) {
        answering(false);
    }
}

struct call *batch_run(struct batch *batch, struct call *calls) {
    assert(calls != NULL);
    batch->count = 0;
    batch->applied = false;
    struct store_write *write = NULL;
    struct status refused = OK;
    write_begin(batch, calls, &refused, &write);
    struct status status = entries_run(batch, &calls, refused, write);
    if (write != NULL) {
        status = write_end(batch, write, status);
    }
    if (!status_is_ok(status)) {
        entries_fail(batch, status);
    }
    entries_answer(batch);
    return calls;
}
