/* The server as a whole: makes it, fills the table of methods, asks for calls, and shuts down in
 * the one order that C core allows: server, calls, queues, threads. */

#include "server/transport/transport.h"

#include <assert.h>
#include <grpc/grpc.h>
#include <grpc/health/v1/health.pb-c.h>
#include <grpc/reflection/v1/reflection.pb-c.h>
#include <grpc/reflection/v1alpha/reflection.pb-c.h>
#include <stdbool.h>
#include <stdlib.h>

#include "server/base/clock.h"
#include "server/base/limits.h"
#include "server/transport/address.h"
#include "server/transport/coalesce.h"
#include "server/transport/core_log.h"
#include "server/transport/descriptors.h"
#include "server/transport/exchange.h"
#include "server/transport/health.h"
#include "server/transport/listener.h"
#include "server/transport/live.h"
#include "server/transport/method.h"
#include "server/transport/queue.h"
#include "server/transport/reflection.h"
#include "server/transport/service.h"

enum {
    /* Calls that C core may fill before we ask again, on each queue. Its debug builds, which the
     * distribution's is, look through all of them at each event: more costs more. */
    CALLS_REQUESTED_UNARY = 16,
    CALLS_REQUESTED_OTHER = 4,

    HANDSHAKE_TIMEOUT_MS = 5000,  /* For a connection's first settings. */
    KEEPALIVE_TIME_MS = 60000,    /* Silence after which a client is asked whether it lives. */
    KEEPALIVE_TIMEOUT_MS = 20000, /* How long it has to answer. */
    PING_INTERVAL_MIN_MS = 10000, /* Clients that ask us more often are sent away. */
    COMPRESSION_NONE = 1,         /* A bit for each algorithm: identity alone. */

    /* How long calls are refused at least before the connections are told to end: who is told to
     * come again later does not come in that moment, in which C core cancels what comes. */
    REFUSE_MS_MIN = 50,

    /* With no call of ours left, how long the connections may take to end by themselves. C core
     * cancels what comes from those that have not heard of it. */
    LINGER_MS_MAX = 10,
};

struct transport {
    grpc_server *server;
    struct live live;   /* Calls, those that were asked for too. */
    struct live begun;  /* Calls that came. */
    struct live ending; /* The shutdown that C core has not yet confirmed. */
    struct descriptors *descriptors;
    struct method_table table;
    struct health *health;
    struct reflection *reflection;
    struct queue *queues;
    uint32_t queue_count;
    uint16_t ports[TRANSPORT_ADDRESSES_MAX];
    size_t address_count;
    struct queue_event down; /* C core has shut the server down. */
    bool shut_down;
};

/* ---- opening ---- */

static grpc_arg integer(const char *key, int value) {
    /* C core does not write to the key. */
    return (grpc_arg){GRPC_ARG_INTEGER, (char *)(uintptr_t)key, {.integer = value}};
}

/* Compressed messages are refused, since the limit is on the bytes before they are inflated. An
 * address is ours alone: without REUSEPORT a second server fails to bind. minimal_stack would be
 * faster, and would take away the limit on messages. */
static grpc_server *server_new(void) {
    grpc_arg arguments[] = {
        integer(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, COMPRESSION_NONE),
        integer(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, REQUEST_SIZE_MAX),
        integer(GRPC_ARG_MAX_METADATA_SIZE, TRANSPORT_METADATA_SIZE_MAX),
        integer(GRPC_ARG_MAX_CONCURRENT_STREAMS, TRANSPORT_STREAMS_MAX),
        integer(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS),
        integer(GRPC_ARG_KEEPALIVE_TIME_MS, KEEPALIVE_TIME_MS),
        integer(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, KEEPALIVE_TIMEOUT_MS),
        integer(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1),
        integer(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, PING_INTERVAL_MIN_MS),
        integer(GRPC_ARG_ALLOW_REUSEPORT, 0),
    };
    const grpc_channel_args all = {sizeof arguments / sizeof arguments[0], arguments};
    return grpc_server_create(&all, NULL);
}

