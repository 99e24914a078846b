/* One run of profilectl. Settings come from the command line, then the environment, then the
 * context file, then the defaults: the nearer one wins. */

#include "client/cli/session.h"

#include "client/cli/command.h"
#include "client/cli/filter_mark.h"
#include "client/cli/origins.h"
#include "client/cli/text.h"
#include "client/json.h"

#include "grpc/health/v1/health.pb-c.h"
#include "profiled/v1/change_service.pb-c.h"
#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "profiled/v1/segment_service.pb-c.h"
#include "profiled/v1/transfer_service.pb-c.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE_MAX = 4096, TIMEOUT_SECONDS_MAX = 86400 };

static const char SERVER_DEFAULT[] = "127.0.0.1:50051";

static bool context_path(char out[PATH_SIZE_MAX]) {
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int length = -1;
    if (base != NULL && base[0] == '/') {
        length = snprintf(out, PATH_SIZE_MAX, "%s/profilectl/context.json", base);
    } else if (home != NULL && home[0] != '\0') {
        length = snprintf(out, PATH_SIZE_MAX, "%s/.config/profilectl/context.json", home);
    }
    return length > 0 && length < PATH_SIZE_MAX;
}

static bool is_output(const char *name) {
    return strcmp(name, "table") == 0 || strcmp(name, "json") == 0 || strcmp(name, "ndjson") == 0;
}

/* False, told, when the file holds something that profilectl would not obey. */
static bool check_context(json_t *context, const char *path) {
    const char *key;
    json_t *value;
    json_object_foreach(context, key, value) {
        const char *problem = NULL;
        const bool is_output_key = strcmp(key, "output") == 0;
        if (!is_output_key && strcmp(key, "server") != 0 && strcmp(key, "workspace") != 0) {
            problem = "is no setting; there are server, workspace and output";
        } else if (!json_is_string(value)) {
            problem = "must be a string";
        } else if (is_output_key && !is_output(json_string_value(value))) {
            problem = "must be table, json or ndjson";
        }
        if (problem != NULL) {
            fprintf(stderr, "profilectl: %s: `", path);
            text_tell(stderr, key);
            fprintf(stderr, "` %s\n", problem);
            return false;
        }
    }
    return true;
}

/* The context file: an object, empty when there is no file; NULL, told, when it is none. */
static json_t *load_context(void) {
    char path[PATH_SIZE_MAX];
    if (!context_path(path) || access(path, F_OK) != 0) {
        return json_object();
    }
    json_error_t problem = {.line = -1};
    json_t *context = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (context == NULL && problem.line > 0) {
        fprintf(stderr, "profilectl: %s: no JSON that can be read, near line %d\n", path,
                problem.line);
    } else if (context == NULL) {
        fprintf(stderr, "profilectl: can't open %s\n", path);
    } else if (!json_is_object(context)) {
        fprintf(stderr, "profilectl: %s: must be an object: {\"server\": \"HOST:PORT\"}\n", path);
    } else if (check_context(context, path)) {
        return context;
    }
    json_decref(context);
    return NULL;
}

static const char *setting(const struct session *session, const struct arguments *arguments,
                           enum cli_option option, const char *variable, const char *key) {
    const char *value = arguments_get(arguments, option);
    if (value != NULL) {
        return value;
    }
    value = variable == NULL ? NULL : getenv(variable);
    if (value != NULL && value[0] != '\0') {
        return value;
    }
    return json_string_value(json_object_get(session->context, key));
}

static bool read_output(const char *name, enum output_format *out) {
    if (name == NULL || strcmp(name, "table") == 0) {
        *out = OUTPUT_TABLE;
    } else if (strcmp(name, "json") == 0) {
        *out = OUTPUT_JSON;
    } else if (strcmp(name, "ndjson") == 0) {
        *out = OUTPUT_NDJSON;
    } else {
        fprintf(stderr, "profilectl: --output: must be table, json or ndjson\n");
        return false;
    }
    return true;
}

