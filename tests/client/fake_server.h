#pragma once
/* A gRPC server in the test's own process that answers as the test says, one call after another. */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_TEXT_SIZE = 128 };

/* What to answer to one message. */
struct fake_answer {
    const ProtobufCMessage *response; /* NULL for none. Borrowed until the next message. */
    bool last;                        /* End the call after it. A unary method always sets it. */
    bool more; /* Ask for another answer, no message coming first, until the call is over. */
    int code;  /* With which status. */
    const char *message;    /* NULL for "". */
    const uint8_t *details; /* google.rpc.Status, packed. */
    size_t details_size;
};

/* One message that arrived. */
struct fake_request {
    const char *path;      /* "/package.Service/Method" */
    const char *workspace; /* The metadata key `profiled-workspace`; "" without. */
    size_t call;           /* How many calls came before. */
    size_t position;       /* How many messages came before in this call. */
    const uint8_t *bytes;
    size_t size;
};

/* Called on the server's thread. Criterion's asserts work there as long as the test waits. */
typedef void fake_handler(void *data, const struct fake_request *request,
                          struct fake_answer *answer);

enum { FAKE_DETAILS_SIZE = 512 };

/* The details of a refusal that finds one field wrong, for `fake_answer.details`. Answers their
 * size.
 */
size_t fake_violation(const char *field, const char *text, uint8_t out[FAKE_DETAILS_SIZE]);

struct fake_server;

struct fake_server *fake_server_start(fake_handler *handler, void *data);
void fake_server_stop(struct fake_server *server);

/* "127.0.0.1:PORT", for the life of the server. */
const char *fake_server_address(const struct fake_server *server);
