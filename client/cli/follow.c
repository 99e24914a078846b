/* Streams that go on by their tokens. What was taken is not asked for again: the token moves only
 * when a message was taken whole. */

#include "client/cli/follow.h"

#include "client/cli/command.h"
#include "client/cli/signals.h"
#include "client/cli/text.h"
#include "client/retry.h"

#include <assert.h>
#include <sys/random.h>

enum {
    FIRST_ATTEMPTS_MAX = 5,
    ATTEMPTS_MAX = 10,
    SILENCE_MS = 90000, /* Of a watch three heartbeats; a run of an export takes far less. */
    WAIT_SLICE_MS = 200,
};

static const char token_field[] = "resumeToken";

void follow_open(struct follow *follow, struct session *session, const char *method,
                 json_t *request, follow_take *take, void *state) {
    *follow = (struct follow){
        .session = session,
        .method = method,
        .request = request,
        .take = take,
        .state = state,
        .attempts_max = ATTEMPTS_MAX,
        .silence_ms = session->timeout_ms > 0 ? session->timeout_ms : SILENCE_MS,
    };
    pthread_mutex_init(&follow->mutex, NULL);
}

void follow_close(struct follow *follow) {
    pthread_mutex_destroy(&follow->mutex);
    json_decref(follow->request);
    follow->request = NULL;
}

void follow_set_token(struct follow *follow, const char *token) {
    json_object_set_new(follow->request, token_field, json_string(token));
}

const char *follow_token(const struct follow *follow) {
    const char *token = json_string_value(json_object_get(follow->request, token_field));
    return token == NULL ? "" : token;
}

/* ---- stopping ---- */

void follow_stop(struct follow *follow) {
    pthread_mutex_lock(&follow->mutex);
    follow->stopped = true;
    if (follow->stream != NULL) {
        profiled_stream_cancel(follow->stream);
    }
    pthread_mutex_unlock(&follow->mutex);
}

static bool is_stopped(struct follow *follow) {
    pthread_mutex_lock(&follow->mutex);
    const bool stopped = follow->stopped;
    pthread_mutex_unlock(&follow->mutex);
    return stopped;
}

/* Lets others see the stream; a stop that came before it ends it. */
static void set_stream(struct follow *follow, struct profiled_stream *stream) {
    pthread_mutex_lock(&follow->mutex);
    follow->stream = stream;
    if (follow->stopped && stream != NULL) {
        profiled_stream_cancel(stream);
    }
    pthread_mutex_unlock(&follow->mutex);
}

/* ---- one connection ---- */

static int take_all(struct follow *follow, struct profiled_stream *stream) {
    int code = EXIT_DONE;
    while (code == EXIT_DONE && !follow->done) {
        ProtobufCMessage *message = profiled_stream_receive(stream);
        if (message == NULL) {
            break;
        }
        follow->began = true;
        follow->attempts = 0;
        code = follow->take(follow, message);
        profiled_message_free(message);
    }
    return code;
}

/* Listens once. *broken: the stream ended before its end, and `error` says why. */
static int listen_once(struct follow *follow, bool *broken, struct profiled_error *error) {
    struct profiled_stream *stream = NULL;
    *broken = false;
    int code = session_try(follow->session, follow->method, json_copy(follow->request),
                           follow->silence_ms, &stream, error);
    if (code != EXIT_DONE || stream == NULL) {
        *broken = code == EXIT_DONE;
        return code;
    }
    set_stream(follow, stream);
    code = take_all(follow, stream);
    set_stream(follow, NULL);
    const bool wants_more = code == EXIT_DONE && !follow->done;
    if (!wants_more) {
        profiled_stream_cancel(stream);
    }
    const bool ended_well = profiled_stream_finish(stream, error);
    if (!wants_more) {
        profiled_error_clear(error);
    }
    *broken = wants_more && !ended_well;
    if (wants_more && ended_well) {
        fprintf(stderr, "profilectl: the server ended before the end\n");
        return EXIT_LOCAL;
    }
    return code;
}

/* ---- going on ---- */

/* Whether the same call may go well by and by: the connection, or the server's patience, was lost.
 */
static bool may_mend(const struct profiled_error *error) {
    return error->code == PROFILED_UNAVAILABLE || error->code == PROFILED_DEADLINE_EXCEEDED ||
           error->code == PROFILED_RESOURCE_EXHAUSTED;
}

/* Waits in slices, so that a stop need not wait with it. */
static void wait_ms(struct follow *follow, int64_t left_ms) {
    while (left_ms > 0 && !is_stopped(follow)) {
        const int64_t slice_ms = left_ms < WAIT_SLICE_MS ? left_ms : WAIT_SLICE_MS;
        profiled_wait(session_client(follow->session), slice_ms);
        left_ms -= slice_ms;
    }
}

/* Waits before the next try. False when there is to be none. */
static bool wait_for_retry(struct follow *follow, const struct profiled_error *error) {
    const struct retry_policy policy = {
        follow->began ? follow->attempts_max : FIRST_ATTEMPTS_MAX,
        PROFILED_BACKOFF_DEFAULT_MS,
        PROFILED_BACKOFF_MAX_MS,
    };
    const struct profiled_error lost = {.code = PROFILED_UNAVAILABLE,
                                        .retry_delay_ms = error->retry_delay_ms};
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        random = 0; /* Only the spread of the waits is lost. */
    }
    follow->attempts++;
    const int64_t delay_ms = retry_delay_ms(&policy, &lost, follow->attempts, random, INT64_MAX);
    if (!may_mend(error) || delay_ms < 0) {
        return false;
    }
    if (follow->began && follow->attempts == 1) {
        fprintf(stderr, "profilectl: the stream broke (%s: ", profiled_code_name(error->code));
        text_tell(stderr, error->message);
        fputs("); going on behind the last message\n", stderr);
    }
    wait_ms(follow, delay_ms);
    return true;
}

int follow_run(struct follow *follow) {
    bool broken = true;
    int code = EXIT_DONE;
    while (broken && code == EXIT_DONE && !is_stopped(follow)) {
        struct profiled_error error = PROFILED_ERROR_INIT;
        code = listen_once(follow, &broken, &error);
        if (broken && !is_stopped(follow) && !wait_for_retry(follow, &error)) {
            code = session_failed(follow->session, &error);
        }
        profiled_error_clear(&error);
    }
    return code;
}

/* ---- signals ---- */

static int run(void *state) { return follow_run(state); }

static void stop(void *state) { follow_stop(state); }

int follow_run_until_signal(struct follow *follow) { return signals_run(run, stop, follow); }