int session_open(struct session *session, const struct arguments *arguments) {
    *session = (struct session){.screen = screen_of(stdout), .context = load_context()};
    if (session->context == NULL) {
        return EXIT_LOCAL;
    }
    session->server = setting(session, arguments, OPT_SERVER, "PROFILED_SERVER", "server");
    if (session->server == NULL) {
        session->server = SERVER_DEFAULT;
    }
    session->workspace =
        setting(session, arguments, OPT_WORKSPACE, "PROFILED_WORKSPACE", "workspace");
    int64_t seconds;
    if (!arguments_number(arguments, OPT_TIMEOUT, 1, TIMEOUT_SECONDS_MAX, 0, &seconds) ||
        !read_output(setting(session, arguments, OPT_OUTPUT, NULL, "output"), &session->output)) {
        return EXIT_USAGE;
    }
    session->timeout_ms = seconds * 1000;
    session->origins = arguments->origins;
    return EXIT_DONE;
}

void session_close(struct session *session) {
    profiled_disconnect(session->client);
    json_decref(session->context);
    json_decref(session->request);
    session->client = NULL;
    session->context = NULL;
    session->request = NULL;
}

struct profiled_client *session_client(struct session *session) {
    if (session->client == NULL) {
        const struct profiled_options options = {
            .workspace = session->workspace,
            .timeout_ms = session->timeout_ms,
        };
        struct profiled_error error = PROFILED_ERROR_INIT;
        session->client = profiled_connect(session->server, &options, &error);
        if (session->client == NULL) {
            fprintf(stderr, "profilectl: %s\n", error.message);
            profiled_error_clear(&error);
        }
    }
    return session->client;
}

static void tell_pairs(const struct profiled_pair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char *name = text_clean(pairs[i].name);
        char *text = text_clean(pairs[i].text);
        fprintf(stderr, "  %s: %s\n", name, text);
        free(name);
        free(text);
    }
}

static void tell_violations(const struct session *session, const struct profiled_error *error) {
    for (size_t i = 0; i < error->violation_count; i++) {
        fputs("  ", stderr);
        origins_tell(session->origins, session->request, error->violations[i].name, stderr);
        fputs(": ", stderr);
        text_tell(stderr, error->violations[i].text);
        fputc('\n', stderr);
    }
}

/* The command that makes the identity type which the server says is missing: of handles, as those
 * are that interactions tell. */
static void tell_type_to_make(const struct profiled_error *error) {
    static const char before[] = "make the type ";
    for (size_t i = 0; i < error->violation_count; i++) {
        char *text = text_clean(error->violations[i].text);
        const char *type = strstr(text, before);
        const char *end = strstr(text, " (CreateIdentityType)");
        if (type != NULL && end != NULL && end > type) {
            type += sizeof before - 1;
            fprintf(stderr,
                    "  `profilectl identity types create %.*s --normalizer handle` makes it\n",
                    (int)(end - type), type);
        }
        free(text);
    }
}

/* The filter of the last request: its own, or that of the segment, the subscription or the trait
 * in it; NULL for none. */
static const char *filter_of(const struct session *session) {
    static const char *const holders[] = {"segment", "subscription", "trait"};
    const char *filter = json_string_value(json_object_get(session->request, "filter"));
    for (size_t i = 0; i < sizeof holders / sizeof holders[0] && filter == NULL; i++) {
        const json_t *holder = json_object_get(session->request, holders[i]);
        filter = json_string_value(json_object_get(holder, "filter"));
    }
    return filter;
}

/* Shows where the filter can't be read, where that is what is wrong with the request. */
static void mark_filter(const struct session *session, const struct profiled_error *error) {
    const char *filter = filter_of(session);
    if (strcmp(error->reason, "FILTER_INVALID") != 0 || filter == NULL) {
        return;
    }
    for (size_t i = 0; i < error->metadata_count; i++) {
        if (strcmp(error->metadata[i].name, "offset") == 0) {
            const struct screen screen = screen_of(stderr);
            filter_mark_print(&screen, filter, strtoul(error->metadata[i].text, NULL, 10));
        }
    }
}

