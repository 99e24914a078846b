/* `profilectl health`: asks the server whether it serves, by the protocol that every gRPC health
 * checker speaks. */

#include "client/cli/command.h"
#include "client/cli/output.h"

#include "grpc/health/v1/health.pb-c.h"

#include <stdio.h>
#include <string.h>

static int print_status(struct session *session,
                        const Grpc__Health__V1__HealthCheckResponse *health) {
    const bool serving =
        health->status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    int code = EXIT_DONE;
    if (session->output == OUTPUT_TABLE) {
        const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
            &grpc__health__v1__health_check_response__serving_status__descriptor,
            (int)health->status);
        screen_style(&session->screen, serving ? STYLE_GOOD : STYLE_BAD);
        fputs(value == NULL ? "UNKNOWN" : value->name, stdout);
        screen_plain(&session->screen);
        fputc('\n', stdout);
    } else {
        code = output_message(session, &health->base);
    }
    fflush(stdout);
    return code != EXIT_DONE ? code : serving ? EXIT_DONE : EXIT_LOCAL;
}

static int watch(struct session *session) {
    struct profiled_client *client = session_client(session);
    if (client == NULL) {
        return EXIT_USAGE;
    }
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream =
        profiled_stream_open(client, &grpc__health__v1__health__descriptor, "Watch", NULL, &error);
    if (stream == NULL) {
        return session_failed(session, &error);
    }
    const Grpc__Health__V1__HealthCheckRequest request =
        GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    /* When sending fails the stream is over, and receiving says so at once. */
    if (profiled_stream_send(stream, &request.base)) {
        profiled_stream_half_close(stream);
    }
    int code = EXIT_DONE;
    for (ProtobufCMessage *message = profiled_stream_receive(stream); message != NULL;
         message = profiled_stream_receive(stream)) {
        code = print_status(session, (const Grpc__Health__V1__HealthCheckResponse *)message);
        profiled_message_free(message);
    }
    return profiled_stream_finish(stream, &error) ? code : session_failed(session, &error);
}

int server_health(struct session *session, const struct arguments *arguments) {
    if (arguments_has(arguments, OPT_WATCH)) {
        return watch(session);
    }
    ProtobufCMessage *message = NULL;
    int code = session_call(session, "Check", json_object(), &message);
    if (code == EXIT_DONE) {
        code = print_status(session, (const Grpc__Health__V1__HealthCheckResponse *)message);
        profiled_message_free(message);
    }
    return code;
}
