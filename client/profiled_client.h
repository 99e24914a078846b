#pragma once
/* A client of profiled: typed calls, retries that never do a thing twice, streams, and errors with
 * everything that the server says about them.
 *
 * Threads. A profiled_client may be used by any number of threads at once. A profiled_stream may
 * be used by one thread that sends and one that receives; profiled_stream_cancel() by any.
 *
 * Ownership. Requests are borrowed for the length of the call. Responses belong to the caller, who
 * gives them to profiled_message_free(). An error is filled only by a function that answers false
 * (or NULL); profiled_error_clear() then frees what it holds. Initialise it with
 * PROFILED_ERROR_INIT.
 *
 *     struct profiled_error error = PROFILED_ERROR_INIT;
 *     struct profiled_client *client = profiled_connect("127.0.0.1:50051", NULL, &error);
 *     Profiled__V1__GetProfileRequest request = PROFILED__V1__GET_PROFILE_REQUEST__INIT;
 *     request.id = id;
 *     Profiled__V1__GetProfileResponse *response;
 *     if (profiled_get_profile(client, &request, NULL, &response, &error)) {
 *         puts(response->profile->name);
 *         profiled_message_free(&response->base);
 *     } else {
 *         fprintf(stderr, "%s\n", error.message);
 *         profiled_error_clear(&error);
 *     }
 *     profiled_disconnect(client);
 */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROFILED_MESSAGE_SIZE_MAX = 4 << 20, /* Bytes of one message, either way. */
    PROFILED_TIMEOUT_DEFAULT_MS = 10000, /* For a unary call, its retries included. */
    PROFILED_ATTEMPTS_DEFAULT = 5,       /* Tries of one unary call, the first included. */
    PROFILED_BACKOFF_DEFAULT_MS = 100,   /* The wait before the second try. */
    PROFILED_BACKOFF_MAX_MS = 5000,      /* The longest wait that we choose by ourselves. */
    PROFILED_REQUEST_ID_SIZE = 37,       /* A UUID as text and its NUL. */
};

/* gRPC's status codes, with gRPC's numbers. */
enum profiled_code {
    PROFILED_OK = 0,
    PROFILED_CANCELLED = 1,
    PROFILED_UNKNOWN = 2,
    PROFILED_INVALID_ARGUMENT = 3,
    PROFILED_DEADLINE_EXCEEDED = 4,
    PROFILED_NOT_FOUND = 5,
    PROFILED_ALREADY_EXISTS = 6,
    PROFILED_PERMISSION_DENIED = 7,
    PROFILED_RESOURCE_EXHAUSTED = 8,
    PROFILED_FAILED_PRECONDITION = 9,
    PROFILED_ABORTED = 10,
    PROFILED_OUT_OF_RANGE = 11,
    PROFILED_UNIMPLEMENTED = 12,
    PROFILED_INTERNAL = 13,
    PROFILED_UNAVAILABLE = 14,
    PROFILED_DATA_LOSS = 15,
    PROFILED_UNAUTHENTICATED = 16,
};

/* The code as gRPC's documents name it, as "NOT_FOUND"; "UNKNOWN" for others. A literal. */
const char *profiled_code_name(int32_t code);

/* A pair of texts: a field and what is wrong with it, or a key and a value. */
struct profiled_pair {
    char *name;
    char *text;
};

/* What went wrong. Texts are never NULL once it is filled; they are UTF-8 when the server's are. */
struct profiled_error {
    int32_t code;                     /* enum profiled_code, or what the server sent. */
    char *message;                    /* For people. */
    char *reason;                     /* For programs, as "PROFILE_NOT_FOUND"; "" when not told. */
    struct profiled_pair *violations; /* Every bad field of the request. */
    size_t violation_count;
    struct profiled_pair *metadata; /* Of the reason, as owner_id. */
    size_t metadata_count;
    int64_t retry_delay_ms; /* When a retry may help; -1 when the server did not say. */
};

#define PROFILED_ERROR_INIT                                                                        \
    { .retry_delay_ms = -1 }

/* Frees what the error holds and makes it as PROFILED_ERROR_INIT. */
void profiled_error_clear(struct profiled_error *error);

/* How to connect. Zero everywhere means the defaults. Borrowed for the length of the call. */
struct profiled_options {
    const char *workspace;  /* Whose data; NULL for the server's default. */
    int64_t timeout_ms;     /* PROFILED_TIMEOUT_DEFAULT_MS when 0. */
    int32_t attempts_max;   /* PROFILED_ATTEMPTS_DEFAULT when 0; 1 never tries again. */
    int64_t backoff_ms;     /* PROFILED_BACKOFF_DEFAULT_MS when 0. */
    int64_t backoff_max_ms; /* PROFILED_BACKOFF_MAX_MS when 0. */
};

