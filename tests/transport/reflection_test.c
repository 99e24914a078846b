/* grpc.reflection, both versions, as tools ask. */

#include <criterion/criterion.h>
#include <google/protobuf/descriptor.pb-c.h>
#include <grpc/reflection/v1/reflection.pb-c.h>
#include <grpc/reflection/v1alpha/reflection.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "tests/transport/fixture.h"

TestSuite(reflection, .init = fixture_setup, .fini = fixture_teardown, .timeout = 60);

#define V1_PATH "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
#define V1ALPHA_PATH "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
#define ECHO_FILE "tests/transport/echo.proto"

/* Aliases: the generated names are long. */
#define ASK(kind) GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##kind
#define TOLD(kind) GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##kind

typedef Grpc__Reflection__V1__ServerReflectionRequest request_message;
typedef Grpc__Reflection__V1__ServerReflectionResponse response_message;

static struct client_call *open_stream(const char *path) {
    const struct client_options options = {.path = path};
    return client_open(fixture.channel, &options);
}

static response_message *ask(struct client_call *call, const request_message *request) {
    uint8_t packed[512];
    const size_t size = grpc__reflection__v1__server_reflection_request__pack(request, packed);
    cr_assert(client_send(call, bytes_of(packed, size)));
    const struct bytes answer = client_receive(call);
    cr_assert_not_null(answer.data);
    response_message *response =
        grpc__reflection__v1__server_reflection_response__unpack(NULL, answer.size, answer.data);
    free((void *)(uintptr_t)answer.data);
    cr_assert_not_null(response);
    return response;
}

static void drop(response_message *response) {
    grpc__reflection__v1__server_reflection_response__free_unpacked(response, NULL);
}

static int end_of(struct client_call *call) {
    struct client_status status;
    client_half_close(call);
    cr_expect_null(client_receive(call).data);
    client_close(call, &status);
    return status.code;
}

static response_message *ask_symbol(struct client_call *call, const char *symbol) {
    request_message request = GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__INIT;
    request.message_request_case = ASK(FILE_CONTAINING_SYMBOL);
    request.file_containing_symbol = (char *)(uintptr_t)symbol;
    return ask(call, &request);
}

static response_message *ask_file(struct client_call *call, const char *name) {
    request_message request = GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__INIT;
    request.message_request_case = ASK(FILE_BY_FILENAME);
    request.file_by_filename = (char *)(uintptr_t)name;
    return ask(call, &request);
}

/* Whether the answer is files, the first of them of this name. */
static bool is_file(const response_message *response, const char *name) {
    if (response->message_response_case != TOLD(FILE_DESCRIPTOR_RESPONSE)) {
        return false;
    }
    const ProtobufCBinaryData packed = response->file_descriptor_response->file_descriptor_proto[0];
    Google__Protobuf__FileDescriptorProto *file =
        google__protobuf__file_descriptor_proto__unpack(NULL, packed.len, packed.data);
    cr_assert_not_null(file);
    const bool is_it = strcmp(file->name, name) == 0;
    google__protobuf__file_descriptor_proto__free_unpacked(file, NULL);
    return is_it;
}

static bool is_not_found(const response_message *response) {
    return response->message_response_case == TOLD(ERROR_RESPONSE) &&
           response->error_response->error_code == STATUS_NOT_FOUND;
}

static void expect_services(const char *path) {
    static const char *const names[] = {
        "profiled.testing.v1.EchoService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    };
    struct client_call *call = open_stream(path);
    request_message request = GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__INIT;
    request.host = (char *)(uintptr_t) "somewhere";
    request.message_request_case = ASK(LIST_SERVICES);
    request.list_services = (char *)(uintptr_t) "";

    response_message *response = ask(call, &request);

    cr_assert_eq((int)response->message_response_case, TOLD(LIST_SERVICES_RESPONSE));
    cr_assert_eq(response->list_services_response->n_service, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(response->list_services_response->service[i]->name, names[i]);
    }
    cr_expect_str_eq(response->valid_host, "somewhere");
    cr_expect_eq((int)response->original_request->message_request_case, ASK(LIST_SERVICES));
    drop(response);
    cr_expect_eq(end_of(call), STATUS_OK);
}

Test(reflection, v1_lists_services) { expect_services(V1_PATH); }

Test(reflection, v1alpha_lists_services) { expect_services(V1ALPHA_PATH); }

Test(reflection, file_by_name_comes_with_its_imports) {
    struct client_call *call = open_stream(V1_PATH);

    response_message *response = ask_file(call, ECHO_FILE);

    cr_expect(is_file(response, ECHO_FILE));
    cr_expect_eq(response->file_descriptor_response->n_file_descriptor_proto, 2);
    drop(response);
    response = ask_file(call, "google/protobuf/timestamp.proto");
    cr_expect(is_file(response, "google/protobuf/timestamp.proto"));
    drop(response);
    response = ask_file(call, "nothing.proto");
    cr_expect(is_not_found(response));
    drop(response);
    cr_expect_eq(end_of(call), STATUS_OK);
}

Test(reflection, symbols_of_every_kind_are_found) {
    static const char *const symbols[] = {
        "profiled.testing.v1.EchoService",
        "profiled.testing.v1.EchoService.EchoMany",
        "profiled.testing.v1.EchoRequest",
        "profiled.testing.v1.EchoRequest.text",
        "profiled.testing.v1.EchoRequest.Inner",
        "profiled.testing.v1.EchoRequest.Inner.Deep",
        "profiled.testing.v1.EchoRequest.Inner.Deep.only",
        "profiled.testing.v1.EchoRequest.Inner.Deep.choice",
        "profiled.testing.v1.EchoRequest.Inner.Mood",
        "profiled.testing.v1.EchoRequest.Inner.MOOD_FINE",
        "profiled.testing.v1.EchoColor",
        "profiled.testing.v1.ECHO_COLOR_RED",
    };
    struct client_call *call = open_stream(V1ALPHA_PATH);

    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        response_message *response = ask_symbol(call, symbols[i]);
        cr_expect(is_file(response, ECHO_FILE), "%s", symbols[i]);
        drop(response);
    }

    cr_expect_eq(end_of(call), STATUS_OK);
}

