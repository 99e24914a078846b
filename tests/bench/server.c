/* The server that is measured: profiled as main.c wires it, and one service more, whose only method
 * gives back what it was given. Its row is written by hand: RPC_METHOD() knows the contract alone.
 */

#include <stdio.h>
#include <stdlib.h>

#include "bench_descriptor_set.h"
#include "server/base/log.h"
#include "server/handlers/services.h"
#include "server/serve.h"
#include "server/vault/vault.h"
#include "tests/bench/echo.pb-c.h"

enum { GRACE_MS = 1000 };

static void echo_check(struct rpc_context *ctx, const ProtobufCMessage *request) {
    (void)ctx;
    (void)request;
}

static struct status echo(struct rpc_context *ctx, const ProtobufCMessage *request,
                          ProtobufCMessage *response) {
    (void)ctx;
    ((Profiled__Bench__V1__EchoResponse *)response)->payload =
        ((const Profiled__Bench__V1__EchoRequest *)request)->payload;
    return OK;
}

static const struct rpc_method echo_row = {
    .access = RPC_READ,
    .request = &profiled__bench__v1__echo_request__descriptor,
    .response = &profiled__bench__v1__echo_response__descriptor,
    .check = echo_check,
    .handle = echo,
};

static const struct rpc_method *const echo_methods[] = {&echo_row};

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs("usage: server DIRECTORY ADDRESS [WORKSPACE...]\n", stderr);
        return 2;
    }
    const struct rpc_service services[] = {
        rpc_profile_service,
        rpc_identity_service,
        rpc_interaction_service,
        rpc_schema_service,
        rpc_segment_service,
        rpc_change_service,
        rpc_transfer_service,
        {.descriptor = &profiled__bench__v1__echo_service__descriptor, .methods = echo_methods},
    };
    const char *const addresses[] = {argv[2]};
    const struct serve_options options = {
        .workspaces = {.directory = argv[1],
                       .default_region = "SA",
                       .names = (const char *const *)&argv[3],
                       .name_count = (size_t)argc - 3,
                       .create = true},
        .addresses = addresses,
        .address_count = 1,
        .services = services,
        .service_count = sizeof services / sizeof *services,
        .descriptor_set = bench_descriptor_set,
        .descriptor_set_size = bench_descriptor_set_size,
        .thread_count = 1,
        .sends_each = getenv("PROFILED_NO_COALESCING") != NULL, /* To compare the two. */
        .grace_ms = GRACE_MS,
    };
    log_set_level(LOG_WARNING);
    if (!status_is_ok(vault_init())) {
        return EXIT_FAILURE;
    }
    return serve(&options);
}
