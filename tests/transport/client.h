#pragma once
/* A small gRPC client for the tests of transport, on C core as well: bytes in, bytes out, each
 * function waits until it is done. Several calls may be open at once. */

#include <grpc/grpc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/bytes.h"

enum { CLIENT_TEXT_SIZE = 256, CLIENT_DETAILS_SIZE = 8192, CLIENT_TIMEOUT_MS = 20000 };

struct client_call;

/* How a call ended. */
struct client_status {
    int code;
    char text[CLIENT_TEXT_SIZE];
    size_t details_size; /* Of the trailer grpc-status-details-bin. */
    char details[CLIENT_DETAILS_SIZE];
};

struct client_options {
    const char *path;         /* "/package.Service/Method" */
    uint32_t timeout_ms;      /* CLIENT_TIMEOUT_MS when 0. */
    const char *metadata_key; /* NULL: no metadata. */
    const char *metadata_value;
    const char *metadata_value_2; /* Under the same key; NULL: none. */
};

/* A channel to "127.0.0.1:PORT" or "unix:PATH". */
grpc_channel *client_channel(const char *target);

/* The same, which takes 64 KiB of a call that nobody reads. Others take more, the faster it comes.
 */
grpc_channel *client_channel_narrow(const char *target);

/* With every message compressed. */
grpc_channel *client_channel_gzip(const char *target);

/* Makes a call and sends the metadata. */
struct client_call *client_open(grpc_channel *channel, const struct client_options *options);

/* False when the call is over. */
bool client_send(struct client_call *call, struct bytes message);

/* Says that no more messages come. */
void client_half_close(struct client_call *call);

/* The next message, malloced; its data is NULL when there are no more. */
struct bytes client_receive(struct client_call *call);

void client_cancel(struct client_call *call);

/* Waits for the status and frees the call. */
void client_close(struct client_call *call, struct client_status *status);

/* All of it with one message. *response is malloced, its data NULL without. */
void client_unary(grpc_channel *channel, const struct client_options *options, struct bytes request,
                  struct bytes *response, struct client_status *status);

/* A message whose field 1 is the text, of at most 127 bytes. Valid until the next. */
struct bytes client_text(const char *text);

/* Whether the bytes are such a message; frees them. */
bool client_is_text(struct bytes message, const char *text);
