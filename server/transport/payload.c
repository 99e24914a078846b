/* Byte buffers of C core to borrowed bytes, and back. */

#include "server/transport/payload.h"

#include <assert.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <stdbool.h>

static struct bytes slice_bytes(const grpc_slice *slice) {
    return bytes_of(GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
}

struct bytes payload_open(struct payload *payload, grpc_byte_buffer *buffer) {
    assert(payload->buffer == NULL);
    assert(buffer->type == GRPC_BB_RAW);
    payload->buffer = buffer;
    payload->joined = grpc_empty_slice();
    const grpc_slice_buffer *pieces = &buffer->data.raw.slice_buffer;
    if (pieces->count == 0) {
        return bytes_of(NULL, 0);
    }
    if (pieces->count == 1) {
        return slice_bytes(&pieces->slices[0]);
    }
    grpc_byte_buffer_reader reader;
    const bool readable = grpc_byte_buffer_reader_init(&reader, buffer) != 0;
    assert(readable); /* It fails on compressed bytes alone, which the server does not take. */
    (void)readable;
    payload->joined = grpc_byte_buffer_reader_readall(&reader);
    grpc_byte_buffer_reader_destroy(&reader);
    return slice_bytes(&payload->joined);
}

void payload_close(struct payload *payload) {
    if (payload->buffer == NULL) {
        return;
    }
    grpc_slice_unref(payload->joined);
    grpc_byte_buffer_destroy(payload->buffer);
    *payload = (struct payload){0};
}

grpc_byte_buffer *payload_copy(struct bytes bytes) {
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)bytes.data, bytes.size);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}
