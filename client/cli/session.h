#pragma once
/* One run of profilectl: which server, whose data, where output goes. */

#include "client/cli/arguments.h"
#include "client/cli/screen.h"
#include "client/profiled_client.h"

#include <jansson.h>

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_NDJSON };

struct session {
    const char *server;    /* From the command line, the environment or `context`. */
    const char *workspace; /* Likewise; NULL for the server's default. */
    enum output_format output;
    int64_t timeout_ms;
    json_t *context;                /* The context file; an empty object without one. Ours. */
    struct profiled_client *client; /* Made by the first call. Ours. */
    struct screen screen;           /* Of standard output. */
    json_t *request;                /* The last one; NULL before. Ours. */
    struct origins *origins;        /* Of its values. Borrowed. */
};

/* Reads the settings: flags over environment over context file over defaults. Answers an exit
 * code; session_close() frees in every case. */
int session_open(struct session *session, const struct arguments *arguments);
void session_close(struct session *session);

/* The client; NULL when the address can't be read, which is told. */
struct profiled_client *session_client(struct session *session);

/* Calls a unary RPC, which is known by its name, with a request in JSON, whose reference it takes.
 * Answers an exit code, with what went wrong told; `*response` is the caller's when it is 0. */
int session_call(struct session *session, const char *method, json_t *request,
                 ProtobufCMessage **response);

/* Asks for a server stream with a request in JSON, whose reference it takes. It lasts as long as
 * --timeout says, without end when it does not. Answers an exit code, with what went wrong told;
 * `*out` is the caller's to receive from and to finish when it is 0. */
int session_listen(struct session *session, const char *method, json_t *request,
                   struct profiled_stream **out);

/* The same for who may try again: when the stream can't be opened `*out` is NULL, with `error`
 * filled and nothing told. What can't be sent is told, and answers another exit code than 0.
 * `silence_ms`: how long the server may say nothing; 0 for any time. */
int session_try(struct session *session, const char *method, json_t *request, int64_t silence_ms,
                struct profiled_stream **out, struct profiled_error *error);

/* Tells an error of the server on standard error, fields of the last request by the options that
 * gave them, and answers the exit code for it. */
int session_failed(const struct session *session, struct profiled_error *error);
