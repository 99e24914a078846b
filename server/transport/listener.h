#pragma once
/* Binds addresses for a server that has not been started. */

#include <grpc/grpc.h>
#include <stdint.h>

#include "server/base/status.h"

/* Parses and binds an address; *port is 0 for a unix socket. Errors: as transport_open(). */
MUST_USE struct status listener_bind(grpc_server *server, const char *text, uint16_t *port);
