/* Foreign bytes as calls: up to the first line break the method's name, so that a new method moves
 * no seed; behind it the request. Of a stream each piece, behind two bytes of its size, is a
 * message. Whatever comes, the answer is a status for the caller, never the server's fault. */

#include <stdint.h>
#include <string.h>

#include "server/handlers/services.h"
#include "tests/fuzz/fuzz_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rpc_service *const services[] = {
    &rpc_profile_service,  &rpc_identity_service, &rpc_interaction_service,
    &rpc_transfer_service, &rpc_schema_service,   &rpc_segment_service,
    &rpc_change_service,
};
enum { SERVICE_COUNT = sizeof services / sizeof *services };

/* The method of that name; NULL when no service has one. No two services share a name. */
static const struct rpc_method *method_of(struct bytes name) {
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        for (unsigned j = 0; j < services[i]->descriptor->n_methods; j++) {
            if (bytes_equal(name, bytes_of_string(services[i]->descriptor->methods[j].name))) {
                return services[i]->methods[j];
            }
        }
    }
    return NULL;
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

static void call_method(const struct rpc_method *method, const uint8_t *data, size_t size) {
    fuzz_host_ready();
    if (method->access == RPC_STREAM) {
        call_stream(method, data, size);
    } else if (method->access == RPC_FEED) {
        struct rpc_stream *stream = rpc_stream_new();
        (void)fuzz_host_call(method, stream, bytes_of(data, size));
        rpc_stream_free(stream);
    } else {
        (void)fuzz_host_call(method, NULL, bytes_of(data, size));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *line_end = size == 0 ? NULL : memchr(data, '\n', size);
    if (line_end == NULL) {
        return 0;
    }
    const size_t name_size = (size_t)(line_end - data);
    const struct rpc_method *method = method_of(bytes_of(data, name_size));
    if (method != NULL) {
        call_method(method, line_end + 1, size - name_size - 1);
    }
    return 0;
}
