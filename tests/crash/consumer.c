/* The consumer: reads where it was, opens the stream there, and writes one message after the other,
 * each with one write(). */

#include "tests/crash/consumer.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/profiled_client.h"
#include "profiled/v1/change_service.pb-c.h"

enum { SEGMENTS_MAX = 8, NAMES_SIZE = 256, WAIT_MS = 20 };

struct consumer {
    struct profiled_client *client;
    int journal;
    char *token;
    char names[NAMES_SIZE]; /* Of segments, cut at the commas. */
    char *segments[SEGMENTS_MAX];
    size_t segment_count;
};

/* ---- the journal ---- */

long consumer_whole_size(const char *text) {
    const char *whole = text;
    for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        if (line[0] == 'T') {
            whole = end + 1;
        }
    }
    return whole - text;
}

/* Cuts off what is not whole, and finds the token of the last message. */
static void journal_open(struct consumer *consumer, const char *path) {
    consumer->journal = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert(consumer->journal >= 0);
    struct stat info;
    int failed = fstat(consumer->journal, &info);
    assert(failed == 0);
    char *text = calloc(1, (size_t)info.st_size + 1);
    assert(text != NULL);
    const ssize_t got = read(consumer->journal, text, (size_t)info.st_size);
    assert(got == info.st_size);
    const long size = consumer_whole_size(text);
    failed = ftruncate(consumer->journal, size);
    assert(failed == 0);
    lseek(consumer->journal, size, SEEK_SET);
    if (size > 0) {
        text[size - 1] = '\0';
        consumer->token = strdup(strrchr(text, 'T') == NULL ? "" : strrchr(text, '\n') + 3);
    } else {
        consumer->token = strdup("");
    }
    free(text);
}

static const char *or_nothing(const char *text) { return text[0] == '\0' ? "-" : text; }

static void change_write(FILE *piece, const Profiled__V1__Change *change) {
    const int64_t time_us =
        change->commit_time->seconds * 1000000 + change->commit_time->nanos / 1000;
    fprintf(piece, "C %" PRId64 " %d %s %s %s %s\n", time_us, (int)change->kind,
            or_nothing(change->profile_id), or_nothing(change->other_profile_id),
            or_nothing(change->interaction_id), or_nothing(change->segment));
}

/* Writes what a message makes, and then its token, in one piece. */
static void journal_write(struct consumer *consumer,
                          const Profiled__V1__WatchChangesResponse *message) {
    char *piece = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&piece, &size);
    assert(memory != NULL);
    for (size_t i = 0; i < message->n_changes; i++) {
        change_write(memory, message->changes[i]);
    }
    fprintf(memory, "T %s\n", message->resume_token);
    fclose(memory);
    const ssize_t written = write(consumer->journal, piece, size);
    assert(written == (ssize_t)size);
    free(piece);
    free(consumer->token);
    consumer->token = strdup(message->resume_token);
}

/* ---- the stream ---- */

static bool stream_begin(struct consumer *consumer, struct profiled_stream *stream) {
    Profiled__V1__WatchChangesRequest request = PROFILED__V1__WATCH_CHANGES_REQUEST__INIT;
    request.resume_token = consumer->token;
    request.snapshot = true;
    request.n_segments = consumer->segment_count;
    request.segments = consumer->segments;
    request.heartbeat_seconds = 1;
    return profiled_stream_send(stream, &request.base) && profiled_stream_half_close(stream);
}

/* What ends a stream that may go on. */
static bool may_go_on(const struct profiled_error *error) {
    if (error->code == PROFILED_UNAVAILABLE) {
        return true;
    }
    fprintf(stderr, "crash: a consumer is refused: %s %s: %s\n", profiled_code_name(error->code),
            error->reason, error->message);
    return false;
}

/* Takes messages until the stream ends. False when it may not go on. */
static bool stream_follow(struct consumer *consumer) {
    struct profiled_error error = PROFILED_ERROR_INIT;
    struct profiled_stream *stream = profiled_stream_open(
        consumer->client, &profiled__v1__change_service__descriptor, "WatchChanges", NULL, &error);
    if (stream != NULL && stream_begin(consumer, stream)) {
        ProtobufCMessage *message = profiled_stream_receive(stream);
        while (message != NULL) {
            journal_write(consumer, (const Profiled__V1__WatchChangesResponse *)message);
            profiled_message_free(message);
            message = profiled_stream_receive(stream);
        }
    }
    const bool ended_well = stream != NULL && profiled_stream_finish(stream, &error);
    const bool goes_on = !ended_well && may_go_on(&error);
    profiled_error_clear(&error);
    return goes_on;
}

static void watched_read(struct consumer *consumer, const char *watched) {
    if (strcmp(watched, CONSUMER_OF_ALL) == 0) {
        return;
    }
    snprintf(consumer->names, sizeof consumer->names, "%s", watched);
    char *rest = consumer->names;
    for (char *name = strsep(&rest, ","); name != NULL; name = strsep(&rest, ",")) {
        assert(consumer->segment_count < SEGMENTS_MAX);
        consumer->segments[consumer->segment_count++] = name;
    }
}

int consumer_run(const char *address, const char *journal, const char *watched) {
    struct consumer consumer = {0};
    struct profiled_error error = PROFILED_ERROR_INIT;
    consumer.client = profiled_connect(address, NULL, &error);
    assert(consumer.client != NULL);
    watched_read(&consumer, watched);
    journal_open(&consumer, journal);
    while (stream_follow(&consumer)) {
        profiled_wait(consumer.client, WAIT_MS);
    }
    free(consumer.token);
    profiled_disconnect(consumer.client);
    return EXIT_FAILURE;
}
