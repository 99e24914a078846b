/* The life of a call: C core fills one that was asked for, its messages go to the method's
 * behaviour, the answers come back and start batches. Each batch has a tag of its own and holds one
 * reference; the call is freed with the last. RECV_CLOSE_ON_SERVER has a batch to itself from the
 * start, so that cancellation is heard of at any time. */

#include "server/transport/exchange.h"

#include <assert.h>
#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/arena.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/rpc/rpc.h"
#include "server/transport/handoff.h"
#include "server/transport/payload.h"
#include "server/transport/transport.h"

enum { BATCH_OPERATIONS_MAX = 3, DETAILS_ARENA_MAX = 64 << 10 };

static const char details_key[] = "grpc-status-details-bin";

struct exchange {
    struct queue_event requested; /* C core has filled the call. */
    struct queue_event stepped;   /* METHOD_BIDI: the answer is out and the next message here. */
    struct queue_event sent;      /* A message is out. */
    struct queue_event finished;  /* The status is out. */
    struct queue_event closed;    /* The call is over. */
    struct send send;             /* The message that is on its way. */

    const struct method *method;
    struct queue *queue;
    atomic_uint references;
    void *state; /* The behaviour's. */

    /* C core's. */
    grpc_call *core; /* NULL until requested. */
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    grpc_call_details unknown; /* METHOD_UNKNOWN: the path. */
    grpc_byte_buffer *incoming;
    int was_cancelled;    /* Set by C core when `closed` completes. */
    grpc_metadata detail; /* The trailer, kept until its batch has completed. */

    pthread_mutex_t lock; /* Guards what follows, and which batches are started. */
    struct payload payload;
    bool initial_sent; /* The initial metadata is in a batch. */
    bool pushing;      /* exchange_push()'s message is on its way. */
    bool over;         /* The status is in a batch, or the call was cancelled. */
    atomic_bool cancelled;
};

/* ---- references ---- */

static void exchange_free(struct exchange *exchange) {
    if (exchange->core != NULL && exchange->method->behaviour->end != NULL) {
        exchange->method->behaviour->end(exchange);
    }
    payload_close(&exchange->payload);
    if (exchange->incoming != NULL) {
        grpc_byte_buffer_destroy(exchange->incoming);
    }
    grpc_slice_unref(exchange->detail.value);
    grpc_metadata_array_destroy(&exchange->metadata);
    if (exchange->method->shape == METHOD_UNKNOWN) {
        grpc_call_details_destroy(&exchange->unknown);
    }
    if (exchange->core != NULL) {
        grpc_call_unref(exchange->core);
    }
    pthread_mutex_destroy(&exchange->lock);
    free(exchange->state);
    struct live *live = exchange->queue->live;
    if (exchange->core != NULL) {
        live_drop(exchange->queue->begun);
    }
    free(exchange);
    live_drop(live);
}

void exchange_hold(struct exchange *exchange) { atomic_fetch_add(&exchange->references, 1); }

void exchange_release(struct exchange *exchange) {
    if (atomic_fetch_sub(&exchange->references, 1) == 1) {
        exchange_free(exchange);
    }
}

void exchange_lock(struct exchange *exchange) { pthread_mutex_lock(&exchange->lock); }

void exchange_unlock(struct exchange *exchange) { pthread_mutex_unlock(&exchange->lock); }

/* ---- batches: all under the lock ---- */

struct batch {
    grpc_op operations[BATCH_OPERATIONS_MAX];
    size_t count;
    grpc_byte_buffer *message; /* Destroyed once the batch was started. */
};

static grpc_op *batch_add(struct batch *batch, grpc_op_type type) {
    assert(batch->count < BATCH_OPERATIONS_MAX);
    grpc_op *operation = &batch->operations[batch->count++];
    *operation = (grpc_op){.op = type};
    return operation;
}

/* The initial metadata goes with whatever is sent first. */
static void batch_add_initial(struct batch *batch, struct exchange *exchange) {
    if (!exchange->initial_sent) {
        exchange->initial_sent = true;
        batch_add(batch, GRPC_OP_SEND_INITIAL_METADATA);
    }
}

static void batch_add_message(struct batch *batch, struct bytes message) {
    batch->message = payload_copy(message);
    batch_add(batch, GRPC_OP_SEND_MESSAGE)->data.send_message.send_message = batch->message;
}

