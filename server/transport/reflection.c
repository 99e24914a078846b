/* Answers each question on the stream from the descriptor set. The messages of v1alpha have the
 * numbers and types of those of v1 and are the same on the wire, which a test holds: v1's serve for
 * both. */

#include "server/transport/reflection.h"

#include <grpc/reflection/v1/reflection.pb-c.h>
#include <stdlib.h>

#include "server/base/arena.h"
#include "server/transport/exchange.h"
#include "server/transport/foreign.h"

enum { ARENA_SIZE_MAX = 4 << 20 };

struct reflection {
    const struct descriptors *descriptors;
    const struct method_table *table;
};

struct reflection *reflection_new(const struct descriptors *descriptors,
                                  const struct method_table *table) {
    struct reflection *reflection = malloc(sizeof *reflection);
    if (reflection == NULL) {
        abort();
    }
    *reflection = (struct reflection){descriptors, table};
    return reflection;
}

void reflection_free(struct reflection *reflection) { free(reflection); }

static void answer_error(Grpc__Reflection__V1__ServerReflectionResponse *response,
                         enum status_code code, const char *text, struct arena *arena) {
    Grpc__Reflection__V1__ErrorResponse *error = arena_alloc(arena, sizeof *error);
    grpc__reflection__v1__error_response__init(error);
    error->error_code = (int32_t)code;
    error->error_message = arena_string(arena, bytes_of_string(text));
    response->message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
    response->error_response = error;
}

/* The file with all its imports, so that tools need not ask for each. */
static void answer_file(Grpc__Reflection__V1__ServerReflectionResponse *response,
                        const struct reflection *reflection, const struct descriptors_file *file,
                        struct arena *arena) {
    if (file == NULL) {
        answer_error(response, STATUS_NOT_FOUND, "there is no such file or symbol", arena);
        return;
    }
    struct bytes *packed = NULL;
    const size_t count = descriptors_closure(reflection->descriptors, file, arena, &packed);
    Grpc__Reflection__V1__FileDescriptorResponse *files = arena_alloc(arena, sizeof *files);
    grpc__reflection__v1__file_descriptor_response__init(files);
    files->n_file_descriptor_proto = count;
    files->file_descriptor_proto = arena_array(arena, count, sizeof(ProtobufCBinaryData));
    for (size_t i = 0; i < count; i++) {
        files->file_descriptor_proto[i] = (ProtobufCBinaryData){
            .len = packed[i].size,
            .data = (uint8_t *)(uintptr_t)packed[i].data, /* Only packed, never written to. */
        };
    }
    response->message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
    response->file_descriptor_response = files;
}

/* Every service that has methods here, once. */
static void answer_services(Grpc__Reflection__V1__ServerReflectionResponse *response,
                            const struct method_table *table, struct arena *arena) {
    Grpc__Reflection__V1__ListServiceResponse *list = arena_alloc(arena, sizeof *list);
    grpc__reflection__v1__list_service_response__init(list);
    list->service = arena_array(arena, table->count, sizeof(list->service[0]));
    const char *last = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->methods[i].service;
        if (name == NULL || name == last) {
            continue;
        }
        Grpc__Reflection__V1__ServiceResponse *service = arena_alloc(arena, sizeof *service);
        grpc__reflection__v1__service_response__init(service);
        service->name = arena_string(arena, bytes_of_string(name));
        list->service[list->n_service++] = service;
        last = name;
    }
    response->message_response_case =
        GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
    response->list_services_response = list;
}

static void answer(const struct reflection *reflection,
                   const Grpc__Reflection__V1__ServerReflectionRequest *request,
                   Grpc__Reflection__V1__ServerReflectionResponse *response, struct arena *arena) {
    const struct descriptors *descriptors = reflection->descriptors;
    switch (request->message_request_case) {
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
        answer_file(response, reflection,
                    descriptors_file_named(descriptors, request->file_by_filename), arena);
        break;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
        answer_file(response, reflection,
                    descriptors_file_of_symbol(descriptors, request->file_containing_symbol),
                    arena);
        break;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
        answer_error(response, STATUS_NOT_FOUND, "there are no extensions", arena);
        break;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES:
        answer_services(response, reflection->table, arena);
        break;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST__NOT_SET:
    case _GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST__CASE_IS_INT_SIZE:
        answer_error(response, STATUS_INVALID_ARGUMENT, "the request asks for nothing", arena);
        break;
    }
}

static void reflection_message(struct exchange *exchange, struct bytes message) {
    struct arena arena;
    arena_init(&arena, ARENA_SIZE_MAX);
    const Grpc__Reflection__V1__ServerReflectionRequest *request = foreign_unpack(
        &grpc__reflection__v1__server_reflection_request__descriptor, message, &arena);
    if (request == NULL) {
        exchange_finish(exchange,
                        status_of(STATUS_INVALID_ARGUMENT, REASON_MESSAGE_INVALID,
                                  "this is not a ServerReflectionRequest"),
                        bytes_of(NULL, 0));
    } else {
        Grpc__Reflection__V1__ServerReflectionResponse response =
            GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__INIT;
        response.valid_host = request->host;
        response.original_request =
            (Grpc__Reflection__V1__ServerReflectionRequest *)(uintptr_t)request;
        answer(exchange_method(exchange)->state, request, &response, &arena);
        exchange_answer(exchange, foreign_pack(&response.base, &arena));
    }
    arena_free(&arena);
}

const struct method_behaviour reflection_behaviour = {.message = reflection_message};
