/* Foreign bytes as calls: the first byte chooses the service (its upper three bits) and the method
 * (the lower five), so that a new method moves no other; the rest is the request. Of a stream
 * each piece, behind two bytes of its size, is a message. Whatever comes, the answer is a status
 * for the caller, never the server's fault. */

#include <stdint.h>

#include "server/handlers/services.h"
#include "tests/fuzz/fuzz_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The corpora name methods by their number: new ones go last. */
static const struct rpc_service *const services[] = {
    &rpc_profile_service,  &rpc_identity_service, &rpc_interaction_service,
    &rpc_transfer_service, &rpc_schema_service,
};
enum { SERVICE_COUNT = sizeof services / sizeof *services };

static const struct rpc_method *method_of(uint8_t byte) {
    const struct rpc_service *service = services[(byte >> 5) % SERVICE_COUNT];
    return service->methods[(byte & 31) % service->descriptor->n_methods];
}

static void call_stream(const struct rpc_method *method, const uint8_t *data, size_t size) {
    struct rpc_stream *stream = rpc_stream_new();
    bool good = true;
    while (good && size >= 2) {
        size_t piece = (size_t)(data[0] << 8 | data[1]);
        data += 2;
        size -= 2;
        piece = piece > size ? size : piece;
        good = fuzz_host_call(method, stream, bytes_of(data, piece))->code == STATUS_OK;
        data += piece;
        size -= piece;
    }
    rpc_stream_free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    fuzz_host_ready();
    const struct rpc_method *method = method_of(data[0]);
    if (method->access == RPC_STREAM) {
        call_stream(method, data + 1, size - 1);
    } else if (method->access == RPC_FEED) {
        struct rpc_stream *stream = rpc_stream_new();
        (void)fuzz_host_call(method, stream, bytes_of(data + 1, size - 1));
        rpc_stream_free(stream);
    } else {
        (void)fuzz_host_call(method, NULL, bytes_of(data + 1, size - 1));
    }
    return 0;
}
