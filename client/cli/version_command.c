/* `profilectl version`. */

#include "client/cli/command.h"

#include <grpc/grpc.h>
#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

#define PROFILECTL_VERSION "0.1.0"

int version_print(struct session *session, const struct arguments *arguments) {
    (void)session;
    (void)arguments;
    printf("profilectl %s (gRPC core %s, protobuf-c %s, jansson %s)\n", PROFILECTL_VERSION,
           grpc_version_string(), protobuf_c_version(), JANSSON_VERSION);
    return EXIT_DONE;
}