static void batch_add_receive(struct batch *batch, struct exchange *exchange) {
    assert(exchange->incoming == NULL);
    batch_add(batch, GRPC_OP_RECV_MESSAGE)->data.recv_message.recv_message = &exchange->incoming;
}

static void batch_add_status(struct batch *batch, struct exchange *exchange, struct status status,
                             struct bytes details) {
    struct grpc_op_send_status_from_server *send =
        &batch_add(batch, GRPC_OP_SEND_STATUS_FROM_SERVER)->data.send_status_from_server;
    send->status = (grpc_status_code)status.code;
    if (details.size > 0) {
        exchange->detail.key = grpc_slice_from_static_string(details_key);
        exchange->detail.value =
            grpc_slice_from_copied_buffer((const char *)details.data, details.size);
        send->trailing_metadata = &exchange->detail;
        send->trailing_metadata_count = 1;
    }
    exchange->over = true;
}

static void batch_start(struct batch *batch, struct exchange *exchange, struct queue_event *event) {
    exchange_hold(exchange);
    HANDOFF_RELEASE(event);
    const grpc_call_error error =
        grpc_call_start_batch(exchange->core, batch->operations, batch->count, event, NULL);
    if (error != GRPC_CALL_OK) {
        log_error("batch refused error=%s", grpc_call_error_to_string(error));
        abort();
    }
    if (batch->message != NULL) {
        grpc_byte_buffer_destroy(batch->message);
    }
}

/* ---- for behaviours ---- */

const struct method *exchange_method(const struct exchange *exchange) { return exchange->method; }

void *exchange_state_new(struct exchange *exchange, size_t size) {
    assert(exchange->state == NULL);
    exchange->state = calloc(1, size);
    if (exchange->state == NULL) {
        abort();
    }
    return exchange->state;
}

void *exchange_state(const struct exchange *exchange) { return exchange->state; }

struct status exchange_metadata(const struct exchange *exchange, const char *key,
                                struct bytes *out) {
    const grpc_metadata *found = NULL;
    for (size_t i = 0; i < exchange->metadata.count; i++) {
        const grpc_metadata *pair = &exchange->metadata.metadata[i];
        if (grpc_slice_str_cmp(pair->key, key) != 0) {
            continue;
        }
        if (found != NULL && !grpc_slice_eq(found->value, pair->value)) {
            return status_of(STATUS_INVALID_ARGUMENT, REASON_FIELD_INVALID,
                             "the call's metadata gives one key two values");
        }
        found = pair;
    }
    if (found != NULL) {
        *out = bytes_of(GRPC_SLICE_START_PTR(found->value), GRPC_SLICE_LENGTH(found->value));
    }
    return OK;
}

