#pragma once
/* The gRPC server: listens, hands the bytes of every message to rpc_submit(), and sends back the
 * bytes of the answer. Serves the health and reflection services itself.
 *
 * One thread for each completion queue takes what C core has to tell; answers of write calls come
 * from their writer's thread. Only loopback addresses and unix sockets are listened on. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/bytes.h"
#include "server/base/status.h"
#include "server/rpc/rpc.h"

enum {
    TRANSPORT_ADDRESSES_MAX = 8,
    TRANSPORT_THREADS_MAX = 64,
    TRANSPORT_STREAMS_MAX = 100,          /* Calls in flight on one connection; others wait. */
    TRANSPORT_METADATA_SIZE_MAX = 8192,   /* Bytes of a call's metadata. */
    TRANSPORT_SEND_TIMEOUT_MS = 60000,    /* Until a message of a server stream is to be taken. */
    TRANSPORT_SENDS_SIZE_MAX = 256 << 20, /* Bytes of those that are on their way. */
    TRANSPORT_DETAILS_SIZE_MAX = 5 << 10  /* Bytes of a status's details: base64 makes a third more
                                             of them, and clients take 8 KiB of trailers. */
};

struct transport;

struct transport_options {
    /* "127.0.0.1:50051", any other of 127/8, "[::1]:50051", "localhost:50051" (both families, in
     * any case), or "unix:/run/profiled.sock". Port 0 lets the system choose. */
    const char *const *addresses;
    size_t address_count;
    const struct rpc_service *services; /* Stay the caller's, until transport_close(). */
    size_t service_count;
    struct rpc_host *host; /* Open until transport_close(). */
    /* A packed FileDescriptorSet of all services, health and reflection included, and everything
     * that they import. The caller's, until transport_close(). */
    const uint8_t *descriptor_set;
    size_t descriptor_set_size;
    uint32_t thread_count; /* At least 1. One does on two cores. */
    bool sends_each; /* Each answer leaves by itself; otherwise those that a thread gives while
                        more calls wait for it leave together, before it waits. */
    /* A caller who does not take a message of a server stream within so long is cut off with
     * RESOURCE_EXHAUSTED; TRANSPORT_SEND_TIMEOUT_MS when 0. */
    uint32_t send_timeout_ms;
    /* While such messages are more bytes together, on one thread, a second is the time;
     * TRANSPORT_SENDS_SIZE_MAX when 0. */
    size_t sends_size_max;
};

/* Whether the addresses may and can be listened on, before anything is made that would be left
 * behind; another process may still be faster. *failed is set to the one that an error is about.
 * Errors: as transport_open(). */
MUST_USE struct status transport_check_addresses(const char *const *addresses, size_t count,
                                                 const char **failed);

/* Binds and starts serving; *out is the caller's to close. Block signals before: it starts threads.
 * Errors: FAILED_PRECONDITION for an address that may not be listened on or is in use,
 * INVALID_ARGUMENT for one that can't be read, PERMISSION_DENIED, INTERNAL. Rows that differ from
 * the descriptor set are our fault: an assert. *failed is set to the address that an error is
 * about, or to "". */
MUST_USE struct status transport_open(const struct transport_options *options,
                                      struct transport **out, const char **failed);

/* For rpc_host_options.answering: what the thread answers in between leaves together. */
void transport_answering(bool begins);

/* The port of the address at the index; 0 for a unix socket. */
uint16_t transport_port(const struct transport *transport, size_t index);

/* Says NOT_SERVING at once, refuses new calls with SHUTTING_DOWN, lets the calls in flight finish
 * for as long as the grace, then ends the connections and cancels what is left. Returns when the
 * last has gone and the threads have stopped, so the host must still run. Once is enough; further
 * calls do nothing. */
void transport_shutdown(struct transport *transport, uint32_t grace_ms);

/* Ends the grace of a transport_shutdown() that runs in another thread, or is yet to come: the
 * calls in flight are cancelled at once. */
void transport_end_grace(struct transport *transport);

/* Shuts down without grace where that has not been done, then frees. */
void transport_close(struct transport *transport);
