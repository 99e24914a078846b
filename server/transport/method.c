/* The table of methods: registers them with C core, and holds their shapes against the descriptor
 * set, which is what clients are made from. */

#include "server/transport/method.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/rpc/rpc.h"

static struct status unknown_begin(struct exchange *exchange) {
    (void)exchange;
    return status_of(STATUS_UNIMPLEMENTED, REASON_METHOD_NOT_FOUND, "there is no such method");
}

static const struct method_behaviour unknown_behaviour = {.begin = unknown_begin};

static bool shape_fits(enum method_shape shape, const struct rpc_method *row) {
    switch (row->access) {
    case RPC_READ:
    case RPC_WRITE:
        return shape == METHOD_UNARY;
    case RPC_STREAM:
        return shape == METHOD_BIDI;
    case RPC_FEED:
        return shape == METHOD_SERVER_STREAM;
    }
    return false;
}

static enum method_shape shape_of(const struct descriptors *descriptors, const char *service,
                                  const char *name) {
    struct descriptors_streams streams;
    const bool found = descriptors_method(descriptors, service, name, &streams);
    assert(found); /* The descriptor set lacks a method that the server has. */
    (void)found;
    assert(streams.server || !streams.client); /* We have none of that shape. */
    if (streams.client) {
        return METHOD_BIDI;
    }
    return streams.server ? METHOD_SERVER_STREAM : METHOD_UNARY;
}

static char *path_new(const char *service, const char *name) {
    const size_t size = strlen(service) + strlen(name) + sizeof "//";
    char *path = malloc(size);
    if (path == NULL) {
        abort();
    }
    snprintf(path, size, "/%s/%s", service, name);
    return path;
}

void method_table_add(struct method_table *table, grpc_server *server,
                      const struct descriptors *descriptors, const struct method_entry *entry) {
    assert(table->count < METHODS_MAX);
    struct method *method = &table->methods[table->count++];
    *method = (struct method){
        .service = entry->service,
        .shape = shape_of(descriptors, entry->service, entry->name),
        .behaviour = entry->behaviour,
        .row = entry->row,
        .state = entry->state,
        .path = path_new(entry->service, entry->name),
    };
    assert(method->row == NULL || shape_fits(method->shape, method->row));
    method->registered = grpc_server_register_method(
        server, method->path, NULL,
        method->shape == METHOD_BIDI ? GRPC_SRM_PAYLOAD_NONE
                                     : GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER,
        0);
    assert(method->registered != NULL); /* NULL when it was registered before. */
}

void method_table_add_unknown(struct method_table *table) {
    assert(table->count < METHODS_MAX);
    table->methods[table->count++] =
        (struct method){.shape = METHOD_UNKNOWN, .behaviour = &unknown_behaviour};
}

bool method_table_has_service(const struct method_table *table, const char *service) {
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->methods[i].service;
        if (name != NULL && strcmp(name, service) == 0) {
            return true;
        }
    }
    return false;
}

void method_table_free(struct method_table *table) {
    for (size_t i = 0; i < table->count; i++) {
        free(table->methods[i].path);
    }
    table->count = 0;
}