int64_t exchange_deadline_us(const struct exchange *exchange) {
    const gpr_timespec deadline = gpr_convert_clock_type(exchange->deadline, GPR_CLOCK_MONOTONIC);
    if (gpr_time_cmp(deadline, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) {
        return INT64_MAX;
    }
    /* C core's monotonic clock begins elsewhere than ours: go by what is left. */
    const gpr_timespec left = gpr_time_sub(deadline, gpr_now(GPR_CLOCK_MONOTONIC));
    return clock_monotonic_us() + left.tv_sec * US_PER_SECOND + left.tv_nsec / 1000;
}

bool exchange_is_cancelled(const struct exchange *exchange) { return exchange->cancelled; }

void exchange_answer(struct exchange *exchange, struct bytes response) {
    const enum method_shape shape = exchange->method->shape;
    assert(shape == METHOD_UNARY || shape == METHOD_BIDI);
    exchange_lock(exchange);
    payload_close(&exchange->payload);
    if (!exchange->over) {
        struct batch batch = {.count = 0};
        batch_add_initial(&batch, exchange);
        batch_add_message(&batch, response);
        if (shape == METHOD_UNARY) {
            batch_add_status(&batch, exchange, OK, bytes_of(NULL, 0));
            batch_start(&batch, exchange, &exchange->finished);
        } else {
            batch_add_receive(&batch, exchange);
            batch_start(&batch, exchange, &exchange->stepped);
        }
    }
    exchange_unlock(exchange);
}

bool exchange_push(struct exchange *exchange, struct bytes message) {
    assert(exchange->method->shape == METHOD_SERVER_STREAM);
    exchange_lock(exchange);
    const bool free_to_send = !exchange->over && !exchange->pushing;
    if (free_to_send) {
        struct batch batch = {.count = 0};
        batch_add_initial(&batch, exchange);
        batch_add_message(&batch, message);
        exchange->pushing = true;
        sends_add(&exchange->queue->sends, &exchange->send, message.size);
        batch_start(&batch, exchange, &exchange->sent);
    }
    exchange_unlock(exchange);
    return free_to_send;
}

/* Without the lock held by the caller; `details` fits the trailers. */
static void finish(struct exchange *exchange, struct status status, struct bytes details) {
    exchange_lock(exchange);
    payload_close(&exchange->payload);
    if (!exchange->over) {
        struct batch batch = {.count = 0};
        grpc_slice text = grpc_slice_from_static_string(status.text);
        batch_add_initial(&batch, exchange);
        batch_add_status(&batch, exchange, status, details);
        if (status.text[0] != '\0') {
            batch.operations[batch.count - 1].data.send_status_from_server.status_details = &text;
        }
        batch_start(&batch, exchange, &exchange->finished);
    }
    exchange_unlock(exchange);
}

void exchange_finish(struct exchange *exchange, struct status status, struct bytes details) {
    struct arena arena;
    arena_init(&arena, DETAILS_ARENA_MAX);
    if (status_is_ok(status)) {
        details = bytes_of(NULL, 0);
    } else if (details.size == 0 || details.size > TRANSPORT_DETAILS_SIZE_MAX) {
        details = rpc_status_details(status, NULL, &arena);
    }
    finish(exchange, status, details);
    arena_free(&arena);
}

/* ---- what C core tells ---- */

static void receive(struct exchange *exchange) {
    exchange_lock(exchange);
    if (!exchange->over) {
        struct batch batch = {.count = 0};
        batch_add_initial(&batch, exchange);
        batch_add_receive(&batch, exchange);
        batch_start(&batch, exchange, &exchange->stepped);
    }
    exchange_unlock(exchange);
}

/* The message that came in; false when there is none. */
static bool message_take(struct exchange *exchange, struct bytes *out) {
    exchange_lock(exchange);
    const bool is_there = exchange->incoming != NULL;
    if (is_there) {
        *out = payload_open(&exchange->payload, exchange->incoming);
        exchange->incoming = NULL;
    }
    exchange_unlock(exchange);
    return is_there;
}

/* While the server stops it goes on to take calls, so that they are told: what C core refuses by
 * itself is cancelled, without details. */
static struct status refusal_of(const struct exchange *exchange) {
    return exchange->method->row != NULL && atomic_load(&exchange->queue->refuses)
               ? status_of(STATUS_UNAVAILABLE, REASON_SHUTTING_DOWN, "the server is shutting down")
               : OK;
}

/* The first steps of a call that C core has filled. */
static void begin(struct exchange *exchange) {
    const struct method_behaviour *behaviour = exchange->method->behaviour;
    struct status status = behaviour->begin == NULL ? OK : behaviour->begin(exchange);
    status = status_is_ok(status) ? refusal_of(exchange) : status;
    if (!status_is_ok(status)) {
        exchange_finish(exchange, status, bytes_of(NULL, 0));
        return;
    }
    if (exchange->method->shape == METHOD_BIDI) {
        receive(exchange);
        return;
    }
    struct bytes message;
    if (!message_take(exchange, &message)) {
        exchange_finish(exchange,
                        status_of(STATUS_INVALID_ARGUMENT, REASON_MESSAGE_INVALID,
                                  "the call has no message, or too large a one"),
                        bytes_of(NULL, 0));
        return;
    }
    behaviour->message(exchange, message);
}

static void on_requested(struct queue_event *event, bool ok) {
    struct exchange *exchange = event->owner;
    if (ok) { /* Otherwise the server has shut down. */
        live_add(exchange->queue->begun);
        exchange_request(exchange->method, exchange->queue);
        if (exchange->method->shape == METHOD_UNKNOWN) {
            exchange->deadline = exchange->unknown.deadline;
        }
        exchange_lock(exchange);
        struct batch batch = {.count = 0};
        batch_add(&batch, GRPC_OP_RECV_CLOSE_ON_SERVER)->data.recv_close_on_server.cancelled =
            &exchange->was_cancelled;
        batch_start(&batch, exchange, &exchange->closed);
        exchange_unlock(exchange);
        begin(exchange);
    }
    exchange_release(exchange);
}

static void on_stepped(struct queue_event *event, bool ok) {
    struct exchange *exchange = event->owner;
    struct bytes message;
    if (!ok || grpc_call_failed_before_recv_message(exchange->core)) {
        /* Cancelled, or refused by C core, which ends the call itself: `closed` tells. */
    } else if (message_take(exchange, &message)) {
        exchange->method->behaviour->message(exchange, message);
    } else { /* The client has sent its last message, and has an answer to each. */
        exchange_finish(exchange, OK, bytes_of(NULL, 0));
    }
    exchange_release(exchange);
}

static void on_sent(struct queue_event *event, bool ok) {
    struct exchange *exchange = event->owner;
    sends_remove(&exchange->queue->sends, &exchange->send);
    exchange_lock(exchange);
    exchange->pushing = false;
    exchange_unlock(exchange);
    if (ok && exchange->method->behaviour->sent != NULL) {
        exchange->method->behaviour->sent(exchange);
    }
    exchange_release(exchange);
}

/* The client does not read. The status goes past what is on its way, which only a cancellation
 * does: so it has no details. `sent` fails behind it, on this same thread, and `closed` tells the
 * rest. */
static void on_late(struct send *send) {
    struct exchange *exchange = send->owner;
    exchange_lock(exchange);
    exchange->over = true;
    exchange_unlock(exchange);
    grpc_call_cancel_with_status(exchange->core, GRPC_STATUS_RESOURCE_EXHAUSTED,
                                 "the caller does not read what it is sent", NULL);
}

static void on_finished(struct queue_event *event, bool ok) {
    (void)ok; /* `closed` tells how it ended. */
    exchange_release(event->owner);
}

static void on_closed(struct queue_event *event, bool ok) {
    struct exchange *exchange = event->owner;
    (void)ok; /* This batch does not fail. */
    exchange_lock(exchange);
    exchange->cancelled = exchange->was_cancelled != 0;
    exchange->over = true;
    exchange_unlock(exchange);
    if (exchange->method->behaviour->closed != NULL) {
        exchange->method->behaviour->closed(exchange);
    }
    exchange_release(exchange);
}

/* ---- asking for calls ---- */

static struct exchange *exchange_new(const struct method *method, struct queue *queue) {
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        abort();
    }
    exchange->requested = (struct queue_event){on_requested, exchange};
    exchange->stepped = (struct queue_event){on_stepped, exchange};
    exchange->sent = (struct queue_event){on_sent, exchange};
    exchange->finished = (struct queue_event){on_finished, exchange};
    exchange->closed = (struct queue_event){on_closed, exchange};
    exchange->send = (struct send){.late = on_late, .owner = exchange};
    exchange->method = method;
    exchange->queue = queue;
    atomic_init(&exchange->references, 1);
    grpc_metadata_array_init(&exchange->metadata);
    if (method->shape == METHOD_UNKNOWN) {
        grpc_call_details_init(&exchange->unknown);
    }
    exchange->detail.value = grpc_empty_slice();
    pthread_mutex_init(&exchange->lock, NULL);
    live_add(queue->live);
    return exchange;
}

void exchange_request(const struct method *method, struct queue *queue) {
    struct exchange *exchange = exchange_new(method, queue);
    HANDOFF_RELEASE(&exchange->requested);
    const grpc_call_error error =
        method->shape == METHOD_UNKNOWN
            ? grpc_server_request_call(queue->server, &exchange->core, &exchange->unknown,
                                       &exchange->metadata, queue->pending, queue->pending,
                                       &exchange->requested)
            : grpc_server_request_registered_call(
                  queue->server, method->registered, &exchange->core, &exchange->deadline,
                  &exchange->metadata, method->shape == METHOD_BIDI ? NULL : &exchange->incoming,
                  queue->pending, queue->pending, &exchange->requested);
    if (error != GRPC_CALL_OK) {
        exchange_release(exchange);
    }
}
