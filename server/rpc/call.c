/* The life of a call: made, prepared, run, answered. Calls are kept for reuse together with their
 * arena's first chunk, so that a call in the middle of others needs no memory from the system. */

#include "server/rpc/call.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/rpc/decode.h"
#include "server/rpc/host.h"

#if defined(__SANITIZE_ADDRESS__)
enum { CALLS_KEPT_MAX = 0 }; /* So that a use after the end is seen. */
#else
enum { CALLS_KEPT_MAX = 256 };
#endif

static struct {
    pthread_mutex_t mutex;
    struct call *calls;
    uint32_t count;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void *memory_new(size_t size) {
    void *memory = calloc(1, size);
    if (memory == NULL) {
        abort(); /* Out of memory, as in arena.c. */
    }
    return memory;
}

static struct call *kept_take(void) {
    pthread_mutex_lock(&kept.mutex);
    struct call *call = kept.calls;
    if (call != NULL) {
        kept.calls = call->next;
        kept.count--;
    }
    pthread_mutex_unlock(&kept.mutex);
    return call;
}

/* False when enough are kept. */
static bool kept_put(struct call *call) {
    pthread_mutex_lock(&kept.mutex);
    const bool kept_it = kept.count + 1 <= CALLS_KEPT_MAX;
    if (kept_it) {
        call->next = kept.calls;
        kept.calls = call;
        kept.count++;
    }
    pthread_mutex_unlock(&kept.mutex);
    return kept_it;
}

struct rpc_call *rpc_call_new(void) {
    struct call *call = kept_take();
    if (call == NULL) {
        call = memory_new(sizeof *call);
        arena_init(&call->arena, REQUEST_ARENA_MAX);
    }
    call->rpc = (struct rpc_call){.deadline_us = INT64_MAX};
    call->arena.budget = REQUEST_ARENA_MAX;
    call->request = NULL;
    call->has_request_id = false;
    call->next = NULL;
    call->wake_us = 0;
    call->next_round = false;
    return &call->rpc;
}

void rpc_call_free(struct rpc_call *rpc) {
    struct call *call = call_of(rpc);
    arena_reset(&call->arena);
    if (!kept_put(call)) {
        arena_free(&call->arena);
        free(call);
    }
}

/* Bytes that the arenas of all streams hold. Each has a limit, and so have all together: dry runs
 * of imports remember what they would have done. */
static atomic_size_t streams_size;

/* Adds what the stream has taken since; refuses when all together hold too much. */
static struct status stream_account(struct rpc_stream *stream) {
    const size_t taken = stream->arena.used - stream->accounted;
    stream->accounted = stream->arena.used;
    if (atomic_fetch_add(&streams_size, taken) + taken > STREAMS_ARENA_MAX) {
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
                         "the streams under way hold too much memory: try again when another one "
                         "has ended");
    }
    return OK;
}

struct rpc_stream *rpc_stream_new(void) {
    struct rpc_stream *stream = memory_new(sizeof *stream);
    arena_init(&stream->arena, REQUEST_ARENA_MAX);
    return stream;
}

void rpc_stream_free(struct rpc_stream *stream) {
    atomic_fetch_sub(&streams_size, stream->accounted);
    arena_free(&stream->arena);
    free(stream);
}

/* The context is large for its list of violations, which stays as it was. */
void call_begin(struct call *call, int64_t now_us) {
    struct rpc_context *ctx = &call->ctx;
    struct rpc_stream *stream = call->rpc.stream;
    ctx->arena = &call->arena;
    ctx->store = NULL;
    ctx->now_us = now_us;
    ctx->random = call->rpc.workspace->host->random;
    ctx->default_region = store_default_region(call->rpc.workspace->store);
    ctx->validate_only = false;
    ctx->prepared = NULL;
    ctx->stream = stream == NULL ? NULL : &stream->state;
    ctx->stream_arena = stream == NULL ? NULL : &stream->arena;
    ctx->more = false;
    ctx->wait_us = 0;
    ctx->silent = false;
    ctx->waited = false;
    ctx->checks_later = false;
    ctx->violation_count = 0;
    ctx->metadata_count = 0;
}

