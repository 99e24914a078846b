#pragma once
/* The bytes of a message, as C core has them: in one piece or in several. */

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>

#include "server/base/bytes.h"

struct payload {
    grpc_byte_buffer *buffer; /* Owned; NULL when there is no message. */
    grpc_slice joined;        /* The pieces in one, when there were several. */
};

/* Takes the buffer over and returns its bytes, valid until payload_close(). They are copied only
 * when they came in several pieces. */
struct bytes payload_open(struct payload *payload, grpc_byte_buffer *buffer);

/* Does nothing when none is open. */
void payload_close(struct payload *payload);

/* A copy of the bytes to send. The caller destroys it once the batch was started. */
grpc_byte_buffer *payload_copy(struct bytes bytes);
