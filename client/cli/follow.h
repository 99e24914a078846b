#pragma once
/* Server streams that go on by themselves: each message has a token, and when the connection breaks
 * the stream is asked for again behind the last message that was taken. */

#include "client/cli/session.h"

#include <pthread.h>

/* Takes a message, which stays the follow's: writes it whole, or answers another exit code than 0,
 * which ends the stream. */
struct follow;
typedef int follow_take(struct follow *follow, const ProtobufCMessage *message);

struct follow {
    struct session *session;
    const char *method;
    json_t *request; /* Its token moves on. Ours. */
    follow_take *take;
    void *state;          /* Of `take`. */
    int32_t attempts_max; /* Tries without a message, one after the other, once there was one. */
    int64_t silence_ms;   /* After which the server is taken for lost. */

    bool done; /* Set by `take`: it was the last message that is wanted. */

    bool began; /* There was a message. */
    int32_t attempts;
    pthread_mutex_t mutex; /* Over what follows. */
    bool stopped;
    struct profiled_stream *stream; /* NULL while there is none. */
};

/* Makes one ready; takes the reference to the request. */
void follow_open(struct follow *follow, struct session *session, const char *method,
                 json_t *request, follow_take *take, void *state);
void follow_close(struct follow *follow);

/* Says where to go on from then on; for `take`. */
void follow_set_token(struct follow *follow, const char *token);

/* Where to go on; "" for nowhere. Borrowed from the request. */
const char *follow_token(const struct follow *follow);

/* Takes messages until one is the last, somebody stops it, or what goes wrong does not mend itself,
 * which is told. Answers an exit code: 0 when it was stopped. */
int follow_run(struct follow *follow);

/* The same, where SIGINT and SIGTERM stop it: once, so that a second one ends the process. */
int follow_run_until_signal(struct follow *follow);

/* Ends it, from any thread: follow_run() answers once the message at hand is taken. */
void follow_stop(struct follow *follow);