int session_failed(const struct session *session, struct profiled_error *error) {
    char *message = text_clean(error->message);
    char *reason = text_clean(error->reason);
    fprintf(stderr, "profilectl: %s%s%s%s: %s\n", profiled_code_name(error->code),
            reason[0] == '\0' ? "" : " (", reason, reason[0] == '\0' ? "" : ")", message);
    free(message);
    free(reason);
    mark_filter(session, error);
    tell_violations(session, error);
    tell_type_to_make(error);
    tell_pairs(error->metadata, error->metadata_count);
    if (error->retry_delay_ms >= 0) {
        fprintf(stderr, "  it may go well in %" PRId64 " ms\n", error->retry_delay_ms);
    }
    const int code = error->code > 0 && error->code < 64 ? (int)error->code : PROFILED_UNKNOWN;
    profiled_error_clear(error);
    return EXIT_STATUS + code;
}

/* The service that has the method: no two have one of the same name. */
static const ProtobufCServiceDescriptor *service_of(const char *method) {
    static const ProtobufCServiceDescriptor *const services[] = {
        &profiled__v1__profile_service__descriptor,     &profiled__v1__identity_service__descriptor,
        &profiled__v1__interaction_service__descriptor, &profiled__v1__schema_service__descriptor,
        &profiled__v1__segment_service__descriptor,     &profiled__v1__change_service__descriptor,
        &profiled__v1__transfer_service__descriptor,    &grpc__health__v1__health__descriptor,
    };
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        if (protobuf_c_service_descriptor_get_method_by_name(services[i], method) != NULL) {
            return services[i];
        }
    }
    assert(false && "no service has the method");
    return NULL;
}

/* The method's request in the JSON, which is the session's last one; NULL, told, when it is none.
 */
static ProtobufCMessage *read_request(const struct session *session,
                                      const ProtobufCServiceDescriptor *service,
                                      const char *method) {
    const ProtobufCMethodDescriptor *row =
        protobuf_c_service_descriptor_get_method_by_name(service, method);
    struct json_problem problem;
    ProtobufCMessage *message = json_to_message(row->input, session->request, &problem);
    if (message == NULL) {
        fputs("profilectl: ", stderr);
        origins_tell(session->origins, session->request, problem.field, stderr);
        fprintf(stderr, ": %s\n", problem.text);
    }
    return message;
}

/* The client to send the request to, whose reference is taken, and which is read into `*message`,
 * the caller's to free; NULL, told, and nothing to free, when there is none. */
static struct profiled_client *prepare(struct session *session,
                                       const ProtobufCServiceDescriptor *service,
                                       const char *method, json_t *request,
                                       ProtobufCMessage **message) {
    json_decref(session->request);
    session->request = request;
    *message = read_request(session, service, method);
    struct profiled_client *client = *message == NULL ? NULL : session_client(session);
    if (client == NULL) {
        profiled_message_free(*message);
    }
    return client;
}

int session_call(struct session *session, const char *method, json_t *request,
                 ProtobufCMessage **response) {
    const ProtobufCServiceDescriptor *service = service_of(method);
    ProtobufCMessage *message = NULL;
    struct profiled_client *client = prepare(session, service, method, request, &message);
    if (client == NULL) {
        return EXIT_USAGE;
    }
    struct profiled_error error = PROFILED_ERROR_INIT;
    const bool done = profiled_call(client, service, method, message, NULL, response, &error);
    profiled_message_free(message);
    return done ? EXIT_DONE : session_failed(session, &error);
}

int session_try(struct session *session, const char *method, json_t *request, int64_t silence_ms,
                struct profiled_stream **out, struct profiled_error *error) {
    const ProtobufCServiceDescriptor *service = service_of(method);
    ProtobufCMessage *message = NULL;
    struct profiled_client *client = prepare(session, service, method, request, &message);
    *out = NULL;
    if (client == NULL) {
        return EXIT_USAGE;
    }
    const struct profiled_call_options options = {.timeout_ms = silence_ms};
    struct profiled_stream *stream = profiled_stream_open(client, service, method, &options, error);
    /* When sending fails the stream is over, and whoever receives is told so at once. */
    if (stream != NULL && profiled_stream_send(stream, message)) {
        profiled_stream_half_close(stream);
    }
    profiled_message_free(message);
    *out = stream;
    return EXIT_DONE;
}

int session_listen(struct session *session, const char *method, json_t *request,
                   struct profiled_stream **out) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    const int code = session_try(session, method, request, session->timeout_ms, out, &error);
    return code != EXIT_DONE || *out != NULL ? code : session_failed(session, &error);
}