static void add_services(struct transport *transport, const struct transport_options *options) {
    for (size_t i = 0; i < options->service_count; i++) {
        const struct rpc_service *service = &options->services[i];
        for (size_t k = 0; k < service->descriptor->n_methods; k++) {
            const struct method_entry entry = {
                .service = service->descriptor->name,
                .name = service->descriptor->methods[k].name,
                .behaviour = &service_behaviour,
                .row = service->methods[k],
                .state = options->host,
            };
            method_table_add(&transport->table, transport->server, transport->descriptors, &entry);
        }
    }
}

static void add_companions(struct transport *transport) {
    const struct method_entry entries[] = {
        {grpc__health__v1__health__descriptor.name, "Check", &health_check_behaviour, NULL,
         transport->health},
        {grpc__health__v1__health__descriptor.name, "Watch", &health_watch_behaviour, NULL,
         transport->health},
        {grpc__reflection__v1__server_reflection__descriptor.name, "ServerReflectionInfo",
         &reflection_behaviour, NULL, transport->reflection},
        {grpc__reflection__v1alpha__server_reflection__descriptor.name, "ServerReflectionInfo",
         &reflection_behaviour, NULL, transport->reflection},
    };
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        method_table_add(&transport->table, transport->server, transport->descriptors, &entries[i]);
    }
    method_table_add_unknown(&transport->table);
}

static void open_queues(struct transport *transport, const struct transport_options *options) {
    const struct sends_limits limits = {
        .timeout_ms =
            options->send_timeout_ms == 0 ? TRANSPORT_SEND_TIMEOUT_MS : options->send_timeout_ms,
        .size_max =
            options->sends_size_max == 0 ? TRANSPORT_SENDS_SIZE_MAX : options->sends_size_max,
    };
    transport->queues = calloc(options->thread_count, sizeof transport->queues[0]);
    if (transport->queues == NULL) {
        abort();
    }
    for (uint32_t i = 0; i < options->thread_count; i++) {
        queue_open(&transport->queues[i], transport->server, &transport->live, &transport->begun,
                   &limits, !options->sends_each);
    }
    transport->queue_count = options->thread_count;
}

static struct status bind_all(struct transport *transport, const struct transport_options *options,
                              const char **failed) {
    for (size_t i = 0; i < options->address_count; i++) {
        const struct status status =
            listener_bind(transport->server, options->addresses[i], &transport->ports[i]);
        if (!status_is_ok(status)) {
            *failed = options->addresses[i];
            return status;
        }
    }
    transport->address_count = options->address_count;
    return OK;
}

static void request_calls(struct transport *transport, struct queue *queue) {
    for (size_t i = 0; i < transport->table.count; i++) {
        const struct method *method = &transport->table.methods[i];
        const size_t count =
            method->shape == METHOD_UNARY ? CALLS_REQUESTED_UNARY : CALLS_REQUESTED_OTHER;
        for (size_t k = 0; k < count; k++) {
            exchange_request(method, queue);
        }
    }
}

/* The threads run before anything is bound: closing a server that has bound needs them. */
static struct status start(struct transport *transport, const struct transport_options *options,
                           const char **failed) {
    for (uint32_t i = 0; i < transport->queue_count; i++) {
        TRY(queue_start(&transport->queues[i], i));
    }
    TRY(bind_all(transport, options, failed));
    grpc_server_start(transport->server);
    for (uint32_t i = 0; i < transport->queue_count; i++) {
        request_calls(transport, &transport->queues[i]);
    }
    return OK;
}

struct status transport_check_addresses(const char *const *addresses, size_t count,
                                        const char **failed) {
    for (size_t i = 0; i < count; i++) {
        struct address address;
        *failed = addresses[i];
        TRY(address_parse(addresses[i], &address));
        TRY(address_check(&address));
    }
    *failed = "";
    return OK;
}