/* What differs for one call. NULL or zeros: as the client's options say. */
struct profiled_call_options {
    const char *workspace;
    int64_t timeout_ms; /* For a stream: the longest silence; without end when 0. */
};

struct profiled_client;

/* Makes a client of the server at `target`: "127.0.0.1:50051" or "unix:PATH". It connects with the
 * first call. NULL with `error` filled when the target can't be read. */
struct profiled_client *profiled_connect(const char *target, const struct profiled_options *options,
                                         struct profiled_error *error);

/* Frees the client; NULL does nothing. No call or stream of it may be left. */
void profiled_disconnect(struct profiled_client *client);

/* Calls a unary RPC. On success `*response` is the caller's.
 *
 * A field `request_id` that is empty is filled with a new id (the request itself stays as it is),
 * and every further try sends the same bytes: so a write is done once, whatever is lost on the way.
 * UNAVAILABLE alone is tried again, with growing waits, until the attempts or the time are used up;
 * a call that a stopping server cut off is UNAVAILABLE too.
 * An overloaded server's RESOURCE_EXHAUSTED is the caller's to wait out: `retry_delay_ms` says how
 * long (AIP-194). */
bool profiled_call(struct profiled_client *client, const ProtobufCServiceDescriptor *service,
                   const char *method, const ProtobufCMessage *request,
                   const struct profiled_call_options *options, ProtobufCMessage **response,
                   struct profiled_error *error);

/* Frees a response; NULL does nothing. */
void profiled_message_free(ProtobufCMessage *message);

/* Writes a new request id: a UUIDv7. */
void profiled_request_id_make(char out[PROFILED_REQUEST_ID_SIZE]);

/* Defines a typed function for one unary RPC, over profiled_call(). */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type can't stand in parentheses. */
#define PROFILED_UNARY_RPC(function, service, method, request_type, response_type)                 \
    static inline bool function(struct profiled_client *client, const request_type *request,       \
                                const struct profiled_call_options *options,                       \
                                response_type **response, struct profiled_error *error) {          \
        ProtobufCMessage *message = NULL;                                                          \
        if (!profiled_call(client, &(service), method, &request->base, options, &message,          \
                           error)) {                                                               \
            return false;                                                                          \
        }                                                                                          \
        *response = (response_type *)message;                                                      \
        return true;                                                                               \
    }

/* NOLINTEND(bugprone-macro-parentheses) */

/* A call with several messages. A server stream is one: send the request, half-close, receive.
 * Streams are not retried: whoever reads one knows where to go on.
 *
 * A stream lives as long as it likes. Its timeout is how long one function of it may wait for the
 * server, to take a message or to answer one: a server that says nothing for longer has the stream
 * ended with DEADLINE_EXCEEDED, and may have done what it was sent. The time between two calls of
 * these functions is the caller's own and does not count. */
struct profiled_stream;

/* Waits before a stream is opened again: for so long, or until a connection that was lost is there
 * again. The core makes connections only while somebody waits in it: who sleeps otherwise finds
 * none. */
void profiled_wait(struct profiled_client *client, int64_t wait_ms);

/* Opens a stream. NULL with `error` filled when it can't be opened. */
struct profiled_stream *profiled_stream_open(struct profiled_client *client,
                                             const ProtobufCServiceDescriptor *service,
                                             const char *method,
                                             const struct profiled_call_options *options,
                                             struct profiled_error *error);

/* Sends a message. False when the stream is over, or is now by its timeout;
 * profiled_stream_finish() says why. */
bool profiled_stream_send(struct profiled_stream *stream, const ProtobufCMessage *message);

/* Waits for a message, which is the caller's. NULL when there is none to come: the stream is over,
 * or is now by its timeout; profiled_stream_finish() says which. */
ProtobufCMessage *profiled_stream_receive(struct profiled_stream *stream);

/* Says that nothing more will be sent. False when the stream is over. */
bool profiled_stream_half_close(struct profiled_stream *stream);

/* Ends the stream now, from any thread; the one that receives then gets NULL. */
void profiled_stream_cancel(struct profiled_stream *stream);

/* Drops what was not received, waits for the end, and frees the stream. True when it ended well;
 * otherwise `error` is filled. */
bool profiled_stream_finish(struct profiled_stream *stream, struct profiled_error *error);
