#pragma once
/* The server as it runs: stores, host and transport wired together until a signal ends it. */

#include "server/rpc/rpc.h"
#include "server/workspaces.h"

struct serve_options {
    struct workspaces_options workspaces;
    const char *const *addresses;
    size_t address_count;
    const struct rpc_service *services;
    size_t service_count;
    const uint8_t *descriptor_set;
    size_t descriptor_set_size;
    uint32_t thread_count;
    bool sends_each;          /* As that of transport_options. */
    uint32_t grace_ms;        /* For calls in flight, once a signal has come. */
    uint32_t send_timeout_ms; /* As that of transport_options. */
};

/* Serves until SIGTERM or SIGINT, then drains; a second signal ends the grace at once. Returns the
 * exit status of the process: 0 after a signal; 1 when it could not start or the storage failed,
 * with a message on standard error. */
int serve(const struct serve_options *options);