Test(reflection, symbols_that_are_none_are_not_found) {
    static const char *const symbols[] = {
        "",
        ".",
        "profiled",
        "profiled.testing.v1",
        "profiled.testing.v1.",
        "profiled.testing.v1.Echo",
        "profiled.testing.v1.EchoServices",
        "profiled.testing.v1.EchoService.",
        "profiled.testing.v1.EchoService.Nothing",
        "profiled.testing.v1.EchoRequest.",
        "profiled.testing.v1.EchoRequest.Inner.Deep.only.more",
        "profiled.testing.v1.EchoRequest.Inner.Mood.MOOD_FINE",
        "profiled.testing.v1.MOOD_FINE",
    };
    struct client_call *call = open_stream(V1_PATH);

    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        response_message *response = ask_symbol(call, symbols[i]);
        cr_expect(is_not_found(response), "%s", symbols[i]);
        drop(response);
    }

    cr_expect_eq(end_of(call), STATUS_OK);
}

Test(reflection, questions_about_extensions_are_not_found) {
    Grpc__Reflection__V1__ExtensionRequest extension =
        GRPC__REFLECTION__V1__EXTENSION_REQUEST__INIT;
    request_message by_number = GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__INIT;
    by_number.message_request_case = ASK(FILE_CONTAINING_EXTENSION);
    by_number.file_containing_extension = &extension;
    request_message all = GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__INIT;
    all.message_request_case = ASK(ALL_EXTENSION_NUMBERS_OF_TYPE);
    all.all_extension_numbers_of_type = (char *)(uintptr_t) "profiled.testing.v1.EchoRequest";
    struct client_call *call = open_stream(V1_PATH);

    response_message *response = ask(call, &by_number);
    cr_expect(is_not_found(response));
    drop(response);
    response = ask(call, &all);
    cr_expect(is_not_found(response));
    drop(response);

    cr_expect_eq(end_of(call), STATUS_OK);
}

Test(reflection, request_that_asks_for_nothing_is_an_error) {
    const request_message request = GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__INIT;
    struct client_call *call = open_stream(V1_PATH);

    response_message *response = ask(call, &request);

    cr_assert_eq((int)response->message_response_case, TOLD(ERROR_RESPONSE));
    cr_expect_eq(response->error_response->error_code, STATUS_INVALID_ARGUMENT);
    drop(response);
    cr_expect_eq(end_of(call), STATUS_OK);
}

Test(reflection, request_that_is_none_ends_the_stream) {
    struct client_call *call = open_stream(V1_PATH);
    struct client_status status;

    client_send(call, bytes_of("\xff\xff", 2));
    cr_expect_null(client_receive(call).data);
    client_close(call, &status);

    cr_expect_eq(status.code, STATUS_INVALID_ARGUMENT);
    cr_expect_str_eq(status.details, "MESSAGE_INVALID");
}

/* What lets one implementation serve both versions. */
static void expect_same_shape(const ProtobufCMessageDescriptor *a,
                              const ProtobufCMessageDescriptor *b) {
    cr_assert_eq(a->n_fields, b->n_fields);
    for (unsigned i = 0; i < a->n_fields; i++) {
        const ProtobufCFieldDescriptor *x = &a->fields[i];
        const ProtobufCFieldDescriptor *y = &b->fields[i];
        cr_expect_eq(x->id, y->id, "%s.%s", a->name, x->name);
        cr_expect_eq((int)x->type, (int)y->type, "%s.%s", a->name, x->name);
        cr_expect_eq((int)x->label, (int)y->label, "%s.%s", a->name, x->name);
        if (x->type == PROTOBUF_C_TYPE_MESSAGE && x->descriptor != a) {
            expect_same_shape(x->descriptor, y->descriptor);
        }
    }
}

Test(versions, messages_are_the_same_on_the_wire) {
    expect_same_shape(&grpc__reflection__v1__server_reflection_request__descriptor,
                      &grpc__reflection__v1alpha__server_reflection_request__descriptor);
    expect_same_shape(&grpc__reflection__v1__server_reflection_response__descriptor,
                      &grpc__reflection__v1alpha__server_reflection_response__descriptor);
}