struct status transport_open(const struct transport_options *options, struct transport **out,
                             const char **failed) {
    *failed = "";
    assert(options->address_count > 0);
    assert(options->address_count <= TRANSPORT_ADDRESSES_MAX);
    assert(options->thread_count > 0);
    assert(options->thread_count <= TRANSPORT_THREADS_MAX);
    struct descriptors *descriptors = NULL;
    TRY(descriptors_open(bytes_of(options->descriptor_set, options->descriptor_set_size),
                         &descriptors));

    core_log_install();
    grpc_init();
    struct transport *transport = calloc(1, sizeof *transport);
    if (transport == NULL) {
        abort();
    }
    transport->descriptors = descriptors;
    live_init(&transport->live);
    live_init(&transport->begun);
    live_init(&transport->ending);
    transport->server = server_new();
    transport->health = health_new(&transport->table);
    transport->reflection = reflection_new(descriptors, &transport->table);
    add_services(transport, options);
    add_companions(transport);
    open_queues(transport, options);

    const struct status status = start(transport, options, failed);
    if (!status_is_ok(status)) {
        transport_close(transport);
        return status;
    }
    *out = transport;
    return OK;
}

void transport_answering(bool begins) {
    if (begins) {
        coalesce_begin();
    } else {
        coalesce_end();
    }
}

uint16_t transport_port(const struct transport *transport, size_t index) {
    assert(index < transport->address_count);
    return transport->ports[index];
}

/* ---- shutting down ---- */

static void on_down(struct queue_event *event, bool ok) {
    struct transport *transport = event->owner;
    (void)ok; /* It always is. */
    live_drop(&transport->ending);
}

/* Refuses calls until those that had come have ended, or the time is over. Returns how much of the
 * grace is left. */
static uint32_t refuse_calls(struct transport *transport, uint32_t grace_ms) {
    const int64_t begun_us = clock_monotonic_us();
    for (uint32_t i = 0; i < transport->queue_count; i++) {
        atomic_store(&transport->queues[i].refuses, true);
    }
    health_drain(transport->health);
    /* There are always some that were asked for: it waits as long. */
    (void)live_wait_ms(&transport->live, grace_ms < REFUSE_MS_MIN ? grace_ms : REFUSE_MS_MIN);
    const int64_t refused_ms = (clock_monotonic_us() - begun_us) / 1000;
    if (refused_ms < grace_ms) {
        (void)live_wait_ms(&transport->begun, grace_ms - (uint32_t)refused_ms);
    }
    const int64_t used_ms = (clock_monotonic_us() - begun_us) / 1000;
    return used_ms < grace_ms ? grace_ms - (uint32_t)used_ms : 0;
}

/* Returns when the last call has gone and C core has shut the server down. A call that comes in the
 * moment of the shutdown may stay in C core, neither handed to us nor refused, and a client that
 * does not read keeps its connection: neither is worth the whole grace. */
static void stop_server(struct transport *transport, uint32_t grace_ms) {
    live_add(&transport->ending);
    transport->down = (struct queue_event){on_down, transport};
    grpc_server_shutdown_and_notify(transport->server, transport->queues[0].pending,
                                    &transport->down);
    const bool calls_ended = live_wait_ms(&transport->live, grace_ms);
    if (!calls_ended || !live_wait_ms(&transport->ending, LINGER_MS_MAX)) {
        grpc_server_cancel_all_calls(transport->server);
    }
    live_wait(&transport->ending);
    live_wait(&transport->live);
}

void transport_shutdown(struct transport *transport, uint32_t grace_ms) {
    if (transport->shut_down) {
        return;
    }
    transport->shut_down = true;
    if (transport->queues[0].running) { /* Otherwise nothing was bound. */
        stop_server(transport, refuse_calls(transport, grace_ms));
    }
    for (uint32_t i = 0; i < transport->queue_count; i++) {
        queue_close(&transport->queues[i]);
    }
}

void transport_end_grace(struct transport *transport) {
    live_hurry(&transport->live);
    live_hurry(&transport->begun);
}

void transport_close(struct transport *transport) {
    transport_shutdown(transport, 0);
    grpc_server_destroy(transport->server);
    free(transport->queues);
    reflection_free(transport->reflection);
    health_free(transport->health);
    method_table_free(&transport->table);
    descriptors_close(transport->descriptors);
    live_destroy(&transport->live);
    live_destroy(&transport->begun);
    live_destroy(&transport->ending);
    free(transport);
    grpc_shutdown_blocking();
}