static struct fingerprint body_fingerprint(struct call *call) {
    const size_t size = protobuf_c_message_get_packed_size(call->request);
    uint8_t *packed = arena_alloc(&call->arena, size);
    /* Each method has a request message of its own: its name stands for the method's. */
    const struct bytes parts[] = {
        bytes_of_string(call->rpc.method->request->name),
        bytes_of(packed, protobuf_c_message_pack(call->request, packed)),
    };
    return store_fingerprint(call->rpc.workspace->store, parts, sizeof parts / sizeof *parts);
}

/* Reads request_id and validate_only, which every write has. */
static void write_fields_read(struct call *call) {
    const struct rpc_method *method = call->rpc.method;
    uint8_t *fields = (uint8_t *)call->request;
    char *request_id = *(char **)(void *)(fields + method->request_id_offset);
    call->ctx.validate_only =
        *(const protobuf_c_boolean *)(void *)(fields + method->validate_only_offset) != 0;
    if (request_id == NULL || *request_id == '\0') {
        return;
    }
    if (!id_parse(request_id, &call->request_id)) {
        rpc_violation(&call->ctx, "is not a UUID", "request_id");
        return;
    }
    /* The same id in capitals is the same id. The text is ours: the arena's. */
    id_format(call->request_id, request_id);
    call->has_request_id = !call->ctx.validate_only;
}

struct status call_prepare(struct call *call) {
    const struct rpc_method *method = call->rpc.method;
    assert((method->access == RPC_STREAM || method->access == RPC_FEED) ==
           (call->rpc.stream != NULL));
    call->ctx.bad_texts =
        (struct rpc_bad_texts){.record = method->record, .arena = call->ctx.arena};
    TRY(decode_request(&call->ctx, method->request, call->rpc.request, &call->request));
    if (method->request_id_offset != 0) {
        write_fields_read(call);
    }
    method->check(&call->ctx, call->request);
    if (call->ctx.violation_count > 0 && !call->ctx.checks_later) {
        return rpc_violations_status(&call->ctx);
    }
    if (call->has_request_id) {
        call->body = body_fingerprint(call);
    }
    return OK;
}

static struct status response_pack(struct call *call, const ProtobufCMessage *response) {
    const size_t size = protobuf_c_message_get_packed_size(response);
    if (size > RESPONSE_SIZE_MAX) {
        return status_of(STATUS_RESOURCE_EXHAUSTED, REASON_MESSAGE_TOO_LARGE,
                         "the answer is larger than 4 MiB: ask for fewer items");
    }
    uint8_t *packed = arena_alloc(&call->arena, size);
    const size_t packed_size = protobuf_c_message_pack(response, packed);
    assert(packed_size == size);
    call->rpc.response = bytes_of(packed, packed_size);
    return OK;
}

struct status call_run(struct call *call, struct store_view *view, int64_t now_us) {
    const struct rpc_method *method = call->rpc.method;
    struct rpc_context *ctx = &call->ctx;
    ctx->store = view;
    ctx->now_us = now_us;
    store_view_come_to(view, now_us);
    call->arena.budget = CALL_ARENA_MAX;
    ProtobufCMessage *response = arena_alloc(&call->arena, method->response->sizeof_message);
    protobuf_c_message_init(method->response, response);
    TRY(method->handle(ctx, call->request, response));
    if (ctx->violation_count > 0) {
        return rpc_violations_status(ctx);
    }
    TRY(response_pack(call, response));
    call->rpc.more = ctx->more;
    TRY(rpc_memory_check(ctx));
    return call->rpc.stream == NULL ? OK : stream_account(call->rpc.stream);
}

struct status call_is_wanted(struct call *call) {
    if (atomic_load_explicit(&call->rpc.cancelled, memory_order_relaxed)) {
        return status_of(STATUS_CANCELLED, REASON_CANCELLED, "the caller cancelled the call");
    }
    if (call->rpc.deadline_us != INT64_MAX && clock_monotonic_us() > call->rpc.deadline_us) {
        return status_of(STATUS_DEADLINE_EXCEEDED, REASON_DEADLINE_EXCEEDED,
                         "the deadline passed before the call was run");
    }
    return OK;
}

void call_answer(struct call *call, struct status status) {
    call->rpc.status = status;
    if (!status_is_ok(status)) {
        call->rpc.response = bytes_of(NULL, 0);
        call->rpc.details = rpc_status_details(status, &call->ctx, &call->arena);
    }
    call->rpc.done(&call->rpc);
}
